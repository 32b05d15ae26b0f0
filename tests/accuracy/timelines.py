"""Seeded timelines made of what was read in the clips: hours of fair behaviour, and events of given kinds and lengths.

They vary numbers and no pictures, so they are cheap; what a reader makes of other pictures, only vary.py shows.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from greenroom_proctor.truth import Event

Frame = dict[str, Any]
EDGE = 0.75  # seconds around an event in which a clip is neither fair nor the event
CALIBRATION = 3.0
BACK = 0.75  # seconds on the screen between two habits: two glances without a look back are one


@dataclass(frozen=True)
class Source:
    """What was read in one clip, fair frames and those of its event apart."""

    clip: str
    fair: tuple[tuple[Frame, ...], ...]
    event: tuple[Frame, ...]
    kind: str | None


@dataclass(frozen=True)
class Way:
    """How a timeline differs from its clip: pictures a second, noise (degrees), seat (degrees), drops and repeats."""

    fps: float
    noise: float
    yaw: float
    pitch: float
    dropped: float
    repeated: float


def source(clip: str, frames: Sequence[Frame], events: Sequence[Event], kind: str | None) -> Source:
    """A clip's frames, apart."""
    if not events:
        return Source(clip, (tuple(frames),), (), None)
    start, end = events[0].start, events[0].end
    before = tuple(one for one in frames if one["t"] < start - EDGE)
    after = tuple(one for one in frames if one["t"] > end + EDGE)
    during = tuple(one for one in frames if start + EDGE <= one["t"] <= end - EDGE / 2)
    return Source(clip, tuple(part for part in (before, after) if len(part) > 8), during, kind)


def way(dice: random.Random, fps: float | None = None) -> Way:
    """Another camera, another seat."""
    return Way(
        fps or dice.choice([5, 8, 8, 8, 10, 15, 30]),
        dice.choice([0, 0.5, 1, 1.5]),
        dice.uniform(-15, 15),
        dice.uniform(-6, 6),
        dice.choice([0, 0, 0.05, 0.2]),
        dice.choice([0, 0, 0.1, 0.3]),
    )


# What people do who are fair: added to the numbers for a time between the two (seconds), on average every so often.
HABITS: list[tuple[str, float, float, float]] = [
    ("looks at the keyboard", 0.3, 1.4, 6),
    ("looks up to think", 0.5, 1.6, 20),
    ("looks aside to think", 0.5, 1.5, 20),
    ("reads from edge to edge", 2.0, 8.0, 12),
    ("stares", 1.0, 4.5, 25),
    ("a hand before the face", 0.2, 1.0, 60),
    ("somebody passes behind", 0.2, 0.5, 120),
    ("blinks", 0.1, 0.3, 4),
]


def fair(one: Source, dice: random.Random, seconds: float, how: Way) -> list[Frame]:
    """So many seconds of somebody who works."""
    return _film(_living(one, dice, seconds), dice, how)


def with_event(one: Source, dice: random.Random, length: float, how: Way) -> tuple[list[Frame], Event]:
    """Some seconds of work, an event of this length, and some seconds of work."""
    before = list(_living(one, dice, CALIBRATION + dice.uniform(3, 6)))
    start = len(before) / 8
    during = [dict(one.event[_to_and_fro(number, len(one.event))]) for number in range(round(length * 8))]
    after = list(_living(replace(one, fair=one.fair[-1:]), dice, 4))
    return _film([*before, *during, *after], dice, how), Event(one.kind or "", start, start + length)


def _to_and_fro(number: int, count: int) -> int:
    place = number % max(1, 2 * count - 2)
    return place if place < count else 2 * count - 2 - place


def _living(one: Source, dice: random.Random, seconds: float) -> Iterator[Frame]:
    """Frames at eight a second: pieces of the clip, forwards and backwards, and habits over them."""
    left = round(seconds * 8)
    doing: dict[str, int] = {}
    turned = 1
    number = back = 0
    while number < left:
        part = dice.choice(one.fair)
        length = min(len(part), dice.randint(12, 48))
        begin = dice.randrange(len(part) - length + 1)
        piece = part[begin : begin + length]
        for frame in piece if dice.random() < 0.5 else piece[::-1]:
            if number >= left:
                return
            doing = {name: rest - 1 for name, rest in doing.items() if rest > 1}
            quiet = number < (CALIBRATION + 0.5) * 8
            for name, least, most, mean in HABITS:
                if not quiet and not doing and number > back + BACK * 8 and dice.random() < 1 / (8 * mean):
                    doing[name], turned = round(dice.uniform(least, most) * 8) or 1, dice.choice([-1, 1])
            habit, rest = next(iter(doing.items()), ("", 0))
            back = number if habit else back
            yield frame | CHANGES[habit](frame, turned, rest, dice) if habit and frame["faces"] else dict(frame)
            number += 1


# How a habit changes a frame: by `turned`, to the left or right, and by how many frames of it are left.
CHANGES: dict[str, Callable[[Frame, int, int, random.Random], Frame]] = {
    "looks at the keyboard": lambda frame, turned, rest, dice: {
        "pitch": frame["pitch"] + 9,
        "ear": frame["ear"] * 0.6,
        "blink": 0.25,
    },
    "looks up to think": lambda frame, turned, rest, dice: {"pitch": frame["pitch"] - 14},
    "looks aside to think": lambda frame, turned, rest, dice: {
        "yaw": frame["yaw"] + turned * 20,
        "gaze": frame["gaze"] + turned * 8,
    },
    "reads from edge to edge": lambda frame, turned, rest, dice: {"gaze": turned * ((rest * 3) % 24 - 12)},
    "stares": lambda frame, turned, rest, dice: {
        "gaze": 2 + dice.gauss(0, 0.6),
        "ear": max(frame["ear"], 0.3),
        "blink": 0.04,
    },
    "a hand before the face": lambda frame, turned, rest, dice: {
        **dict.fromkeys(("yaw", "pitch", "roll", "gaze", "ear", "blink", "area_ratio")),
        "faces": 0,
    },
    "somebody passes behind": lambda frame, turned, rest, dice: {"faces": 2, "area_ratio": 0.2},
    "blinks": lambda frame, turned, rest, dice: {"ear": frame["ear"] * 0.15, "blink": 0.6, "gaze": 2.0},
}


def _film(frames: Iterator[Frame] | Sequence[Frame], dice: random.Random, how: Way) -> list[Frame]:
    """The same behaviour through another camera."""
    known = list(frames)
    made: list[Frame] = []
    for number in range(int(len(known) / 8 * how.fps)):
        t = number / how.fps
        if made and dice.random() < how.dropped:
            continue
        if made and dice.random() < how.repeated and made[-1]["diff"] is not None:
            made.append(made[-1] | {"t": round(t, 4), "diff": 0.0})
            continue
        made.append(_seen(known[min(len(known) - 1, int(t * 8))], t, dice, how))
    return made


def _seen(frame: Frame, t: float, dice: random.Random, how: Way) -> Frame:
    seen = frame | {"t": round(t, 4)}
    if frame["diff"] is not None and frame["diff"] > 0.04:
        seen["diff"] = frame["diff"] * min(1.5, 8 / how.fps) + how.noise * 0.3
    if frame["yaw"] is None:
        return seen
    seen["yaw"] += how.yaw + dice.gauss(0, how.noise)
    seen["pitch"] += how.pitch + dice.gauss(0, how.noise)
    seen["gaze"] += dice.gauss(0, 1.5 * how.noise)
    seen["ear"] *= 1 + dice.gauss(0, 0.03 * how.noise)
    return seen
