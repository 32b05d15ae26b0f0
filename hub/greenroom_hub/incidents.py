"""Incidents: what the rules make of the observations of each session. Rebuilt from the record after a restart."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from greenroom_proctor import escalation, rules
from greenroom_proctor.chain import Event
from greenroom_proctor.escalation import Case, Stretch, Watch
from greenroom_proctor.messages import Incident, Milliseconds, Observation
from greenroom_proctor.words import Kind, Level, Seat, Signal, State
from sqlalchemy import Connection

from greenroom_hub import clock, life
from greenroom_hub.moment import Now
from greenroom_hub.policy import Use
from greenroom_hub.record import Record
from greenroom_hub.sessions import Session, Sessions
from greenroom_hub.store import tables
from greenroom_hub.store.database import Store

OBSERVATION = "observation"
_RAISED = {f"incident.{level}": level for level in (Level.WARNING, Level.FLAG)}


class Known(Exception):  # noqa: N818 - no error: the message came a second time
    """An observation with this number is in the record already."""


@dataclass(frozen=True, slots=True)
class Report:
    """One observation as it came: whose browser, its number there, and when it was, by the service's clock."""

    browser: str
    n: int
    stretch: Stretch
    confidence: float
    quality: float

    @property
    def body(self) -> dict[str, Any]:
        """What the record keeps."""
        one = self.stretch
        times = {"start": one.start, "end": one.end}
        sure = {"confidence": round(self.confidence, 3), "quality": round(self.quality, 3)}
        return (
            {"browser": self.browser, "n": self.n, "id": one.id, "signal": one.signal, "kind": one.kind} | times | sure
        )


@dataclass(slots=True)
class Docket:
    """One session's incidents, and the stretches that go on, each with the browser that reports it."""

    watch: Watch = field(default_factory=Watch)
    going_on: dict[str, tuple[str, Stretch]] = field(default_factory=dict)
    loaded: bool = False
    # One judgement after the other: each begins with what the one before it has decided.
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


Listener = Callable[[str, Docket, Case], None]


