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
DARK = {"luma": 18.0, "std": 9.0, "diff": 0.4}
COVER = {"luma": 2.0, "std": 0.5, "diff": 0.1}
HAND = {"luma": 40.0, "std": 9.0, "diff": 1.0}

Frame = dict[str, Any]


def camera(until: float, what: Callable[[float], Frame | None], fps: int = FPS) -> list[Frame]:
    """Eight frames a second; `what` gives a frame's numbers, or None where there is no frame."""
    moments = [number / fps for number in range(round(until * fps) + 1)]
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


def glances(t: float) -> Frame:
    """Away to the right by eyes alone, down by the lids, up by the head; a second each, then three of each."""
    right, lids, up = {"yaw": 6.0, "gaze": 30.0}, {"ear": 0.15}, {"pitch": -14.0}
    short = right if 3 <= t < 4 else lids if 5 <= t < 6 else up if 7 <= t < 8 else {}
    long = right if 9 <= t < 12 else lids if 14 <= t < 17 else up if 19 <= t < 22 else {}
    blinks = {"ear": 0.05, "blink": 0.6, "gaze": 2.0} if t in {4.5, 10.5, 20.5} else {}
    return {**FACE, **LIGHT, **short, **long, **blinks}


def turned_back(t: float) -> Frame:
    """The head 20 degrees aside, the eyes on the screen: nobody looks away."""
    return {**FACE, **LIGHT, **({"yaw": 21.0, "gaze": -18.0 + t % 3} if t >= 3 else {})}


def company(t: float) -> Frame:
    """A poster behind; somebody who passes by for half a second; somebody who stays, and at whom the candidate looks."""
    ratio = 0.06 if 3 <= t < 5 else 0.5 if 6 <= t < 6.5 or 8 <= t < 12 else None
    away = {"yaw": 40.0} if 9 <= t < 12 else {}
    return {**FACE, **LIGHT, **away, "faces": 1 if ratio is None else 2, "area_ratio": ratio}


def lens(t: float) -> Frame:
    """Black for two seconds, a hand for three, and the room without anybody in between."""
    if 4 <= t < 6:
        return {**NOBODY, **COVER}
    if 9 <= t < 12:
        return {**NOBODY, **HAND}
    return {**(NOBODY if 12 <= t < 15 else FACE), **LIGHT}


def same_picture(t: float) -> Frame:
    """A slow camera repeats each picture six times, at the end the picture stands still until the trace ends."""
    new = t % 0.75 == 0 if t < 8 else False
    return {**FACE, **LIGHT, "gaze": 6.0 * (int(t / 0.75) % 2), "diff": 1.5 if new else 0.0}


def photo(t: float) -> Frame:
    """Reads and blinks, and from the fourth second on a photo in a hand that shakes."""
    if t < 4:
        blink = {"ear": 0.05, "blink": 0.6} if t in {1.5, 3.5} else {}
        return {**FACE, **LIGHT, "gaze": 14.0 if int(t * 2) % 2 else -14.0, **blink}
    return {**FACE, **LIGHT, "yaw": 1.0 + (t * 8) % 3, "roll": (t * 8) % 7, "gaze": 1.0 + (t * 8) % 2}


def wide_screen(t: float) -> Frame:
    """Somebody whose glances go far during the calibration already, and who reads a wide screen after it."""
    return {
        **FACE,
        **LIGHT,
        "gaze": 0.5 + (22.0 if t % 4 >= 3 else -22.0 if t % 4 < 1 else 0.0) + (6.0 if 4 <= t < 8 else 0.0),
    }


def few(t: float) -> Frame:
    """Two pictures a second: three seconds aside are too short to be sure, six are not."""
    aside = {"yaw": 35.0} if 4 <= t < 7 or 10 <= t < 16 else {}
    return {**FACE, **LIGHT, **aside}


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
    "glances": (
        "Aside by the eyes, down by the lids, up by the head: for a second each, which is nothing, then for three. Blinks in between hide where the eyes look and end nothing.",
        camera(24, glances),
        [
            found("gaze", "gaze_away", 9.125, 12.125),
            found("gaze", "gaze_away", 14.125, 17.125),
            found("gaze", "gaze_away", 19.125, 22.125),
        ],
    ),
    "turned_back": ("The head aside and the eyes on the screen: nothing.", camera(8, turned_back), []),
    "company": (
        "A small face behind is a poster, half a second is somebody who passes; who stays is seen, and where the candidate looks meanwhile is not judged.",
        camera(14, company),
        [found("face", "multiple_faces", 8, 12)],
    ),
    "lens": (
        "Black, then a hand over the lens: covered, not absent. After the hand nobody is there.",
        camera(18, lens),
        [
            found("camera", "camera_covered", 4, 6),
            found("camera", "camera_covered", 9, 12),
            found("face", "face_absent", 12, 15),
        ],
    ),
    "same_picture": (
        "A slow camera that repeats its pictures is not frozen; one that gives the same for two seconds and more is, from the last new picture to the end.",
        camera(13, same_picture),
        [found("camera", "camera_frozen", 7.5, 13)],
    ),
    "photo": (
        "Eyes and lids that have not moved for six seconds, while the hand that holds them shakes.",
        camera(14, photo),
        [found("camera", "still_picture", 4.125, 14)],
    ),
    "wide_screen": ("A calibration with far glances widens the limits sideways: nothing.", camera(12, wide_screen), []),
    "few": (
        "At two pictures a second the times are longer.",
        camera(20, few, 2),
        [found("gaze", "gaze_away", 10, 16)],
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
    fps = round(1 / (frames[1]["t"] - frames[0]["t"]))
    head = {"about": about, "fps": fps, "calibrate": [0, 2]}
    lines = [f" {json.dumps(key)}: {json.dumps(value)}," for key, value in head.items()]
    for key, rows in (("frames", frames), ("observations", observations)):
        lines += [f" {json.dumps(key)}: [", ",\n".join(f"  {json.dumps(row)}" for row in rows), " ],"]
    return "{\n" + "\n".join(lines)[:-1] + "\n}\n"


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in TRACES:
        (FOLDER / f"{name}.json").write_text(text(name))
