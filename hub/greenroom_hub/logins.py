"""Logins: one row per browser that signed in. Ending one ends its sockets at once."""

from __future__ import annotations

import hashlib
import secrets
import weakref
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import sqlalchemy as sa
from greenroom_proctor.messages import Milliseconds
from sqlalchemy import ColumnElement, Connection

from greenroom_hub.moment import Now
from greenroom_hub.store import tables
from greenroom_hub.store.database import Store

# Of the websocket's close codes for applications; a page that sees it shows the reason instead of connecting again.
ENDED = 4401


class Socket(Protocol):
    """A websocket of ours."""

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Ends the connection."""


@dataclass(frozen=True, slots=True)
class Login:
    """A browser that signed in. `session` is set for a candidate only."""

    id: int
    name: str
    display_name: str
    session: str | None
    created: Milliseconds
    expires: Milliseconds


def digest(secret: str) -> str:
    """What is kept of a secret with enough randomness of its own: SHA-256, in hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Logins:
    """The logins that count now, and the sockets that hang on each."""

    def __init__(self, store: Store, now: Now, hours: float) -> None:
        self._store = store
        self._now = now
        self._lifetime = round(hours * 3_600_000)
        self._known: dict[str, Login] = {}
        self._sockets: dict[int, weakref.WeakSet[Socket]] = {}

    async def start(self, name: str, display_name: str, session: str | None = None) -> tuple[str, Login]:
        """A new login, and the secret for its cookie."""
        secret = secrets.token_urlsafe(32)
        created = self._now()
        values = {
            "hash": digest(secret),
            "name": name,
            "display_name": display_name,
            "session": session,
            "created": created,
            "expires": created + self._lifetime,
        }
        insert = tables.login.insert().values(values).returning(tables.login.c.id)
        id = await self._store.run(lambda connection: connection.execute(insert).scalar_one())
        login = Login(id, name, display_name, session, created, created + self._lifetime)
        self._known[digest(secret)] = login
        return secret, login

    async def find(self, secret: str) -> Login | None:
        """The login a cookie stands for, while it lasts."""
        hash = digest(secret)
        if hash not in self._known:
            found = await self._store.run(lambda connection: _select(connection, tables.login.c.hash == hash))
            if not found:
                return None
            self._known[hash] = found[0]
        login = self._known[hash]
        return login if login.expires > self._now() else None

    def follow(self, login: int, socket: Socket) -> None:
        """Closes this socket when the login ends. Forgets it when the socket is gone."""
        self._sockets.setdefault(login, weakref.WeakSet()).add(socket)

    async def end(self, login: int, reason: str) -> None:
        """Ends one login. `reason` is a short word that the page explains: "moved", "signed out", …"""
        await self._end(tables.login.c.id == login, reason)

    async def end_candidate(self, session: str, reason: str) -> int:
        """Ends every login of a session's candidate; how many there were."""
        return await self._end(tables.login.c.session == session, reason)

    async def end_person(self, name: str, reason: str) -> int:
        """Ends every login of a member of staff; how many there were."""
        return await self._end((tables.login.c.name == name) & tables.login.c.session.is_(None), reason)

    async def sweep(self) -> None:
        """Ends the logins whose time is over, with their sockets."""
        await self._end(tables.login.c.expires <= self._now(), "expired")

    async def _end(self, which: ColumnElement[bool], reason: str) -> int:
        at = self._now()

        def work(connection: Connection) -> list[Login]:
            ending = _select(connection, which)
            change = tables.login.update().where(which, tables.login.c.ended.is_(None))
            connection.execute(change.values(ended=at, reason=reason))
            return ending

        ended = await self._store.run(work)
        self._forget({login.id for login in ended}, reason)
        return len(ended)

    def _forget(self, ids: set[int], reason: str) -> None:
        self._known = {hash: login for hash, login in self._known.items() if login.id not in ids}
        for id in ids:
            close(self._sockets.pop(id, ()), reason)


def close(sockets: Iterable[Socket], reason: str) -> None:
    """Closes sockets for good, each told why."""
    for socket in list(sockets):
        socket.close(ENDED, reason)


def _select(connection: Connection, which: ColumnElement[bool]) -> list[Login]:
    columns = [getattr(tables.login.c, name) for name in Login.__dataclass_fields__]
    rows = connection.execute(sa.select(*columns).where(which, tables.login.c.ended.is_(None)))
    return [Login(*row) for row in rows]
