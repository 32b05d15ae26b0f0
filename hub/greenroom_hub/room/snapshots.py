"""A room's document as it stood at one row of the log, so that a long room opens at once.

It is made from the log, and stands for nothing: whoever replays, hands in or checks reads the log. One that does not
fit the log, or that another version wrote, is passed over, and the room is made from all rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, delete, func, insert, select

from greenroom_hub.store.tables import room_snapshot, room_update

VERSION = 1
# Rows between two: so many are applied in 40 ms when the room opens, and a person types them in five minutes.
EVERY = 2000


class Snapshot(Struct, frozen=True, array_like=True):
    """The rows before number `count` of a log in one update. `owners`: Yjs client → author; `written`: bytes that
    people wrote in those rows."""

    version: int
    count: int
    update: bytes
    owners: dict[int, str]
    written: int


@dataclass(frozen=True, slots=True)
class Row:
    """One update. `at`: milliseconds since the epoch, UTC, by the service's clock."""

    seq: int
    at: int
    author: str
    connection: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Past:
    """What a room is made from: row 0, which is the template, and all rows, or a snapshot and the rows after it."""

    first: bytes
    rows: Sequence[Row]
    snapshot: Snapshot | None = None

    @property
    def count(self) -> int:
        """How many rows the log has."""
        return len(self.rows) + (self.snapshot.count if self.snapshot else 0)


def keep(connection: Connection, room: str, snapshot: Snapshot, at: int) -> None:
    """Stores a room's newest snapshot in the place of the one before."""
    connection.execute(delete(room_snapshot).where(room_snapshot.c.room == room))
    values = {"room": room, "seq": snapshot.count, "at": at, "data": msgspec.msgpack.encode(snapshot)}
    connection.execute(insert(room_snapshot).values(values))


def newest(connection: Connection, room: str) -> Snapshot | None:
    """A room's snapshot, if it is one of this log and this version."""
    table = room_snapshot.c
    found = connection.execute(select(table.data).where(table.room == room)).scalar()
    if found is None:
        return None
    try:
        snapshot = msgspec.msgpack.decode(found, type=Snapshot)
    except msgspec.DecodeError:
        return None
    last = connection.execute(select(func.max(room_update.c.seq)).where(room_update.c.room == room)).scalar()
    fits = snapshot.version == VERSION and last is not None and snapshot.count <= last + 1
    return snapshot if fits else None


def rows(connection: Connection, room: str, start: int = 0, end: int | None = None) -> list[Row]:
    """Rows of a room's log, oldest first."""
    table = room_update.c
    columns = (table.seq, table.at, table.author, table.connection, table.data)
    query = select(*columns).where(table.room == room, table.seq >= start).order_by(table.seq)
    if end is not None:
        query = query.where(table.seq < end)
    return [Row(*row) for row in connection.execute(query)]


def past(connection: Connection, room: str) -> Past | None:
    """What a room is made from; nothing where its log is empty."""
    snapshot = newest(connection, room)
    after = rows(connection, room, snapshot.count if snapshot else 0)
    first = rows(connection, room, 0, 1)
    return Past(first[0].data, after, snapshot) if first else None
