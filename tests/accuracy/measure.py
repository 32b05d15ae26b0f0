"""`make accuracy`: how often the camera's rules find what is there, and what is not, on varied clips and timelines.

Writes docs/accuracy.md. `--read FILE` takes varied clips that were read before (one JSON object a line, as vary.py
prints them), since reading pictures takes most of the time; `--hours` is how much fair behaviour is made.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from greenroom_hub import replay
from greenroom_proctor import escalation, rules, trace, truth
from greenroom_proctor.escalation import Stretch, Watch
from greenroom_proctor.trace import Observation, Trace
from greenroom_proctor.truth import Event
from greenroom_proctor.words import Kind, Level

from accuracy import page, timelines
from accuracy.timelines import CALIBRATION, Source

TOP = Path(__file__).parents[2]
CLIPS = TOP / "tests" / "resources" / "face-clips"
TRUTH = CLIPS / "ground_truth.json"
SEED = 20261128
SITTING = 600.0  # seconds of one fair timeline: long enough for cool-downs and the alert budget to matter
LENGTHS = (2.5, 3.5, 5.0, 10.0)
EACH = 8  # timelines for each clip with an event, length and mode
RULES = rules.load()


@dataclass
class Tally:
    """What was counted."""

    seconds: float = 0.0
    sittings: int = 0
    false: dict[Kind, int] = field(default_factory=dict)
    warnings: int = 0
    flags: int = 0


@dataclass
class Found:
    """How many events of one kind and length, or one clip and variation, were found, and how late (seconds)."""

    found: int = 0
    of: int = 0
    false: int = 0
    latencies: list[float] = field(default_factory=list)

    def add(self, agreement: truth.Agreement) -> None:
        """One more recording."""
        self.found += agreement.found
        self.of += agreement.expected
        self.false += agreement.false
        self.latencies += agreement.latencies


def events_of(clip: str) -> list[Event]:
    """What was really so in a clip."""
    return truth.read(TRUTH.read_bytes(), clip)


def read_clips(file: Path | None) -> list[dict[str, Any]]:
    """Every clip in every variation, read; null traces left out."""
    content = file.read_bytes() if file else replay.run_without_network(Path(__file__).parent / "vary.py", CLIPS)
    rows = [json.loads(line) for line in content.splitlines() if line.strip()]
    return [one for one in rows if one["trace"] is not None]


def varied(rows: Iterable[dict[str, Any]]) -> dict[str, Found]:
    """Every variation of the pictures: what was found in the clips that have an event, and falsely in all."""
    made: dict[str, Found] = {}
    for row in rows:
        given = trace.read(json.dumps(row["trace"]).encode())
        observations = [one for one in trace.observe(RULES.detector, given) if one.kind is not Kind.POOR_PICTURE]
        made.setdefault(row["variation"], Found()).add(truth.compare(observations, events_of(row["clip"])))
    return made


def sources(rows: Iterable[dict[str, Any]]) -> list[Source]:
    """What the timelines are made of: the clips as they are."""
    made = []
    for row in rows:
        if row["variation"] == "as it is":
            events = events_of(row["clip"])
            kind = truth.kind(events[0]) if events else None
            made.append(timelines.source(row["clip"], row["trace"]["frames"], events, kind))
    return made


def observe(frames: list[dict[str, Any]]) -> list[Observation]:
    """What the detector finds in a timeline with a calibration at its beginning."""
    return trace.observe(RULES.detector, Trace(frames, calibrate=(0.0, CALIBRATION)))


def work(made: Sequence[Source], hours: float, fps: float | None) -> Tally:
    """Fair behaviour: what was observed in it, and what would have been said."""
    tally, number = Tally(), 0
    while tally.seconds < hours * 3600:
        dice = random.Random(f"{SEED} fair {fps} {number}")
        one = made[number % len(made)]
        found = observe(timelines.fair(one, dice, SITTING, timelines.way(dice, fps)))
        tally.seconds += SITTING
        tally.sittings += 1
        for observation in found:
            tally.false[observation.kind] = tally.false.get(observation.kind, 0) + 1
        warnings, flags = told(found)
        tally.warnings += warnings
        tally.flags += flags
        number += 1
    return tally


def told(found: Sequence[Observation]) -> tuple[int, int]:
    """How many warnings and flags these observations become, looked at every second as the service does."""
    watch = Watch()
    for second in range(round(SITTING) + 60):
        for number, one in enumerate(found):
            if one.start <= second <= one.end + 2:
                end = round(one.end * 1000) if second >= one.end else None
                seen = Stretch(str(number), one.signal, one.kind, round(one.start * 1000), end)
                watch, _ = escalation.observe(RULES.escalation, watch, seen, second * 1000)
    levels = [case.level for case in watch.all()]
    return sum(one is not Level.NOTED for one in levels), sum(one is Level.FLAG for one in levels)


def recall(made: Sequence[Source], fps: float | None) -> dict[tuple[Kind, float], Found]:
    """Events of every kind and length, each in the middle of work."""
    counted: dict[tuple[Kind, float], Found] = {}
    for one in made:
        if one.kind is None or len(one.event) < 4:
            continue
        for length in LENGTHS:
            for number in range(EACH):
                dice = random.Random(f"{SEED} {one.clip} {length} {fps} {number}")
                frames, event = timelines.with_event(one, dice, length, timelines.way(dice, fps))
                agreement = truth.compare(observe(frames), [event])
                counted.setdefault((Kind(one.kind), length), Found()).add(agreement)
    return counted


def main(words: list[str]) -> int:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--read", type=Path, metavar="FILE", help="varied clips that were read before")
    parser.add_argument("--hours", type=float, default=10.0, help="fair behaviour in numbers, hours; default 10")
    parser.add_argument("--write", type=Path, default=TOP / "docs" / "accuracy.md", metavar="FILE")
    given = parser.parse_args(words)
    began = time.monotonic()
    print("accuracy: reading varied clips …" if given.read is None else f"accuracy: {given.read} …", flush=True)
    rows = read_clips(given.read)
    made = sources(rows)
    print(f"accuracy: {len(rows)} varied clips; timelines of {given.hours:g} hours of fair behaviour …", flush=True)
    fair = work(made, given.hours, None)
    slow = work(made, given.hours / 5, 2.0)
    print("accuracy: timelines with events …", flush=True)
    result = page.Result(varied(rows), _seconds(rows), fair, recall(made, None), slow, recall(made, 2.0), RULES.version)
    given.write.write_text(page.text(result))
    print(f"accuracy: {given.write} was written after {time.monotonic() - began:.0f} s", flush=True)
    return 0


def _seconds(rows: Iterable[dict[str, Any]]) -> tuple[float, float]:
    """Seconds of varied clips in all, and of those that are fair or around an event."""
    total = quiet = 0.0
    for row in rows:
        frames = row["trace"]["frames"]
        length = frames[-1]["t"] - frames[0]["t"]
        total += length
        quiet += length - sum(one.end - one.start for one in events_of(row["clip"]))
    return total, quiet


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
