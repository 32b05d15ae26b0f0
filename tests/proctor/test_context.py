"""What excuses an observation, and where the excuse ends."""

from __future__ import annotations

import pytest
from greenroom_proctor import context
from greenroom_proctor.context import SETTLING, Context
from greenroom_proctor.escalation import Stretch
from greenroom_proctor.words import Excuse, Kind, Signal

LONG_AFTER = 10_000_000


def hidden(start: int, end: int | None) -> Stretch:
    return Stretch("a", Signal.VISIBILITY, Kind.TAB_HIDDEN, start, end)


GAP = context.gaps([("b", 500), ("b", 60_000)], [("b", 20_000)])


def parts(contexts: list[Context], seen: Stretch, browser: str = "b") -> list[tuple[str, int, int | None, object]]:
    found = context.divide(contexts, browser, seen, LONG_AFTER)
    return [(one.id, one.start, one.end, why) for one, why in found]


def test_a_gap_lasts_from_the_last_word_until_a_moment_after_the_browser_is_back() -> None:
    assert [Context(Excuse.RECONNECT, 20_000, 60_000 + SETTLING, browser="b")] == GAP


def test_a_gap_of_a_browser_that_is_not_back_has_no_end() -> None:
    assert context.gaps([("b", 500), ("c", 60_000)], [("b", 20_000)])[0].end is None


@pytest.mark.parametrize("start", [20_001, 40_000, 60_000 + SETTLING - 1])
def test_what_begins_in_a_gap_is_excused(start: int) -> None:
    assert parts(GAP, hidden(start, start + 1)) == [("a", start, start + 1, Excuse.RECONNECT)]


@pytest.mark.parametrize("start", [10_000, 20_000, 60_000 + SETTLING])
def test_what_begins_before_or_after_it_is_not(start: int) -> None:
    assert parts(GAP, hidden(start, 90_000)) == [("a", start, 90_000, None)]


def test_another_browser_is_not_excused_by_it() -> None:
    assert parts(GAP, hidden(40_000, 50_000), "c")[0][-1] is None


def test_what_goes_on_after_it_is_judged_from_there() -> None:
    end = 60_000 + SETTLING
    assert parts(GAP, hidden(40_000, None)) == [
        ("a", 40_000, end, Excuse.RECONNECT),
        ("a.after", end, None, None),
    ]


def test_a_moment_that_was_excused_is_no_line_of_its_own() -> None:
    end = 60_000 + SETTLING
    assert parts(GAP, hidden(end - 999, None)) == [("a.after", end, None, None)]


def test_a_request_excuses_where_somebody_looks_and_nothing_else() -> None:
    asked = [context.asked(100_000, 160_000)]
    assert parts(asked, hidden(95_000, 150_000))[0][-1] is Excuse.REQUEST  # it is said before it is pressed
    absent = Stretch("a", Signal.FACE, Kind.FACE_ABSENT, 110_000, 120_000)
    assert parts(asked, absent)[0][-1] is None
    assert parts(asked, hidden(80_000, 150_000))[0][-1] is None
