"""Invitations and staff links: secrets in an URL's fragment, of which only the hash is kept."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from greenroom_proctor.messages import Milliseconds
from greenroom_proctor.words import State
from sqlalchemy import Connection

from greenroom_hub.logins import digest
from greenroom_hub.moment import HOUR, Now
from greenroom_hub.store import tables
from greenroom_hub.store.database import Store

# A staff link stands for a member of staff: it is made to be clicked next.
STAFF_LINK_HOURS = 1


class Unusable(ValueError):  # noqa: N818 - an answer, not a fault
    """A link that does not work (any more), with the reason."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """A candidate's link. It works again and again until it expires or is revoked."""

    id: str
    session: str
    author: str
    created: Milliseconds
    expires: Milliseconds
    revoked: Milliseconds | None
    redeemed: Milliseconds | None
    times: int


class Invitations:
    """The links that let people in."""

    def __init__(self, store: Store, now: Now, hours: float) -> None:
        self._store = store
        self._now = now
        self._hours = hours

    async def make(self, session: str, author: str, hours: float | None = None) -> tuple[str, Invitation]:
        """A new invitation, and its token: shown once, kept nowhere."""
        token, at = secrets.token_urlsafe(32), self._now()
        expires = at + round((hours or self._hours) * HOUR)
        made = Invitation(secrets.token_hex(5), session, author, at, expires, None, None, 0)
        values = {name: getattr(made, name) for name in Invitation.__dataclass_fields__}
        insert = tables.invitation.insert().values(hash=digest(token), **values)
        await self._store.run(lambda connection: connection.execute(insert) and None)
        return token, made

    async def list(self, session: str) -> list[Invitation]:
        """A session's invitations, oldest first."""
        table = tables.invitation
        query = _columns().where(table.c.session == session).order_by(table.c.created, table.c.id)
        return await self._store.run(lambda connection: [Invitation(*row) for row in connection.execute(query)])

    async def revoke(self, session: str, id: str) -> None:
        """Makes an invitation useless. LookupError when there is none."""
        table, at = tables.invitation, self._now()
        which = (table.c.session == session) & (table.c.id == id)
        change = table.update().where(which).values(revoked=sa.func.coalesce(table.c.revoked, at))
        if await self._store.run(lambda connection: connection.execute(change).rowcount) == 0:
            raise LookupError(f"session {session} has no invitation {id}")

    async def redeem(self, token: str) -> Invitation:
        """The invitation that a token opens, counted. Unusable says why not."""
        at = self._now()
        return await self._store.run(lambda connection: _redeem(connection, digest(token), at))

    async def make_staff_link(self, person: str, next: str) -> str:
        """A token that signs one member of staff in, once."""
        token, at = secrets.token_urlsafe(32), self._now()
        values = {"hash": digest(token), "person": person, "next": next, "created": at}
        insert = tables.staff_link.insert().values(expires=at + STAFF_LINK_HOURS * HOUR, **values)
        await self._store.run(lambda connection: connection.execute(insert) and None)
        return token

    async def use_staff_link(self, token: str) -> tuple[str, str]:
        """The person's name and where they go next. Unusable says why not."""
        at = self._now()
        return await self._store.run(lambda connection: _use(connection, digest(token), at))


def _columns() -> sa.Select[Any]:
    return sa.select(*(getattr(tables.invitation.c, name) for name in Invitation.__dataclass_fields__))


def _redeem(connection: Connection, hash: str, at: Milliseconds) -> Invitation:
    table = tables.invitation
    row = connection.execute(_columns().where(table.c.hash == hash)).one_or_none()
    if row is None:
        raise Unusable("This link is not an invitation of this server")
    if row.revoked is not None:
        raise Unusable("This invitation was taken back")
    if row.expires <= at:
        raise Unusable("This invitation has expired")
    state = connection.execute(sa.select(tables.session.c.state).where(tables.session.c.id == row.session)).scalar_one()
    if State(state) in {State.CANCELLED, State.NO_SHOW}:
        raise Unusable("This session does not take place")
    counted = table.update().where(table.c.hash == hash).values(times=table.c.times + 1, redeemed=at)
    connection.execute(counted)
    return Invitation(*connection.execute(_columns().where(table.c.hash == hash)).one())


def _use(connection: Connection, hash: str, at: Milliseconds) -> tuple[str, str]:
    table = tables.staff_link
    row = connection.execute(sa.select(table).where(table.c.hash == hash)).one_or_none()
    if row is None:
        raise Unusable("This link is not a staff link of this server")
    if row.used is not None:
        raise Unusable("This staff link was used before, and works once")
    if row.expires <= at:
        raise Unusable("This staff link has expired")
    connection.execute(table.update().where(table.c.hash == hash).values(used=at))
    return row.person, row.next
