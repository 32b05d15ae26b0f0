"""One measurement, and how it is told."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from msgspec import Struct


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


def machine() -> str:
    """The machine, in one line."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    return f"{os.cpu_count()} × {model}, Linux {platform.release()}, Python {platform.python_version()}"


def page(measures: Sequence[Measure]) -> str:
    """The measurements as a page."""
    lines = [
        "# Benchmarks",
        "",
        f"Written by `make bench` on {machine()}.",
        "A ratio is ours to the peer's in the same run, in turn; without a peer, the bar is how long a person waits.",
        "",
        "| name | unit | ours | peer | ratio | bar | holds |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in measures:
        peer = "–" if one.peer is None else f"{one.peer:g} ({one.peer_name})"
        ratio = "–" if one.ratio is None else f"{one.ratio:g}"
        holds = "yes" if one.holds else "**no**"
        lines.append(f"| {one.name} | {one.unit} | {one.ours:g} | {peer} | {ratio} | {one.bar:g} | {holds} |")
    return "\n".join(lines) + "\n"
