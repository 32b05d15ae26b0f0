"""One room: its notebook, who is in it, its kernel, and the order in which things become durable and are shown."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from greenroom_proctor.messages import DocumentRefused, Done, KernelNotice, Reply, RoomCommand, RoomNotice, Run, Saved
from greenroom_proctor.words import Seat, State

from greenroom_hub.moment import Now
from greenroom_hub.room import cells, frames, rights, runs
from greenroom_hub.room.allowance import Allowance
from greenroom_hub.room.awareness import Awareness, Known
from greenroom_hub.room.document import Gap, Refused, RoomDocument, Taken
from greenroom_hub.room.guard import Memory
from greenroom_hub.room.kernel import Deaths, Kernel
from greenroom_hub.room.notebooks import kernelspec
from greenroom_hub.room.presences import Presences
from greenroom_hub.room.shade import Shade
from greenroom_hub.room.snapshots import EVERY, Past, Row
from greenroom_hub.room.update_log import KERNEL, SERVICE, UpdateLog
from greenroom_hub.room.values import plain, same, shared

log = logging.getLogger("greenroom.room")

AGAIN = 1013  # close code "try again later": the page connects again and sends what it has
TOO_MANY = 4408  # of the codes for applications: a page whose changes are refused again and again
LARGEST = 1 << 20  # bytes of one update: the largest paste a person makes is a hundredth
MOST_WRITTEN = 64 << 20  # bytes of all updates of people in one room: an hour of two fast typists makes 2 MiB
TOO_EARLY = KernelNotice("dead", "Cells can be run once the candidate is in the lobby.")
MOST_REFUSALS = 20  # of one connection: an honest page starts afresh after the first


class Line(Protocol):
    """A document's websocket, as the room uses it."""

    def send(self, frame: bytes) -> None: ...
    def close(self, code: int | None = None, reason: str | None = None) -> None: ...


@dataclass(eq=False, slots=True)
class Member:
    """One connection to the document. `missing`: updates that came with a hole before them and will come again;
    `barred`: Yjs clients of a page that must start afresh."""

    id: str
    person: Known
    seat: Seat
    line: Line
    received: int = 0
    missing: int = 0
    refusals: int = 0
    barred: set[int] = field(default_factory=set)
    shade: Shade | None = None

    @property
    def author(self) -> str:
        """Their name in the log."""
        return self.person.name

    def tell(self, notice: RoomNotice) -> None:
        """Sends a notice."""
        self.line.send(frames.notice(notice))


@dataclass(slots=True)
class _Waiting:
    """Something on its way to the disk: a row, or only what is due when everything before it is there."""

    row: Row | None
    member: Member | None
    then: Callable[[], None] | None = None


class Journal(Protocol):
    """Where facts about the room go."""

    def ran(self, session: str, run: runs.Run, status: str, seconds: float) -> None: ...
    def refused(self, session: str, who: str, why: str) -> None: ...


