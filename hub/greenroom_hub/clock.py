"""The time left, from the history of a session: pure, the server's clock comes in as `now`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from greenroom_proctor.messages import Clock, Milliseconds
from greenroom_proctor.words import Action

_STARTS = frozenset({Action.OPEN, Action.RESUME})
_STOPS = frozenset({Action.PAUSE, Action.SUBMIT, Action.EXPIRE, Action.TERMINATE})


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing that happened to the clock. `seconds` counts for an extension only and may be negative."""

    action: Action
    at: Milliseconds
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class _Run:
    duration: float
    used: float = 0.0
    since: Milliseconds | None = None

    def after(self, mark: Mark) -> _Run:
        if mark.action in _STARTS and self.since is None:
            return _Run(self.duration, self.used, mark.at)
        if mark.action in _STOPS and self.since is not None:
            return _Run(self.duration, self.used + max(0, mark.at - self.since) / 1000)
        if mark.action is Action.EXTEND:
            return _Run(self.duration + mark.seconds, self.used, self.since)
        return self


def _run(duration: float, marks: Iterable[Mark]) -> _Run:
    run = _Run(duration)
    for mark in marks:
        run = run.after(mark)
    return run


def spans(marks: Iterable[Mark]) -> list[tuple[Milliseconds, Milliseconds | None]]:
    """The times in which the session was live, in order; the last one is open while it is."""
    found: list[tuple[Milliseconds, Milliseconds | None]] = []
    for mark in marks:
        is_open = bool(found) and found[-1][1] is None
        if mark.action in _STARTS and not is_open:
            found.append((mark.at, None))
        elif mark.action in _STOPS and is_open:
            found[-1] = (found[-1][0], max(found[-1][0], mark.at))
    return found


def deadline(duration: float, marks: Iterable[Mark]) -> Milliseconds | None:
    """When the time runs out, or None while the clock stands still. `duration` in seconds, as first agreed."""
    run = _run(duration, marks)
    return None if run.since is None else run.since + round((run.duration - run.used) * 1000)


def clock(duration: float, marks: Iterable[Mark], now: Milliseconds) -> Clock:
    """What people see. Time left is never less than nothing, and a clock that was set back adds none."""
    run = _run(duration, marks)
    if run.since is None:
        return Clock(duration=run.duration, left=max(0.0, run.duration - run.used), running=False, ends_at=None)
    ends_at = run.since + round((run.duration - run.used) * 1000)
    left = (ends_at - max(now, run.since)) / 1000
    return Clock(duration=run.duration, left=max(0.0, left), running=True, ends_at=ends_at)
