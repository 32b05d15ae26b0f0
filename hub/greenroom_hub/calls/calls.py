"""The calls of all sessions. A change is durable in the record before it is told: nobody is seen without a fact."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections import defaultdict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Protocol

from greenroom_proctor.call import Peers, Relay, Showing, ToCaller
from greenroom_proctor.messages import CallChanged
from greenroom_proctor.words import Action, Seat
from tornado.log import app_log

from greenroom_hub.calls.gathering import Gathering, Party, View
from greenroom_hub.calls.relays import addresses, relays
from greenroom_hub.calls.rights import why_no_look, why_not
from greenroom_hub.rate import Rate
from greenroom_hub.record import Record
from greenroom_hub.sessions import Session, Sessions
from greenroom_hub.settings import Greenroom
from greenroom_hub.wire import Wires

# A connection that broke is waited for: another network is there within seconds, and the call itself goes on meanwhile.
GRACE = 10.0
MOVES, ASKS = 60, 10  # a minute: whatever is switched is a fact in the record; a question interrupts somebody
REPLACED, RESTARTING = 4009, 1012  # close codes; after the second a page connects again


class Caller(Protocol):
    """A page's connection."""

    page: str
    party: Party

    def tell(self, message: ToCaller) -> None:
        """Sends a message."""

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Ends the connection."""


class Refused(ValueError):  # noqa: N818 - an answer, not a fault
    """What was asked for is not done; the message says why."""


@dataclass
class Call:
    """One session's: where it stands, whose pages are connected, and whose are waited for."""

    now: Gathering = field(default_factory=Gathering)
    callers: dict[str, Caller] = field(default_factory=dict)
    waiting: dict[str, asyncio.TimerHandle] = field(default_factory=dict)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Calls:
    """Every session's call."""

    def __init__(self, settings: Greenroom, record: Record, sessions: Sessions, wires: Wires) -> None:
        addresses(settings)  # what is wrong with them is refused now
        self._settings, self._record, self._sessions, self._wires = settings, record, sessions, wires
        self._calls: defaultdict[str, Call] = defaultdict(Call)
        self._moves, self._asks = Rate(time.monotonic), Rate(time.monotonic)
        self._tasks: set[asyncio.Task[None]] = set()
        wires.greet(self.news)
        sessions.on_change(self._changed)

    def relays(self, name: str) -> list[Relay]:
        """The relays that somebody's browser may use from now on."""
        return relays(self._settings, name, time.time())

    @property
    def only_relay(self) -> bool:
        """Whether media may go through a relay only."""
        return bool(self._settings.turn_only)

    def news(self, session: str) -> CallChanged | None:
        """What a page that comes is told of the call; None when there is none."""
        call = self._calls.get(session)
        return CallChanged(*call.now.people()) if call is not None and call.now != Gathering() else None

    async def connect(self, session: str, caller: Caller) -> None:
        """A page is here, or here again: its earlier connection is over, and its place is kept."""
        call = self._calls[session]
        async with call.lock:
            if (before := call.callers.get(caller.page)) is not None:
                if before.party.name != caller.party.name:
                    raise Refused("another page has this id")
                before.close(REPLACED, "this page connected again")
            call.callers[caller.page] = caller
            if (waiting := call.waiting.pop(caller.page, None)) is not None:
                waiting.cancel()
            if before is not None or waiting is not None:
                await self._become(session, call, call.now.again(caller.page))

    def disconnect(self, session: str, caller: Caller, *, broken: bool) -> None:
        """A connection is gone. Whoever closed it has left; one that broke may come again."""
        call = self._calls.get(session)
        if call is None or call.callers.get(caller.page) is not caller:
            return
        del call.callers[caller.page]
        leave = self._do(session, lambda now: now.gone(caller.page))
        if broken:
            call.waiting[caller.page] = asyncio.get_running_loop().call_later(GRACE, self._later, leave)
        else:
            self._later(leave)

    async def join(self, session: Session, caller: Caller, showing: Showing) -> None:
        """Somebody comes into the call."""
        if (reason := why_not(session, caller.party.seat)) is not None:
            raise Refused(reason)
        self._paced(self._moves, session.id, caller, MOVES)
        await self._do(session.id, lambda now: now.join(caller.party, showing))()

    async def show(self, session: str, caller: Caller, showing: Showing) -> None:
        """A member switches something on or off."""
        self._paced(self._moves, session, caller, MOVES)
        await self._do(session, lambda now: now.show(caller.page, showing))()

    async def leave(self, session: str, caller: Caller) -> None:
        """A member goes."""
        await self._do(session, lambda now: now.leave(caller.page))()

    async def ask(self, session: Session, caller: Caller) -> None:
        """Somebody asks to see the candidate."""
        if (reason := why_no_look(session, caller.party.seat)) is not None:
            raise Refused(reason)
        if not any(one.seat is Seat.CANDIDATE for one in self._wires.people(session.id)):
            raise Refused("the candidate is not connected")
        self._paced(self._asks, session.id, caller, ASKS)
        id = secrets.token_hex(8)
        await self._do(session.id, lambda now: now.ask(id, caller.party))()

    async def answer(self, session: Session, caller: Caller, look: str, *, allowed: bool, standing: bool) -> None:
        """The candidate answers."""
        if caller.party.seat is not Seat.CANDIDATE:
            raise Refused("only the candidate answers")
        call = self._calls[session.id]
        async with call.lock:
            after = call.now.answer(look, caller.party, allowed=allowed)
            if after is call.now:
                return
            body = {"look": look, "allowed": allowed, "standing": standing}
            await self._record.append(session.id, "call.answered", body, actor="candidate")
            await self._become(session.id, call, after)

    async def end(self, session: str, caller: Caller, look: str) -> None:
        """A look is over."""
        await self._do(session, lambda now: now.end(look, caller.page))()

    def pass_on(self, session: str, caller: Caller, to: str, message: ToCaller) -> None:
        """A message from one browser to another: only to one that it is connected with."""
        call = self._calls[session]
        if to in call.callers and any(one.page == to for one in call.now.peers(caller.page)):
            call.callers[to].tell(message)

    async def stop(self) -> None:
        """The end: what was going on is in the record, and pages are told to connect again."""
        for session, call in list(self._calls.items()):
            for waiting in call.waiting.values():
                waiting.cancel()
            await self._do(session, lambda _: Gathering())()
            for caller in list(call.callers.values()):
                caller.close(RESTARTING, "the service starts again")
        await asyncio.gather(*self._tasks)

    async def _changed(self, session: Session, action: Action) -> None:  # noqa: ARG002 - the state says it
        """Who may not be in a call in this state is out of it."""

        def staying(now: Gathering) -> Gathering:
            for who, _ in now.members:
                now = now if why_not(session, who.seat) is None else now.gone(who.page)
            for one in now.looks:
                now = now if why_no_look(session, one.viewer.seat) is None else now.gone(one.viewer.page)
            return now

        if session.id in self._calls:
            await self._do(session.id, staying)()

    def _paced(self, rate: Rate, session: str, caller: Caller, most: int) -> None:
        if wait := rate.take(f"{session}/{caller.party.name}", most):
            raise Refused(f"that was done {most} times within a minute; try again in {wait:.0f} seconds")

    def _do(self, session: str, change: Callable[[Gathering], Gathering]) -> Callable[[], Coroutine[Any, Any, None]]:
        async def work() -> None:
            call = self._calls[session]
            async with call.lock:
                await self._become(session, call, change(call.now))

        return work

    async def _become(self, session: str, call: Call, after: Gathering) -> None:
        """In the record first, and then so."""
        before = call.now
        if before == after:
            return
        await asyncio.gather(*(self._record.append(session, *fact[:2], actor=fact[2]) for fact in facts(before, after)))
        call.now = after
        for page, caller in list(call.callers.items()):
            if (peers := after.peers(page)) != before.peers(page) or _place(after, page) != _place(before, page):
                caller.tell(Peers(peers, *_place(after, page)))
        if before.people() != after.people():
            self._wires.tell(session, CallChanged(*after.people()))

    def _later(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        async def quietly() -> None:
            with contextlib.suppress(asyncio.CancelledError):
                try:
                    await work()
                except Exception:  # noqa: BLE001 - a page is gone, whether the record could say so or not
                    app_log.exception("the end of a call was not kept")

        task = asyncio.create_task(quietly())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _place(now: Gathering, page: str) -> tuple[bool, str | None]:
    return now.showing(page) is not None, now.look_of(page)


Fact = tuple[str, dict[str, Any], str]


def facts(before: Gathering, after: Gathering) -> list[Fact]:
    """What the record is told of a change: type, content, whose doing it was."""
    found: list[Fact] = []
    were, are = ({who.page: who for who, _ in one.members} for one in (before, after))
    found += [("call.left", {"page": page}, _actor(who)) for page, who in were.items() if page not in are]
    found += [("call.joined", {"page": page}, _actor(who)) for page, who in are.items() if page not in were]
    asked = {one.id for one in before.looks}
    found += [("call.asked", {"look": one.id}, _actor(one.viewer)) for one in after.looks if one.id not in asked]
    people = {who.name: who for one in (before, after) for who in _everybody(one)}

    def seen(view: View, *, on: bool) -> Fact:
        body = {"person": _actor(people[view.person]), "what": view.what, "look": view.look, "on": on}
        return "call.viewed", body, _actor(people[view.viewer])

    found += [seen(view, on=False) for view in sorted(before.views() - after.views())]
    found += [seen(view, on=True) for view in sorted(after.views() - before.views())]
    return found


def _everybody(one: Gathering) -> list[Party]:
    looks = [party for look in one.looks for party in (look.viewer, look.seen) if party is not None]
    return [*(who for who, _ in one.members), *looks]


def _actor(who: Party) -> str:
    return "candidate" if who.seat is Seat.CANDIDATE else who.name