class Room:
    """One session's room. Everything happens on one event loop, so that one method is one moment."""

    def __init__(
        self, log_: UpdateLog, past: Past, state: State, *, guests: Deaths, journal: Journal, memory: int, now: Now
    ) -> None:
        self.session = log_.session
        self.state = state
        self.document = RoomDocument(past)
        self.awareness = Awareness()
        self.members: set[Member] = set()
        self.presences = Presences()
        self.frozen = False
        self.broken = False
        self._log = log_
        self._journal = journal
        self._now = now
        self._next = self._durable = past.count
        self._kept = past.snapshot.count if past.snapshot else 0
        self._written = past.snapshot.written if past.snapshot else 0
        self._written += _by_people(past.rows)
        self._waiting: deque[_Waiting] = deque()
        self._allowances: dict[str, Allowance] = {}
        self._moved: dict[int, frames.Presence] = {}
        self._writing: asyncio.Task[None] | None = None
        self._leaving: asyncio.Task[None] | None = None
        spec = kernelspec(plain(self.document.metadata))
        self.kernel = Kernel(self.session, guests, self, memory, spec["name"])
        self._take_up_left_open()

    # People come and go

    def join(self, member: Member) -> None:
        """Somebody opened the notebook."""
        self.members.add(member)
        member.line.send(frames.ask_state(self.document.ahead.doc.get_state()))
        if self.awareness.entries:
            member.line.send(frames.presence(self.awareness.entries.values()))
        if self.has_kernel:
            self.kernel.link.wake()
            # With nothing to say, too: a page that was away may still show the last word.
            member.tell(self.kernel.notice)
        elif self.may_write(member.seat):
            member.tell(TOO_EARLY)
        if (prompt := self.kernel.runs.prompt) and self.may_write(member.seat):
            member.tell(prompt)

    def leave(self, member: Member) -> None:
        """Somebody's connection is gone."""
        self.members.discard(member)
        self.show_presence(self.awareness.leave(member.id))

    def show_presence(self, entries: Iterable[frames.Presence]) -> None:
        """Tells everybody, the sender too: y-websocket takes 30 seconds of silence for a lost connection. A caret comes
        with the text that was sent before it, and of several places it was in meanwhile the last one is told."""
        for entry in entries:
            if not self._moved and not self._waiting:
                asyncio.get_running_loop().call_soon(self._show_still)
            self._moved[entry.client] = entry

    def _show_still(self) -> None:
        if not self._waiting:  # or it comes with the text
            self._show_moved()

    def _show_moved(self) -> None:
        if self._moved:
            frame = frames.presence(self._moved.values())
            self._moved.clear()
            for member in self.members:
                member.line.send(frame)

    def may_write(self, seat: Seat) -> bool:
        """Whether this seat may write now."""
        return not self.frozen and not self.broken and rights.writes(seat, self.state)

    @property
    def has_kernel(self) -> bool:
        """Whether cells can be run here now."""
        return self.state in rights.HAS_KERNEL and not self.frozen

    # What pages send

    def hear(self, member: Member, data: bytes) -> None:
        """One frame of a page. Raises `Malformed`."""
        if self.broken:  # somebody who came in while it broke: the next room takes what they have
            member.line.close(AGAIN, "the last changes could not be written; they will be sent again")
            return
        match frames.read(data):
            case frames.UpdateSent(update, step_two):
                self._receive(member, update, whole=step_two)
            case frames.StateAsked(state):
                frames.state_vector(state)  # or it is malformed
                member.line.send(frames.answer_state(self.document.durable.get_update(state)))
            case frames.PresenceSent(entries):
                self.show_presence(self.awareness.receive(member.id, member.person, entries))
            case frames.PresenceAsked():
                member.line.send(frames.presence(self.awareness.entries.values()))
            case frames.CommandSent(command):
                self._obey(member, command)

    def _receive(self, member: Member, update: bytes, *, whole: bool) -> None:
        member.received += 1
        if len(update) > LARGEST:
            self._refuse(member, f"it has {len(update):,} bytes, and {LARGEST:,} is the most at once", frozenset())
            return
        if not self.may_write(member.seat):
            self._look_away(member, update)
            return
        if self._written + len(update) > MOST_WRITTEN:
            self._refuse(
                member, f"people have written {MOST_WRITTEN >> 20} MiB here, and that is the most", frozenset()
            )
            return
        match self.document.receive(update, member.author):
            case Taken(came):
                self._queue(update, member.author, member.id, member)
                self._written += len(update)
                self.kernel.runs.printer.came(came)
                member.missing *= not whole
            case Gap(clients):
                member.missing += 1
                if not clients or clients - member.barred:
                    member.line.send(frames.ask_state(self.document.ahead.doc.get_state()))
            case Refused(why, clients):
                self._refuse(member, why, clients)
            case _:
                self._wait_for(_Waiting(None, member))
                member.missing *= not whole

    def _look_away(self, member: Member, update: bytes) -> None:
        """An update of somebody who may not write: no word about it when it changes nothing."""
        if update != frames.NOTHING:
            member.shade = member.shade or Shade(self.document.durable)
            if not member.shade.harmless(update, self.document.durable, self.document.rules):
                self._refuse(member, self._why_not(member), frozenset())
                return
        self._wait_for(_Waiting(None, member))

    def _why_not(self, member: Member) -> str:
        return "the notebook was handed in" if self.frozen else rights.why_not(member.seat, self.state)

    def _refuse(self, member: Member, why: str, clients: frozenset[int]) -> None:
        if clients and clients <= member.barred:
            return
        member.barred |= clients
        member.shade = None
        member.refusals += 1
        member.tell(DocumentRefused(f"Your last change was not taken: {why}."))
        self._journal.refused(self.session, member.author, why)
        if member.refusals >= MOST_REFUSALS:
            member.line.close(TOO_MANY, "too many changes were refused")

    def attempted(self, who: str, what: str) -> None:
        """Somebody's page said what no honest page says: a fact of the record."""
        self._journal.refused(self.session, who, what)

    def allowance(self, who: str) -> Allowance:
        """How much somebody may still say here, over all their connections."""
        return self._allowances.setdefault(who, Allowance(time.monotonic))

    def _obey(self, member: Member, command: RoomCommand) -> None:
        allowed = self.may_write(member.seat)
        match command:
            case Run(_, request) if allowed and not self.has_kernel:
                member.tell(TOO_EARLY)
                member.tell(Done(request, "refused"))
            case Run(cell, request) if allowed:
                self.kernel.link.wake()
                self.kernel.runs.submit(cell, request, member.author, lambda done: self._answer(member, done))
            case Run(_, request):
                member.tell(Done(request, "refused"))
            case Reply() if allowed:
                self.kernel.runs.reply(command)
            case _:
                return

    def _answer(self, member: Member, done: Done) -> None:
        if member in self.members:
            member.tell(done)

    # What the service writes

    @property
    def memory(self) -> Memory:
        """What the kernel printed here."""
        return self.document.memory

    def cell(self, id_: str) -> cells.Cell | None:
        """A cell, ahead."""
        return self.document.cell(id_)

    def has_any(self, ids: Iterable[str]) -> bool:
        """Whether any of these cells is in the notebook, ahead."""
        return any(self.cell(id_) is not None for id_ in ids)

    def write(self, work: Callable[[], None], author: str = KERNEL) -> None:
        """A change by the kernel's hand, or by the service's own."""
        if self.broken:
            return
        update = self.document.write(work, author)
        if update != frames.NOTHING:
            self._queue(update, author, author, None)

    def tell_writers(self, notice: RoomNotice) -> None:
        """To everybody who may write now."""
        for member in list(self.members):
            if self.may_write(member.seat):
                member.tell(notice)

    def tell_all(self, notice: RoomNotice) -> None:
        """To everybody."""
        for member in list(self.members):
            member.tell(notice)

    def when_durable(self, then: Callable[[], None]) -> None:
        """Calls back when everything written so far is on disk and shown."""
        self._wait_for(_Waiting(None, None, then))

    def ran(self, run: runs.Run, status: str, seconds: float) -> None:
        """A run ended."""
        self._journal.ran(self.session, run, status, seconds)

    def learnt(self, info: Mapping[str, Any]) -> None:
        """The kernel said what it is: the notebook says so, too, before any page wants to."""
        language = plain(shared(info.get("language_info") or {}))
        self.document.rules.facts["language_info"] = language
        if not self.frozen and not same(self.document.metadata.get("language_info"), language):
            self.write(lambda: self.document.metadata.update({"language_info": shared(language)}))

    def _take_up_left_open(self) -> None:
        """Cells that run by the document: an earlier life of the service ran them, and the kernel may still."""
        self.kernel.runs.left_open(
            [cell["id"] for cell in self.document.ahead.cells if cell.get("execution_state") == cells.RUNNING]
        )
        if self.kernel.runs.left and self.has_kernel:
            self.kernel.link.wake()
        elif self.kernel.runs.left:
            self.kernel.runs.close_left_open(runs.CUT_OFF)

    # The way to the disk, and from there to everybody

    def _queue(self, update: bytes, author: str, connection: str, member: Member | None) -> None:
        row = Row(self._next, self._now(), author, connection, update)
        self._next += 1
        self._wait_for(_Waiting(row, member))

    def _wait_for(self, waiting: _Waiting) -> None:
        self._waiting.append(waiting)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_rows(), name=f"rows of {self.session}")

    async def _write_rows(self) -> None:
        while self._waiting:
            batch = list(self._waiting)
            rows = [waiting.row for waiting in batch if waiting.row is not None]
            try:
                if rows:
                    await self._log.append(rows)
                self._show_all(batch)
            except Exception:  # told to some and not to others is no better than not written
                log.exception("room %s: %d rows were not written and shown; all connect again", self.session, len(rows))
                self._break()
                return
            await self.keep()

    def _show_all(self, batch: list[_Waiting]) -> None:
        for waiting in batch:
            self._waiting.popleft()
            self._show(waiting)
            if waiting.then is not None:
                waiting.then()
        self._tell_saved(batch)
        self._show_moved()

    async def keep(self) -> None:
        """Makes a snapshot, if it is time for one. Without it the room opens more slowly, and that is all."""
        if self._durable - self._kept < EVERY:
            return
        self._kept = self._durable
        try:
            rows = (waiting.row for waiting in self._waiting if waiting.row is not None)
            written = self._written - _by_people(rows)
            await self._log.keep(self.document.snapshot(self._durable, written), self._now())
        except Exception:
            log.exception("room %s: no snapshot was kept", self.session)

    def _show(self, waiting: _Waiting) -> None:
        if waiting.row is None:
            return
        self._durable += 1
        frame = frames.update(self.document.settle())
        for member in self.members:
            if member is not waiting.member:
                member.line.send(frame)

    def _tell_saved(self, batch: list[_Waiting]) -> None:
        for member in {waiting.member for waiting in batch if waiting.member is not None}:
            waiting = sum(1 for waiting in self._waiting if waiting.member is member)
            saved = member.received - waiting - member.missing
            member.tell(Saved(saved))

    def _break(self) -> None:
        """The disk did not take it. What is in memory is ahead of it, so the room is made anew from the log."""
        self.broken = True
        self._waiting.clear()
        self.kernel.runs.abandon()
        self._leaving = asyncio.create_task(self.kernel.close(), name=f"end of a broken room {self.session}")
        for member in list(self.members):
            member.line.close(AGAIN, "the last changes could not be written; they will be sent again")

    async def settled(self) -> None:
        """Returns when everything that was taken is on disk."""
        while self._writing is not None and not self._writing.done():
            await asyncio.shield(self._writing)

    # The session goes on

    def change(self, state: State) -> None:
        """The session is in another state."""
        early, self.state = not self.has_kernel, state
        for member in self.members:
            member.shade = None
        if early and self.has_kernel and self.members:
            self.kernel.link.wake()  # for those who came before there was a guest
            self.tell_all(self.kernel.notice)

    async def freeze(self, why: str) -> None:
        """No more changes. Returns when the last one is on disk."""
        if self.frozen:
            await self.settled()
            return
        await self.kernel.runs.stop(runs.Ended("error", "SessionEnded", why))
        self.frozen = True
        await self.settled()
        self.tell_all(KernelNotice("dead", why))
        await self.kernel.close()

    async def close(self) -> None:
        """Lets go of everything; the log stays."""
        await self.kernel.close()
        await self.settled()


def _by_people(rows: Iterable[Row]) -> int:
    """Bytes that people wrote."""
    return sum(len(row.data) for row in rows if row.author not in {KERNEL, SERVICE})
