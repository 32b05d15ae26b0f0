"""REST: the candidate's notes, the score that is opened after them, excuses, and the export."""

from __future__ import annotations

from typing import Annotated, ClassVar

from greenroom_proctor.messages import Incident, Milliseconds
from greenroom_proctor.score import Score
from greenroom_proctor.words import Answer, Excuse, Seat
from msgspec import Meta, Struct

from greenroom_hub import life
from greenroom_hub.web.access import Access
from greenroom_hub.web.denied import Denied
from greenroom_hub.web.handler import Handler
from greenroom_hub.web.operation import Operation
from greenroom_hub.web.paths import ONE


class NewNote(Struct, frozen=True, forbid_unknown_fields=True):
    """A note to the incident with this id: one of the known answers, and up to 2,000 characters of the own words."""

    incident: Annotated[str, Meta(min_length=1, max_length=40)]
    answer: Answer = Answer.OTHER
    text: Annotated[str, Meta(max_length=2000)] = ""


class NoteView(Struct, frozen=True):
    """A note. `text` is null once it was erased."""

    incident: str
    answer: Answer
    text: str | None
    at: Milliseconds


class NewExcuse(Struct, frozen=True, forbid_unknown_fields=True):
    """Why an incident counts for nothing, in up to 500 characters. The candidate reads it, too."""

    reason: Annotated[str, Meta(min_length=1, max_length=500)]


class ExcuseView(Struct, frozen=True):
    """An incident that counts for nothing. `reason`: what a person wrote; null where the service excused it."""

    incident: str
    because: Excuse
    by: str
    reason: str | None
    at: Milliseconds


class WindowView(Struct, frozen=True):
    """When notes are written; `closes` is null before the session is over. `read`: whether this member of staff has
    read the notes since."""

    open: bool
    closes: Milliseconds | None
    waived: bool
    read: bool


class NotesView(Struct, frozen=True):
    """What was noted, the notes and excuses beside it, and the window in which notes are written; `closes` is null
    before the session is over."""

    incidents: list[Incident]
    notes: list[NoteView]
    excuses: list[ExcuseView]
    open: bool
    closes: Milliseconds | None
    waived: bool


class NotesHandler(Handler):
    """The candidate's notes. That a member of staff has read them is noted once the window is closed."""

    access: ClassVar = {"GET": Access.LOOK, "POST": Access.CANDIDATE}
    operations: ClassVar = {
        "GET": Operation("The candidate's notes, each beside its incident", NotesView),
        "POST": Operation("Write a note beside an incident", NotesView, NewNote),
    }

    async def get(self, session: str) -> None:
        """The notes; reading them after the window is what opens the score."""
        assert self.session is not None
        notes, window = await self.house.notes.list(session), await self.house.notes.window(self.session)
        if self.seat is not Seat.CANDIDATE and window.closes is not None and not window.open:
            await self.house.notes.opened(session, self.who.name, len(notes))
        await self._show(session)

    async def post(self, session: str) -> None:
        """Keeps one, during the session and until the window closes."""
        assert self.session is not None
        given = self.body(NewNote)
        if self.session.state not in life.DURING | life.HANDED_IN:
            raise Denied(409, "The note was not taken", f"the session is {self.session.state}")
        if not (await self.house.notes.window(self.session)).open:
            raise Denied(409, "The note was not taken", "the time for notes is over", "Tell the person who decides.")
        known = await self.house.wires.incidents.shown(session, Seat.INTERVIEWER)
        if given.incident not in {one.id for one in known}:
            raise Denied(404, "The note was not taken", f"there is no incident {given.incident!r}")
        await self.house.notes.write(session, given.incident, given.answer, given.text)
        await self._show(session)

    async def _show(self, session: str) -> None:
        assert self.session is not None
        notes, window = await self.house.notes.list(session), await self.house.notes.window(self.session)
        shown = [NoteView(one.incident, one.answer, one.text, one.at) for one in notes]
        excused = await self.house.notes.excuses(session)
        excuses = [ExcuseView(one.incident, one.because, one.by, one.reason, one.at) for one in excused]
        incidents = await self.house.wires.incidents.shown(session, self.seat or Seat.OBSERVER)
        self.answer(NotesView(incidents, shown, excuses, window.open, window.closes, window.waived))


