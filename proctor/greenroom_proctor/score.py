"""The integrity score, 0–100, recomputed by anyone from the record: what incidents took away, and why. Pure.

Limits: it adds up what rules picked up. It says nothing about why a signal was off, and never decides: the verdict is
a person's, who has read the candidate's notes first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Protocol

from msgspec import Struct

from greenroom_proctor.rules import ScoreTable
from greenroom_proctor.words import Kind, Level, Signal

_LEVELS = {"incident.warning": Level.WARNING, "incident.flag": Level.FLAG}


class Fact(Protocol):
    """As much of an event as the score needs."""

    @property
    def type(self) -> str:
        """The event's type."""

    @property
    def body(self) -> Mapping[str, Any]:
        """The event's body."""


class Reason(Struct, frozen=True):
    """What one kind took away. `points` is the sum before the signal's bound: a warning's weight or a flag's, each."""

    signal: Signal
    kind: Kind
    warnings: int
    flags: int
    warning_weight: int
    flag_weight: int
    points: int
    why: str


class Bound(Struct, frozen=True):
    """What one signal took away in all: at most `most`."""

    signal: Signal
    points: int
    most: int
    taken: int


class Score(Struct, frozen=True):
    """`value` is `start` minus what every signal took, and never below 0. `rules`: the version of the table."""

    value: int
    start: int
    rules: int
    reasons: list[Reason]
    bounds: list[Bound]


@dataclass(frozen=True, slots=True)
class Incident:
    """How far one incident came."""

    signal: Signal
    kind: Kind
    level: Level


def incidents(events: Iterable[Fact]) -> list[Incident]:
    """Every incident that was at least a warning. Observations that nobody was told of count for nothing, and what was
    excused never does, whatever is said of it later."""
    found: dict[str, Incident] = {}
    excused: set[str] = set()
    for event in events:
        if (level := _LEVELS.get(event.type)) is not None:
            body = event.body
            found[body["id"]] = Incident(Signal(body["signal"]), Kind(body["kind"]), level)
        elif event.type == "incident.excused":
            excused.add(event.body["id"])
    return [one for id, one in found.items() if id not in excused]


def score(table: ScoreTable, version: int, events: Iterable[Fact]) -> Score:
    """The score of a session with these events."""
    reasons = [_reason(table, list(group)) for _, group in groupby(sorted(incidents(events), key=_place), key=_place)]
    counted = [one for one in reasons if one.points > 0 or one.warnings + one.flags > 0]
    bounds = [
        Bound(signal, points, table.most_per_signal, min(points, table.most_per_signal))
        for signal in Signal
        if (points := sum(one.points for one in counted if one.signal is signal)) > 0
    ]
    value = max(0, table.start - sum(one.taken for one in bounds))
    return Score(value, table.start, version, counted, bounds)


def _place(one: Incident) -> tuple[str, str]:
    return one.signal, one.kind


def _reason(table: ScoreTable, same: list[Incident]) -> Reason:
    signal, kind = same[0].signal, same[0].kind
    weight = table.kinds[kind]
    warnings, flags = (sum(one.level is level for one in same) for level in (Level.WARNING, Level.FLAG))
    points = warnings * weight.warning + flags * weight.flag
    return Reason(signal, kind, warnings, flags, weight.warning, weight.flag, points, weight.reason)
