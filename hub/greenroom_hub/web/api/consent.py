"""REST: the candidate's answer to what is recorded."""

from __future__ import annotations

from typing import ClassVar

from greenroom_hub import life
from greenroom_hub.consents import WORDING
from greenroom_hub.web.access import Access
from greenroom_hub.web.api.shapes import ConsentGiven, ConsentView
from greenroom_hub.web.denied import Denied
from greenroom_hub.web.handler import Handler
from greenroom_hub.web.operation import Operation
from greenroom_hub.web.paths import ONE


class ConsentHandler(Handler):
    """Yes or no, to a wording with a version."""

    access: ClassVar = {"GET": Access.LOOK, "POST": Access.CANDIDATE}
    operations: ClassVar = {
        "GET": Operation("The candidate's last answer", ConsentView),
        "POST": Operation("Accept or decline what is recorded", ConsentView, ConsentGiven),
    }

    async def get(self, session: str) -> None:
        """The last answer."""
        last = await self.house.consents.last(session)
        self.answer(
            ConsentView(None, None, None) if last is None else ConsentView(last.wording, last.accepted, last.at)
        )

    async def post(self, session: str) -> None:
        """The answer, kept with the ones before it."""
        assert self.session is not None
        if self.session.state not in life.BEFORE:
            raise Denied(409, "The answer is given before the session begins", f"it is {self.session.state}")
        given = self.body(ConsentGiven)
        if given.wording != WORDING:
            found = f"the wording is now {WORDING}, and {given.wording} was answered"
            raise Denied(409, "The answer was not taken", found, "Load the page again and read it.")
        last = await self.house.consents.give(session, given.wording, accepted=given.accepted)
        body = {"wording": given.wording, "accepted": given.accepted}
        await self.house.record.append(session, "consent.given", body, actor="candidate")
        self.answer(ConsentView(last.wording, last.accepted, last.at))


routes = [(f"{ONE}/consent", ConsentHandler)]
