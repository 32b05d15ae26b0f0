"""The table of rules, as Python reads it: rules.json beside this file, which the browser interprets too.

Limits: the detector's half knows what a camera and a page show. It cannot see a second device, notes outside the
picture, or why somebody looked away.
"""

from __future__ import annotations

from importlib.resources import files
from itertools import chain
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from greenroom_proctor.words import Kind, Level, Signal


class Condition(Struct, frozen=True, forbid_unknown_fields=True):
    """One comparison with a number that was read. `unit` says what the number is."""

    feature: str
    unit: str
    below: float | None = None
    at_least: float | None = None

    def __post_init__(self) -> None:
        if (self.below is None) == (self.at_least is None):
            raise ValueError(f"the condition on '{self.feature}' needs one of below and at_least")


AnyOf = list[list[Condition]]


class Constant(Struct, frozen=True, forbid_unknown_fields=True):
    """One number of the table, with its unit and where it comes from."""

    value: float
    unit: str
    reason: str


class Measures(Struct, frozen=True, forbid_unknown_fields=True):
    """What turns pictures into the numbers that rules ask about (measures.py, calibration.py)."""

    calibrate: Constant
    fewest: Constant
    smooth: Constant
    blink: Constant
    closed: Constant
    hold: Constant
    aside: Constant
    room: Constant
    widest: Constant
    changed: Constant
    changed_rate: Constant
    fresh: Constant
    still_gaze: Constant
    still_lid: Constant
    still_blink: Constant
    window: Constant


class Timing(Struct, frozen=True, forbid_unknown_fields=True):
    """The times of a rule, in seconds, where only some two pictures a second are looked at."""

    dwell: float
    forget: float
    release: float
    gap: float


class Detection(Struct, frozen=True, forbid_unknown_fields=True):
    """When readings become an observation of one kind. Times in seconds.

    `on`, `off`: any of these must hold, and in each all of its conditions; between the two nothing changes.
    `unless`: while one of these kinds may hold, nothing is concluded; when it begins to be over, this rule may begin.
    `dwell`: how long it must last to be an observation.
    `forget`: how long it must be over before a beginning is forgotten.
    `release`: how long it must be over before an observation ends.
    `gap`: a longer pause between two readings ends it at the last one; null: pauses mean nothing.
    `back`: the reading that says for how many seconds it has held already; null: it begins when it is seen.
    `slow`: the times at few pictures a second; null: of pictures, it is not judged then.
    """

    kind: Kind
    signal: Signal
    source: Literal["frames", "page"]
    on: AnyOf
    off: AnyOf
    unless: list[Kind]
    dwell: float
    forget: float
    release: float
    gap: float | None
    back: str | None
    slow: Timing | None
    reason: str

    def at_few_pictures(self) -> Detection | None:
        """The rule for a slow machine; None when it cannot be judged there. What a page says is as quick as ever."""
        if self.source == "page":
            return self
        slow = self.slow
        if slow is None:
            return None
        return replace(self, dwell=slow.dwell, forget=slow.forget, release=slow.release, gap=slow.gap)


class Moment(Struct, frozen=True, forbid_unknown_fields=True):
    """What has no length: it happens, and is an observation when at least `least` characters came in at once."""

    kind: Kind
    signal: Signal
    least: int
    reason: str


class DetectorTable(Struct, frozen=True, forbid_unknown_fields=True):
    """The detector's half. `rules` stand in an order in which `unless` names only earlier ones."""

    frames_per_second: float
    slow_below: Constant
    measures: Measures
    rules: list[Detection]
    moments: list[Moment]

    def at(self, frames_per_second: float) -> list[Detection]:
        """The rules as they hold at so many pictures a second."""
        if frames_per_second >= self.slow_below.value:
            return self.rules
        return [slow for one in self.rules if (slow := one.at_few_pictures()) is not None]

    def __post_init__(self) -> None:
        earlier: set[Kind] = set()
        for rule in self.rules:
            if not earlier.issuperset(rule.unless):
                raise ValueError(f"the rule for '{rule.kind}' names in unless a kind that does not stand before it")
            earlier.add(rule.kind)

    def signal(self, kind: Kind) -> Signal | None:
        """The signal that a kind comes from; None for a kind nobody reports yet."""
        of_rules = (one.signal for one in self.rules if one.kind is kind)
        of_moments = (one.signal for one in self.moments if one.kind is kind)
        return next(chain(of_rules, of_moments), None)


class Escalation(Struct, frozen=True, forbid_unknown_fields=True):
    """When observations of one kind become a warning, and a flag. Times in seconds; null: never.

    `warning` is read by the candidate, `report` by staff (and, once it is a flag, by the candidate too); {times} and
    {seconds} are filled in.
    """

    kind: Kind
    most: Level
    warn_after: float
    flag_after: float | None
    flag_count: int | None
    window: float
    cool_down: float
    warning: str
    report: str
    reason: str


class EscalationTable(Struct, frozen=True, forbid_unknown_fields=True):
    """All kinds, and what holds for all of them."""

    group: float
    group_reason: str
    budget: int
    budget_window: float
    budget_reason: str
    rules: list[Escalation]

    def rule(self, kind: Kind) -> Escalation | None:
        """The rule for a kind; None when it is only ever noted."""
        return next((one for one in self.rules if one.kind is kind), None)


class Weight(Struct, frozen=True, forbid_unknown_fields=True):
    """What one incident of a kind takes away from the score, in points: as a warning, or once it is a flag."""

    warning: Annotated[int, Meta(ge=0)]
    flag: Annotated[int, Meta(ge=0)]
    reason: str


class ScoreTable(Struct, frozen=True, forbid_unknown_fields=True):
    """The weights of every kind, and the most that one signal takes away."""

    start: int
    most_per_signal: int
    most_reason: str
    kinds: dict[Kind, Weight]

    def __post_init__(self) -> None:
        if missing := sorted(set(Kind) - set(self.kinds)):
            raise ValueError(
                f"the score has no weight for '{missing[0]}'; a kind that counts for nothing says so with 0"
            )


class Rules(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole table. `version` stands in every incident."""

    version: int
    measured: str
    cannot_see: str
    detector: DetectorTable
    escalation: EscalationTable
    score: ScoreTable


def load() -> Rules:
    """The table of this version."""
    return msgspec.json.decode(files("greenroom_proctor").joinpath("rules.json").read_bytes(), type=Rules)
