"""Incidents: what the rules make of the observations of each session. Rebuilt from the record after a restart."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from greenroom_proctor import escalation, rules
from greenroom_proctor.chain import Event
from greenroom_proctor.escalation import Case, Stretch, Watch
from greenroom_proctor.messages import Incident, Milliseconds, Observation
from greenroom_proctor.words import Excuse, Kind, Level, Seat, Signal, State
from msgspec import Struct
from sqlalchemy import Connection

from greenroom_hub import clock, life
from greenroom_hub.moment import Now
from greenroom_hub.policy import Use
from greenroom_hub.record import Fact, Record
from greenroom_hub.sessions import Session, Sessions
from greenroom_hub.store import rows, tables
from greenroom_hub.store.database import Store

OBSERVATION, LEFT, EXCUSED = "observation", "observation.left", "incident.excused"
_RAISED = {f"incident.{level}": level for level in (Level.WARNING, Level.FLAG)}


class Report(Struct, frozen=True):
    """One observation as it came: whose browser, its number there, and when it was, by the service's clock."""

    browser: str
    n: int
    stretch: Stretch
    seen: Observation

    @property
    def body(self) -> dict[str, Any]:
        """What the record keeps."""
        one, seen = self.stretch, self.seen
        body: dict[str, Any] = {
            "browser": self.browser,
            "n": self.n,
            "id": one.id,
            "signal": one.signal,
            "kind": one.kind,
            "start": one.start,
            "end": one.end,
            "confidence": round(seen.confidence, 3),
            "quality": round(seen.quality, 3),
        }
        if seen.size is not None:
            body["size"] = seen.size
        if seen.by is not None:
            body["by"] = seen.by
        return body


@dataclass(slots=True)
class Docket:
    """One session's incidents, and the stretches that go on, each with the browser that reports it."""

    watch: Watch = field(default_factory=Watch)
    going_on: dict[str, tuple[str, Stretch]] = field(default_factory=dict)
    loaded: bool = False
    # One judgement after the other: each begins with what the one before it has decided.
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def note(self, browser: str, stretch: Stretch) -> None:
        """A browser said that this began, or that it ended."""
        if stretch.end is None:
            self.going_on[stretch.id] = (browser, stretch)
        else:
            self.going_on.pop(stretch.id, None)

    def leave(self, browser: str, heard: Milliseconds) -> list[Stretch]:
        """What a browser reported as going on, ended when it was last heard."""
        left = [one for whose, one in self.going_on.values() if whose == browser]
        self.going_on = {id: held for id, held in self.going_on.items() if held[0] != browser}
        return [replace(one, end=max(one.start, heard)) for one in left]

    def weighed(self, id: str) -> list[Stretch]:
        """The parts of a stretch that are known here: one for each span of the session in which it lay."""
        known = (one for case in self.watch.all() for one in case.stretches)
        return [one for one in known if one.id.partition(".")[0] == id]


Listener = Callable[[str, Docket, Case], None]


