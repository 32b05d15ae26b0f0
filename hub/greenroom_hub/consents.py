"""Consent: what a candidate answered to which wording, every answer kept."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from greenroom_proctor.messages import Milliseconds
from sqlalchemy import Connection

from greenroom_hub.moment import Now
from greenroom_hub.store import tables
from greenroom_hub.store.database import Store

# The version of the wording that the candidate page shows. A change of what is recorded is a new one.
WORDING = "2026-11-4"


@dataclass(frozen=True, slots=True)
class Consent:
    """One answer."""

    wording: str
    accepted: bool
    at: Milliseconds


class Consents:
    """The answers of all candidates."""

    def __init__(self, store: Store, now: Now) -> None:
        self._store = store
        self._now = now

    async def last(self, session: str) -> Consent | None:
        """The answer that counts."""
        table = tables.consent
        columns = (table.c.wording, table.c.accepted, table.c.at)
        query = sa.select(*columns).where(table.c.session == session).order_by(table.c.seq.desc()).limit(1)
        row = await self._store.run(lambda connection: connection.execute(query).one_or_none())
        return None if row is None else Consent(*row)

    async def give(self, session: str, wording: str, *, accepted: bool) -> Consent:
        """A new answer."""
        consent = Consent(wording, accepted, self._now())
        await self._store.run(lambda connection: _insert(connection, session, consent))
        return consent


def _insert(connection: Connection, session: str, consent: Consent) -> None:
    table = tables.consent
    newest = sa.select(sa.func.coalesce(sa.func.max(table.c.seq), 0)).where(table.c.session == session)
    seq = connection.execute(newest).scalar_one() + 1
    values = {"wording": consent.wording, "accepted": consent.accepted, "at": consent.at}
    connection.execute(table.insert().values(session=session, seq=seq, **values))
