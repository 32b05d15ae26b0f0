"""The time left: pauses stop it, extra time lengthens it, the end freezes it."""

from __future__ import annotations

from greenroom_hub.clock import Mark, clock, deadline
from greenroom_proctor.messages import Clock
from greenroom_proctor.words import Action
from hypothesis import given
from hypothesis import strategies as st

HOUR = 3600.0


def test_before_the_door_opens_all_of_it_is_left() -> None:
    marks = [Mark(Action.SCHEDULE, 0), Mark(Action.ARRIVE, 5)]
    assert clock(HOUR, marks, 9_000) == Clock(duration=HOUR, left=HOUR, running=False, ends_at=None)


def test_it_runs_from_the_opening() -> None:
    assert clock(HOUR, [Mark(Action.OPEN, 1000)], 61_000) == Clock(HOUR, HOUR - 60, running=True, ends_at=3_601_000)


def test_a_pause_stops_it() -> None:
    paused = [Mark(Action.OPEN, 0), Mark(Action.PAUSE, 60_000)]
    assert clock(HOUR, paused, 900_000) == Clock(HOUR, HOUR - 60, running=False, ends_at=None)
    assert deadline(HOUR, [*paused, Mark(Action.RESUME, 1_000_000)]) == 1_000_000 + 3_540_000


def test_extra_time_counts_whenever_it_is_given() -> None:
    early = [Mark(Action.EXTEND, 0, 600), Mark(Action.OPEN, 1000)]
    late = [Mark(Action.OPEN, 1000), Mark(Action.PAUSE, 2000), Mark(Action.EXTEND, 3000, 600)]
    assert deadline(HOUR, early) == 1000 + 4_200_000
    assert clock(HOUR, late, 4000).left == HOUR + 600 - 1
    assert clock(HOUR, late, 4000).duration == HOUR + 600


def test_the_end_freezes_it() -> None:
    assert clock(HOUR, [Mark(Action.OPEN, 0), Mark(Action.SUBMIT, 60_000)], 10**9).left == HOUR - 60


def test_less_than_nothing_is_nothing() -> None:
    assert clock(10, [Mark(Action.OPEN, 0)], 60_000).left == 0


def test_a_clock_set_back_adds_no_time() -> None:
    assert clock(HOUR, [Mark(Action.OPEN, 100_000)], 0).left == HOUR


@given(st.lists(st.integers(0, 600_000), min_size=1, max_size=12))
def test_pauses_take_no_time(steps: list[int]) -> None:
    at, marks, ran = 0, [Mark(Action.OPEN, 0)], 0
    for index, step in enumerate(steps):
        at += step
        ran += step if index % 2 == 0 else 0
        marks.append(Mark(Action.PAUSE if index % 2 == 0 else Action.RESUME, at))
    assert abs(clock(10_000, marks, at).left - max(0.0, 10_000 - ran / 1000)) < 0.001
