"""REST: what interviewers read and write among themselves: the brief, private notes, scorecards."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from greenroom_proctor.messages import Milliseconds
from msgspec import Meta, Struct

from greenroom_hub import life
from greenroom_hub.memos import Memo
from greenroom_hub.scorecards import Card, Final, Kept, fault, shown
from greenroom_hub.sessions import Session
from greenroom_hub.templates import Criterion
from greenroom_hub.web.access import Access
from greenroom_hub.web.denied import Denied
from greenroom_hub.web.handler import Handler
from greenroom_hub.web.operation import Operation
from greenroom_hub.web.paths import ONE


class TaskView(Struct, frozen=True):
    """A task that can be pushed into the notebook."""

    name: str
    title: str
    pushed: bool


class BriefView(Struct, frozen=True):
    """What the template holds for interviewers alone; null or empty where it has none."""

    brief: str | None
    solution: str | None
    rubric: tuple[Criterion, ...]
    tasks: list[TaskView]


class NewMemo(Struct, frozen=True, forbid_unknown_fields=True):
    """A private note of up to 4,000 characters; with a cell's id it is about that cell."""

    text: Annotated[str, Meta(min_length=1, max_length=4000)]
    cell: Annotated[str, Meta(min_length=1, max_length=64)] | None = None


class MemoView(Struct, frozen=True):
    """A private note and when it was written."""

    n: int
    author: str
    mine: bool
    at: Milliseconds
    cell: str | None
    text: str


class CardView(Struct, frozen=True):
    """A scorecard; `handed_in` is null while it is a draft."""

    author: str
    card: Card
    handed_in: Milliseconds | None


class ScorecardsView(Struct, frozen=True):
    """One's own card, those of others that one may read, and which others still have theirs to hand in."""

    mine: CardView | None
    others: list[CardView]
    waiting: list[str]


class _Assessing(Handler):
    async def cards(self, session: str) -> list[Kept]:
        """All cards of the session."""
        return await self.house.scorecards.list(session)

    async def name(self, person: str) -> str:
        """What somebody is called."""
        return (await self.house.people.get(person)).display_name


class BriefHandler(_Assessing):
    """For those who lead: notes on the task, the reference solution, the rubric, further tasks."""

    access: ClassVar = {"GET": Access.INTERVIEWER}
    operations: ClassVar = {"GET": Operation("What the template holds for interviewers alone", BriefView)}

    async def get(self, session: str) -> None:
        """All of it."""
        assert self.session is not None
        template = self.session.template
        room = await self.house.rooms.open(session)
        tasks = [TaskView(one.name, one.title, room.has_any(one.ids)) for one in template.tasks]
        settings = template.settings
        self.answer(BriefView(template.text(settings.brief), template.text(settings.solution), settings.rubric, tasks))


class MemosHandler(_Assessing):
    """Private notes: one's own, and those of others once both have handed in their scorecards."""

    access: ClassVar = {"GET": Access.INTERVIEWER, "POST": Access.INTERVIEWER}
    operations: ClassVar = {
        "GET": Operation("Your private notes, and others' once both scorecards are handed in", list[MemoView]),
        "POST": Operation("Write a private note", MemoView, NewMemo, 201),
    }

    async def get(self, session: str) -> None:
        """The oldest first."""
        open_ = {one.person for one in shown(await self.cards(session), self.who.name)}
        found = await self.house.memos.list(session, frozenset({self.who.name} | open_))
        self.answer([await self._view(one) for one in found])

    async def post(self, session: str) -> None:
        """Keeps one, before, during and after the session."""
        new = self.body(NewMemo)
        try:
            made = await self.house.memos.write(session, self.who.name, new.text, new.cell)
        except ValueError as error:
            raise Denied(409, "The note was not kept", str(error), "Take old ones away first.") from error
        self.answer(await self._view(made), 201)

    async def _view(self, one: Memo) -> MemoView:
        author = await self.name(one.person)
        return MemoView(one.n, author, one.person == self.who.name, one.at, one.cell, one.text)


class MemoHandler(_Assessing):
    """One note of one's own."""

    access: ClassVar = {"DELETE": Access.INTERVIEWER}
    operations: ClassVar = {"DELETE": Operation("Take a note of your own away", status=204)}

    async def delete(self, session: str, n: str) -> None:
        """Gone."""
        await self.house.memos.remove(session, self.who.name, int(n))
        self.set_status(204)
        self.finish()


class _Cards(_Assessing):
    async def show(self, session: str) -> None:
        """Answers with what the asker may read."""
        cards = await self.cards(session)
        mine = next((one for one in cards if one.person == self.who.name), None)
        others = [await self._view(one) for one in shown(cards, self.who.name)]
        self.answer(ScorecardsView(await self._view(mine) if mine else None, others, await self._waiting(cards)))

    async def _view(self, one: Kept) -> CardView:
        return CardView(await self.name(one.person), one.card, one.handed_in)

    async def _waiting(self, cards: list[Kept]) -> list[str]:
        done = {self.who.name, *(one.person for one in cards if one.handed_in is not None)}
        seats: dict[str, Any] = await self.house.seats.list(self.path_kwargs["session"])
        return [await self.name(one) for one, seat in seats.items() if seat == "interviewer" and one not in done]


class ScorecardsHandler(_Cards):
    """The cards of a session, as somebody may read them; and one's own."""

    access: ClassVar = {"GET": Access.INTERVIEWER, "PUT": Access.INTERVIEWER}
    operations: ClassVar = {
        "GET": Operation("Your scorecard, and others' once yours is handed in", ScorecardsView),
        "PUT": Operation("Keep a draft of your scorecard", ScorecardsView, Card),
    }

    async def get(self, session: str) -> None:
        """As it stands."""
        await self.show(session)

    async def put(self, session: str) -> None:
        """Keeps a draft."""
        assert self.session is not None
        card = self.body(Card)
        if (why := fault(card, self.session.template.settings.rubric)) is not None:
            raise Denied(400, "The scorecard was not kept", why, "GET …/brief has the rubric.")
        try:
            await self.house.scorecards.save(session, self.who.name, card)
        except Final as error:
            raise Denied(409, "The scorecard was not changed", str(error), "It stays as it is.") from error
        await self.show(session)


class HandInHandler(_Cards):
    """A card becomes final."""

    access: ClassVar = {"POST": Access.INTERVIEWER}
    operations: ClassVar = {"POST": Operation("Hand in your scorecard, for good", ScorecardsView)}

    async def post(self, session: str) -> None:
        """Once, and not before the session has begun."""
        assert self.session is not None
        if not _begun(self.session):
            raise Denied(409, "The scorecard was not handed in", f"the session is {self.session.state}")
        try:
            await self.house.scorecards.hand_in(session, self.who.name)
        except Final as error:
            raise Denied(409, "The scorecard was not handed in", str(error), "It stays as it is.") from error
        await self.show(session)


def _begun(session: Session) -> bool:
    return session.state in life.DURING | life.HANDED_IN


routes = [
    (f"{ONE}/brief", BriefHandler),
    (f"{ONE}/memos", MemosHandler),
    (rf"{ONE}/memos/(?P<n>[1-9][0-9]{{0,6}})", MemoHandler),
    (f"{ONE}/scorecard", ScorecardsHandler),
    (f"{ONE}/scorecard/hand-in", HandInHandler),
]
