"""REST: a session's seats."""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import unquote

from greenroom_proctor.words import Seat

from greenroom_hub.web.access import Access
from greenroom_hub.web.api.shapes import SeatGiven, SeatView
from greenroom_hub.web.denied import Denied
from greenroom_hub.web.handler import Handler
from greenroom_hub.web.operation import Operation
from greenroom_hub.web.paths import ONE


class SeatsHandler(Handler):
    """Who is what in a session."""

    access: ClassVar = {"GET": Access.PANEL}
    operations: ClassVar = {"GET": Operation("The staff of a session", list[SeatView])}

    async def get(self, session: str) -> None:
        """In the order in which they were seated."""
        seats = await self.house.seats.list(session)
        people = {name: await self.house.people.get(name) for name in seats}
        self.answer([SeatView(name, people[name].display_name, seat) for name, seat in seats.items()])


class SeatHandler(Handler):
    """One person's seat."""

    access: ClassVar = {"PUT": Access.STEER, "DELETE": Access.STEER}
    operations: ClassVar = {
        "PUT": Operation("Give a member of staff a seat", SeatView, SeatGiven),
        "DELETE": Operation("Take a seat away: the person's connections end at once", status=204),
    }

    async def put(self, session: str, person: str) -> None:
        """The seat, from now on."""
        somebody = await self.house.people.get(unquote(person))
        seat = self.body(SeatGiven).seat
        try:
            await self.house.seats.put(session, somebody.name, seat)
        except ValueError as error:
            raise Denied(400, "The seat was not given", str(error), "Make an invitation instead.") from error
        body = {"person": somebody.name, "seat": seat}
        await self.house.record.append(session, "seat.given", body, actor=self.who.name)
        self.answer(SeatView(somebody.name, somebody.display_name, seat))

    async def delete(self, session: str, person: str) -> None:
        """No seat any more. A session keeps at least one interviewer."""
        name = unquote(person)
        seats = await self.house.seats.list(session)
        if name not in seats:
            raise LookupError(f"{name} has no seat in session {session}")
        left = [other for other, seat in seats.items() if seat is Seat.INTERVIEWER and other != name]
        if not left:
            raise Denied(409, "The last interviewer's seat stays", "", "Give somebody else a seat first.")
        await self.house.seats.remove(session, name)
        await self.house.record.append(session, "seat.taken", {"person": name}, actor=self.who.name)
        self.set_status(204)


routes = [
    (f"{ONE}/seats", SeatsHandler),
    (f"{ONE}/seats/(?P<person>[^/]{{1,255}})", SeatHandler),
]
