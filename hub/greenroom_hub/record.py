"""The record: every fact about a session, chained, durable before anybody is told."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from greenroom_proctor import canonical, chain, event_types
from greenroom_proctor.chain import Checkpoint, Event
from msgspec import Struct, json
from sqlalchemy import Connection, Row, desc, func, insert, select

from greenroom_hub.moment import Now, now
from greenroom_hub.store import rows as many
from greenroom_hub.store import tables
from greenroom_hub.store.database import Store

log = logging.getLogger("greenroom.record")

SALT = 16  # bytes; enough that a short payload cannot be guessed from its commitment
Listener = Callable[[Event], None]
Body = Mapping[str, Any]


class Fact(Struct, frozen=True):
    """What an event is made of."""

    session: str
    type: str
    actor: str
    body: dict[str, Any]


class Record:
    """The chains of all sessions. Append-only: the database refuses a change, the chain shows one."""

    def __init__(self, store: Store, key: Ed25519PrivateKey, clock: Now = now) -> None:
        self._store, self._key, self._now = store, key, clock
        self._heads: dict[str, tuple[int, str]] = {}
        self._listeners: dict[str, list[Listener]] = {}

    async def append(
        self,
        session: str,
        type: str,
        body: Body | Callable[[Connection], Body],
        *,
        private: Body | None = None,
        actor: str,
        within: Callable[[Connection, Event], None] | None = None,
    ) -> Event:
        """Add a fact; durable when it returns. `private` is kept apart, and only its salted commitment is chained.

        What must become durable together with the fact is done by `body`, as a work that returns it, or by `within`,
        which is told the event; when one of them raises, nothing stays.
        """

        def work(connection: Connection) -> Event:
            content = dict(body(connection) if callable(body) else body)
            event_types.check(type, content)
            event = self._add(connection, session, type, actor, content, private)
            if within is not None:
                within(connection, event)
            return event

        event = await self._store.run(work)
        self.tell(event)
        return event

    def tell(self, event: Event) -> None:
        """An event is durable: it is the head now, and whoever listens hears of it."""
        self._see(event.session, event.seq, event.hash)
        for listener in list(self._listeners.get(event.session, ())):
            try:
                listener(event)
            except Exception:  # the fact is durable by now, whoever could not hear of it
                log.exception("%s after event %d: %r failed", event.session, event.seq, listener)

    def link_all(self, connection: Connection, facts: Sequence[Fact]) -> list[Event]:
        """Adds facts of any sessions, in order and in a few statements, within somebody's work on the store. When that
        is durable, it is due to `tell` the events."""
        heads, now = _heads(connection, {fact.session for fact in facts}), self._now()
        events, rows, marks = list[Event](), list[tuple[object, ...]](), list[tuple[object, ...]]()
        for fact in facts:
            event_types.check(fact.type, fact.body)
            seq, digest, at = heads.get(fact.session, (0, chain.START, 0))
            event, body = chain.written(fact.session, (seq, digest), max(at, now), fact.type, fact.actor, fact.body)
            heads[fact.session] = event.seq, event.hash, event.at
            events.append(event)
            rows.append((event.session, event.seq, event.at, event.type, event.actor, body, event.previous, event.hash))
            if event.seq % chain.EVERY == 0:
                mark = chain.sign(self._key, event, event.at)
                marks.append((mark.session, mark.seq, mark.at, mark.hash, mark.key, mark.signature))
        many.add(connection, tables.event, rows)
        many.add(connection, tables.checkpoint, marks)
        return events

    def _add(
        self, connection: Connection, session: str, type: str, actor: str, content: dict[str, Any], private: Body | None
    ) -> Event:
        if private is None:
            return self._link(connection, session, type, actor, content)
        salt = secrets.token_bytes(SALT)
        committed = content | {"private": chain.commitment(salt, private)}
        event = self._link(connection, session, type, actor, committed)
        row = {"session": session, "seq": event.seq, "salt": salt, "data": canonical.encode(private).decode()}
        connection.execute(insert(tables.payload).values(row))
        return event

    def _see(self, session: str, seq: int, digest: str) -> None:
        if seq > self._heads.get(session, (0, ""))[0]:
            self._heads[session] = (seq, digest)

    def _link(
        self, connection: Connection, session: str, type: str, actor: str, body: dict[str, canonical.Value]
    ) -> Event:
        seq, digest, at = _last(connection, session)
        # A server's clock may be set back; the chain's does not run backwards.
        event = chain.link(session, (seq, digest), max(at, self._now()), type, actor, body)
        row = {name: getattr(event, name) for name in event.__struct_fields__}
        connection.execute(insert(tables.event).values(row | {"body": canonical.encode(body).decode()}))
        if event.seq % chain.EVERY == 0:
            self.seal(connection, event)
        return event

    def seal(self, connection: Connection, event: Event) -> None:
        """Sign the chain up to this event, within somebody's work on the store; once."""
        table = tables.checkpoint
        known = select(table.c.seq).where(table.c.session == event.session, table.c.seq == event.seq)
        if connection.execute(known).first() is not None:
            return
        made = chain.sign(self._key, event, event.at)
        row = {name: getattr(made, name) for name in made.__struct_fields__}
        connection.execute(insert(tables.checkpoint).values(row))

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
        self._see(session, seq, digest)
        return seq, digest

    def head(self, session: str) -> str:
        """The hash of the newest event that this process has seen made durable."""
        return self._heads.get(session, (0, chain.START))[1]

    def listen(self, session: str, listener: Listener) -> Callable[[], None]:
        """Have every new event of a session told, after it is durable. Returns the way to stop."""
        listeners = self._listeners.setdefault(session, [])
        listeners.append(listener)

        def stop() -> None:
            listeners.remove(listener)
            if not listeners:
                self._listeners.pop(session, None)

        return stop


def _heads(connection: Connection, sessions: set[str]) -> dict[str, tuple[int, str, int]]:
    """The number, hash and time of each session's newest event."""
    table = tables.event.c
    newest = (
        select(table.session, func.max(table.seq).label("seq"))
        .where(table.session.in_(sessions))
        .group_by(table.session)
        .subquery()
    )
    query = select(table.session, table.seq, table.hash, table.at).join_from(
        newest, tables.event, (newest.c.session == table.session) & (newest.c.seq == table.seq)
    )
    return {row.session: (row.seq, row.hash, row.at) for row in connection.execute(query)}


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
