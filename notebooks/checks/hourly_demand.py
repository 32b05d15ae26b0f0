"""Hourly demand for one seed: a day's and a week's shape, weather that lasts for days, and a meter with faults; and the answers."""

import io
import math
import random
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

BERLIN = ZoneInfo("Europe/Berlin")
FIRST = datetime(2026, 2, 1, 23, tzinfo=timezone.utc)  # Monday, 2 February, 00:00 in Berlin
LAST = datetime(2026, 6, 14, 21, tzinfo=timezone.utc)  # Sunday, 23:00 in Berlin
AHEAD = 168  # hours


def _truth(rng: random.Random, first: datetime = FIRST) -> list[tuple[datetime, float]]:
    level = rng.uniform(78, 82)  # so that one bar holds for every seed
    swing, weekend = rng.uniform(0.18, 0.26), rng.uniform(0.72, 0.82)
    turn = rng.choice([-0.125, 0.125])
    weather, hour, values = 0.0, first, []
    while hour <= LAST + timedelta(hours=AHEAD):
        local = hour.astimezone(BERLIN)
        if local.hour == 0:
            # One surprise a day that fades quickly: last week's is worth nothing this week.
            weather = 0.2 * weather + rng.gauss(0, 0.035)
        day = 1 + swing * math.sin((local.hour - 9) / 24 * 2 * math.pi) + 0.07 * math.sin((local.hour - 5) / 12 * 2 * math.pi)
        week = weekend if local.weekday() >= 5 else 1.0
        # The last week is unlike the others: who repeats it is off by an eighth.
        odd = 1 + turn if LAST - timedelta(hours=AHEAD) < hour <= LAST else 1.0
        values.append((hour, level * day * week * odd * (1 + weather) * (1 + rng.gauss(0, 0.012))))
        hour += timedelta(hours=1)
    return values


def _meter(rng: random.Random, known: list[tuple[datetime, float]]) -> str:
    # The ends are there, so that everybody means the same hours.
    inner = range(24, len(known) - 24)
    lost = set(rng.sample(inner, 25))
    silent = set(rng.sample(sorted(set(inner) - lost), 40))
    twice = set(rng.sample(sorted(set(inner) - lost - silent), 60))
    lines = ["hour,mwh"]
    for number, (hour, value) in enumerate(known):
        line = f"{hour.astimezone(BERLIN):%Y-%m-%d %H:%M},{0 if number in silent else round(value, 2)}"
        lines += [] if number in lost else [line, line] if number in twice else [line]
    return "\n".join(lines) + "\n"


def make(seed: int) -> dict[str, str]:
    """The files of one candidate's task: name -> text. What starts with `holdout/` stays outside."""
    rng = random.Random(f"demand {seed}")
    truth = _truth(rng)
    known = [(hour, value) for hour, value in truth if hour <= LAST]
    ahead = "".join(f"{hour:%Y-%m-%dT%H:%M:%S+00:00},{value:.2f}\n" for hour, value in truth if hour > LAST)
    return {"data/demand.csv": _meter(rng, known), "holdout/demand.csv": f"hour,mwh\n{ahead}"}


def _raw(rng: random.Random) -> pd.DataFrame:
    """Six weeks around the clock's change in March."""
    first = datetime(2026, 3, 1, 23, tzinfo=timezone.utc)
    known = _truth(rng, first)[: 6 * AHEAD]
    return pd.read_csv(io.StringIO(_meter(rng, known)), parse_dates=["hour"])


def cases(random, count):
    """Readings that nobody has seen."""
    return [[_raw(random)] for _ in range(count)]


def cases_baseline(random, count):
    """The same, in order."""
    return [[in_order(_raw(random))] for _ in range(count)]


def in_order(raw):
    """Local time is told apart before anything is filled in."""
    readings = raw.drop_duplicates("hour").set_index("hour").mwh.replace(0, np.nan)
    readings.index = readings.index.tz_localize("Europe/Berlin").tz_convert("UTC")
    return readings.asfreq("h").interpolate("linear")


def baseline(demand):
    """Mean absolute error of the week before, over the last 672 hours."""
    return float((demand - demand.shift(168))[-672:].abs().mean())
