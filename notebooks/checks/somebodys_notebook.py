"""Bicycle rentals for one seed; each of the five mistakes shows in every table; and the functions as they were meant."""

import io
import random
from datetime import datetime, timedelta

import pandas as pd

NAMES = [f"S{number:02d}" for number in range(1, 13)]
DISTRICTS = ["Centre", "East", "Harbour", "West"]


def _hires(rng: random.Random, count: int, first_day: datetime, days: int) -> str:
    lines = ["rental,bike,station,start,minutes,fee_cents"]
    # Some begin at midnight sharp: those a careless rule counts twice, or not at all.
    for number in range(count):
        hour = rng.choices(range(24), weights=[1, 0, 0, 0, 0, 0, 2, 4, 6, 4, 4, 3, 3, 3, 3, 3, 4, 6, 4, 3, 2, 2, 1, 1])[0]
        start = first_day + timedelta(days=rng.randrange(days), hours=hour, minutes=rng.randrange(60))
        if number % 23 == 0:
            start = start.replace(hour=0, minute=0)
        minutes = "" if rng.random() < 0.12 else str(max(1, round(rng.lognormvariate(3.2, 0.8))))
        lines.append(f"{number + 1},b{rng.randrange(80):02d},{rng.choice(NAMES)},{start:%Y-%m-%d %H:%M},{minutes},{rng.randrange(1, 12) * 50}")
    # Hours 9 and 10 are made the busiest, alike: as text, "10" comes before "9".
    at = {hour: sum(f" {hour:02d}:" in line for line in lines[1:]) for hour in range(24)}
    top = max(at.values()) + 3
    for hour in (9, 10):
        for _ in range(top - at[hour]):
            start = first_day + timedelta(days=rng.randrange(days), hours=hour, minutes=rng.randrange(1, 60))
            lines.append(f"{len(lines)},b00,{rng.choice(NAMES)},{start:%Y-%m-%d %H:%M},{rng.randrange(5, 90)},100")
    return "\n".join(lines) + "\n"


def _stations(rng: random.Random) -> str:
    rows = [(name, rng.choice(DISTRICTS)) for name in NAMES]
    moved = rng.sample(NAMES, 3)
    home = dict(rows)
    rows += [(name, rng.choice([one for one in DISTRICTS if one != home[name]])) for name in moved]
    return "station,district\n" + "".join(f"{name},{district}\n" for name, district in rows)


def make(seed: int) -> dict[str, str]:
    """The files of one candidate's task: name -> text."""
    rng = random.Random(f"bicycles {seed}")
    return {"data/hires.csv": _hires(rng, 600, datetime(2026, 5, 1), 31), "data/stations.csv": _stations(rng)}


def _table(rng: random.Random) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(_hires(rng, 300, datetime(2026, 8, 1), 14)), parse_dates=["start"])


def cases(random, count):
    """Rentals that nobody has seen."""
    return [[_table(random)] for _ in range(count)]


def cases_income(random, count):
    """And stations, some of which were moved."""
    return [[_table(random), pd.read_csv(io.StringIO(_stations(random)))] for _ in range(count)]


def cases_on_day(random, count):
    """A day after which a rental began at midnight."""
    found = []
    while len(found) < count:
        hires = _table(random)
        midnight = hires.start[hires.start == hires.start.dt.normalize()] - pd.Timedelta(days=1)
        found.append([hires, f"{random.choice(list(midnight)):%Y-%m-%d}"])
    return found


def cases_long_share(random, count):
    """Another limit as well."""
    return [[_table(random), random.choice([20, 45, 60])] for _ in range(count)]


def income(hires, stations):
    """The last row of a station holds; a plain join counts its rentals twice."""
    joined = hires.merge(stations.drop_duplicates("station", keep="last"), on="station", how="left")
    return joined.groupby("district").fee_cents.sum() / 100


def on_day(hires, day):
    """The next midnight is another day."""
    begin = pd.Timestamp(day)
    return hires[(hires.start >= begin) & (hires.start < begin + pd.Timedelta(days=1))]


def mean_ride(hires):
    """A bicycle that is out has no length; 0 is one."""
    return hires.groupby("station").minutes.mean()


def long_share(hires, limit=60):
    """A list as a default value lives on from call to call."""
    seen = hires.minutes.dropna()
    return sum(minutes > limit for minutes in seen) / len(seen)


def busiest_hour(hires):
    """As text, "10" comes before "9"."""
    counts = hires.start.dt.hour.value_counts()
    return int(counts[counts == counts.max()].index.min())
