"""A trace: what was read in the pictures of one recording, and what the detector finds in it.

Limits: only what stands in the trace is judged. Without a calibration of its own, its first seconds with a face have
to show somebody who looks at the screen.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from greenroom_proctor import detector
from greenroom_proctor.calibration import Baseline, Frame, calibrate, first_seconds
from greenroom_proctor.detector import Found, Look
from greenroom_proctor.measures import Memory, measure
from greenroom_proctor.rules import DetectorTable
from greenroom_proctor.words import Kind, Signal

Seconds = Annotated[float, Meta(ge=0, le=1e6)]


class Trace(Struct, frozen=True):
    """Frames in order of time. `t` in seconds, angles in degrees, brightness 0–255; null where a number is missing."""

    frames: list[dict[str, Any]]
    fps: Annotated[float, Meta(gt=0, le=1000)] | None = None
    calibrate: tuple[Seconds, Seconds] | None = None


class Observation(Struct, frozen=True):
    """A stretch in which a signal was off, in seconds from the start. `confidence` 0–1."""

    signal: Signal
    kind: Kind
    start: float
    end: float
    confidence: float


class BadTraceError(ValueError):
    """What was found instead of a trace, and what to do."""


def read(content: bytes) -> Trace:
    """The trace in a file. Raises BadTraceError."""
    try:
        trace = msgspec.json.decode(content, type=Trace)
    except msgspec.DecodeError as error:
        raise BadTraceError(
            f'{error}. A trace is {{"fps", "calibrate": [start, end], "frames": [{{"t", "faces", …}}]}}'
        ) from None
    if trace.calibrate is not None and trace.calibrate[1] <= trace.calibrate[0]:
        raise BadTraceError(f"calibrate is {list(trace.calibrate)}: its end must come after its start, in seconds")
    before = float("-inf")
    for number, frame in enumerate(trace.frames):
        _check(number, frame, before)
        before = frame["t"]
    return trace


def _check(number: int, frame: dict[str, Any], before: float) -> None:
    for name, value in frame.items():
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise BadTraceError(f"frame {number}: {name} is {value!r}; a number or null is wanted")
    t = frame.get("t")
    if t is None:
        raise BadTraceError(f"frame {number} has no t; every frame needs its time in seconds")
    if t < before:
        raise BadTraceError(
            f"frame {number} is at {t} s, before the frame ahead of it at {before} s: put them in order"
        )


def baseline(table: DetectorTable, trace: Trace) -> Baseline | None:
    """How this person's face reads while they look at the screen; None when it cannot be told."""
    if trace.calibrate is None:
        return calibrate(table.measures, first_seconds(table.measures, trace.frames))
    start, end = trace.calibrate
    return calibrate(table.measures, (one for one in trace.frames if start <= one["t"] <= end))


def note(table: DetectorTable, trace: Trace) -> str | None:
    """What a person should know of a trace before its observations; None when there is nothing."""
    if not trace.frames:
        return "the trace has no frames, so there is nothing to judge"
    if baseline(table, trace) is not None:
        return None
    where = "calibrate names no time" if trace.calibrate else "the recording has no seconds"
    return f"{where} in which one face with open eyes is seen: gaze and eyes were not judged. Name another calibration."


def pace(frames: Sequence[Frame]) -> float:
    """Pictures a second, of the pauses' median: a hole in the middle makes no slow camera."""
    pauses = sorted((b["t"] or 0) - (a["t"] or 0) for a, b in pairwise(frames))
    middle = pauses[len(pauses) // 2] if pauses else 0
    return 1 / middle if middle > 0 else float("inf")


def observe(table: DetectorTable, trace: Trace) -> list[Observation]:
    """Every observation, by onset. Nothing is judged before a calibration that is named has ended."""
    base = baseline(table, trace)
    begin = trace.calibrate[1] if trace.calibrate else 0.0
    frames = [one for one in trace.frames if one["t"] >= begin]
    found = detector.replay(table.at(pace(trace.frames)), _looks(table, base, frames))
    return [_observation(one) for one in found]


def _looks(table: DetectorTable, base: Baseline | None, frames: Sequence[Frame]) -> list[Look]:
    memory: Memory = ()
    looks = []
    for frame in frames:
        memory, reading = measure(table.measures, base, memory, frame)
        looks.append(Look(reading.pop("t") or 0.0, reading))
    return looks


def _observation(found: Found) -> Observation:
    assert found.end is not None
    times = round(found.start, 3), round(found.end, 3)
    return Observation(found.signal, found.kind, *times, round(found.confidence, 3))
