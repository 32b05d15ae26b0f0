"""REST: how a candidate's face reads while they look at the screen: seven numbers, for the record."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import msgspec
from greenroom_proctor.words import Signal, State
from msgspec import Meta, Struct

from greenroom_hub.policy import Use
from greenroom_hub.web.access import Access
from greenroom_hub.web.denied import Denied
from greenroom_hub.web.handler import Handler
from greenroom_hub.web.operation import Operation
from greenroom_hub.web.paths import ONE

CALIBRATION = "calibration"
MOST = 50  # of one session; ten in an hour would be many
DIGITS = 3  # after the point: a thousandth of a degree is far below what the reader can tell

Degrees = Annotated[float, Meta(ge=-180, le=180)]
Grey = Annotated[float, Meta(ge=0, le=255)]


class Calibration(Struct, frozen=True, forbid_unknown_fields=True):
    """Medians of what was read: angles in degrees, `ear` the eyelids' opening, `luma` and `std` 0–255; `widening`: by
    how many degrees the limits sideways are wider. Numbers only: nothing a face could be known by."""

    yaw: Degrees
    pitch: Degrees
    gaze: Degrees
    ear: Annotated[float, Meta(ge=0, le=2)]
    luma: Grey | None
    std: Grey | None
    widening: Annotated[float, Meta(ge=0, le=90)]

    def rounded(self) -> dict[str, Any]:
        """As the record keeps it."""
        return {name: value and round(value, DIGITS) for name, value in msgspec.structs.asdict(self).items()}


class CalibrationHandler(Handler):
    """The candidate's page reports the calibration by which it judges. The same one again is no new fact."""

    access: ClassVar = {"POST": Access.CANDIDATE}
    operations: ClassVar = {"POST": Operation("Report the calibration of the camera check", None, Calibration, 204)}

    async def post(self, session: str) -> None:
        """Keeps it."""
        assert self.session is not None
        given, refused = self.body(Calibration).rounded(), "The calibration was not kept"
        if self.session.state not in {State.LOBBY, State.LIVE, State.PAUSED}:
            raise Denied(409, refused, f"the session is {self.session.state}")
        if self.session.policy.use(Signal.CAMERA) is Use.OFF:
            raise Denied(409, refused, "this session has no camera check")
        known = [one.body for one in await self.house.record.events(session) if one.type == CALIBRATION]
        if len(known) >= MOST:
            raise Denied(409, refused, f"there are {MOST} already", "The camera check works with the last one.")
        if not known or dict(known[-1]) != given:
            await self.house.record.append(session, CALIBRATION, given, actor="candidate")
        self.set_status(204)


routes = [(f"{ONE}/calibration", CalibrationHandler)]
