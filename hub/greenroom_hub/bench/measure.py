"""One measurement, and how it is told."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

from msgspec import Struct


class CannotMeasure(Exception):  # noqa: N818 - no error of ours: what the machine lacks
    """What is missing, and what to do."""


class Measure(Struct, frozen=True):
    """What was measured. `ratio` is ours to the peer's; `bar` is the most it, or without a peer `ours`, may be.

    `ratio` is the median over interleaved rounds and so not exactly the quotient of the two medians beside it.
    """

    name: str
    unit: str
    ours: float
    peer: float | None
    peer_name: str | None
    ratio: float | None
    bar: float
    holds: bool


def compared(name: str, unit: str, rounds: Sequence[tuple[float, float]], peer_name: str, bar: float) -> Measure:
    """Rounds of (ours, peer), taken in turn so that a busy machine slows both."""
    ratio = median(ours / peer for ours, peer in rounds)
    ours, peer = (median(column) for column in zip(*rounds, strict=True))
    return Measure(name, unit, round(ours, 3), round(peer, 3), peer_name, round(ratio, 3), bar, ratio <= bar)


def alone(name: str, unit: str, values: Sequence[float], bar: float) -> Measure:
    """A value without a peer: somebody waits for it, and `bar` is as long as they should."""
    ours = median(values)
    return Measure(name, unit, round(ours, 3), None, None, None, bar, ours <= bar)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of them does not exceed."""
    return sorted(values)[math.ceil(share * len(values)) - 1]
