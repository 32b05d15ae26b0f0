"""From observations to incidents: noted, then a warning to the candidate, then a flag to staff. A pure reducer.

Limits: an incident says that a signal was off for a time. It says nothing about why; that is for people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from greenroom_proctor.messages import Milliseconds
from greenroom_proctor.rules import Escalation, EscalationTable
from greenroom_proctor.words import Kind, Level, Signal


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which a signal was off, by the service's clock. `end` is None while it goes on."""

    id: str
    signal: Signal
    kind: Kind
    start: Milliseconds
    end: Milliseconds | None

    def seconds(self, now: Milliseconds) -> float:
        """How long it has lasted."""
        return max(0.0, ((self.end if self.end is not None else now) - self.start) / 1000)


@dataclass(frozen=True, slots=True)
class Case:
    """One incident: the stretches that belong together, and how far it has come."""

    stretches: tuple[Stretch, ...]
    level: Level = Level.NOTED
    warned: Milliseconds | None = None

    @property
    def id(self) -> str:
        """Its first stretch names it."""
        return self.stretches[0].id

    def seconds(self, now: Milliseconds) -> float:
        """How long the signal was off in all."""
        return sum(one.seconds(now) for one in self.stretches)


@dataclass(frozen=True, slots=True)
class Watch:
    """What is remembered of one session: every case by kind, oldest first, and when warnings were given."""

    cases: Mapping[Kind, tuple[Case, ...]] = field(default_factory=dict)
    warnings: tuple[Milliseconds, ...] = ()


def observe(table: EscalationTable, watch: Watch, seen: Stretch, now: Milliseconds) -> tuple[Watch, Case | None]:
    """Take a stretch in, also again when it has grown or ended. Returns its case when that is new or has changed.

    Called again with the same values it changes nothing, so a message that comes twice counts once.
    """
    cases = watch.cases.get(seen.kind, ())
    place, case = _place(cases, seen, table.group)
    rule = table.rule(seen.kind)
    raised = case if rule is None else _raise(table, rule, watch, cases, case, now)
    before = cases[place] if place < len(cases) else None
    if raised == before:
        return watch, None
    told = (
        (*watch.warnings, now)
        if raised.warned is not None and (before is None or before.warned is None)
        else watch.warnings
    )
    changed = (*cases[:place], raised, *cases[place + 1 :])
    return Watch({**watch.cases, seen.kind: changed}, told), raised


def _place(cases: tuple[Case, ...], seen: Stretch, group: float) -> tuple[int, Case]:
    """The case a stretch belongs to: the one that has it, else the last one if it ended just before, else a new one."""
    for place, case in enumerate(cases):
        for index, one in enumerate(case.stretches):
            if one.id == seen.id:
                longer = seen if one.end is None else one  # what has ended stays as it was
                return place, replace(case, stretches=(*case.stretches[:index], longer, *case.stretches[index + 1 :]))
    if cases:
        end = cases[-1].stretches[-1].end
        if end is not None and seen.start - end <= group * 1000:
            return len(cases) - 1, replace(cases[-1], stretches=(*cases[-1].stretches, seen))
    return len(cases), Case((seen,))


def _raise(
    table: EscalationTable, rule: Escalation, watch: Watch, cases: tuple[Case, ...], case: Case, now: Milliseconds
) -> Case:
    long_enough = any(one.seconds(now) >= rule.warn_after for one in case.stretches)
    if case.level is Level.NOTED and long_enough and _may_warn(table, rule, watch, cases, now):
        return replace(case, level=Level.WARNING, warned=now)
    if case.level is Level.WARNING and rule.most is Level.FLAG and _flags(rule, cases, case, now):
        return replace(case, level=Level.FLAG)
    return case


def _may_warn(
    table: EscalationTable, rule: Escalation, watch: Watch, cases: tuple[Case, ...], now: Milliseconds
) -> bool:
    recent = [at for at in watch.warnings if now - at < table.budget_window * 1000]
    last = max((one.warned for one in cases if one.warned is not None), default=None)
    return len(recent) < table.budget and (last is None or now - last >= rule.cool_down * 1000)


def _flags(rule: Escalation, cases: tuple[Case, ...], case: Case, now: Milliseconds) -> bool:
    """Long enough after the warning was given, or warned of too often."""
    assert case.warned is not None
    if rule.flag_after is not None and now > case.warned and case.seconds(now) >= rule.flag_after:
        return True
    warned = [one for one in cases if one.warned is not None and now - one.warned < rule.window * 1000]
    others = [one for one in warned if one.id != case.id]
    return rule.flag_count is not None and len(others) + 1 >= rule.flag_count


def times(count: int) -> str:
    """A number of times, as it stands in a sentence."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
