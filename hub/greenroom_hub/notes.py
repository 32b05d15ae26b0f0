"""The candidate's notes beside incidents, and the window in which they are written. Nobody opens a score before it is
closed or waived, and no member of staff before they have read the notes: both are facts in the record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from greenroom_proctor.chain import Event
from greenroom_proctor.messages import Milliseconds
from greenroom_proctor.words import Action, Answer, Excuse
from msgspec import json
from sqlalchemy import Connection, select

from greenroom_hub import life
from greenroom_hub.moment import Now
from greenroom_hub.record import Record
from greenroom_hub.sessions import Session
from greenroom_hub.store import tables
from greenroom_hub.store.database import Store

NOTE, WAIVED, READ, EXCUSED = "incident.note", "notes.waived", "notes.read", "incident.excused"
_ENDS = frozenset({Action.SUBMIT, Action.EXPIRE, Action.TERMINATE})
HOUR: Milliseconds = 3_600_000


@dataclass(frozen=True, slots=True)
class Note:
    """What the candidate says to one incident. `text` is null once it was erased."""

    incident: str
    answer: Answer
    text: str | None
    at: Milliseconds


@dataclass(frozen=True, slots=True)
class Excused:
    """An incident that counts for nothing, and why. `reason` is what a person wrote; null for the service's own, and
    once it was erased."""

    incident: str
    because: Excuse
    by: str
    reason: str | None
    at: Milliseconds


@dataclass(frozen=True, slots=True)
class Window:
    """Until when the candidate may write. `closes` is null before the session is over."""

    closes: Milliseconds | None
    waived: bool
    open: bool


class Notes:
    """The notes of all sessions: facts of the record, their text kept apart so that it can be erased."""

    def __init__(self, store: Store, record: Record, hours: float, now: Now) -> None:
        self._store, self._record, self._now = store, record, now
        self._length = round(hours * HOUR)

    async def window(self, session: Session) -> Window:
        """The window of a session as it stands now."""
        waived = any(one.type == WAIVED for one in await self._record.events(session.id))
        over = next((mark.at for mark in session.history if mark.action in _ENDS), None)
        if over is None:
            return Window(None, waived=False, open=session.state not in life.OVER)
        closes = over + self._length
        return Window(closes, waived, open=not waived and self._now() < closes)

    async def write(self, session: str, incident: str, answer: Answer, text: str) -> None:
        """Keep a note; an earlier one to the same incident stays in the record."""
        body = {"id": incident, "answer": answer}
        await self._record.append(session, NOTE, body, private={"text": text}, actor="candidate")

    async def waive(self, session: str) -> None:
        """The candidate has nothing to add: the window closes now."""
        await self._record.append(session, WAIVED, {}, actor="candidate")

    async def list(self, session: str) -> list[Note]:
        """The newest note to each incident, in the order of the incidents."""
        texts = await self._texts(session)
        found: dict[str, Note] = {}
        for event in await self._record.events(session):
            if event.type == NOTE:
                found[str(event.body["id"])] = _note(event, texts.get(event.seq))
        return list(found.values())

    async def excuses(self, session: str) -> Sequence[Excused]:
        """What was excused, oldest first."""
        texts = await self._texts(session)
        events = [one for one in await self._record.events(session) if one.type == EXCUSED]
        return [_excused(one, texts.get(one.seq)) for one in events]

    async def _texts(self, session: str) -> Mapping[int, str]:
        def work(connection: Connection) -> dict[int, str]:
            table = tables.payload.c
            rows = connection.execute(select(table.seq, table.data).where(table.session == session))
            return {row.seq: row.data for row in rows}

        return await self._store.run(work)

    async def opened(self, session: str, person: str, notes: int) -> None:
        """A member of staff has read them, when the window was closed. Once for each number of notes."""
        if not await self.has_read(session, person):
            await self._record.append(session, READ, {"person": person, "notes": notes}, actor=person)

    async def obstacle(self, session: Session, person: str | None) -> tuple[str, str] | None:
        """Why the score is not opened now, and what to do; None when nothing stands against it. `person`: staff."""
        window = await self.window(session)
        if window.closes is None:
            return f"the session is {session.state}", "There is a score when the session is over."
        if window.open:
            until = f"the candidate may write notes until {window.closes} (milliseconds since the epoch)"
            return until, "Wait until then, or until the candidate says that there is nothing to add."
        if person is not None and not await self.has_read(session.id, person):
            return "you have not read the candidate's notes yet", "Read them first: GET …/notes."
        return None

    async def has_read(self, session: str, person: str) -> bool:
        """Whether this member of staff has read the notes since the window was closed."""
        return any(one.type == READ and one.body["person"] == person for one in await self._record.events(session))


def _note(event: Event, data: str | None) -> Note:
    private: dict[str, Any] = {} if data is None else json.decode(data)
    return Note(str(event.body["id"]), Answer(event.body["answer"]), private.get("text"), event.at)


def _excused(event: Event, data: str | None) -> Excused:
    private: dict[str, Any] = {} if data is None else json.decode(data)
    body = event.body
    return Excused(str(body["id"]), Excuse(body["because"]), event.actor, private.get("reason"), event.at)
