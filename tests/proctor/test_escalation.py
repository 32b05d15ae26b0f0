"""Warn before you flag; a glance is nothing; nobody is warned all the time."""

from __future__ import annotations

from greenroom_proctor import escalation, rules
from greenroom_proctor.escalation import Case, Stretch, Watch
from greenroom_proctor.words import Excuse, Kind, Level, Signal
from hypothesis import given
from hypothesis import strategies as st

TABLE = rules.load().escalation


def absent(id: str, start: float, end: float | None) -> Stretch:
    return Stretch(id, Signal.FACE, Kind.FACE_ABSENT, round(start * 1000), None if end is None else round(end * 1000))


def play(*stretches: tuple[float, float]) -> tuple[Watch, list[Case]]:
    """Each stretch looked at every second while it lasts, as the service does."""
    watch, told = Watch(), []
    for number, (start, end) in enumerate(stretches):
        moments = [start + second for second in range(int(end - start) + 1)]
        for at in moments:
            watch, case = escalation.observe(TABLE, watch, absent(f"s{number}", start, None), round(at * 1000))
            told += [case] if case else []
        watch, case = escalation.observe(TABLE, watch, absent(f"s{number}", start, end), round(end * 1000))
        told += [case] if case else []
    return watch, told


def levels(told: list[Case]) -> set[Level]:
    return {case.level for case in told}


def test_a_glance_away_is_noted_and_told_to_nobody() -> None:
    assert levels(play((10, 12))[1]) == {Level.NOTED}


def test_five_seconds_are_a_warning_and_no_flag() -> None:
    assert levels(play((10, 15))[1]) == {Level.NOTED, Level.WARNING}


def test_a_long_absence_is_first_a_warning_then_a_flag() -> None:
    told = play((10, 60))[1]
    first = {level: next(i for i, case in enumerate(told) if case.level is level) for level in levels(told)}
    assert first[Level.NOTED] < first[Level.WARNING] < first[Level.FLAG]


def test_a_third_warning_in_a_quarter_of_an_hour_is_a_flag() -> None:
    assert Level.FLAG not in levels(play((10, 15), (100, 105))[1])
    assert Level.FLAG in levels(play((10, 15), (100, 105), (200, 206))[1])


def test_stretches_close_together_are_one_incident() -> None:
    watch, _ = play((10, 12), (15, 17), (20, 22))
    (case,) = watch.cases[Kind.FACE_ABSENT]
    assert len(case.stretches) == 3


def test_a_flag_never_comes_without_a_warning_before_it() -> None:
    """Even when the first thing that arrives is a long stretch that has ended, as after ten minutes offline."""
    _, case = escalation.observe(TABLE, Watch(), absent("late", 0, 300), 400_000)
    assert case is not None
    assert case.level is Level.WARNING


def test_the_same_message_twice_counts_once() -> None:
    once, _ = escalation.observe(TABLE, Watch(), absent("a", 0, 5), 5_000)
    twice, case = escalation.observe(TABLE, once, absent("a", 0, 5), 5_000)
    assert (twice, case) == (once, None)


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 40)), max_size=25))
def test_warnings_stay_within_the_budget(raw: list[tuple[int, int]]) -> None:
    at, stretches = 0, []
    for gap, length in raw:
        stretches.append((float(at + gap), float(at + gap + length)))
        at += gap + length + 1
    watch, _ = play(*stretches)
    for moment in watch.warnings:
        recent = [one for one in watch.warnings if moment - TABLE.budget_window * 1000 < one <= moment]
        assert len(recent) <= TABLE.budget


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), max_size=20))
def test_every_flag_was_a_warning_first(raw: list[tuple[int, int]]) -> None:
    at, stretches = 0, []
    for gap, length in raw:
        stretches.append((float(at + gap), float(at + gap + length)))
        at += gap + length + 1
    seen: dict[str, set[Level]] = {}
    for case in play(*stretches)[1]:
        before = seen.setdefault(case.id, set())
        assert case.level is not Level.FLAG or Level.WARNING in before or Level.FLAG in before
        before.add(case.level)


def test_what_was_excused_rises_no_further_and_makes_nothing_else_rise() -> None:
    warned, _ = escalation.observe(TABLE, Watch(), absent("a", 0, None), 10_000)
    watch = escalation.excuse(warned, "a", Excuse.EXPLAINED)
    (case,) = escalation.observe(TABLE, watch, absent("a", 0, None), 500_000)[0].all()
    assert (case.level, case.excused) == (Level.WARNING, Excuse.EXPLAINED)
    for number, at in enumerate((100, 200), start=1):
        watch, told = escalation.observe(TABLE, watch, absent(f"s{number}", at, at + 6), (at + 6) * 1000)
        assert told is not None
        assert told.level is Level.WARNING  # with the excused one it would be the third, and a flag
