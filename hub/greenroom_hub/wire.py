"""The wire: one websocket per browser, for observations in and state and incidents out."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import msgspec
import sqlalchemy as sa
from greenroom_proctor import escalation, rules
from greenroom_proctor.escalation import Case, Stretch, Watch
from greenroom_proctor.messages import (
    Acknowledged,
    Beat,
    FromBrowser,
    Hello,
    Incident,
    IncidentChanged,
    Observation,
    Observe,
    PeopleChanged,
    Person,
    Refused,
    SessionChanged,
    ToBrowser,
    Welcome,
)
from greenroom_proctor.words import Action, Level, Seat, State
from sqlalchemy import Connection
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from greenroom_hub.moment import Now, now
from greenroom_hub.people import Who
from greenroom_hub.policy import Use
from greenroom_hub.record import Record
from greenroom_hub.sessions import Session, Sessions
from greenroom_hub.store import tables
from greenroom_hub.store.database import Store
from greenroom_hub.web.access import Access
from greenroom_hub.web.handler import Guarded

LARGEST = 4096  # bytes of a message; the longest honest one has 300
PER_SECOND, BURST = 20, 60  # messages; ten minutes offline come back as some dozens
TOO_MANY, MALFORMED = 4008, 4007  # close codes the page explains
LOOK = 1.0  # seconds between two looks at stretches that go on

_decoder: msgspec.json.Decoder[FromBrowser] = msgspec.json.Decoder(FromBrowser)


@dataclass(slots=True)
class Line:
    """What one session's wire remembers: who is connected, and the incidents."""

    sockets: set[Wire] = field(default_factory=set)
    watch: Watch = field(default_factory=Watch)
    going_on: dict[str, Stretch] = field(default_factory=dict)
    loaded: bool = False


class Wires:
    """The wires of all sessions."""

    def __init__(self, store: Store, record: Record, sessions: Sessions, clock: Now = now) -> None:
        self.store, self.record, self.sessions, self.now = store, record, sessions, clock
        self.rules = rules.load()
        self._lines: defaultdict[str, Line] = defaultdict(Line)
        sessions.on_change(self._changed)

    async def line(self, session: str) -> Line:
        """One session's line; its incidents are rebuilt from the record the first time."""
        line = self._lines[session]
        if not line.loaded:
            line.loaded = True
            for event in await self.record.events(session):
                if event.type == "observation":
                    stretch = _stretch(event.body)
                    line.watch, _ = escalation.observe(self.rules.escalation, line.watch, stretch, event.at)
        return line

    async def join(self, wire: Wire, session: str) -> Line:
        """Somebody is here."""
        line = await self.line(session)
        line.sockets.add(wire)
        self._tell(line, PeopleChanged(self.people(line)))
        return line

    def leave(self, wire: Wire, session: str) -> None:
        """Somebody's connection is gone."""
        line = self._lines[session]
        line.sockets.discard(wire)
        self._tell(line, PeopleChanged(self.people(line)))

    @staticmethod
    def people(line: Line) -> list[Person]:
        """Who is connected, each once."""
        return list({one.person.name: one.person for one in line.sockets}.values())

    def incidents(self, line: Line, seat: Seat) -> list[Incident]:
        """What this seat may see: the candidate, what they were told; staff, everything."""
        found = [case for cases in line.watch.cases.values() for case in cases]
        shown = [case for case in found if seat is not Seat.CANDIDATE or case.level is not Level.NOTED]
        return sorted((self.incident(case) for case in shown), key=lambda one: one.at)

    def incident(self, case: Case) -> Incident:
        """A case in the words a person reads."""
        last = case.stretches[-1]
        seconds = round(case.seconds(self.now()), 1)
        rule = self.rules.escalation.rule(last.kind)
        text = "" if rule is None else rule.report if case.level is Level.FLAG else rule.warning
        text = text.format(times=escalation.times(len(case.stretches)), seconds=round(seconds))
        ended = None if last.end is None else seconds
        first = case.stretches[0]
        return Incident(case.id, last.signal, last.kind, case.level, first.start, ended, len(case.stretches), text)

    async def take(self, session: Session, browser: str, n: int, stretch: Stretch) -> str:
        """Make an observation durable, then judge it; one that is known changes nothing. Returns the record's head."""
        if await self.acknowledged(session.id, browser) >= n:
            return self.record.head(session.id)
        body = {
            "signal": stretch.signal,
            "kind": stretch.kind,
            "id": stretch.id,
            "start": stretch.start,
            "end": stretch.end,
        }
        await self.record.append(session.id, "observation", {**body, "browser": browser, "n": n}, actor="candidate")
        await self._acknowledge(session.id, browser, n)
        line = await self.line(session.id)
        if stretch.end is None:
            line.going_on[stretch.id] = stretch
        else:
            line.going_on.pop(stretch.id, None)
        await self._judge(session, line, stretch)
        return self.record.head(session.id)

    async def _judge(self, session: Session, line: Line, stretch: Stretch) -> None:
        """Only what happens while the session is live, and only by signals that the policy turns on."""
        if session.state is not State.LIVE or session.policy.use(stretch.signal) is not Use.ON:
            return
        line.watch, case = escalation.observe(self.rules.escalation, line.watch, stretch, self.now())
        if case is None:
            return
        incident = self.incident(case)
        body = {"id": incident.id, "kind": incident.kind, "count": incident.count, "rules": self.rules.version}
        if incident.level is not Level.NOTED:
            await self.record.append(session.id, f"incident.{incident.level}", body, actor="service")
        for one in list(line.sockets):
            if one.person.seat is not Seat.CANDIDATE or incident.level is not Level.NOTED:
                one.tell(IncidentChanged(incident))

    async def look(self) -> None:
        """Judge again what goes on: a stretch becomes a warning while it lasts, not when it has ended."""
        for id, line in list(self._lines.items()):
            for stretch in list(line.going_on.values()):
                await self._judge(await self.sessions.get(id), line, stretch)

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await asyncio.sleep(LOOK)
            await self.look()

    async def _changed(self, session: Session, action: Action) -> None:  # noqa: ARG002 - the state says it
        line = self._lines[session.id]
        if session.state is not State.LIVE:
            line.going_on.clear()  # a pause, or the end, excuses what goes on
        self._tell(line, SessionChanged(session.state, session.clock, self.now()))

    @staticmethod
    def _tell(line: Line, message: ToBrowser) -> None:
        for one in list(line.sockets):
            one.tell(message)

    async def acknowledged(self, session: str, browser: str) -> int:
        """The last number stored from a browser."""
        table = tables.received
        which = sa.select(table.c.n).where(table.c.session == session, table.c.browser == browser)
        return await self.store.run(lambda connection: connection.execute(which).scalar() or 0)

    async def _acknowledge(self, session: str, browser: str, n: int) -> None:
        table, at = tables.received, self.now()

        def work(connection: Connection) -> None:
            which = (table.c.session == session) & (table.c.browser == browser)
            if connection.execute(table.update().where(which).values(n=n, at=at)).rowcount == 0:
                connection.execute(table.insert().values(session=session, browser=browser, n=n, at=at))

        await self.store.run(work)


