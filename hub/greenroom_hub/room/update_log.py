"""The log of one room: every update of the document with its time and author, row 0 the template."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Protocol, TypeVar

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from greenroom_hub.store.tables import room_update

T = TypeVar("T")

SERVICE, KERNEL = "service", "kernel"  # authors who are nobody: `template` row 0, and what the kernel printed


class Durable(Protocol):
    """What the log needs of the store."""

    async def run(self, work: Callable[[Connection], T]) -> T: ...


@dataclass(frozen=True, slots=True)
class Row:
    """One update. `at`: milliseconds since the epoch, UTC, by the service's clock."""

    seq: int
    at: int
    author: str
    connection: str
    data: bytes


class UpdateLog:
    """The rows of one room, in the store."""

    def __init__(self, store: Durable, session: str) -> None:
        self._store = store
        self.session = session

    async def open(self, first: Callable[[], bytes], at: int) -> list[Row]:
        """Every row. Where there is none, row 0 is written; whoever comes second finds it there, by the primary key."""
        rows = await self.rows()
        if rows:
            return rows
        row = Row(0, at, SERVICE, "template", first())
        try:
            await self.append([row])
        except IntegrityError:
            return await self.rows()
        return [row]

    async def rows(self) -> list[Row]:
        """Every row, oldest first."""
        table = room_update.c
        columns = (table.seq, table.at, table.author, table.connection, table.data)
        query = select(*columns).where(table.room == self.session).order_by(table.seq)
        return await self._store.run(lambda connection: [Row(*row) for row in connection.execute(query)])

    async def append(self, rows: Sequence[Row]) -> None:
        """Adds rows; they are on disk when it returns."""
        values = [{"room": self.session, **asdict(row)} for row in rows]
        await self._store.run(lambda connection: connection.execute(insert(room_update), values) and None)


def fingerprint(rows: Sequence[Row]) -> str:
    """SHA-256 over the log: of each row number, time, author, connection and length, a line each, and then its data."""
    whole = hashlib.sha256()
    for row in rows:
        whole.update(f"{row.seq}\n{row.at}\n{row.author}\n{row.connection}\n{len(row.data)}\n".encode())
        whole.update(row.data)
    return whole.hexdigest()