class Incidents:
    """The incidents of all sessions."""

    def __init__(self, store: Store, record: Record, sessions: Sessions, now: Now) -> None:
        self._store, self._record, self._sessions, self._now = store, record, sessions, now
        self.rules = rules.load()
        self.signals = {kind: self.rules.detector.signal(kind) for kind in Kind}
        self._dockets: defaultdict[str, Docket] = defaultdict(Docket)
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        """Have every new or changed case told, after it is in the record."""
        self._listeners.append(listener)

    async def shown(self, session: str, seat: Seat) -> list[Incident]:
        """Everything that was noted. The candidate sees the same as staff, in words said to them."""
        docket = self._dockets[session]
        async with docket.turn:
            await self._load(session, docket)
            return [self.view(docket, case, seat) for case in docket.watch.all()]

    def view(self, docket: Docket, case: Case, seat: Seat) -> Incident:
        """A case in the words a person in this seat reads."""
        first, last, at = case.stretches[0], case.stretches[-1], self._now()
        staff = seat is not Seat.CANDIDATE or case.level is Level.NOTED  # nobody is asked for what is only noted
        text = escalation.sentence(self.rules.escalation, docket.watch, case, at, staff=staff)
        seconds = None if last.end is None else round(case.seconds(at), 1)
        count, excused = len(case.stretches), case.excused
        return Incident(case.id, first.signal, first.kind, case.level, first.start, seconds, count, text, excused)

    async def excuse(self, session: str, incident: str, actor: str, reason: str) -> None:
        """Somebody knows what it was. Once is enough. LookupError: there is no such incident."""
        docket = self._dockets[session]
        async with docket.turn:
            await self._load(session, docket)
            case = next((one for one in docket.watch.all() if one.id == incident), None)
            if case is None:
                raise LookupError(f"there is no incident {incident!r}")
            if case.excused is None:
                await self._excuse(session, docket, case, Excuse.EXPLAINED, actor, reason)

    async def _excuse(
        self, session: str, docket: Docket, case: Case, why: Excuse, actor: str = "service", reason: str = ""
    ) -> None:
        first = case.stretches[0]
        body = {"id": case.id, "signal": first.signal, "kind": first.kind, "because": why}
        private = {"reason": reason} if reason else None
        await self._record.append(session, EXCUSED, body, private=private, actor=actor)
        docket.watch = escalation.excuse(docket.watch, case.id, why)
        self._tell(session, docket, replace(case, excused=why))

    def _tell(self, session: str, docket: Docket, case: Case) -> None:
        for listener in self._listeners:
            listener(session, docket, case)

    async def take_all(self, came: Sequence[tuple[Session, Report]]) -> None:
        """Make observations durable, each once, in order and in one commit, and judge them. Durable when it returns.

        What was said of a stretch meanwhile is judged by the last word: one that came late and has ended never seems
        to go on.
        """
        async with AsyncExitStack() as turns:
            for id in dict.fromkeys(session.id for session, _ in came):
                await turns.enter_async_context(self._dockets[id].turn)
                await self._load(id, self._dockets[id])
            events = await self._store.run(lambda connection: self._store_all(connection, came))
            last: dict[tuple[str, str], Report] = {}
            for (session, report), event in zip(came, events, strict=True):
                docket = self._dockets[session.id]
                if event is None:  # stored before, and perhaps not judged: the service may have gone in between
                    await self._weigh(session.id, docket, docket.weighed(report.stretch.id))
                    continue
                self._record.tell(event)
                docket.note(report.browser, report.stretch)
                last[session.id, report.stretch.id] = report
            for (id, _), report in last.items():
                await self._judge(id, self._dockets[id], report.stretch)

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
            if left := docket.leave(browser, heard):
                body = {"browser": browser, "heard": heard}
                await self._record.append(session, LEFT, body, actor="service")
            for stretch in left:
                await self._judge(session, docket, stretch)

    async def received(self, session: str, browser: str) -> int:
        """The last number stored from a browser."""
        return await self._store.run(lambda connection: _received(connection, session, browser))

    async def _judge(self, id: str, docket: Docket, stretch: Stretch) -> None:
        session = self._sessions.loaded(id)
        await self._weigh(id, docket, escalation.pieces(stretch, clock.spans(session.history)))

    async def _weigh(self, id: str, docket: Docket, pieces: Iterable[Stretch]) -> None:
        session = self._sessions.loaded(id)
        for piece in pieces:
            watch, case = escalation.observe(
                self.rules.escalation, docket.watch, piece, self._now(), _most(session, piece.signal)
            )
            if case is None:
                continue
            before = next((one for one in docket.watch.all() if one.id == case.id), None)
            if case.level is not Level.NOTED and (before is None or before.level is not case.level):
                body = {
                    "id": case.id,
                    "signal": piece.signal,
                    "kind": piece.kind,
                    "count": len(case.stretches),
                    "rules": self.rules.version,
                }
                await self._record.append(id, f"incident.{case.level}", body, actor="service")
            docket.watch = watch
            self._tell(id, docket, case)

    def _store_all(self, connection: Connection, came: Sequence[tuple[Session, Report]]) -> list[Event | None]:
        """The event of each observation; none where its number is stored already."""
        known = _numbers(connection, {session.id for session, _ in came})
        fresh: list[bool] = []
        for session, report in came:
            fresh.append(report.n > known.get((session.id, report.browser), 0))
            if fresh[-1]:
                known[session.id, report.browser] = report.n
        new = [(session.id, report) for (session, report), is_new in zip(came, fresh, strict=True) if is_new]
        facts = [Fact(id, OBSERVATION, "candidate", report.body) for id, report in new]
        events = iter(self._record.link_all(connection, facts))
        at = self._now()
        changed = {(id, report.browser): known[id, report.browser] for id, report in new}
        rows.put(connection, tables.received, [(*key, n, at) for key, n in changed.items()])
        return [next(events) if is_new else None for is_new in fresh]

    async def _load(self, id: str, docket: Docket) -> None:
        if docket.loaded:
            return
        session = await self._sessions.get(id)
        spans, heard = clock.spans(session.history), dict[str, Milliseconds]()
        for event in await self._record.events(id):
            self._recall(docket, event, spans)
            if event.type == OBSERVATION:
                heard[str(event.body["browser"])] = event.at
        docket.loaded = True
        if session.state in life.OVER:
            docket.going_on.clear()
        # What went on while the service was away is not known: it is taken to have ended with the last word about it.
        for browser in {browser for browser, _ in docket.going_on.values()}:
            body = {"browser": browser, "heard": heard[browser]}
            self._recall(docket, await self._record.append(id, LEFT, body, actor="service"), spans)

    def _recall(self, docket: Docket, event: Event, spans: list[escalation.Span]) -> None:
        """One fact of the record. What was decided then stands there, too: nothing is decided again."""
        body: dict[str, Any] = event.body
        told: list[Stretch] = []
        if event.type == OBSERVATION:
            kind = Kind(body["kind"])
            told = [Stretch(body["id"], Signal(body["signal"]), kind, body["start"], body["end"])]
            docket.note(body["browser"], told[0])
        elif event.type == LEFT:
            told = docket.leave(body["browser"], body["heard"])
        elif event.type in _RAISED:
            docket.watch = escalation.recall(docket.watch, body["id"], _RAISED[event.type], event.at)
        elif event.type == EXCUSED:
            docket.watch = escalation.excuse(docket.watch, body["id"], Excuse(body["because"]))
        for piece in (piece for stretch in told for piece in escalation.pieces(stretch, spans)):
            docket.watch, _ = escalation.observe(self.rules.escalation, docket.watch, piece, event.at, Level.NOTED)


def _most(session: Session, signal: Signal) -> Level:
    """How far an observation may go: nobody is warned by a signal that only informs, or after the end."""
    judged = session.state is State.LIVE and session.policy.use(signal) is Use.ON
    return Level.FLAG if judged else Level.NOTED


def placed(seen: Observation, offset: Milliseconds, earliest: Milliseconds, latest: Milliseconds) -> Stretch:
    """An observation in the service's time: not before the session was made, and never in the future."""
    end = None if seen.end is None else min(latest, max(earliest, offset + round(seen.end * 1000)))
    start = min(latest if end is None else end, max(earliest, offset + round(seen.start * 1000)))
    return Stretch(seen.id, seen.signal, seen.kind, start, end)


def _received(connection: Connection, session: str, browser: str) -> int:
    table = tables.received
    which = sa.select(table.c.n).where(table.c.session == session, table.c.browser == browser)
    return connection.execute(which).scalar() or 0


def _numbers(connection: Connection, sessions: set[str]) -> dict[tuple[str, str], int]:
    """The last number stored from each browser of some sessions."""
    table = tables.received.c
    query = sa.select(table.session, table.browser, table.n).where(table.session.in_(sessions))
    return {(row.session, row.browser): row.n for row in connection.execute(query)}
