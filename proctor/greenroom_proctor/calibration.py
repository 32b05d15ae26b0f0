"""How one person's face reads while they look at the screen. Pure; medians, so that a glance or a blink is nothing.

Limits: it is only as good as the looking was. Somebody who looked aside all the while is measured from there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from greenroom_proctor.rules import Measures

Frame = Mapping[str, float | None]
_NAMES = ("yaw", "pitch", "gaze", "ear", "blink")
_SPREAD = 0.1  # the share of glances that is left out on either side


@dataclass(frozen=True, slots=True)
class Baseline:
    """Medians: angles in degrees, `ear` the eyelids' opening, `luma` and `std` 0–255.

    `widening`: by how many degrees the limits sideways are wider, because the calibration's own glances went far.
    """

    yaw: float
    pitch: float
    gaze: float
    ear: float
    luma: float | None
    std: float | None
    widening: float


def calibrate(constants: Measures, frames: Iterable[Frame]) -> Baseline | None:
    """The baseline of these pictures; None when too few show one face with open eyes."""
    open_eyes = [one for one in frames if _usable(constants, one)]
    if len(open_eyes) < constants.fewest.value:
        return None
    yaw, pitch, gaze, ear = (median(_numbers(open_eyes, name)) for name in ("yaw", "pitch", "gaze", "ear"))
    glances = sorted(abs((one["yaw"] or 0) - yaw + (one["gaze"] or 0) - gaze) for one in open_eyes)
    outermost = glances[int((len(glances) - 1) * (1 - _SPREAD))]
    wider = outermost + constants.room.value - constants.aside.value
    return Baseline(
        yaw,
        pitch,
        gaze,
        ear,
        _middle(open_eyes, "luma"),
        _middle(open_eyes, "std"),
        min(constants.widest.value, max(0.0, wider)),
    )


def first_seconds(constants: Measures, frames: Sequence[Frame]) -> list[Frame]:
    """What serves where nobody calibrated: the first seconds in which a face was seen."""
    start = next((one["t"] for one in frames if one.get("faces")), None)
    if start is None:
        return []
    return [one for one in frames if 0 <= (one["t"] or 0) - start <= constants.calibrate.value]


def _usable(constants: Measures, frame: Frame) -> bool:
    if frame.get("faces") is None or any(frame.get(name) is None for name in _NAMES):
        return False
    return (frame["blink"] or 0) < constants.blink.value and (frame["ear"] or 0) > 0


def _numbers(frames: Sequence[Frame], name: str) -> list[float]:
    return [value for one in frames if (value := one.get(name)) is not None]


def _middle(frames: Sequence[Frame], name: str) -> float | None:
    known = _numbers(frames, name)
    return median(known) if known else None
