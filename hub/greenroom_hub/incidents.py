"""Incidents: what the rules make of the observations of each session. Rebuilt from the record after a restart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from greenroom_proctor import context, escalation, rules
from greenroom_proctor.chain import Event
from greenroom_proctor.escalation import Case, Stretch
from greenroom_proctor.messages import Incident, Milliseconds, Observation
from greenroom_proctor.words import Excuse, Kind, Level, Seat, Signal, State
from sqlalchemy import Connection

from greenroom_hub import clock, life
from greenroom_hub.docket import Docket, Report
from greenroom_hub.moment import Now
from greenroom_hub.policy import Use
from greenroom_hub.record import Fact, Record
from greenroom_hub.sessions import Session, Sessions
from greenroom_hub.store import rows, tables
from greenroom_hub.store.database import Store

OBSERVATION, LEFT, EXCUSED = "observation", "observation.left", "incident.excused"
OPENED, CLOSED, ASKED = "connection.opened", "connection.closed", "elsewhere.asked"
_RAISED = {f"incident.{level}": level for level in (Level.WARNING, Level.FLAG)}


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
                body, private = _excused(case, Excuse.EXPLAINED), {"reason": reason}
                await self._record.append(session, EXCUSED, body, private=private, actor=actor)
                docket.watch = escalation.excuse(docket.watch, case.id, Excuse.EXPLAINED)
                self._tell(session, docket, replace(case, excused=Excuse.EXPLAINED))

    async def ask(self, session: str, actor: str, seconds: int) -> Milliseconds:
        """An interviewer asks the candidate to look elsewhere for a while. Returns until when."""
        docket = self._dockets[session]
        async with docket.turn:
            await self._load(session, docket)
            at = self._now()
            until = at + seconds * 1000
            await self._record.append(session, ASKED, {"seconds": seconds, "until": until}, actor=actor)
            docket.asked(at, until)
            return until

    def asked_until(self, session: str) -> Milliseconds | None:
        """Until when the candidate was asked to look elsewhere, while that lasts."""
        until = self._dockets[session].asked_until
        return until if until > self._now() else None

    def connected(self, session: str, browser: str, before: Milliseconds | None) -> None:
        """A browser is here. `before`: the last word of a connection of its that hangs."""
        docket, at = self._dockets[session], self._now()
        if before is not None and at - before > context.SILENCE:
            docket.gone(browser, before)
        docket.connected(browser, at)

    def gone(self, session: str, browser: str, heard: Milliseconds) -> None:
        """A connection of a browser has ended."""
        self._dockets[session].gone(browser, heard)

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
        spans = clock.spans(self._sessions.loaded(id).history)
        for part, excuse in docket.divided(stretch, self._now()):
            await self._weigh(id, docket, escalation.pieces(part, spans), excuse)

    async def _weigh(self, id: str, docket: Docket, pieces: Iterable[Stretch], excuse: Excuse | None = None) -> None:
        session = self._sessions.loaded(id)
        for piece in pieces:
            most = _most(session, piece.signal)
            watch, case = escalation.observe(self.rules.escalation, docket.watch, piece, self._now(), most, excuse)
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
            if (
                excuse is not None
                and most is not Level.NOTED
                and case.excused
                and (before is None or not before.excused)
            ):
                await self._record.append(id, EXCUSED, _excused(case, excuse), actor="service")
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
            _place(docket, event)
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
            # It may be about what went on after an excuse had ended, which no browser has said anew.
            self._remember(docket, [one for _, one in docket.going_on.values()], event.at, spans)
            docket.watch = escalation.recall(docket.watch, body["id"], _RAISED[event.type], event.at)
        elif event.type == EXCUSED:
            docket.watch = escalation.excuse(docket.watch, body["id"], Excuse(body["because"]))
        self._remember(docket, told, event.at, spans)

    def _remember(
        self, docket: Docket, told: Iterable[Stretch], at: Milliseconds, spans: list[escalation.Span]
    ) -> None:
        for part, excuse in (one for stretch in told for one in docket.divided(stretch, at)):
            for piece in escalation.pieces(part, spans):
                docket.watch, _ = escalation.observe(
                    self.rules.escalation, docket.watch, piece, at, Level.NOTED, excuse
                )


def _excused(case: Case, why: Excuse) -> dict[str, Any]:
    first = case.stretches[0]
    return {"id": case.id, "signal": first.signal, "kind": first.kind, "because": why}


def _place(docket: Docket, event: Event) -> None:
    """What a fact of the record excuses from then on."""
    body: dict[str, Any] = event.body
    if event.type == OPENED:
        docket.connected(body["browser"], event.at)
    elif event.type == CLOSED:
        docket.gone(body["browser"], body["heard"])
    elif event.type == ASKED:
        docket.asked(event.at, body["until"])


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
