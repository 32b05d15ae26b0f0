"""The wire: one websocket per browser, for observations in and state, people and incidents out."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, ClassVar

import msgspec
from greenroom_proctor.escalation import Case
from greenroom_proctor.messages import (
    CandidateChanged,
    FromBrowser,
    Hello,
    IncidentChanged,
    Milliseconds,
    Observe,
    PeopleChanged,
    Person,
    Refused,
    Sequence,
    SessionChanged,
    Standing,
    ToBrowser,
    Welcome,
)
from greenroom_proctor.words import Action, Seat, State
from msgspec import Struct
from tornado.log import app_log
from tornado.websocket import WebSocketHandler

from greenroom_hub import incidents
from greenroom_hub.admission import TOO_MANY, Admission
from greenroom_hub.docket import Docket, Report
from greenroom_hub.incidents import Incidents
from greenroom_hub.intake import Intake
from greenroom_hub.moment import Now, now
from greenroom_hub.policy import Use
from greenroom_hub.record import Record
from greenroom_hub.sessions import Session, Sessions
from greenroom_hub.standings import Standings
from greenroom_hub.store.database import Store
from greenroom_hub.web.access import Access
from greenroom_hub.web.handler import Guarded
from greenroom_hub.web.outbox import TEXT, Outbox

LARGEST = 4096  # bytes of a message; the longest honest one has 300
PER_SECOND, BURST = 20, 60  # messages; ten minutes offline come back as some dozens, and more of them wait
MALFORMED, RESTARTING = 4007, 1012  # close codes; after the second a page connects again
LOOK = 1.0  # seconds between two looks at stretches that go on
SILENT: Milliseconds = 25_000  # five signs of life were missed: a page gives one every five seconds

# Where what a browser noticed is kept. After the end, too: what waited while it was offline is still evidence.
TAKEN = frozenset({State.LOBBY, State.LIVE, State.PAUSED, State.SUBMITTED, State.EXPIRED, State.TERMINATED})

_decoder: msgspec.json.Decoder[FromBrowser] = msgspec.json.Decoder(FromBrowser)


class _Numbered(Struct, tag="observe"):
    """As much of a message as is needed to refuse it."""

    n: Sequence


_numbered = msgspec.json.Decoder(_Numbered)


class Wires:
    """The wires of all sessions: who is connected, and what they are told."""

    def __init__(self, store: Store, record: Record, sessions: Sessions, clock: Now = now) -> None:
        self.record, self.sessions, self.now = record, sessions, clock
        self.incidents = Incidents(store, record, sessions, clock)
        self.intake = Intake(self.incidents, record)
        self.incidents.listen(self._raised)
        self._sockets: defaultdict[str, set[Wire]] = defaultdict(set)
        self.admission, self.standings = Admission(clock), Standings(clock)
        self._greetings: list[Callable[[str], ToBrowser | None]] = []
        self._looking: asyncio.Task[None] | None = None
        self._facts: set[asyncio.Task[None]] = set()
        sessions.on_change(self._changed)

    def start(self) -> None:
        """From now on, looks every second at what goes on."""
        self._looking = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Looks no more; pages are told to connect again, and what is under way comes to its end."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        for wire in [one for wires in self._sockets.values() for one in wires]:
            self.leave(wire)
            wire.close(RESTARTING, "the service starts again")
        await self.intake.settled()
        await asyncio.gather(*self._facts)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            try:
                await self.look()
            except Exception:  # noqa: BLE001 - the next look comes in a second
                app_log.exception("a look at the observations that go on failed")

    async def look(self) -> None:
        """What goes on may become an incident; what a silent browser reported is not taken to go on."""
        for session in list(self._sockets):
            self._stand(session)
        latest = self.now() - SILENT
        for session, wires in list(self._sockets.items()):
            heard: dict[str, Milliseconds] = {}  # of one browser, an old connection may hang beside the new one
            for one in wires:
                heard[one.page] = max(one.heard, heard.get(one.page, 0))
            for browser, at in heard.items():
                if at < latest:
                    await self.incidents.lose(session, browser, at)
        await self.incidents.look()

    def standing(self, session: str) -> Standing | None:
        """How the candidate's page stands; None while it was never here."""
        return self.standings.of(session, self._heard(session))

    def _heard(self, session: str) -> list[Milliseconds]:
        return [one.heard for one in self._sockets.get(session, ()) if one.person.seat is Seat.CANDIDATE]

    def _stand(self, session: str) -> None:
        if (standing := self.standings.changed(session, self._heard(session))) is not None:
            for one in list(self._sockets.get(session, ())):
                if one.person.seat is not Seat.CANDIDATE:
                    one.tell(CandidateChanged(standing))

    def join(self, wire: Wire) -> None:
        """Somebody is here."""
        if wire.person.seat is Seat.CANDIDATE:
            before = [one.heard for one in self._sockets.get(wire.id, ()) if one.page == wire.page]
            self.incidents.connected(wire.id, wire.page, max(before, default=None))
        self._sockets[wire.id].add(wire)
        self._tell(wire.id, PeopleChanged(self.people(wire.id)))
        if wire.person.seat is Seat.CANDIDATE:
            self._stand(wire.id)
            self._note(self.record.append(wire.id, "connection.opened", {"browser": wire.page}, actor="candidate"))

    def leave(self, wire: Wire) -> None:
        """Somebody's connection is gone."""
        if wire not in self._sockets.get(wire.id, ()):
            return
        self._sockets[wire.id].discard(wire)
        left = self._sockets[wire.id] or self._sockets.pop(wire.id)
        self._tell(wire.id, PeopleChanged(self.people(wire.id)))
        if wire.person.seat is Seat.CANDIDATE:
            self.standings.gone(wire.id, wire.heard)
            self._stand(wire.id)
            self.incidents.gone(wire.id, wire.page, wire.heard)
            self._note(self._left(wire, still_here=any(one.page == wire.page for one in left)))

    async def _left(self, wire: Wire, *, still_here: bool) -> None:
        await self.intake.settled()  # what it said last is known before it is gone
        body = {"browser": wire.page, "heard": wire.heard}
        await self.record.append(wire.id, "connection.closed", body, actor="candidate")
        if not still_here:
            await self.incidents.lose(wire.id, wire.page, wire.heard)

    def people(self, session: str) -> list[Person]:
        """Who is connected, each once."""
        return sorted({one.person for one in self._sockets.get(session, ())}, key=lambda one: (one.seat, one.name))

    def greet(self, greeting: Callable[[str], ToBrowser | None]) -> None:
        """What a page is told besides when it has come to a session; None for nothing."""
        self._greetings.append(greeting)

    def greetings(self, session: str) -> list[ToBrowser]:
        """All there is to say besides."""
        return [said for greeting in self._greetings if (said := greeting(session)) is not None]

    async def _changed(self, session: Session, action: Action) -> None:  # noqa: ARG002 - the state says it
        self._tell(session.id, SessionChanged(session.state, session.clock, self.now()))
        await self.incidents.changed(session)

    def _raised(self, session: str, docket: Docket, case: Case) -> None:
        for one in list(self._sockets.get(session, ())):
            one.tell(IncidentChanged(self.incidents.view(docket, case, one.person.seat)))

    def tell(self, session: str, message: ToBrowser) -> None:
        """To everybody who is connected."""
        self._tell(session, message)

    def _tell(self, session: str, message: ToBrowser) -> None:
        for one in list(self._sockets.get(session, ())):
            one.tell(message)

    def _note(self, fact: Coroutine[Any, Any, object]) -> None:
        async def work() -> None:
            try:
                await fact
            except Exception:  # noqa: BLE001 - the connection is what it is, kept or not
                app_log.exception("a fact about a connection was not kept")

        task = asyncio.create_task(work())
        self._facts.add(task)
        task.add_done_callback(self._facts.discard)


