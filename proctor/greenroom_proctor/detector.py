"""From readings to observations: an interpreter of the table of rules. Pure.

`step(rules, watch, look)` gives the next watch and what changed; it knows nothing of any kind, all of that stands in
the table. labextension/src/camera/detector.ts is the same machine in the browser, and both pass the traces in
tests/resources/traces.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from greenroom_proctor.rules import AnyOf, Condition, Detection
from greenroom_proctor.words import Kind, Signal

Reading = Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Look:
    """What was read at one moment: `t` in seconds, named numbers (None: unknown), and how far to trust them."""

    t: float
    reading: Reading
    quality: float = 1.0


@dataclass(frozen=True, slots=True)
class Phase:
    """Where one rule stands once it has begun. `since`: the onset; `clear`: when it began to be over.

    `seen` of `looked` readings fulfilled the rule; `quality` is the sum over them.
    """

    active: bool
    since: float
    clear: float | None
    seen: int
    looked: int
    quality: float


@dataclass(frozen=True, slots=True)
class Watch:
    """What is remembered from one look to the next. `ended`: when the last stretch of a kind did."""

    last: float | None = None
    phases: Mapping[Kind, Phase] = field(default_factory=lambda: MappingProxyType({}))
    ended: Mapping[Kind, float] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Found:
    """A stretch in which a signal was off, in seconds; `end` is None while it lasts.

    `confidence`: share of its readings that fulfilled the rule; `quality`: their mean quality.
    """

    kind: Kind
    signal: Signal
    start: float
    end: float | None
    confidence: float
    quality: float


def step(rules: Sequence[Detection], watch: Watch, look: Look) -> tuple[Watch, list[Found]]:
    """One look further."""
    phases: dict[Kind, Phase] = {}
    found: list[Found] = []
    for rule in rules:
        before, ended = _mind(rule, watch, look.t)
        blocked = any(kind in phases and phases[kind].clear is None for kind in rule.unless)
        over = ended.end if ended is not None else None
        earliest = watch.ended.get(rule.kind, 0.0) if over is None else over
        after, changed = _advance(rule, before, look, earliest, blocked=blocked)
        if after is not None:
            phases[rule.kind] = after
        found += [one for one in (ended, changed) if one is not None]
    return Watch(look.t, phases, {**watch.ended, **{one.kind: one.end for one in found if one.end is not None}}), found


def finish(rules: Sequence[Detection], watch: Watch, t: float) -> list[Found]:
    """The watch is over at `t`: what lasts ends now, or with the last picture where it lives by pictures."""
    found = []
    for rule in rules:
        phase = watch.phases.get(rule.kind)
        if phase is not None and phase.active:
            last = t if rule.gap is None or watch.last is None else watch.last
            found.append(_found(rule, phase, last if phase.clear is None else phase.clear))
    return found


def replay(rules: Sequence[Detection], looks: Iterable[Look]) -> list[Found]:
    """Every stretch of a whole trace, ended, by onset."""
    watch, ended = Watch(), []
    for look in looks:
        watch, found = step(rules, watch, look)
        ended += [one for one in found if one.end is not None]
    if watch.last is not None:
        ended += finish(rules, watch, watch.last)
    return sorted(ended, key=lambda one: (one.start, one.kind))


def holds(any_of: AnyOf, reading: Reading) -> bool:
    """Whether one of the alternatives holds. A missing number fulfils nothing."""
    return any(all(_fulfils(one, reading.get(one.feature)) for one in every) for every in any_of)


def _fulfils(condition: Condition, value: float | None) -> bool:
    if value is None:
        return False
    return value < condition.below if condition.below is not None else value >= (condition.at_least or 0)


def _mind(rule: Detection, watch: Watch, t: float) -> tuple[Phase | None, Found | None]:
    """Nothing may be concluded from a time without readings: what lasted ended with the last one."""
    phase = watch.phases.get(rule.kind)
    if phase is None or rule.gap is None or watch.last is None or t - watch.last <= rule.gap:
        return phase, None
    end = watch.last if phase.clear is None else phase.clear
    return None, _found(rule, phase, end) if phase.active else None


def _advance(
    rule: Detection, phase: Phase | None, look: Look, earliest: float, *, blocked: bool
) -> tuple[Phase | None, Found | None]:
    on = not blocked and holds(rule.on, look.reading)
    over = not on and (blocked or holds(rule.off, look.reading))
    if phase is None:
        return _settle(rule, _begin(rule, earliest, look), look.t) if on else (None, None)
    counted = _count(phase, look, on=on, over=over)
    if counted.clear is None:
        return _settle(rule, counted, look.t)
    if look.t - counted.clear < (rule.release if phase.active else rule.forget):
        return counted, None
    return None, _found(rule, counted, counted.clear) if phase.active else None


def _begin(rule: Detection, earliest: float, look: Look) -> Phase:
    """What holds from now on; what has held for a while begins there, but not before the last stretch ended."""
    held = (look.reading.get(rule.back) or 0.0) if rule.back else 0.0
    return Phase(False, max(look.t - held, min(earliest, look.t)), None, 1, 1, look.quality)


def _count(phase: Phase, look: Look, *, on: bool, over: bool) -> Phase:
    clear = None if on else look.t if over and phase.clear is None else phase.clear
    if clear is not None:  # what comes after the end, while the rule waits whether it is one, does not count
        return replace(phase, clear=clear)
    seen, quality = phase.seen + on, phase.quality + look.quality
    return replace(phase, clear=None, seen=seen, looked=phase.looked + 1, quality=quality)


def _settle(rule: Detection, phase: Phase, t: float) -> tuple[Phase, Found | None]:
    if phase.active or t - phase.since < rule.dwell:
        return phase, None
    active = replace(phase, active=True)
    return active, _found(rule, active, None)


def _found(rule: Detection, phase: Phase, end: float | None) -> Found:
    mean = phase.quality / phase.looked
    return Found(rule.kind, rule.signal, phase.since, end, phase.seen / phase.looked, mean)