class WindowHandler(Handler):
    """The window for notes, without the notes: looking at it opens nothing."""

    access: ClassVar = {"GET": Access.LOOK}
    operations: ClassVar = {"GET": Operation("Until when notes are written", WindowView)}

    async def get(self, session: str) -> None:
        """As it stands now."""
        assert self.session is not None
        window = await self.house.notes.window(self.session)
        read = self.seat is not Seat.CANDIDATE and await self.house.notes.has_read(session, self.who.name)
        self.answer(WindowView(window.open, window.closes, window.waived, read))


class WaiveHandler(Handler):
    """The candidate has nothing to add."""

    access: ClassVar = {"POST": Access.CANDIDATE}
    operations: ClassVar = {"POST": Operation("Close the window for notes now", status=204)}

    async def post(self, session: str) -> None:
        """Once; afterwards no note is taken."""
        assert self.session is not None
        if self.session.state not in life.HANDED_IN:
            raise Denied(409, "The window was not closed", f"the session is {self.session.state}", "Hand in first.")
        if (await self.house.notes.window(self.session)).open:
            await self.house.notes.waive(session)
        self.set_status(204)


class ScoreHandler(Handler):
    """The score with its reasons, opened when the notes could be written and were read."""

    access: ClassVar = {"GET": Access.LOOK}
    operations: ClassVar = {"GET": Operation("The integrity score with every reason and weight", Score)}

    async def get(self, session: str) -> None:  # noqa: ARG002 - the route's name for it; `Guarded` has looked it up
        """The score; 409 with what is missing while it stays closed."""
        assert self.session is not None
        person = None if self.seat is Seat.CANDIDATE else self.who.name
        if (obstacle := await self.house.notes.obstacle(self.session, person)) is not None:
            raise Denied(409, "The score was not opened", *obstacle)
        self.answer(await self.house.exports.score(self.session))


class ExcuseHandler(Handler):
    """An interviewer says that an incident has an explanation: it is shown, and counts for nothing."""

    access: ClassVar = {"POST": Access.STEER}
    operations: ClassVar = {"POST": Operation("Excuse an incident", None, NewExcuse, status=204)}

    async def post(self, session: str, incident: str) -> None:
        """Once is enough; the record names who did it."""
        reason = self.body(NewExcuse).reason
        try:
            await self.house.wires.incidents.excuse(session, incident, self.actor, reason)
        except LookupError as error:
            raise Denied(404, "The incident was not excused", str(error)) from None
        self.set_status(204)


class ExportHandler(Handler):
    """Everything about a session in one zip, which `greenroom verify` and the verify page check."""

    access: ClassVar = {"GET": Access.LOOK}

    async def get(self, session: str) -> None:
        """Download it. While the score is closed it is not in it."""
        assert self.session is not None
        person = None if self.seat is Seat.CANDIDATE else self.who.name
        content = await self.house.exports.make(self.session, person)
        self.set_header("Content-Type", "application/zip")
        self.set_header("Content-Disposition", f'attachment; filename="{session}-export.zip"')
        self.finish(content)


routes = [
    (f"{ONE}/notes", NotesHandler),
    (f"{ONE}/notes/window", WindowHandler),
    (f"{ONE}/notes/waive", WaiveHandler),
    (f"{ONE}/score", ScoreHandler),
    (rf"{ONE}/incidents/(?P<incident>[A-Za-z0-9_.-]{{1,40}})/excuse", ExcuseHandler),
    (f"{ONE}/export", ExportHandler),
]
