"""Complaints for one seed: the region with the most complaints is never the one with the highest rate; and the answers."""

import io
import random

import pandas as pd

REGIONS = ["Coast", "Hills", "Lakes", "Plains", "Valley"]


def _complaints(rng: random.Random) -> str:
    names = rng.sample(REGIONS, 4)
    big, worst, *others = names
    size = {big: rng.randrange(38_000, 46_000), worst: rng.randrange(7_000, 9_000)}
    size |= {name: rng.randrange(18_000, 26_000) for name in others}
    rate = {big: rng.uniform(4.0, 4.6), worst: rng.uniform(10.5, 12.5)} | {name: rng.uniform(6.0, 7.0) for name in others}
    growth = {big: rng.uniform(0.4, 0.7), worst: 0.0, others[0]: 0.0, others[1]: rng.choice([0.0, 0.35])}
    lines = ["region,month,customers,complaints"]
    for region in sorted(names):
        for month in range(1, 11):
            customers = round(size[region] * (1 + growth[region] * (month - 1) / 9))
            trend = 1 + (growth[region] * 0.6 if region == others[1] else 0.0) * (month - 1) / 9
            complaints = round(customers * rate[region] * trend / 1000 * rng.uniform(0.985, 1.015))
            lines.append(f"{region},2026-{month:02d},{customers},{complaints}")
    return "\n".join(lines) + "\n"


def make(seed: int) -> dict[str, str]:
    """The files of one candidate's task: name -> text."""
    return {"data/complaints.csv": _complaints(random.Random(f"complaints {seed}"))}


def cases_supported(random, count):
    """Nothing is given: the sentences are about the picture alone."""
    return [[]]


def cases(random, count):
    """Complaints that nobody has seen."""
    return [[pd.read_csv(io.StringIO(_complaints(random)))] for _ in range(count)]


def supported():
    """The picture shows which bar is the longest, and nothing else: its axis is cut, and it knows no customers and no months."""
    return {"A"}


def rates(complaints):
    """Sums before the division: a month with more customers counts more."""
    by_region = complaints.groupby("region")
    found = by_region.complaints.sum() / by_region.customers.sum() * 1000
    return {region: float(rate) for region, rate in found.items()}


def worst(complaints):
    """The highest rate."""
    found = rates(complaints)
    return max(found, key=found.get)


def rising(complaints):
    """The last three months against the first three."""
    months = sorted(complaints.month.unique())
    early = rates(complaints[complaints.month.isin(months[:3])])
    late = rates(complaints[complaints.month.isin(months[-3:])])
    return sorted(region for region in late if late[region] >= 1.1 * early[region])


def described(complaints):
    """One axes, a bar from zero for each rate, and the unit."""
    bars = sorted(round(rate, 3) for rate in rates(complaints).values())
    return {"axes": 1, "bars": bars, "from zero": True, "unit": True}
