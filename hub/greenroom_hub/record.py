"""The record: every fact about a session, chained, durable before anybody is told."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from greenroom_proctor import canonical, chain
from greenroom_proctor.chain import Checkpoint, Event
from msgspec import json
from sqlalchemy import Connection, Row, desc, insert, select

from greenroom_hub.moment import Now, now
from greenroom_hub.store import tables
from greenroom_hub.store.database import Store

SALT = 16  # bytes; enough that a short payload cannot be guessed from its commitment
Listener = Callable[[Event], None]


class Record:
    """The chains of all sessions. Append-only: the database refuses a change, the chain shows one."""

    def __init__(self, store: Store, key: Ed25519PrivateKey, clock: Now = now) -> None:
        self._store, self._key, self._now = store, key, clock
        self._heads: dict[str, tuple[int, str]] = {}
        self._listeners: defaultdict[str, list[Listener]] = defaultdict(list)

    async def append(
        self, session: str, type: str, body: Mapping[str, Any], *, private: Mapping[str, Any] | None = None, actor: str
    ) -> Event:
        """Add a fact; durable when it returns. `private` is kept apart, and only its salted commitment is chained."""
        salt = secrets.token_bytes(SALT)
        content = dict(body)
        if private is not None:
            content["private"] = chain.commitment(salt, private)

        def work(connection: Connection) -> Event:
            event = self._link(connection, session, type, actor, content)
            if private is not None:
                data = canonical.encode(private).decode()
                row = {"session": session, "seq": event.seq, "salt": salt, "data": data}
                connection.execute(insert(tables.payload).values(row))
            return event

        event = await self._store.run(work)
        if event.seq > self._heads.get(session, (0, ""))[0]:
            self._heads[session] = (event.seq, event.hash)
        for listener in list(self._listeners[session]):
            listener(event)
        return event

    def _link(
        self, connection: Connection, session: str, type: str, actor: str, body: dict[str, canonical.Value]
    ) -> Event:
        seq, digest, at = _last(connection, session)
        # A server's clock may be set back; the chain's does not run backwards.
        event = chain.link(session, (seq, digest), max(at, self._now()), type, actor, body)
        row = {name: getattr(event, name) for name in event.__struct_fields__}
        connection.execute(insert(tables.event).values(row | {"body": canonical.encode(body).decode()}))
        if event.seq % chain.EVERY == 0:
            self._sign(connection, event)
        return event

    def _sign(self, connection: Connection, event: Event) -> None:
        made = chain.sign(self._key, event, event.at)
        row = {name: getattr(made, name) for name in made.__struct_fields__}
        connection.execute(insert(tables.checkpoint).values(row))

    async def checkpoint(self, session: str) -> None:
        """Sign the newest event, as at a session's end."""

        def work(connection: Connection) -> None:
            events = _events(connection, session, _last(connection, session)[0] - 1)
            signed = select(tables.checkpoint.c.seq).where(tables.checkpoint.c.session == session)
            if events and events[-1].seq not in connection.execute(signed).scalars():
                self._sign(connection, events[-1])

        await self._store.run(work)

    async def events(self, session: str, after: int = 0) -> list[Event]:
        """The events after number `after`, in order."""
        return await self._store.run(lambda connection: _events(connection, session, after))

    async def checkpoints(self, session: str) -> list[Checkpoint]:
        """The signatures, in order."""
        query = (
            select(tables.checkpoint).where(tables.checkpoint.c.session == session).order_by(tables.checkpoint.c.seq)
        )
        rows = await self._store.run(lambda connection: connection.execute(query).mappings().all())
        return [Checkpoint(**row) for row in rows]

    async def newest(self, session: str) -> tuple[int, str]:
        """The number and the hash of the newest event; (0, 64 zeros) before the first."""
        seq, digest, _ = await self._store.run(lambda connection: _last(connection, session))
        return seq, digest

    def head(self, session: str) -> str:
        """The hash of the newest event that this process has seen made durable."""
        return self._heads.get(session, (0, chain.START))[1]

    def listen(self, session: str, listener: Listener) -> Callable[[], None]:
        """Have every new event of a session told, after it is durable. Returns the way to stop."""
        self._listeners[session].append(listener)
        return lambda: self._listeners[session].remove(listener)


def _last(connection: Connection, session: str) -> tuple[int, str, int]:
    columns = tables.event.c
    query = select(columns.seq, columns.hash, columns.at).where(columns.session == session).order_by(desc(columns.seq))
    row = connection.execute(query.limit(1)).first()
    return (row.seq, row.hash, row.at) if row else (0, chain.START, 0)


def _events(connection: Connection, session: str, after: int) -> list[Event]:
    columns = tables.event.c
    query = select(tables.event).where(columns.session == session, columns.seq > after).order_by(columns.seq)
    return [_event(row) for row in connection.execute(query)]


def _event(row: Row[Any]) -> Event:
    return Event(row.session, row.seq, row.at, row.type, row.actor, json.decode(row.body), row.previous, row.hash)
