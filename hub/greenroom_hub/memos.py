"""An interviewer's private notes: words with a time, never in the record and never on the candidate's wire.

They are the author's own. Interviewers read each other's once both have handed in their scorecards, as with those.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from greenroom_proctor.messages import Milliseconds
from sqlalchemy import Connection

from greenroom_hub.moment import Now
from greenroom_hub.store import tables
from greenroom_hub.store.database import Store

MOST = 500  # of one person in one session: one every ten seconds of an hour and a half


@dataclass(frozen=True, slots=True)
class Memo:
    """One note. `cell`: the cell it is about."""

    n: int
    person: str
    at: Milliseconds
    cell: str | None
    text: str


class Memos:
    """The private notes of all sessions."""

    def __init__(self, store: Store, now: Now) -> None:
        self._store, self._now = store, now

    async def write(self, session: str, person: str, text: str, cell: str | None) -> Memo:
        """Keeps a note. ValueError when there are too many."""
        at, table = self._now(), tables.memo

        def work(connection: Connection) -> Memo:
            of = table.c.session == session
            count = sa.select(sa.func.count()).where(of, table.c.person == person)
            if connection.execute(count).scalar_one() >= MOST:
                raise ValueError(f"you have {MOST} notes on this session, and that is the most")
            newest = sa.select(sa.func.coalesce(sa.func.max(table.c.n), 0)).where(of)
            made = Memo(connection.execute(newest).scalar_one() + 1, person, at, cell, text)
            row = {"session": session, "n": made.n, "person": person, "at": at, "cell": cell, "text": text}
            connection.execute(table.insert().values(row))
            return made

        return await self._store.run(work)

    async def list(self, session: str, people: frozenset[str]) -> list[Memo]:
        """The notes of these people, the oldest first."""
        table = tables.memo
        query = sa.select(table).where(table.c.session == session, table.c.person.in_(people)).order_by(table.c.n)

        def work(connection: Connection) -> list[Memo]:
            return [Memo(row.n, row.person, row.at, row.cell, row.text) for row in connection.execute(query)]

        return await self._store.run(work)

    async def remove(self, session: str, person: str, n: int) -> None:
        """Takes a note of one's own away. LookupError when there is none with this number."""
        table = tables.memo
        which = table.delete().where(table.c.session == session, table.c.person == person, table.c.n == n)
        if await self._store.run(lambda connection: connection.execute(which).rowcount) == 0:
            raise LookupError(f"you have no note {n} on this session")
