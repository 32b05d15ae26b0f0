"""Writes tests/resources/traces: what was read, and by hand what must be found. Run it after a change:
`.venv/bin/python tests/proctor/make_traces.py`. A trace has the form that `greenroom detect` reads, plus
`about` and `observations`; page signals are further numbers in the frames."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "resources" / "traces"
FPS = 8
FACE = {"faces": 1, "area_ratio": None, "yaw": 1.0, "pitch": 9.0, "roll": 0.5, "gaze": 0.5, "ear": 0.3, "blink": 0.1}
NOBODY = {**dict.fromkeys(FACE), "faces": 0}
LIGHT = {"luma": 110.0, "std": 48.0, "diff": 2.5}
DARK = {"luma": 9.0, "std": 3.0, "diff": 0.4}

Frame = dict[str, Any]


def camera(until: float, what: Callable[[float], Frame | None]) -> list[Frame]:
    """Eight frames a second; `what` gives a frame's numbers, or None where there is no frame."""
    moments = [number / FPS for number in range(round(until * FPS) + 1)]
    return [{"t": t, **frame} for t in moments if (frame := what(t)) is not None]


def leaves(t: float) -> Frame:
    if t == 6:  # a picture the reader could make nothing of
        return {**NOBODY, "faces": None, **LIGHT}
    gone = 3 <= t < 3.25 or (5 <= t < 9 and t != 7) or 12 <= t < 13
    return {**(NOBODY if gone else FACE), **LIGHT}


def darkness(t: float) -> Frame:
    if 4 <= t < 10:
        return {**NOBODY, **DARK}
    return {**(NOBODY if 10 <= t < 10.5 else FACE), **LIGHT}


def pause(t: float) -> Frame | None:
    return None if 7 < t < 12 else {**(NOBODY if 4 <= t <= 7 else FACE), **LIGHT}


def page(t: float) -> Frame:
    return {
        "visible": 0 if 2 <= t < 8 else 1,
        "focused": 0 if 2 <= t < 8.25 or 20 <= t < 26 or 28 <= t < 29.5 else 1,
        "fullscreen": 0 if 12 <= t < 16 else 1,
        "camera": None if t < 1 else 0 if t >= 31 else 1,
    }


def found(signal: str, kind: str, start: float, end: float, confidence: float = 1.0) -> Frame:
    return {"signal": signal, "kind": kind, "start": start, "end": end, "confidence": confidence}


TRACES: dict[str, tuple[str, list[Frame], list[Frame]]] = {
    "leaves": (
        "Away for four seconds, with one frame in which the reader sees a face and one it cannot read; before that a "
        "quarter of a second, after it one second: both are no observation.",
        camera(16, leaves),
        [found("face", "face_absent", 5, 9, 30 / 31)],
    ),
    "darkness": (
        "The light goes out for six seconds and the reader loses the face: a poor picture, and nobody is absent.",
        camera(14, darkness),
        [found("camera", "poor_picture", 4, 10)],
    ),
    "pause": (
        "Away, and after three seconds no pictures come for five: what lasted ended with the last picture.",
        camera(15, pause),
        [found("face", "face_absent", 4, 7)],
    ),
    "page": (
        "A hidden page is hidden, and not also without the keyboard. Out of fullscreen, another window for six seconds "
        "and for one and a half, which is nothing; at the end a camera that is off. Before the first second nobody knows.",
        camera(34, page),
        [
            found("visibility", "tab_hidden", 2, 8),
            found("fullscreen", "fullscreen_left", 12, 16),
            found("focus", "focus_lost", 20, 26),
            found("camera", "camera_off", 31, 34),
        ],
    ),
}


def text(name: str) -> str:
    """One trace as it stands in its file, one frame a line."""
    about, frames, observations = TRACES[name]
    head = {"about": about, "fps": FPS, "calibrate": [0, 2]}
    lines = [f" {json.dumps(key)}: {json.dumps(value)}," for key, value in head.items()]
    for key, rows in (("frames", frames), ("observations", observations)):
        lines += [f" {json.dumps(key)}: [", ",\n".join(f"  {json.dumps(row)}" for row in rows), " ],"]
    return "{\n" + "\n".join(lines)[:-1] + "\n}\n"


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in TRACES:
        (FOLDER / f"{name}.json").write_text(text(name))
