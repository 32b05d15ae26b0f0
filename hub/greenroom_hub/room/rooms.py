"""All rooms that somebody is in."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine, Mapping
from typing import Any, Protocol

from greenroom_proctor.chain import Event
from greenroom_proctor.words import Action

from greenroom_hub import life
from greenroom_hub.journal import Journal
from greenroom_hub.moment import Now
from greenroom_hub.rate import Rate
from greenroom_hub.room import notebooks, steering
from greenroom_hub.room.kernel import Deaths
from greenroom_hub.room.room import Room
from greenroom_hub.room.runs import Run
from greenroom_hub.room.update_log import Durable, UpdateLog, fingerprint
from greenroom_hub.sessions import Session, Sessions

log = logging.getLogger("greenroom.rooms")

MOST_REFUSALS = 10  # a minute and person in the record: enough to see what was tried
OVER = "The session is over. The notebook can be read, and changed no more."


class Settings(Protocol):
    """What rooms need of the settings."""

    kernel_memory: int


class Facts(Journal, Protocol):
    """The record, as rooms use it."""

    async def events(self, session: str) -> list[Event]: ...


class Rooms:
    """Opens each session's room once, and keeps it open until the session is over."""

    def __init__(
        self,
        settings: Settings,
        store: Durable,
        *,
        journal: Facts,
        sessions: Sessions,
        guests: Deaths,
        now: Now,
    ) -> None:
        self._settings = settings
        self._store = store
        self._journal = journal
        self._sessions = sessions
        self._guests = guests
        self._now = now
        self._rooms: dict[str, asyncio.Task[Room]] = {}
        self._facts: set[asyncio.Task[None]] = set()
        self._refusals = Rate(time.monotonic)
        self._unwritten: dict[str, int] = {}
        sessions.on_change(self._changed)

    async def open(self, session: str) -> Room:
        """A session's room, loaded from its log; where there is none, made from the template, exactly once."""
        task = self._rooms.get(session)
        if task is None or (task.done() and (task.cancelled() or task.exception() or task.result().broken)):
            task = self._rooms[session] = asyncio.create_task(self._load(session), name=f"room {session}")
        return await asyncio.shield(task)

    async def notebook(self, session: str) -> tuple[dict[str, Any], int, str]:
        """What is durable of a session's notebook: nbformat, the number of rows of the log, and the log's SHA-256."""
        room = await self.open(session)
        await room.settled()
        rows = await UpdateLog(self._store, session).rows()
        return room.document.notebook(), len(rows), fingerprint(rows)

    async def freeze(self, session: str) -> None:
        """No more changes in a session's room. Returns when the last one is durable."""
        await (await self.open(session)).freeze(OVER)

    async def close(self) -> None:
        """Lets go of every room."""
        for task in self._rooms.values():
            if task.done() and not task.cancelled() and not task.exception():
                await task.result().close()
        await asyncio.gather(*self._facts, return_exceptions=True)

    async def _load(self, id_: str) -> Room:
        session = await self._sessions.get(id_)
        updates = UpdateLog(self._store, id_)
        past = await updates.open(lambda: notebooks.seed(session.template.notebook), self._now())
        memory = session.policy.limits.memory or self._settings.kernel_memory
        room = Room(updates, past, session.state, guests=self._guests, journal=self, memory=memory, now=self._now)
        steering.replay(room, await self._journal.events(id_))
        await room.keep()
        if session.state in life.OVER:
            await room.freeze(OVER)
        return room

    async def _changed(self, session: Session, action: Action) -> None:  # noqa: ARG002 - the state says it all
        task = self._rooms.get(session.id)
        if task is None:
            return
        room = await asyncio.shield(task)
        room.change(session.state)
        if session.state in life.OVER:
            await room.freeze(OVER)

    # What rooms tell

    def ran(self, session: str, run: Run, status: str, seconds: float) -> None:
        """A run ended."""
        body = {"cell": run.cell, "status": status, "milliseconds": round(seconds * 1000)}
        self._note(self._append(session, "run", body, run.who))

    def refused(self, session: str, who: str, why: str) -> None:
        """A change was not taken. Attempts without end are counted, and not written down one by one."""
        key = f"{session} {who}"
        if self._refusals.take(key, MOST_REFUSALS):
            self._unwritten[key] = self._unwritten.get(key, 0) + 1
            return
        if unwritten := self._unwritten.pop(key, 0):
            why = f"{why} (before it, {unwritten} more within a minute)"
        self._note(self._append(session, "change_refused", {"why": why}, who))

    async def _append(self, session: str, kind: str, body: Mapping[str, Any], actor: str) -> None:
        try:
            await self._journal.append(session, kind, body, actor=actor)
        except Exception:
            log.exception("a fact about %s was not kept: %s", session, kind)

    def _note(self, fact: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(fact)
        self._facts.add(task)
        task.add_done_callback(self._facts.discard)
