"""Seats: who is what in which session. Taking one away closes the person's sockets there at once."""

from __future__ import annotations

import weakref

import sqlalchemy as sa
from greenroom_proctor.words import Seat
from sqlalchemy import Connection

from greenroom_hub.logins import Socket, close
from greenroom_hub.moment import Now
from greenroom_hub.people import Who
from greenroom_hub.store import tables
from greenroom_hub.store.database import Store


class Seats:
    """The seats of staff. The candidate's seat is the session's own and needs no row."""

    def __init__(self, store: Store, now: Now) -> None:
        self._store = store
        self._now = now
        self._known: dict[str, dict[str, Seat]] = {}
        self._sockets: dict[tuple[str, str], weakref.WeakSet[Socket]] = {}

    async def of(self, session: str, who: Who) -> Seat | None:
        """Somebody's seat in a session."""
        if who.session is not None:
            return Seat.CANDIDATE if who.session == session else None
        if who.role is None:
            return None
        return (await self.list(session)).get(who.name)

    async def list(self, session: str) -> dict[str, Seat]:
        """The staff of a session: name → seat."""
        if session not in self._known:
            table = tables.seat
            query = sa.select(table.c.person, table.c.seat).where(table.c.session == session).order_by(table.c.since)
            rows = await self._store.run(lambda connection: connection.execute(query).all())
            self._known[session] = {name: Seat(seat) for name, seat in rows}
        return dict(self._known[session])

    async def sessions(self, person: str) -> dict[str, Seat]:
        """The sessions in which somebody has a seat."""
        query = sa.select(tables.seat.c.session, tables.seat.c.seat).where(tables.seat.c.person == person)
        rows = await self._store.run(lambda connection: connection.execute(query).all())
        return {session: Seat(seat) for session, seat in rows}

    async def put(self, session: str, person: str, seat: Seat) -> None:
        """Gives a member of staff a seat. ValueError for the candidate's: that one comes by invitation."""
        if seat is Seat.CANDIDATE:
            raise ValueError("the candidate's seat is not given to staff; it is taken with an invitation")
        before = (await self.list(session)).get(person)
        at = self._now()
        await self._store.run(lambda connection: put(connection, session, person, seat, at))
        self._known.pop(session, None)
        if before is not None and before is not seat:
            self._close(session, person, "seat changed")

    async def remove(self, session: str, person: str) -> None:
        """Takes a seat away."""
        table = tables.seat
        which = table.delete().where(table.c.session == session, table.c.person == person)
        await self._store.run(lambda connection: connection.execute(which) and None)
        self._known.pop(session, None)
        self._close(session, person, "seat taken away")

    def follow(self, session: str, person: str, socket: Socket) -> None:
        """Closes this socket when the person's seat changes. Forgets it when the socket is gone."""
        self._sockets.setdefault((session, person), weakref.WeakSet()).add(socket)

    def _close(self, session: str, person: str, reason: str) -> None:
        close(self._sockets.pop((session, person), ()), reason)


def put(connection: Connection, session: str, person: str, seat: Seat, at: int) -> None:
    """Writes one seat, within somebody's work on the store."""
    table = tables.seat
    connection.execute(table.delete().where(table.c.session == session, table.c.person == person))
    connection.execute(table.insert().values(session=session, person=person, seat=seat, since=at))
