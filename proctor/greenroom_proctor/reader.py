"""The reference landmark reader: a video in, a feature trace out. A program of its own, in an environment of its own.

`python reader.py VIDEO … MODEL` prints a trace for each video, one a line. It takes the numbers that the browser's
worker takes (labextension/src/camera/features.ts), so what is tuned here holds there. It needs the extra `replay`;
mediapipe has telemetry, so `greenroom replay` starts it without a network.
"""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import cv2
import numpy as np
from mediapipe import Image, ImageFormat
from mediapipe.tasks.python import BaseOptions, vision

WANTED = 8.0  # pictures a second, as the browser looks
WIDEST = 640  # pixels: what the browser asks its camera for
GREY = (160, 120)
FACES = 2  # a second face is all that a rule asks about
SHAPE_PER_DEGREE = 0.028  # blendshape per degree that the eyes turn sideways: rendered heads, linear to ±25°

Picture = Any  # a numpy array, height × width × 3, blue green red
Reader = Callable[[Picture, float], dict[str, Any]]


def open_reader(model: str) -> Reader:
    """A reader of one recording: pictures in order of time, each with its time in seconds, give a frame of a trace."""
    landmarker = vision.FaceLandmarker.create_from_options(
        vision.FaceLandmarkerOptions(
            base_options=BaseOptions(model_asset_path=model),
            running_mode=vision.RunningMode.VIDEO,
            num_faces=FACES,
            output_face_blendshapes=True,
            output_facial_transformation_matrixes=True,
        )
    )
    before: Any = None

    def read(picture: Picture, t: float) -> dict[str, Any]:
        nonlocal before
        rgb = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
        found = landmarker.detect_for_video(Image(image_format=ImageFormat.SRGB, data=rgb), round(t * 1000))
        grey = cv2.resize(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), GREY, interpolation=cv2.INTER_AREA).astype(float)
        frame = {"t": round(t, 4), **_faces(found, picture.shape[1] / picture.shape[0]), **_light(grey, before)}
        before = grey
        return {name: round(value, 5) if isinstance(value, float) else value for name, value in frame.items()}

    return read


def _faces(found: Any, aspect: float) -> dict[str, Any]:
    areas = sorted(((_area(points), place) for place, points in enumerate(found.face_landmarks)), reverse=True)
    nothing = dict.fromkeys(("area_ratio", "yaw", "pitch", "roll", "gaze", "ear", "blink"))
    if not areas:
        return {"faces": 0, **nothing}
    first = areas[0][1]
    shapes = {one.category_name: one.score for one in found.face_blendshapes[first]}
    return {
        "faces": len(areas),
        "area_ratio": areas[1][0] / areas[0][0] if len(areas) > 1 else None,
        **_pose(np.array(found.facial_transformation_matrixes[first])),
        **_eyes(found.face_landmarks[first], shapes, aspect),
    }


def _area(points: Any) -> float:
    xs, ys = [one.x for one in points], [one.y for one in points]
    return float((max(xs) - min(xs)) * (max(ys) - min(ys)))


def _pose(matrix: Any) -> dict[str, float]:
    """Turned left–right, up–down and tilted, in degrees, from the rotation in the face's matrix."""
    return {
        "yaw": math.degrees(math.atan2(-matrix[2, 0], math.hypot(matrix[0, 0], matrix[1, 0]))),
        "pitch": math.degrees(math.atan2(matrix[2, 1], matrix[2, 2])),
        "roll": math.degrees(math.atan2(matrix[1, 0], matrix[0, 0])),
    }


def _eyes(points: Any, shapes: dict[str, float], aspect: float) -> dict[str, float]:
    right = shapes["eyeLookOutLeft"] + shapes["eyeLookInRight"]
    left = shapes["eyeLookInLeft"] + shapes["eyeLookOutRight"]

    def opening(top: int, bottom: int, inner: int, outer: int) -> float:
        return _distance(points, top, bottom, aspect) / (_distance(points, inner, outer, aspect) or 1.0)

    return {
        "gaze": (right - left) / 2 / SHAPE_PER_DEGREE,
        "ear": (opening(159, 145, 33, 133) + opening(386, 374, 362, 263)) / 2,
        "blink": (shapes["eyeBlinkLeft"] + shapes["eyeBlinkRight"]) / 2,
    }


def _distance(points: Any, one: int, other: int, aspect: float) -> float:
    return math.hypot((points[one].x - points[other].x) * aspect, points[one].y - points[other].y)


def _light(grey: Any, before: Any) -> dict[str, float | None]:
    diff = None if before is None else float(np.abs(grey - before).mean())
    return {"luma": float(grey.mean()), "std": float(grey.std()), "diff": diff}


def pictures(video: str) -> Iterator[tuple[float, Picture]]:
    """The pictures of a video that are looked at, with their times in seconds: about eight a second, not enlarged."""
    capture = cv2.VideoCapture(video)
    if not capture.isOpened():
        return
    rate = capture.get(cv2.CAP_PROP_FPS) or 30.0
    number, last = 0, -math.inf
    while True:
        good, picture = capture.read()
        if not good:
            return
        stamp = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        t = stamp if stamp > last and (stamp > 0 or number == 0) else number / rate
        number += 1
        if t > last and t >= last + 1 / WANTED - 0.5 / rate:
            last = t
            yield t, _small(picture)


def _small(picture: Picture) -> Picture:
    height, width = picture.shape[:2]
    if width <= WIDEST:
        return picture
    return cv2.resize(picture, (WIDEST, round(height * WIDEST / width)), interpolation=cv2.INTER_AREA)


def trace(read: Reader, looks: Iterable[tuple[float, Picture]]) -> dict[str, Any] | None:
    """What is read in these pictures, as a trace; None when there are none."""
    frames = [read(picture, t) for t, picture in looks]
    if not frames:
        return None
    seconds = frames[-1]["t"] - frames[0]["t"]
    return {"fps": round((len(frames) - 1) / seconds, 3) if seconds else WANTED, "frames": frames}


def main(words: list[str]) -> int:
    """Prints a trace for each video, one a line, or null where nothing could be read."""
    *videos, model = words
    for video in videos:
        print(json.dumps(trace(open_reader(model), pictures(video))), flush=True)
    return 0


if __name__ == "__main__":
    main(sys.argv[1:])
    os._exit(0)  # mediapipe's threads may wait for a network that is not there
