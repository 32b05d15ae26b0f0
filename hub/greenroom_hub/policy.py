"""What holds in a session: which signals exist, what code may use, what is kept how long. Shown to the candidate."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import msgspec
from greenroom_proctor.words import Signal
from msgspec import Meta, Struct

VERSION = 1


class Use(StrEnum):
    """What a signal is used for."""

    OFF = "off"
    INFORM = "inform"  # noted for the reviewer; warns and flags nobody
    ON = "on"


class Paste(StrEnum):
    """What becomes of text from outside the room."""

    ALLOWED = "allowed"
    NOTED = "noted"
    REFUSED = "refused"


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """What one session's code may use. None: the house's own limit."""

    memory: Annotated[int, Meta(ge=64, le=65_536)] | None = None  # MiB
    run_seconds: Annotated[int, Meta(ge=1, le=300)] = 15  # one forwarded run; longer than any interview task needs
    runs_per_minute: Annotated[int, Meta(ge=1, le=600)] = 30  # one every other second: faster is a loop, not a person
    output: Annotated[int, Meta(ge=1024, le=10_000_000)] = 1_000_000  # bytes of one run's output


class Adjustment(StrEnum):
    """What is done for one candidate."""

    SIGNAL_OFF = "signal_off"
    CAMERA_OFF = "camera_off"  # and with it face and gaze
    MORE_TIME = "more_time"


class Accommodation(Struct, frozen=True, forbid_unknown_fields=True):
    """What is different for one candidate, and why. The reason is read by whoever reads the policy, the candidate
    included; in the record it is kept apart, so that it can be erased."""

    adjustment: Adjustment
    reason: Annotated[str, Meta(min_length=1, max_length=300)]
    signal: Signal | None = None  # for a signal that is off
    minutes: Annotated[int, Meta(ge=1, le=1440)] | None = None  # for more time: a day at most, as a session

    def __post_init__(self) -> None:
        for wanted, name in ((Adjustment.SIGNAL_OFF, "signal"), (Adjustment.MORE_TIME, "minutes")):
            if (self.adjustment is wanted) is (getattr(self, name) is None):
                raise ValueError(
                    f"accommodation: '{wanted}' and nothing else has '{name}'; '{self.adjustment}' came with"
                    f" {getattr(self, name)}"
                )

    @property
    def without(self) -> frozenset[Signal]:
        """The signals that are off by it."""
        if self.adjustment is Adjustment.CAMERA_OFF or self.signal is Signal.CAMERA:
            return frozenset({Signal.CAMERA, Signal.FACE, Signal.GAZE})
        return frozenset() if self.signal is None else frozenset({self.signal})


class Policy(Struct, frozen=True, forbid_unknown_fields=True):
    """The rules of one session. A missing signal is off."""

    version: Annotated[int, Meta(ge=1, le=VERSION)] = VERSION
    signals: dict[Signal, Use] = msgspec.field(
        default_factory=lambda: {
            Signal.FACE: Use.ON,
            Signal.GAZE: Use.ON,
            Signal.CAMERA: Use.ON,
            Signal.FULLSCREEN: Use.ON,
            Signal.VISIBILITY: Use.ON,
            Signal.FOCUS: Use.INFORM,
            Signal.SCREEN: Use.INFORM,
            Signal.CLIPBOARD: Use.INFORM,
            Signal.NETWORK: Use.INFORM,
        }
    )
    calibration: bool = True
    accommodations: Annotated[tuple[Accommodation, ...], Meta(max_length=12)] = ()
    languages: tuple[Annotated[str, Meta(pattern="^[a-z0-9.+#-]{1,30}$")], ...] = ("python", "bash")
    limits: Limits = Limits()
    paste: Paste = Paste.NOTED
    call: bool = True  # whether people may see and hear each other
    observers_call: bool = False  # whether observers may be in the call
    looks: bool = True  # whether staff may ask to see the candidate's camera without a call
    observers_talk: bool = False  # whether observers may write messages and comments
    retention_days: Annotated[int, Meta(ge=1, le=3650)] = (
        180  # half a year: the usual time in which a decision is contested
    )

    def __post_init__(self) -> None:
        if gone := frozenset[Signal]().union(*(one.without for one in self.accommodations)):
            kept = {one: Use.OFF if one in gone else use for one, use in self.signals.items()}
            msgspec.structs.force_setattr(self, "signals", kept)
        camera = self.use(Signal.CAMERA)
        for needy in (Signal.FACE, Signal.GAZE):
            if camera is Use.OFF and self.use(needy) is not Use.OFF:
                raise ValueError(
                    f"policy: the signal '{needy}' needs the signal 'camera'; turn camera on, or {needy} off"
                )
        if self.calibration and camera is Use.OFF:
            msgspec.structs.force_setattr(self, "calibration", False)

    def use(self, signal: Signal) -> Use:
        """What a signal is used for here."""
        return self.signals.get(signal, Use.OFF)

    @property
    def more_seconds(self) -> float:
        """What is added to the time of this candidate, in seconds."""
        return 60.0 * sum(one.minutes or 0 for one in self.accommodations)

    def public(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The policy as it stands in the record, and apart from it the reasons of accommodations."""
        content = msgspec.to_builtins(self)
        reasons = [one.pop("reason") for one in content["accommodations"]]
        return content, {"accommodations": reasons} if reasons else {}
