"""The score adds up incidents, bounds each signal, counts no missing data, and says why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
from greenroom_proctor import rules, score
from greenroom_proctor.words import Kind, Signal
from hypothesis import given, settings
from hypothesis import strategies as st

RULES = rules.load()


@dataclass(frozen=True)
class Said:
    type: str
    body: dict[str, Any]


def said(type: str, id: str, kind: Kind = Kind.GAZE_AWAY, signal: Signal = Signal.GAZE) -> Said:
    return Said(type, {"id": id, "kind": kind, "signal": signal})


def of(*events: Said) -> score.Score:
    return score.score(RULES.score, RULES.version, events)


def test_a_session_without_incidents_has_a_hundred_and_no_reasons() -> None:
    assert of() == score.Score(100, 100, RULES.version, [], [])


def test_an_observation_that_nobody_was_told_of_counts_for_nothing() -> None:
    assert of(said("observation", "a")).value == 100


def test_a_flag_counts_instead_of_its_warning() -> None:
    assert of(said("incident.warning", "a")).value == 99
    (reason,) = of(said("incident.warning", "a"), said("incident.flag", "a")).reasons
    assert (reason.warnings, reason.flags, reason.points, reason.flag_weight) == (0, 1, 4, 4)
    assert reason.why


def test_one_signal_takes_away_no_more_than_its_bound() -> None:
    found = of(*(said("incident.flag", str(number)) for number in range(50)))
    assert (found.value, found.bounds) == (75, [score.Bound(Signal.GAZE, 200, 25, 25)])


def test_an_excused_incident_counts_for_nothing() -> None:
    assert of(said("incident.flag", "a"), said("incident.excused", "a")).value == 100


def test_what_was_excused_stays_so_when_more_is_said_of_it() -> None:
    told = (said("incident.warning", "a"), said("incident.excused", "a"), said("incident.flag", "a"))
    assert of(*told).value == 100


@pytest.mark.parametrize("kind", [Kind.CAMERA_OFF, Kind.CAMERA_FROZEN, Kind.POOR_PICTURE, Kind.NETWORK_LOST])
def test_missing_data_is_never_counted_and_still_shown(kind: Kind) -> None:
    found = of(said("incident.flag", "a", kind, Signal.CAMERA))
    assert (found.value, found.reasons[0].points, found.bounds) == (100, 0, [])


def test_a_kind_without_a_weight_is_refused() -> None:
    table = msgspec.to_builtins(RULES.score)
    del table["kinds"]["gaze_away"]
    with pytest.raises(msgspec.ValidationError, match="the score has no weight for 'gaze_away'"):
        msgspec.convert(table, rules.ScoreTable)


facts = st.builds(
    said,
    st.sampled_from(["incident.warning", "incident.flag", "incident.excused", "observation"]),
    st.sampled_from("abcdefgh"),
    st.sampled_from(list(Kind)),
    st.sampled_from(list(Signal)),
)


@settings(deadline=None)
@given(st.lists(facts, max_size=60))
def test_whatever_happened_the_reasons_add_up_to_the_score(events: list[Said]) -> None:
    found = of(*events)
    assert 0 <= found.value <= 100
    assert found.value == max(0, 100 - sum(one.taken for one in found.bounds))
    for bound in found.bounds:
        assert bound.points == sum(one.points for one in found.reasons if one.signal is bound.signal)
        assert bound.taken == min(bound.points, bound.most)
    assert len(found.bounds) * RULES.score.most_per_signal >= 100 - found.value
