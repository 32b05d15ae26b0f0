"""What was really so in a recording, and how well observations agree with it. Pure.

Limits: an observation that overlaps an expected stretch of its kind counts as right, however long it lasts.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from greenroom_proctor.trace import Observation
from greenroom_proctor.words import Kind

NAMES = {"static_photo": Kind.STILL_PICTURE}  # what truth files call it otherwise
SLACK = 0.5  # seconds: as far as an onset may be off


class Event(Struct, frozen=True):
    """A stretch that is to be found, in seconds from the start. `type` is a kind."""

    type: str
    start: float
    end: float


class Clip(Struct, frozen=True):
    """What a truth file says of one recording."""

    events: list[Event]


class Agreement(Struct, frozen=True):
    """How many of the expected stretches were found, and how many observations were false. `latencies`: seconds."""

    found: int
    expected: int
    false: int
    latencies: tuple[float, ...]


class BadTruthError(ValueError):
    """What was found instead of a truth file."""


def read(content: bytes, stem: str) -> list[Event]:
    """The events of the clip with this stem. Raises BadTruthError."""
    try:
        clips = msgspec.json.decode(content, type=dict[str, Clip])
    except msgspec.DecodeError as error:
        form = '{"clip\'s stem": {"events": [{"type", "start", "end"}]}}'
        raise BadTruthError(f"{error}. A truth file is {form}") from None
    if stem not in clips:
        raise BadTruthError(f"it has no clip {stem!r}; it has {', '.join(sorted(clips)) or 'none'}")
    for event in clips[stem].events:
        if kind(event) is None:
            known = ", ".join([*Kind, *NAMES])
            raise BadTruthError(f"clip {stem!r} has an event of the type {event.type!r}; known are {known}")
    return clips[stem].events


def kind(event: Event) -> Kind | None:
    """The kind that an event is of."""
    if event.type in NAMES:
        return NAMES[event.type]
    return Kind(event.type) if event.type in set(Kind) else None


def compare(observations: Sequence[Observation], events: Sequence[Event]) -> Agreement:
    """How the two agree. `latencies` are onsets observed minus onsets expected."""
    latencies = []
    for event in events:
        near = [one for one in observations if _belongs(one, event)]
        if near:
            latencies.append(round(min(one.start for one in near) - event.start, 3))
    false = [one for one in observations if not any(_belongs(one, event) for event in events)]
    return Agreement(len(latencies), len(events), len(false), tuple(latencies))


def _belongs(one: Observation, event: Event) -> bool:
    return one.kind is kind(event) and one.start < event.end + SLACK and one.end > event.start - SLACK
