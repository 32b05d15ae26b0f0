"""From what was read in pictures to what rules ask about: differences to the calibration, smoothed, and for how long
nothing has moved. Pure: `measure(constants, base, memory, frame)` gives the next memory and a reading.

The browser has the same in labextension/src/camera/measures.ts; both pass the traces in tests/resources/traces.
Limits: eyes turned up or down show only by lids and head, and a face in profile hides one eye.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Literal

from greenroom_proctor.calibration import Baseline
from greenroom_proctor.rules import Measures

Frame = Mapping[str, float | None]
Smoothed = Literal["yaw", "pitch", "gaze", "lid"]


@dataclass(frozen=True, slots=True)
class Seen:
    """What is remembered of one picture. Angles in degrees from the calibration, `lid` as a share of it.

    `steady`: gaze and lid, smoothed; None where no eye was seen. `blink`: 1 where there was no face.
    """

    t: float
    yaw: float | None = None
    pitch: float | None = None
    gaze: float | None = None
    lid: float | None = None
    blink: float = 1.0
    diff: float | None = None
    steady: tuple[float, float] | None = None


Memory = tuple[Seen, ...]  # the pictures of the last seconds, oldest first


def measure(
    constants: Measures, base: Baseline | None, memory: Memory, frame: Frame
) -> tuple[Memory, dict[str, float | None]]:
    """One picture further: the memory after it, and its numbers with those that the rules ask about beside them."""
    now = _relative(constants, base, frame)
    kept = [one for one in memory if one.t >= now.t - constants.window.value]
    seen = (*kept, now)
    yaw, pitch = _smooth(constants, seen, "yaw"), _smooth(constants, seen, "pitch")
    gaze, lid = _smooth(constants, seen, "gaze"), _smooth(constants, seen, "lid")
    if now.blink < 1 and gaze is not None and lid is not None:
        seen = (*kept, replace(now, steady=(gaze, lid)))
    wide = base.widening if base else 0.0
    reading: dict[str, float | None] = {
        **frame,
        "turn": None if yaw is None else abs(yaw) - wide,
        "aside": None if yaw is None or gaze is None else abs(yaw + gaze) - wide,
        "pitch_down": pitch,
        "pitch_up": None if pitch is None else -pitch,
        "lid": lid,
        "unchanged": _unchanged(constants, seen),
        "fresh": _fresh(constants, seen),
        "eyes_still": _eyes_still(constants, seen),
        "luma_ratio": _share(frame.get("luma"), base.luma if base else None),
        "std_ratio": _share(frame.get("std"), base.std if base else None),
    }
    return seen, reading


def _relative(constants: Measures, base: Baseline | None, frame: Frame) -> Seen:
    """A picture in terms of the calibration. Closed eyes look nowhere: gaze and lids are not known then."""
    t = frame["t"]
    assert t is not None
    if base is None or not frame.get("faces"):
        return Seen(t, diff=frame.get("diff"))
    blink, lid = frame.get("blink"), _share(frame.get("ear"), base.ear)
    return Seen(
        t,
        _less(frame.get("yaw"), base.yaw),
        _less(frame.get("pitch"), base.pitch),
        None if blink is None or blink >= constants.blink.value else _less(frame.get("gaze"), base.gaze),
        None if lid is None or lid < constants.closed.value else lid,
        1.0 if blink is None else blink,
        frame.get("diff"),
    )


def _less(value: float | None, by: float) -> float | None:
    return None if value is None else value - by


def _share(value: float | None, of: float | None) -> float | None:
    return None if value is None or not of else value / of


def _smooth(constants: Measures, seen: Sequence[Seen], name: Smoothed) -> float | None:
    """The median of the last moment. Over a blink the last reading holds: where no face is, nothing does."""
    t, known = seen[-1].t, list[float]()
    for one in reversed(seen):
        value: float | None = getattr(one, name)
        if one.yaw is None or t - one.t > constants.hold.value or (known and t - one.t > constants.smooth.value):
            break
        if value is not None:
            known.append(value)
            if t - one.t > constants.smooth.value:
                break
    return median(known) if known else None


def _unchanged(constants: Measures, seen: Sequence[Seen]) -> float:
    """For how many seconds the picture has been the same one: no new picture, and hardly any drift in all."""
    t, total, since = seen[-1].t, 0.0, seen[-1].t
    for one, before in zip(reversed(seen), reversed(seen[:-1]), strict=False):
        total += constants.changed.value if one.diff is None else one.diff
        drift = constants.changed.value / 2 + constants.changed_rate.value * (t - before.t)
        if one.diff is None or one.diff >= constants.changed.value or total > drift:
            break
        since = before.t
    return t - since


FRESH_SECONDS = 2.0  # long enough that the count of new pictures does not jump


def _fresh(constants: Measures, seen: Sequence[Seen]) -> float:
    """New pictures a second."""
    t = seen[-1].t
    new = [
        one for one in seen if t - one.t < FRESH_SECONDS and one.diff is not None and one.diff >= constants.fresh.value
    ]
    return len(new) / FRESH_SECONDS


def _eyes_still(constants: Measures, seen: Sequence[Seen]) -> float:
    """For how many seconds neither eyes nor lids have moved. Not the least change is no photo but no reading at all."""
    t = since = seen[-1].t
    gazes: list[float] = []
    lids: list[float] = []
    for one in reversed(seen):
        if one.steady is None or one.blink >= constants.still_blink.value:
            break
        gazes.append(one.steady[0])
        lids.append(one.steady[1])
        if max(gazes) - min(gazes) > constants.still_gaze.value or max(lids) - min(lids) > constants.still_lid.value:
            break
        since = one.t
    return t - since if len(set(gazes)) > 1 else 0.0
