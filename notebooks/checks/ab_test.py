"""A checkout experiment for one seed: a real rise, none worth the work, or too few visitors to tell; and the answers."""

import io
import random
from datetime import date, timedelta

import numpy as np
import pandas as pd
from scipy import stats

# Share of buyers in `old`, rise in `new`, visitors an arm: the interval lies above, below or around one point.
WORLDS = {"above": (0.12, 0.065, 1500), "below": (0.12, -0.03, 1500), "open": (0.12, 0.012, 900)}


def _visits(rng: random.Random, world: str) -> str:
    base, rise, count = WORLDS[world]
    start = date(2026, 9, 7)
    rows: list[tuple[str, str, str, str, int]] = []
    for number in range(2 * count):
        arm = ("old", "new")[number % 2]
        share = base + (rise if arm == "new" else 0.0)
        visitor = f"v{number * 7919 % 999_983:06d}"
        device = rng.choice(["phone", "phone", "laptop"])
        came = rng.randrange(28)
        # Buyers come back more often, so that visits and visitors give different shares.
        buys = rng.random() < share
        visits = 1 + (rng.randrange(1, 4) if buys and rng.random() < 0.6 else rng.random() < 0.25)
        bought_at = rng.randrange(visits) if buys else -1
        both = came < 4 and rng.random() < 0.4
        for visit in range(visits + both):
            shown = arm if visit < visits else ("new" if arm == "old" else "old")
            day = start + timedelta(days=min(27, came + visit))
            # Who saw both bought whenever they got there: they pull the arms together.
            rows.append((visitor, day.isoformat(), shown, device, int(visit == bought_at or (both and visit == visits))))
    rng.shuffle(rows)
    rows.sort(key=lambda row: row[1])
    text = "\n".join(",".join(map(str, row)) for row in rows)
    return f"visitor,day,arm,device,bought\n{text}\n"


def make(seed: int) -> dict[str, str]:
    """The files of one candidate's task: name -> text."""
    return {"data/visits.csv": _visits(random.Random(f"checkout {seed}"), sorted(WORLDS)[seed % len(WORLDS)])}


def cases(random, count):
    """Experiments that nobody has seen, of each world in turn, none so near to a limit that the method decides."""
    found = []
    while len(found) < count:
        text = _visits(random, sorted(WORLDS)[len(found) % len(WORLDS)])
        visits = pd.read_csv(io.StringIO(text), parse_dates=["day"])
        said = difference(visits)
        if min(abs(said["low"] - 1), abs(said["high"] - 1)) > 0.2:
            found.append([visits])
    return found


def people(visits):
    """One row a visitor that saw one checkout only."""
    seen = visits.groupby("visitor")
    return pd.DataFrame({"arm": seen.arm.first(), "bought": seen.bought.max()})[seen.arm.nunique() == 1]


def counted(visits):
    """Arm -> (visitors, buyers)."""
    arms = people(visits).groupby("arm").bought
    return {arm: (int(arms.size()[arm]), int(arms.sum()[arm])) for arm in ("old", "new")}


def difference(visits):
    """Wald's interval, and the test with the pooled share."""
    (old, before), (new, after) = (counted(visits)[arm] for arm in ("old", "new"))
    shares = before / old, after / new
    rise = shares[1] - shares[0]
    error = np.sqrt(shares[0] * (1 - shares[0]) / old + shares[1] * (1 - shares[1]) / new)
    pooled = (before + after) / (old + new)
    z = rise / np.sqrt(pooled * (1 - pooled) * (1 / old + 1 / new))
    width = stats.norm.ppf(0.975) * error
    said = {"points": rise, "low": rise - width, "high": rise + width}
    return {name: float(100 * value) for name, value in said.items()} | {"p": float(2 * stats.norm.sf(abs(z)))}


def decision(visits):
    """Where the interval lies."""
    said = difference(visits)
    return "A" if said["low"] >= 1 else "B" if said["high"] < 1 else "C"


def needed(visits):
    """Two-sided 5 %, power 80 %, each arm with its own variance."""
    old, before = counted(visits)["old"]
    share, more = before / old, before / old + 0.01
    spread = share * (1 - share) + more * (1 - more)
    return float((stats.norm.ppf(0.975) + stats.norm.ppf(0.8)) ** 2 * spread / 0.01**2)
