"""What holds in a session: which signals exist, what code may use, what is kept how long. Shown to the candidate."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

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
