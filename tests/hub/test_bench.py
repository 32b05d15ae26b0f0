"""What the bench says, and that its parts run; the measurements themselves are made by `make bench`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from greenroom_hub.bench import browser, command, room, stock
from greenroom_hub.bench.measure import Measure, alone, compared, percentile
from greenroom_hub.bench.pages import fdatasyncs
from greenroom_hub.bench.report import MEANING, page

AT = datetime(2026, 11, 23, tzinfo=UTC)


def test_the_ratio_is_the_median_of_the_rounds_and_not_of_the_machine_s_moods() -> None:
    one = compared("x", "ms", [(2.0, 1.0), (20.0, 10.0), (3.0, 1.0)], "peer", 2.0)
    assert (one.ours, one.peer, one.ratio, one.holds) == (3.0, 1.0, 2.0, True)
    assert not compared("x", "ms", [(2.1, 1.0)], "peer", 2.0).holds


def test_a_value_alone_is_held_to_its_bar() -> None:
    assert alone("x", "ms", [1, 2, 300], 2).holds
    assert not alone("x", "ms", [3], 2).holds


def test_a_percentile_is_one_of_the_values() -> None:
    assert percentile([float(n) for n in range(100, 0, -1)], 0.95) == 95
    assert percentile([3.0], 0.95) == 3


def test_the_page_names_the_machine_the_date_the_command_and_what_does_not_hold(tmp_path: Path) -> None:
    measures = [compared("slow", "ms", [(3.0, 1.0)], "peer", 2.0), alone("door-to-cursor", "s", [1.5], 2.0)]
    text = page(measures, "greenroom bench", AT, tmp_path)
    assert "Written by `greenroom bench` on 2026-11-23." in text
    assert "| slow | ms | 3 | 1 (peer) | 3 | 2 | **no** |" in text
    assert f"| {MEANING['door-to-cursor']} (`door-to-cursor`) | s | 1.5 | – | – | 2 | yes |" in text
    for word in (" × ", "Linux ", " on ", "Python 3.", "jupyterlab 4."):
        assert word in text


def test_an_unknown_bench_is_refused_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["nonsense"]) == 2
    assert "the bench 'nonsense' is not known; there are run, keystroke, door" in capsys.readouterr().err


def test_json_is_a_list_of_measures(capsys: pytest.CaptureFixture[str]) -> None:
    code = command.main(["runner", "gateway", "--quick", "--json"])
    found = msgspec.json.decode(capsys.readouterr().out, type=list[Measure])
    assert {"runner", "runner-8-at-once", "gateway"} <= {one.name for one in found}
    assert code == (0 if all(one.holds for one in found) else 1)


def test_the_kernel_s_round_trip_is_measured_beside_a_stock_kernel(capsys: pytest.CaptureFixture[str]) -> None:
    command.main(["kernel-round-trip", "--quick", "--json"])
    (found,) = msgspec.json.decode(capsys.readouterr().out, type=list[Measure])
    assert found.name == "kernel-round-trip"
    assert found.ours > 0
    assert found.peer is not None


def test_a_disk_is_timed_by_what_it_takes_to_make_a_block_durable(tmp_path: Path) -> None:
    assert len(fdatasyncs(tmp_path / "sync", 3)) == 3
    assert (tmp_path / "sync").stat().st_size == 3 * 4096


async def test_keys_and_outputs_are_timed_between_two_people_in_a_real_room(tmp_path: Path) -> None:
    async with browser.chromium() as one, room.house(tmp_path, one) as house:
        stage = await house.stage()
        assert await stage.run() > 0
        found = await stage.type(3)
        assert len(found) == 3
        assert min(found) > 0


def test_a_guest_is_measured_beside_a_stock_single_user_server(capsys: pytest.CaptureFixture[str]) -> None:
    command.main(["guest", "--quick", "--json"])
    found = msgspec.json.decode(capsys.readouterr().out, type=list[Measure])
    assert [one.name for one in found] == ["guest-start", "guest-idle-memory"]
    assert all(one.peer is not None and one.peer > 0 for one in found)


def test_many_rooms_are_measured_in_one_service(capsys: pytest.CaptureFixture[str]) -> None:
    command.main(["rooms", "--quick", "--json"])
    found = msgspec.json.decode(capsys.readouterr().out, type=list[Measure])
    assert [one.name for one in found] == ["rooms-keystroke", "rooms-processor"]
    assert min(one.ours for one in found) > 0


def test_a_second_start_is_timed(capsys: pytest.CaptureFixture[str]) -> None:
    command.main(["start", "--quick", "--json"])
    (found,) = msgspec.json.decode(capsys.readouterr().out, type=list[Measure])
    assert found.name == "second-start"
    assert found.ours > 0


@pytest.mark.parametrize("name", ["validation", "long-room"])
def test_a_document_is_measured_alone(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    command.main([name, "--quick", "--json"])
    (found,) = msgspec.json.decode(capsys.readouterr().out, type=list[Measure])
    assert found.name == name
    assert found.ours > 0


def test_a_long_record_is_checked_in_python_and_in_javascript(capsys: pytest.CaptureFixture[str]) -> None:
    command.main(["verify", "--quick", "--json"])
    found = msgspec.json.decode(capsys.readouterr().out, type=list[Measure])
    assert [one.name for one in found] == ["verify", "verify-page"]
    assert all(one.ours > 0 for one in found)


@pytest.mark.parametrize("name", ["ingest", "acknowledgement", "dashboard"])
def test_observations_of_many_are_measured(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    command.main([name, "--quick", "--json"])
    (found,) = msgspec.json.decode(capsys.readouterr().out, type=list[Measure])
    assert found.name == name
    assert found.ours > 0
    assert (found.peer is None) is (name != "ingest")


def test_a_call_and_a_look_are_timed_in_real_browsers(capsys: pytest.CaptureFixture[str]) -> None:
    command.main(["call", "--quick", "--json"])
    found = msgspec.json.decode(capsys.readouterr().out, type=list[Measure])
    assert [one.name for one in found] == ["call-connect", "look-first-picture"]
    assert all(one.ours > 0 for one in found)


def test_a_bench_without_its_peer_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(stock, "ENVIRONMENT", tmp_path)
    assert command.main(["guest"]) == 2
    assert "run `make bench`, which installs it" in capsys.readouterr().err


def test_what_isolation_costs_is_measured_beside_none(docker: str, capsys: pytest.CaptureFixture[str]) -> None:
    command.main(["kernel_start", "numpy", "spawn", "--quick", "--json"])
    found = msgspec.json.decode(capsys.readouterr().out, type=list[Measure])
    assert [one.name for one in found] == ["kernel_start", "numpy", "spawn"]
    assert all(one.peer is not None and one.peer > 0 for one in found)
