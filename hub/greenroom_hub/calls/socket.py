"""The call's socket: one per page that joins, looks or is looked at. Descriptions and addresses, no media."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec
from greenroom_proctor.call import (
    CallHello,
    CallRefused,
    CallWelcome,
    Describe,
    Described,
    FromCaller,
    Join,
    Leave,
    LookAnswer,
    LookAsk,
    LookEnd,
    Reach,
    Reached,
    Show,
    ToCaller,
)
from tornado.websocket import WebSocketHandler

from greenroom_hub.calls import rights
from greenroom_hub.calls.calls import Refused
from greenroom_hub.calls.gathering import Full, Party
from greenroom_hub.room.allowance import Allowance
from greenroom_hub.web.access import Access
from greenroom_hub.web.handler import Guarded
from greenroom_hub.web.outbox import TEXT, Outbox

LARGEST = 40_000  # bytes of a message: a description and its wrapping
# Messages. A connection to each of three others begins with some 20 addresses and two descriptions each.
PER_SECOND, BURST = 30, 300
MALFORMED, FLOOD = 4007, 4008  # close codes
BROKEN = frozenset({None, 1006, 1012})  # nobody said goodbye: the network went, or a proxy between us

_decoder: msgspec.json.Decoder[FromCaller] = msgspec.json.Decoder(FromCaller)


class CallSocket(Guarded, WebSocketHandler):
    """One page's."""

    access: ClassVar[Mapping[str, Access]] = {"GET": Access.SEATED}
    states: ClassVar = rights.CALLS

    page = ""  # known after hello
    party: Party

    def open(self, session: str) -> None:
        """Waits for hello."""
        self.set_nodelay(True)
        self.outbox, self.id = Outbox(self), session
        self.allowance = Allowance(time.monotonic, per_second=PER_SECOND, burst=BURST)

    async def on_message(self, message: str | bytes) -> None:
        """One message. What is malformed, or too much, ends this connection and no other."""
        if self.allowance.take() > 0:
            return self.close(FLOOD, "more messages than any call needs")
        try:
            said = _decoder.decode(message[: LARGEST + 1])
        except (msgspec.DecodeError, UnicodeDecodeError):
            return self.close(MALFORMED, "a message was not understood")
        if isinstance(said, CallHello) is bool(self.page):
            return self.close(MALFORMED, "the first message is hello, and no other one is")
        try:
            await self._hear(said)
        except (Refused, Full) as reason:
            self.tell(CallRefused(str(reason)))
        return None

    async def _hear(self, said: FromCaller) -> None:
        calls, session = self.house.calls, await self.house.sessions.get(self.id)
        match said:
            case CallHello(page):
                await self._hello(page)
            case Join(showing):
                await calls.join(session, self, showing)
            case Show(showing):
                await calls.show(self.id, self, showing)
            case Leave():
                await calls.leave(self.id, self)
            case LookAsk():
                await calls.ask(session, self)
            case LookAnswer(look, allowed, standing):
                await calls.answer(session, self, look, allowed=allowed, standing=standing)
            case LookEnd(look):
                await calls.end(self.id, self, look)
            case Describe(to, kind, text):
                calls.pass_on(self.id, self, to, Described(self.page, kind, text))
            case Reach(to, path, mid, line):
                calls.pass_on(self.id, self, to, Reached(self.page, path, mid, line))

    async def _hello(self, page: str) -> None:
        assert self.seat is not None
        session, calls = await self.house.sessions.get(self.id), self.house.calls
        self.page, self.party = page, Party(page, self.who.name, self.who.display_name or self.who.name, self.seat)
        not_in, no_look = rights.why_not(session, self.seat), rights.why_no_look(session, self.seat)
        self.tell(CallWelcome(page, calls.relays(self.actor), calls.only_relay, not_in, no_look))
        try:
            await calls.connect(self.id, self)
        except Refused as reason:
            self.page = ""
            self.close(MALFORMED, str(reason))

    def tell(self, message: ToCaller) -> None:
        """Send a message, if the other end is still there."""
        self.outbox.put(msgspec.json.encode(message), TEXT)

    def on_close(self) -> None:
        """Gone: for good, or for a moment."""
        if self.page:
            self.house.calls.disconnect(self.id, self, broken=self.close_code in BROKEN)


routes: list[tuple[Any, ...]] = [(r"api/v1/sessions/(?P<session>s-[a-z0-9]{10})/call", CallSocket)]