def _stretch(body: Mapping[str, Any]) -> Stretch:
    return Stretch(**{name: body[name] for name in ("id", "signal", "kind", "start", "end")})


class Wire(Guarded, WebSocketHandler):
    """One browser's wire."""

    access: ClassVar[Mapping[str, Access]] = {"GET": Access.SEATED}

    person: Person
    browser: str | None = None
    offset: int = 0  # milliseconds between the browser's clock and ours
    allowance: float = BURST
    counted: int = 0

    def open(self, session: str) -> None:
        """Waits for hello."""
        self.set_nodelay(True)
        self.id = session
        self.counted = self.house.wires.now()
        self.person = _person(self.who, self.seat)

    async def on_message(self, message: str | bytes) -> None:
        """One message. What is malformed ends this connection and no other."""
        if not self._within_rate():
            return self.close(TOO_MANY, "more than 20 messages a second")
        try:
            said = _decoder.decode(message[: LARGEST + 1])
        except (msgspec.DecodeError, UnicodeDecodeError):
            return self.close(MALFORMED, "a message was not understood")
        if isinstance(said, Hello):
            await self._hello(said)
        elif self.browser is None:
            self.close(MALFORMED, "the first message is hello")
        elif isinstance(said, Observe):
            await self._observe(said)
        else:
            assert isinstance(said, Beat)
        return None

    def _within_rate(self) -> bool:
        at = self.house.wires.now()
        self.allowance = min(BURST, self.allowance + (at - self.counted) / 1000 * PER_SECOND) - 1
        self.counted = at
        return self.allowance >= 0

    async def _hello(self, said: Hello) -> None:
        wires = self.house.wires
        self.browser, self.offset = said.browser, wires.now() - round(said.clock * 1000)
        line = await wires.join(self, self.id)
        session = await self.house.sessions.get(self.id)
        known = await wires.acknowledged(self.id, said.browser)
        head, shown = self.house.record.head(self.id), wires.incidents(line, self.person.seat)
        people = wires.people(line)
        self.tell(Welcome(self.person, session.state, session.clock, wires.now(), known, head, people, shown))

    async def _observe(self, said: Observe) -> None:
        session = await self.house.sessions.get(self.id)
        if (why := _not_taken(session, self.person.seat, said.observation)) is not None:
            return self.tell(Refused(why, said.n))
        assert self.browser is not None
        head = await self.house.wires.take(session, self.browser, said.n, self._placed(said.observation))
        return self.tell(Acknowledged(said.n, head))

    def _placed(self, seen: Observation) -> Stretch:
        """In the service's time, and never in the future."""
        latest = self.house.wires.now()
        end = None if seen.end is None else min(latest, self.offset + round(seen.end * 1000))
        start = min(latest if end is None else end, self.offset + round(seen.start * 1000))
        return Stretch(seen.id, seen.signal, seen.kind, start, end)

    def tell(self, message: ToBrowser) -> None:
        """Send a message, if the other end is still there."""
        with contextlib.suppress(WebSocketClosedError):
            self.write_message(msgspec.json.encode(message).decode())

    def on_close(self) -> None:
        """Gone."""
        if self.browser is not None:
            self.house.wires.leave(self, self.id)


def _not_taken(session: Session, seat: Seat, seen: Observation) -> str | None:
    if seat is not Seat.CANDIDATE:
        return "only the candidate's browser reports observations"
    if session.policy.use(seen.signal) is Use.OFF:
        return f"the policy of this session has no signal {seen.signal}"
    if session.state not in {State.LOBBY, State.LIVE, State.PAUSED}:
        return f"the session is {session.state}"
    return None


def _person(who: Who, seat: Seat | None) -> Person:
    assert seat is not None
    return Person(who.name, who.display_name, seat)


routes: list[tuple[Any, ...]] = [(r"api/v1/sessions/(?P<session>s-[a-z0-9]{10})/wire", Wire)]
