"""`greenroom detect` prints observations in one form, and says what was wrong with a trace that it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from greenroom_proctor import detect

from proctor import make_traces


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = detect.main(list(words))
    return code, *capsys.readouterr()


def test_a_trace_gives_observations_in_the_form_of_the_design(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, str(make_traces.FOLDER / "leaves.json"), "--json")
    assert (code, err) == (0, "")
    assert json.loads(out) == {
        "observations": [
            {"signal": "face", "kind": "face_absent", "start": 5.0, "end": 9.0, "confidence": 0.968},
        ],
        "truth": None,
    }


def test_a_person_reads_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, str(make_traces.FOLDER / "leaves.json"))
    assert (code, out.split()) == (0, ["from", "to", "kind", "confidence", "5.00", "9.00", "face_absent", "0.97"])
    assert run(capsys, str(make_traces.FOLDER / "turned_back.json"))[1] == "Nothing was observed.\n"


def frames(**changes: Any) -> dict[str, Any]:
    return {"fps": 8, "calibrate": None, "frames": [{"t": 0.0, "faces": 1}, {"t": 0.125, "faces": 1, **changes}]}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "truncated"),
        ("[]", "Expected `object`"),
        ('{"fps": 8}', "missing required field `frames`"),
        (frames(t=-1), "frame 1 is at -1 s, before the frame ahead of it"),
        (frames(t=None), "frame 1 has no t"),
        (frames(yaw="left"), "frame 1: yaw is 'left'; a number or null is wanted"),
        (frames(faces=True), "faces is True"),
        ({**frames(), "fps": 0}, "Expected `float` > 0"),
        ({**frames(), "calibrate": [3, 1]}, "its end must come after its start"),
        ({**frames(), "calibrate": [0]}, "calibrate"),
    ],
)
def test_a_malformed_trace_is_refused_with_what_was_found(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: Any, why: str
) -> None:
    file = tmp_path / "trace.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    code, out, err = run(capsys, str(file), "--json")
    assert (code, out) == (1, "")
    assert f"{file} was refused" in err
    assert why in err


def test_a_file_that_is_not_there_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, _, err = run(capsys, str(tmp_path / "no.json"))
    assert (code, err.splitlines()[0].endswith("cannot be read: No such file or directory")) == (1, True)


def test_no_frames_are_no_observations_and_said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "trace.json"
    file.write_text('{"fps": 8, "calibrate": [0, 2], "frames": []}')
    code, out, err = run(capsys, str(file), "--json")
    assert (code, json.loads(out)["observations"]) == (0, [])
    assert "has no frames" in err


def test_a_calibration_without_a_face_is_said_and_gaze_is_not_judged(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    aside = [{"t": n / 8, **make_traces.FACE, **make_traces.LIGHT, "yaw": 60.0} for n in range(16, 60)]
    file = tmp_path / "trace.json"
    file.write_text(json.dumps({"fps": 8, "calibrate": [0, 1], "frames": aside}))
    code, out, err = run(capsys, str(file), "--json")
    assert (code, json.loads(out)["observations"]) == (0, [])
    assert "gaze and eyes were not judged" in err
