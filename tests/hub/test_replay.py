"""The 14 clips through the reference reader and the detector: every event is found, and nothing else."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from greenroom_hub import replay
from greenroom_proctor import rules, trace, truth
from greenroom_proctor.trace import Trace

CLIPS = Path(__file__).parents[1] / "resources" / "face-clips"
TRUTH = CLIPS / "ground_truth.json"
TABLE = rules.load().detector
STEMS = sorted(json.loads(TRUTH.read_text()))


@pytest.fixture(scope="session")
def read() -> dict[str, Trace]:
    """The trace of every clip."""
    lines = replay.run_without_network(replay.READER, *(CLIPS / f"{stem}.mp4" for stem in STEMS)).splitlines()
    return {stem: trace.read(line) for stem, line in zip(STEMS, lines, strict=True)}


@pytest.mark.parametrize("stem", STEMS)
def test_every_event_of_a_clip_is_found_within_half_a_second_and_nothing_else(
    stem: str, read: dict[str, Trace]
) -> None:
    observations = trace.observe(TABLE, read[stem])
    agreement = truth.compare(observations, truth.read(TRUTH.read_bytes(), stem))
    assert (agreement.found, agreement.false) == (agreement.expected, 0), observations
    assert all(abs(one) <= 0.5 for one in agreement.latencies)


def test_the_command_compares_a_recording_with_what_was_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(CLIPS / "02_away_left.mp4", tmp_path)
    assert replay.main(["02_away_left.mp4", "--truth", str(TRUTH), "--calibrate", "0:3", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    (one,) = said["observations"]
    assert (one["signal"], one["kind"], set(one)) == (
        "gaze",
        "gaze_away",
        {"signal", "kind", "start", "end", "confidence"},
    )
    assert said["truth"] == {"found": 1, "expected": 1, "false": 0}


def test_a_person_reads_recall_false_alarms_and_onset(
    capsys: pytest.CaptureFixture[str], read: dict[str, Trace], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "read", lambda video: read[video.stem])
    assert replay.main([str(CLIPS / "10_photo.mp4"), "--truth", str(TRUTH)]) == 0
    out = capsys.readouterr().out
    assert "still_picture" in out
    assert "Recall: 1 of 1 expected stretches were found." in out
    assert "False alarms: 0, 0.0 an hour." in out
    assert "Onset after the true one, in seconds: +0." in out


def test_the_reader_has_no_network(tmp_path: Path) -> None:
    probe = tmp_path / "probe.py"
    probe.write_text(
        "import socket\nprint([name for _, name in socket.if_nameindex()])\nsocket.create_connection(('192.0.2.1', 80), 5)"
    )
    with pytest.raises(replay.CannotReplay, match="Network is unreachable"):
        replay.run_without_network(probe)


def test_the_reader_may_write_nothing(tmp_path: Path) -> None:
    probe = tmp_path / "probe.py"
    probe.write_text(f"open({str(tmp_path / 'made')!r}, 'w')")
    with pytest.raises(replay.CannotReplay, match="Read-only file system"):
        replay.run_without_network(probe)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["{tmp}/none.mp4"], "is no file; name a recording"),
        (["{tmp}/text.mp4"], "holds no picture that OpenCV can read"),
        (["{tmp}/text.mp4", "--truth", "{tmp}/none.json"], "cannot be read: No such file"),
        (["{tmp}/text.mp4", "--truth", "{tmp}/text.mp4"], "was refused"),
        (["{tmp}/text.mp4", "--truth", "{tmp}/empty.json"], "it has no clip 'text'; it has none"),
        (["{tmp}/text.mp4", "--truth", "{tmp}/odd.json"], "an event of the type 'yawning'; known are face_absent"),
    ],
)
def test_what_cannot_be_replayed_is_refused_with_what_was_found(
    words: list[str], why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text.mp4").write_text("no video")
    (tmp_path / "empty.json").write_text("{}")
    (tmp_path / "odd.json").write_text('{"text": {"events": [{"type": "yawning", "start": 1, "end": 2}]}}')
    assert replay.main([one.format(tmp=tmp_path) for one in words]) == 1
    said = capsys.readouterr()
    assert (said.out, said.err.startswith("greenroom replay: "), why in said.err) == ("", True, True), said.err


def test_a_calibration_that_ends_before_it_begins_is_a_wrong_call(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        replay.main(["x.mp4", "--calibrate", "3:1"])
    assert stop.value.code == 2
    assert "the end must come after the start" in capsys.readouterr().err


def test_a_missing_model_and_a_missing_reader_say_what_to_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = str(CLIPS / "01_looking.mp4")
    monkeypatch.setattr(replay, "INSTALL", tmp_path / "install.py")
    monkeypatch.setattr(replay, "ENVIRONMENT", tmp_path / "python")
    assert replay.main([clip]) == 1
    monkeypatch.setattr(replay, "MODEL", tmp_path / "model")
    assert replay.main([clip]) == 1
    reader, model = capsys.readouterr().err.splitlines()
    assert "python3 install.py replay" in reader
    assert "run `python3 install.py` in the checkout" in model


def test_the_reader_is_installed_when_it_is_first_wanted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    install = tmp_path / "install.py"
    python = tmp_path / "python"
    install.write_text(f"import sys, pathlib; pathlib.Path({str(python)!r}).write_text(' '.join(sys.argv[1:]))")
    monkeypatch.setattr(replay, "INSTALL", install)
    monkeypatch.setattr(replay, "ENVIRONMENT", python)
    assert replay._python() == python
    assert python.read_text() == "replay"


def test_the_command_is_one_of_greenrooms() -> None:
    greenroom = Path(__file__).parents[2] / ".venv" / "bin" / "greenroom"
    help_ = subprocess.run([greenroom, "replay", "--help"], capture_output=True, text=True, check=True).stdout
    assert "Exit codes: 0 done, 1 the file was refused" in help_
