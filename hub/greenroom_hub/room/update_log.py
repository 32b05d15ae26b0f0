"""The log of one room: every update of the document with its time and author, row 0 the template."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from greenroom_hub.room import snapshots
from greenroom_hub.room.snapshots import Past, Row, Snapshot
from greenroom_hub.store import rows as many
from greenroom_hub.store.database import Shared
from greenroom_hub.store.tables import room_update

__all__ = ["KERNEL", "SERVICE", "Durable", "Past", "Row", "UpdateLog", "fingerprint"]

I = TypeVar("I")  # noqa: E741 - an item
T = TypeVar("T")

SERVICE, KERNEL = "service", "kernel"  # authors who are nobody: `template` row 0, and what the kernel printed


class Durable(Protocol):
    """What the log needs of the store."""

    async def run(self, work: Callable[[Connection], T]) -> T: ...
    async def share(self, work: Shared[I, T], item: I) -> T: ...


class UpdateLog:
    """The rows of one room, in the store."""

    def __init__(self, store: Durable, session: str) -> None:
        self._store = store
        self.session = session

    async def open(self, first: Callable[[], bytes], at: int) -> Past:
        """What is there. Where there is nothing, row 0 is written; who comes second finds it, by the primary key."""
        found = await self._past()
        if found is not None:
            return found
        row = Row(0, at, SERVICE, "template", first())
        try:
            await self.append([row])
        except IntegrityError:
            found = await self._past()
        return found or Past(row.data, [row])

    async def _past(self) -> Past | None:
        return await self._store.run(lambda connection: snapshots.past(connection, self.session))

    async def rows(self) -> list[Row]:
        """Every row, oldest first."""
        return await self._store.run(lambda connection: snapshots.rows(connection, self.session))

    async def keep(self, snapshot: Snapshot, at: int) -> None:
        """Keeps a snapshot of the rows so far; the rows stay."""
        await self._store.run(lambda connection: snapshots.keep(connection, self.session, snapshot, at))

    async def append(self, rows: Sequence[Row]) -> None:
        """Adds rows; they are on disk when it returns. Those of other rooms that come now go in the same statement."""
        values: list[tuple[object, ...]] = [
            (self.session, row.seq, row.at, row.author, row.connection, row.data) for row in rows
        ]
        await self._store.share(_append, values)


def _append(connection: Connection, rooms: Sequence[list[tuple[object, ...]]]) -> list[None]:
    many.add(connection, room_update, list(chain.from_iterable(rooms)))
    return [None] * len(rooms)


def fingerprint(rows: Sequence[Row]) -> str:
    """SHA-256 over the log: of each row number, time, author, connection and length, a line each, and then its data."""
    whole = hashlib.sha256()
    for row in rows:
        whole.update(f"{row.seq}\n{row.at}\n{row.author}\n{row.connection}\n{len(row.data)}\n".encode())
        whole.update(row.data)
    return whole.hexdigest()
