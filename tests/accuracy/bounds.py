"""Confidence bounds, 95 % on both sides."""

from __future__ import annotations

import math
from collections.abc import Callable

Z = 1.959964  # of the normal distribution, 97.5 %


def wilson(found: int, of: int) -> tuple[float, float]:
    """Of a share (Wilson, 1927): also right near 0 and 1."""
    if of == 0:
        return 0.0, 1.0
    share, spread = found / of, Z * Z / of
    middle = (share + spread / 2) / (1 + spread)
    half = Z * math.sqrt(share * (1 - share) / of + spread / (4 * of)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


def poisson(events: int, hours: float) -> tuple[float, float]:
    """Of a rate an hour (Garwood, 1936: exact)."""
    low = 0.0 if events == 0 else _root(lambda rate: 1 - _at_most(events - 1, rate) - 0.025, events)
    return low / hours, _root(lambda rate: 0.025 - _at_most(events, rate), events) / hours


def _at_most(events: int, mean: float) -> float:
    term = total = math.exp(-mean)
    for number in range(1, events + 1):
        term *= mean / number
        total += term
    return total


def _root(above: Callable[[float], float], events: int) -> float:
    low, high = 0.0, events + 10 * math.sqrt(events + 1) + 10
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (low, middle) if above(middle) > 0 else (middle, high)
    return (low + high) / 2
