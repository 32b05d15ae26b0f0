"""REST: messages in a session, comments on its cells, and raised hands. Pages hear of new ones on the wire."""

from __future__ import annotations

from typing import Annotated, ClassVar

from greenroom_proctor.messages import HandsRaised, Remark, RemarkMade
from msgspec import Meta, Struct

from greenroom_hub.remarks import why_not
from greenroom_hub.web.access import Access
from greenroom_hub.web.denied import Denied
from greenroom_hub.web.handler import Handler
from greenroom_hub.web.operation import Operation
from greenroom_hub.web.paths import ONE


class NewRemark(Struct, frozen=True, forbid_unknown_fields=True):
    """A message of up to 2,000 characters; with a cell's id it is a comment on that cell."""

    text: Annotated[str, Meta(min_length=1, max_length=2000)]
    cell: Annotated[str, Meta(min_length=1, max_length=64)] | None = None


class Resolution(Struct, frozen=True, forbid_unknown_fields=True):
    """Whether a comment is settled."""

    resolved: bool


class Hand(Struct, frozen=True, forbid_unknown_fields=True):
    """Whether the hand is up."""

    up: bool


class RemarksView(Struct, frozen=True):
    """All that was said, whose hands are up, and why the asker may say nothing now (null when they may)."""

    remarks: list[Remark]
    hands: list[str]
    why_not: str | None


class RemarksHandler(Handler):
    """What is said in a session."""

    access: ClassVar = {"GET": Access.LOOK, "POST": Access.SEATED}
    operations: ClassVar = {
        "GET": Operation("Messages and comments, and whose hands are up", RemarksView),
        "POST": Operation("Say something to everybody in the session", Remark, NewRemark, 201),
    }

    async def get(self, session: str) -> None:
        """All of it."""
        assert self.session is not None
        remarks = self.house.remarks
        reason = "you have no seat here" if self.seat is None else why_not(self.session, self.seat)
        self.answer(RemarksView(await remarks.said(session), remarks.hands(session), reason))

    async def post(self, session: str) -> None:
        """Kept, then told to everybody."""
        assert self.session is not None
        assert self.seat is not None
        said = self.body(NewRemark)
        if (reason := why_not(self.session, self.seat)) is not None:
            raise Denied(409, "The message was not taken", reason, "Talk to an interviewer by another way.")
        made = await self.house.remarks.say(session, self.who, self.seat, said.text, said.cell)
        self.house.wires.tell(session, RemarkMade(made))
        self.answer(made, 201)


class ResolutionHandler(Handler):
    """Whether a comment on a cell is settled."""

    access: ClassVar = {"POST": Access.SEATED}
    operations: ClassVar = {"POST": Operation("Settle a comment on a cell, or open it again", Remark, Resolution)}

    async def post(self, session: str, n: str) -> None:
        """Kept, then told to everybody."""
        assert self.session is not None
        assert self.seat is not None
        resolved = self.body(Resolution).resolved
        if (reason := why_not(self.session, self.seat)) is not None:
            raise Denied(409, "The comment stays as it is", reason, "Ask an interviewer to settle it.")
        try:
            made = await self.house.remarks.resolve(session, int(n), self.who, resolved=resolved)
        except LookupError as error:
            raise Denied(
                404, "The comment stays as it is", str(error), "Reload the page to see the comments."
            ) from None
        self.house.wires.tell(session, RemarkMade(made))
        self.answer(made)


class HandHandler(Handler):
    """Somebody's hand."""

    access: ClassVar = {"POST": Access.WRITER}
    operations: ClassVar = {"POST": Operation("Raise the hand, or take it down", None, Hand, 204)}

    async def post(self, session: str) -> None:
        """Up or down."""
        up = self.body(Hand).up
        hands = await self.house.remarks.raise_hand(session, self.who, up=up)
        self.house.wires.tell(session, HandsRaised(hands))
        self.set_status(204)
        self.finish()


routes = [
    (f"{ONE}/remarks", RemarksHandler),
    (rf"{ONE}/remarks/(?P<n>[0-9]{{1,9}})/resolution", ResolutionHandler),
    (f"{ONE}/hand", HandHandler),
]
