"""The detector finds in every conformance trace what a person wrote down, and nothing else. The browser's passes them too."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from greenroom_proctor import detector, rules, trace
from greenroom_proctor.detector import Look, Watch
from greenroom_proctor.words import Kind
from hypothesis import given, settings
from hypothesis import strategies as st

from proctor import make_traces

TABLE = rules.load().detector


def looks(frames: list[dict[str, Any]]) -> list[Look]:
    return [Look(frame["t"], {name: value for name, value in frame.items() if name != "t"}) for frame in frames]


def read(name: str) -> dict[str, Any]:
    trace: dict[str, Any] = json.loads((make_traces.FOLDER / f"{name}.json").read_text())
    return trace


def names() -> list[str]:
    return sorted(path.stem for path in Path(make_traces.FOLDER).glob("*.json"))


@pytest.mark.parametrize("name", names())
def test_a_trace_gives_what_was_written_down(name: str) -> None:
    wanted = read(name)["observations"]
    found = trace.observe(TABLE, trace.read((make_traces.FOLDER / f"{name}.json").read_bytes()))
    assert [(one.signal, one.kind, one.start, one.end) for one in found] == [
        (one["signal"], one["kind"], one["start"], one["end"]) for one in wanted
    ]
    assert [one.confidence for one in found] == pytest.approx([one["confidence"] for one in wanted], abs=0.001)


@pytest.mark.parametrize("name", sorted(make_traces.TRACES))
def test_the_trace_files_are_what_the_script_writes(name: str) -> None:
    assert (make_traces.FOLDER / f"{name}.json").read_text() == make_traces.text(name)


def test_an_absence_is_told_while_it_lasts_and_dated_back_to_its_onset() -> None:
    watch, told = Watch(), []
    for number in range(20):
        watch, found = detector.step(TABLE.rules, watch, Look(number / 8, {"faces": 0, "luma": 100.0, "std": 50.0}))
        told += [(number / 8, one) for one in found]
    ((at, one),) = told
    assert (at, one.kind, one.start, one.end) == (1.5, Kind.FACE_ABSENT, 0.0, None)


def test_a_blind_reader_concludes_nothing() -> None:
    assert detector.replay(TABLE.rules, [Look(number / 8, {}) for number in range(800)]) == []


numbers = st.none() | st.sampled_from([0, 1, 2, 30, 100, 250])


@settings(deadline=None)  # a busy machine is slow, and that is not what is asked
@given(st.lists(st.tuples(st.sampled_from([0.125, 0.5, 2.0]), numbers, numbers, numbers), max_size=80))
def test_whatever_is_read_stretches_are_long_enough_and_never_overlap(
    raw: list[tuple[float, float | None, float | None, float | None]],
) -> None:
    t, trace = 0.0, []
    for pause, faces, luma, visible in raw:
        t += pause
        trace.append(Look(t, {"faces": faces, "luma": luma, "std": 50.0, "visible": visible}))
    found = detector.replay(TABLE.rules, trace)
    for rule in TABLE.rules:
        own = [one for one in found if one.kind is rule.kind]
        assert all(0 <= one.confidence <= 1 for one in own)
        assert all(one.end is not None and one.end > one.start for one in own)
        assert all(a.end is not None and a.end <= b.start for a, b in itertools.pairwise(own))


def test_every_kind_stands_in_both_halves_of_the_table() -> None:
    table = rules.load()
    assert {kind for kind in Kind if table.detector.signal(kind)} == set(Kind)
    assert {one.kind for one in table.escalation.rules} == set(Kind)


def test_a_condition_without_a_number_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="needs one of below and at_least"):
        msgspec.convert({"feature": "luma", "unit": "brightness"}, rules.Condition)


def test_a_rule_that_waits_for_a_later_one_is_refused() -> None:
    turned = {**msgspec.to_builtins(TABLE), "rules": msgspec.to_builtins(TABLE.rules)[::-1]}
    with pytest.raises(msgspec.ValidationError, match="does not stand before it"):
        msgspec.convert(turned, rules.DetectorTable)
