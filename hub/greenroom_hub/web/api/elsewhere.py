"""REST: "please look at the other screen", which excuses where the candidate looks for a while."""

from __future__ import annotations

from typing import Annotated, ClassVar

from greenroom_proctor.messages import ElsewhereAsked, Milliseconds
from greenroom_proctor.words import State
from msgspec import Meta, Struct

from greenroom_hub.web.access import Access
from greenroom_hub.web.denied import Denied
from greenroom_hub.web.handler import Handler
from greenroom_hub.web.operation import Operation
from greenroom_hub.web.paths import ONE


class Elsewhere(Struct, frozen=True, forbid_unknown_fields=True):
    """For how long, in seconds: a minute is enough to read a page on another screen, ten are half a task."""

    seconds: Annotated[int, Meta(ge=5, le=600)] = 60


class ElsewhereView(Struct, frozen=True):
    """Until when it counts for nothing where the candidate looks."""

    until: Milliseconds


class ElsewhereHandler(Handler):
    """An interviewer asks the candidate to look elsewhere. Everybody in the session is told."""

    access: ClassVar = {"POST": Access.STEER}
    operations: ClassVar = {"POST": Operation("Ask the candidate to look elsewhere", ElsewhereView, Elsewhere)}

    async def post(self, session: str) -> None:
        """From now on; asking again makes it longer."""
        assert self.session is not None
        asked = self.body(Elsewhere)
        if self.session.state not in {State.LIVE, State.PAUSED}:
            raise Denied(409, "Nobody was asked", f"the session is {self.session.state}", "Ask during the session.")
        until = await self.house.wires.incidents.ask(session, self.actor, asked.seconds)
        self.house.wires.tell(session, ElsewhereAsked(until))
        self.answer(ElsewhereView(until))


routes = [(f"{ONE}/elsewhere", ElsewhereHandler)]