class Wire(Guarded, WebSocketHandler):
    """One browser's wire."""

    access: ClassVar[Mapping[str, Access]] = {"GET": Access.SEATED}

    person: Person
    page = ""  # the browser's id; known after hello
    heard: Milliseconds = 0  # when the last message came
    offset: Milliseconds = 0  # between the browser's clock and ours
    allowance: float = BURST
    admitted = False

    def open(self, session: str) -> None:
        """Waits for hello."""
        self.set_nodelay(True)
        self.outbox = Outbox(self)
        assert self.seat is not None
        self.id, self.heard = session, self.house.wires.now()
        self.person = Person(self.who.name, self.who.display_name, self.seat)
        full = self.house.wires.admission.enter(session, self.person.name)
        self.admitted = full is None
        if full is not None:
            self.close(TOO_MANY, full)

    def on_message(self, message: str | bytes) -> Awaitable[None] | None:
        """One message. What is malformed ends this connection and no other."""
        if (full := self.house.wires.admission.overflows(self.id)) is not None:
            self.close(TOO_MANY, full)
            return None
        wait = self._wait()
        return self._later(message, wait) if wait else self._hear(message)

    async def _later(self, message: str | bytes, wait: float) -> None:
        await asyncio.sleep(wait)
        if (coming := self._hear(message)) is not None:
            await coming

    def _hear(self, message: str | bytes) -> Awaitable[None] | None:
        try:
            said = _decoder.decode(message[: LARGEST + 1])
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            self._not_understood(message, error)
            return None
        if isinstance(said, Hello) is bool(self.page):
            self.close(MALFORMED, "the first message is hello, and no other one is")
        elif isinstance(said, Hello):
            return self._hello(said)
        elif isinstance(said, Observe):
            self._observe(said)
        return None

    def _wait(self) -> float:
        """Seconds. Whoever says too much at once is not read any faster; nothing is lost, and nobody else waits."""
        before, self.heard = self.heard, self.house.wires.now()
        earned = max(0, self.heard - before) / 1000 * PER_SECOND
        self.allowance = min(BURST, self.allowance + earned) - 1
        return max(0.0, -self.allowance / PER_SECOND)

    def _not_understood(self, message: str | bytes, error: Exception) -> None:
        """A numbered message is refused by its number, so that the browser does not send it for ever."""
        try:
            n = _numbered.decode(message[: LARGEST + 1]).n
        except (msgspec.DecodeError, UnicodeDecodeError):
            self.close(MALFORMED, "a message was not understood")
        else:
            self.tell(Refused(f"the observation was not understood: {error}", n))

    async def _hello(self, said: Hello) -> None:
        wires = self.house.wires
        self.page, self.offset = said.browser, self.heard - round(said.clock * 1000)
        known = await wires.incidents.received(self.id, said.browser)
        _, head = await wires.record.newest(self.id)
        shown = await wires.incidents.shown(self.id, self.person.seat)
        # Nothing is waited for from here on: whatever changes next is told to a wire that has joined.
        session = await self.house.sessions.get(self.id)
        people = sorted({*wires.people(self.id), self.person}, key=lambda one: (one.seat, one.name))
        self.tell(
            Welcome(
                self.person,
                session.state,
                session.clock,
                wires.now(),
                known,
                head,
                people,
                shown,
                wires.incidents.asked_until(self.id),
                wires.standing(self.id) if self.person.seat is not Seat.CANDIDATE else None,
            )
        )
        for said_besides in wires.greetings(self.id):
            self.tell(said_besides)
        if self.ws_connection is not None:  # it may have gone while we looked
            wires.join(self)

    def _observe(self, said: Observe) -> None:
        """It is acknowledged when it is durable; the next one is heard meanwhile, and goes into the same commit."""
        wires, session = self.house.wires, self.house.sessions.loaded(self.id)
        if (why := _not_taken(wires.incidents, session, self.person.seat, said)) is not None:
            return self.tell(Refused(why, said.n))
        seen = said.observation
        stretch = incidents.placed(seen, self.offset, session.created, wires.now())
        return wires.intake.put(self, session, Report(self.page, said.n, stretch, seen))

    def tell(self, message: ToBrowser) -> None:
        """Send a message, if the other end is still there."""
        self.outbox.put(msgspec.json.encode(message), TEXT)

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Says what was to be said, and ends."""
        if self.page:
            self.outbox.flush()
        super().close(code, reason)

    def on_close(self) -> None:
        """Gone."""
        if self.admitted:
            self.house.wires.admission.leave(self.id, self.person.name)
        if self.page:
            self.house.wires.leave(self)


def _not_taken(known: Incidents, session: Session, seat: Seat, said: Observe) -> str | None:
    seen = said.observation
    if seat is not Seat.CANDIDATE:
        return "only the candidate's browser reports observations"
    if (signal := known.signals[seen.kind]) is not seen.signal:
        return f"the kind {seen.kind} belongs to the signal {signal}, and {seen.signal} was named"
    if session.policy.use(seen.signal) is Use.OFF:
        return f"the policy of this session has no signal {seen.signal}"
    if session.state not in TAKEN:
        return f"the session is {session.state}"
    return None


routes: list[tuple[Any, ...]] = [(r"api/v1/sessions/(?P<session>s-[a-z0-9]{10})/wire", Wire)]
