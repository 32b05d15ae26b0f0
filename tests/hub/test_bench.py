"""What the bench says; the measurements themselves are made by `make bench`."""

from __future__ import annotations

import msgspec
import pytest
from greenroom_hub.bench import command
from greenroom_hub.bench.measure import Measure, alone, compared, page
from greenroom_sandbox import machine

pytestmark = pytest.mark.skipif(bool(machine.check()), reason="no boxes on this machine")


def test_the_ratio_is_the_median_of_the_rounds_and_not_of_the_machine_s_moods() -> None:
    one = compared("x", "ms", [(2.0, 1.0), (20.0, 10.0), (3.0, 1.0)], "peer", 2.0)
    assert (one.ours, one.peer, one.ratio, one.holds) == (3.0, 1.0, 2.0, True)
    assert not compared("x", "ms", [(2.1, 1.0)], "peer", 2.0).holds


def test_a_value_alone_is_held_to_its_bar() -> None:
    assert alone("x", "ms", [1, 2, 300], 2).holds
    assert not alone("x", "ms", [3], 2).holds


def test_the_page_names_the_machine_and_what_does_not_hold() -> None:
    text = page([compared("slow", "ms", [(3.0, 1.0)], "peer", 2.0), alone("quick", "s", [1.5], 2.0)])
    assert "| slow | ms | 3 | 1 (peer) | 3 | 2 | **no** |" in text
    assert "| quick | s | 1.5 | – | – | 2 | yes |" in text
    assert " Python 3." in text


def test_an_unknown_bench_is_refused_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["nonsense"]) == 2
    assert "the bench 'nonsense' is not known; there are kernel-round-trip, piston" in capsys.readouterr().err


def test_json_is_a_list_of_measures(capsys: pytest.CaptureFixture[str]) -> None:
    code = command.main(["piston", "--json"])
    found = msgspec.json.decode(capsys.readouterr().out, type=list[Measure])
    assert [one.name for one in found][:2] == ["piston-python", "piston-python-8-at-once"]
    assert code == (0 if all(one.holds for one in found) else 1)