class Incidents:
    """The incidents of all sessions."""

    def __init__(self, store: Store, record: Record, sessions: Sessions, now: Now) -> None:
        self._store, self._record, self._sessions, self._now = store, record, sessions, now
        self.rules = rules.load()
        self._dockets: defaultdict[str, Docket] = defaultdict(Docket)
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        """Have every new or changed case told, after it is in the record."""
        self._listeners.append(listener)

    async def shown(self, session: str, seat: Seat) -> list[Incident]:
        """What this seat may see: the candidate, what they were told; staff, everything."""
        docket = self._dockets[session]
        async with docket.turn:
            await self._load(session, docket)
            return [self.view(docket, case, seat) for case in docket.watch.all() if visible(case, seat)]

    def view(self, docket: Docket, case: Case, seat: Seat) -> Incident:
        """A case in the words a person in this seat reads."""
        first, last, at = case.stretches[0], case.stretches[-1], self._now()
        staff = seat is not Seat.CANDIDATE
        text = escalation.sentence(self.rules.escalation, docket.watch, case, at, staff=staff)
        seconds = None if last.end is None else round(case.seconds(at), 1)
        return Incident(case.id, first.signal, first.kind, case.level, first.start, seconds, len(case.stretches), text)

    async def take(self, session: Session, report: Report) -> None:
        """Make an observation durable, once, and judge it. Durable when it returns."""
        docket = self._dockets[session.id]
        async with docket.turn:
            await self._load(session.id, docket)
            try:
                await self._record.append(
                    session.id, OBSERVATION, report.body, actor="candidate", within=self._receive(report)
                )
            except Known:
                return
            if report.stretch.end is None:
                docket.going_on[report.stretch.id] = (report.browser, report.stretch)
            else:
                docket.going_on.pop(report.stretch.id, None)
            await self._judge(session.id, docket, report.stretch)

    async def look(self) -> None:
        """Judge again what goes on: a stretch becomes a warning while it lasts, not when it has ended."""
        for session, docket in list(self._dockets.items()):
            await self._look(session, docket)

    async def changed(self, session: Session) -> None:
        """The session moved on: a pause, and the end, excuse what goes on."""
        docket = self._dockets[session.id]
        await self._look(session.id, docket)
        if session.state in life.OVER:
            docket.going_on.clear()

    async def _look(self, session: str, docket: Docket) -> None:
        async with docket.turn:
            for _, stretch in list(docket.going_on.values()):
                await self._judge(session, docket, stretch)

    async def lose(self, session: str, browser: str, heard: Milliseconds) -> None:
        """A browser is silent. What it reported is not taken to go on: a missing report is nobody's fault."""
        docket = self._dockets[session]
        async with docket.turn:
            for id, (whose, stretch) in list(docket.going_on.items()):
                if whose == browser:
                    del docket.going_on[id]
                    end = max(stretch.start, heard)
                    await self._judge(session, docket, Stretch(id, stretch.signal, stretch.kind, stretch.start, end))

    async def received(self, session: str, browser: str) -> int:
        """The last number stored from a browser."""
        return await self._store.run(lambda connection: _received(connection, session, browser))

    async def _judge(self, id: str, docket: Docket, stretch: Stretch) -> None:
        session = await self._sessions.get(id)
        for piece in escalation.pieces(stretch, clock.spans(session.history)):
            watch, case = escalation.observe(
                self.rules.escalation, docket.watch, piece, self._now(), _most(session, stretch.signal)
            )
            if case is None:
                continue
            before = next((one for one in docket.watch.all() if one.id == case.id), None)
            if case.level is not Level.NOTED and (before is None or before.level is not case.level):
                body = {
                    "id": case.id,
                    "signal": stretch.signal,
                    "kind": stretch.kind,
                    "count": len(case.stretches),
                    "rules": self.rules.version,
                }
                await self._record.append(id, f"incident.{case.level}", body, actor="service")
            docket.watch = watch
            for listener in self._listeners:
                listener(id, docket, case)

    def _receive(self, report: Report) -> Callable[[Connection, Event], None]:
        def work(connection: Connection, event: Event) -> None:
            if _received(connection, event.session, report.browser) >= report.n:
                raise Known
            table = tables.received
            which = (table.c.session == event.session) & (table.c.browser == report.browser)
            values = {"n": report.n, "at": event.at}
            if connection.execute(table.update().where(which).values(values)).rowcount == 0:
                key = {"session": event.session, "browser": report.browser}
                connection.execute(table.insert().values(key | values))

        return work

    async def _load(self, id: str, docket: Docket) -> None:
        if docket.loaded:
            return
        spans = clock.spans((await self._sessions.get(id)).history)
        watch = Watch()
        for event in await self._record.events(id):
            if event.type == OBSERVATION:
                for piece in escalation.pieces(_ended(event), spans):
                    watch, _ = escalation.observe(self.rules.escalation, watch, piece, event.at, Level.NOTED)
            elif event.type in _RAISED:
                watch = escalation.recall(watch, str(event.body["id"]), _RAISED[event.type], event.at)
        docket.watch, docket.loaded = watch, True


def visible(case: Case, seat: Seat) -> bool:
    """Whether this seat is told of a case."""
    return seat is not Seat.CANDIDATE or case.level is not Level.NOTED


def _most(session: Session, signal: Signal) -> Level:
    """How far an observation may go: nobody is warned by a signal that only informs, or after the end."""
    judged = session.state is State.LIVE and session.policy.use(signal) is Use.ON
    return Level.FLAG if judged else Level.NOTED


def placed(seen: Observation, offset: Milliseconds, earliest: Milliseconds, latest: Milliseconds) -> Stretch:
    """An observation in the service's time: not before the session was made, and never in the future."""
    end = None if seen.end is None else min(latest, max(earliest, offset + round(seen.end * 1000)))
    start = min(latest if end is None else end, max(earliest, offset + round(seen.start * 1000)))
    return Stretch(seen.id, seen.signal, seen.kind, start, end)


def _ended(event: Event) -> Stretch:
    """As it is in the record; what went on is taken to have ended with the report, until a later one says more."""
    body: Mapping[str, Any] = event.body
    end = max(body["start"], event.at) if body["end"] is None else body["end"]
    return Stretch(body["id"], Signal(body["signal"]), Kind(body["kind"]), body["start"], end)


def _received(connection: Connection, session: str, browser: str) -> int:
    table = tables.received
    which = sa.select(table.c.n).where(table.c.session == session, table.c.browser == browser)
    return connection.execute(which).scalar() or 0
