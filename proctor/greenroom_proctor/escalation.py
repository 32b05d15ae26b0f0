"""From observations to incidents: noted, then a warning to the candidate, then a flag to staff. A pure reducer.

Limits: an incident says that a signal was off for a time. It says nothing about why; that is for people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from greenroom_proctor.messages import Milliseconds
from greenroom_proctor.rules import Escalation, EscalationTable
from greenroom_proctor.words import Excuse, Kind, Level, Signal


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
    """One incident: the stretches that belong together, and how far it has come. Excused, it comes no further."""

    stretches: tuple[Stretch, ...]
    level: Level = Level.NOTED
    warned: Milliseconds | None = None
    excused: Excuse | None = None

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

    def all(self) -> tuple[Case, ...]:
        """The cases of all kinds, oldest first."""
        found = [case for cases in self.cases.values() for case in cases]
        return tuple(sorted(found, key=lambda case: (case.stretches[0].start, case.id)))


Span = tuple[Milliseconds, Milliseconds | None]


def pieces(seen: Stretch, spans: Sequence[Span]) -> list[Stretch]:
    """The parts of a stretch that lie within the spans in which the session was live: a pause excuses the rest.

    A part in the second span or a later one has its number behind the id, so each part is a stretch of its own.
    """
    found = []
    for number, (begin, over) in enumerate(spans):
        start = max(seen.start, begin)
        ends = [one for one in (seen.end, over) if one is not None]
        end = min(ends, default=None)
        if end is None or end > start:
            whole = (start, end, number) == (seen.start, seen.end, 0)
            id = f"{seen.id}.{number}" if number else seen.id
            found.append(seen if whole else replace(seen, id=id, start=start, end=end))
    return found


def observe(
    table: EscalationTable,
    watch: Watch,
    seen: Stretch,
    now: Milliseconds,
    most: Level = Level.FLAG,
    excused: Excuse | None = None,
) -> tuple[Watch, Case | None]:
    """Take a stretch in, also again when it has grown or ended. Returns its case when that is new or has changed.

    `most`: how far it may go; NOTED where a signal only informs. `excused`: it has an explanation, and is a case of its
    own. Called again with the same values it changes nothing, so a message that comes twice counts once.
    """
    cases = watch.cases.get(seen.kind, ())
    place, case = _place(cases, seen, None if excused else table.group)
    if excused is not None and len(case.stretches) == 1:
        case = replace(case, excused=case.excused or excused)
    rule = table.rule(seen.kind)
    raised = case if rule is None else _raise(table, rule, watch, cases, case, now, most)
    if place < len(cases) and cases[place] == raised:
        return watch, None
    return _put(watch, cases, place, raised), raised


def recall(watch: Watch, id: str, level: Level, at: Milliseconds) -> Watch:
    """What the record says was decided of the case with this stretch, after a restart."""
    for cases in watch.cases.values():
        for place, case in enumerate(cases):
            if any(one.id == id for one in case.stretches):
                warned = at if case.warned is None else case.warned
                return _put(watch, cases, place, replace(case, level=level, warned=warned))
    return watch


def excuse(watch: Watch, id: str, why: Excuse) -> Watch:
    """The case with this id has an explanation: it rises no further, and makes no other one rise."""
    for cases in watch.cases.values():
        for place, case in enumerate(cases):
            if case.id == id and case.excused is None:
                return _put(watch, cases, place, replace(case, excused=why))
    return watch


def _put(watch: Watch, cases: tuple[Case, ...], place: int, case: Case) -> Watch:
    before = cases[place].warned if place < len(cases) else None
    told = watch.warnings if case.warned is None or before is not None else (*watch.warnings, case.warned)
    kind = case.stretches[0].kind
    return Watch({**watch.cases, kind: (*cases[:place], case, *cases[place + 1 :])}, told)


def _place(cases: tuple[Case, ...], seen: Stretch, group: float | None) -> tuple[int, Case]:
    """The case a stretch belongs to: the one that has it, else the last one if it ended just before, else a new one.
    `group`: seconds; None when it joins no other one."""
    for place, case in enumerate(cases):
        index = next((index for index, one in enumerate(case.stretches) if one.id == seen.id), None)
        if index is not None:
            # The latest word counts: also that it lasts, from a browser that was silent and taken to be gone.
            return place, replace(case, stretches=(*case.stretches[:index], seen, *case.stretches[index + 1 :]))
    if cases and group is not None and cases[-1].excused is None:
        end = cases[-1].stretches[-1].end
        if end is not None and seen.start - end <= group * 1000:
            return len(cases) - 1, replace(cases[-1], stretches=(*cases[-1].stretches, seen))
    return len(cases), Case((seen,))


def _raise(
    table: EscalationTable,
    rule: Escalation,
    watch: Watch,
    cases: tuple[Case, ...],
    case: Case,
    now: Milliseconds,
    most: Level,
) -> Case:
    if case.excused is not None:
        return case
    allowed = {Level.WARNING, Level.FLAG} if most is Level.FLAG else {most}
    may_rise = case.level is Level.NOTED and rule.most is not Level.NOTED and Level.WARNING in allowed
    if may_rise and _long_enough(case, now, rule.warn_after):
        return replace(case, level=Level.WARNING, warned=now) if _may_warn(table, rule, watch, cases, now) else case
    may_flag = rule.most is Level.FLAG and Level.FLAG in allowed
    if case.level is Level.WARNING and may_flag and _flags(rule, cases, case, now):
        return replace(case, level=Level.FLAG)
    return case


def _long_enough(case: Case, now: Milliseconds, seconds: float) -> bool:
    """Whether one of its stretches lasted so long. Written out: a case may have hundreds, and each word asks anew."""
    lasted = ((now if one.end is None else one.end) - one.start for one in case.stretches)
    return seconds <= 0 or any(one / 1000 >= seconds for one in lasted)


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
    others = [one for one in warned if one.id != case.id and one.excused is None]
    return rule.flag_count is not None and len(others) + 1 >= rule.flag_count


def sentence(table: EscalationTable, watch: Watch, case: Case, now: Milliseconds, *, staff: bool) -> str:
    """What a person reads: the candidate of a warning how to mend it, everybody else what was seen and how often."""
    kind = case.stretches[0].kind
    rule = table.rule(kind)
    if rule is None:
        return ""
    if case.level is Level.WARNING and not staff:
        return rule.warning
    counted = [one for one in watch.cases.get(kind, ()) if one.id == case.id or _counts(rule, one, case)]
    seconds = sum(one.seconds(now) for one in counted)
    count = sum(len(one.stretches) for one in counted)
    times = {1: "once", 2: "twice"}.get(count, f"{count} times")
    return rule.report.format(times=times, seconds=round(seconds))


def _counts(rule: Escalation, earlier: Case, case: Case) -> bool:
    """Whether an earlier warning is one of those that made this case a flag."""
    if case.level is not Level.FLAG or earlier.warned is None or case.warned is None or earlier.excused:
        return False
    return 0 <= case.warned - earlier.warned < rule.window * 1000
