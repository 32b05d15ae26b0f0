"""What goes on behind the scenes of a session: its guest is there in time, and at the end all is taken in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import sqlalchemy as sa
from greenroom_proctor.words import Action, State
from tornado.ioloop import PeriodicCallback
from tornado.log import app_log

from greenroom_hub.guests import GuestError
from greenroom_hub.sessions import Session
from greenroom_hub.store import tables

if TYPE_CHECKING:
    from greenroom_hub.house import House

Work = Callable[[str], Awaitable[None]]

_ENDS = frozenset({Action.SUBMIT, Action.EXPIRE, Action.TERMINATE})
_TO_TAKE_IN = frozenset({State.SUBMITTED, State.EXPIRED, State.TERMINATED})
_NEEDS_GUEST = frozenset({State.LOBBY, State.LIVE, State.PAUSED})

FILES_PLACED = "files.placed"

# Guests started or taken in at once. Paced like this the hub stays at hand; 100 at once stall it for seconds.
AT_ONCE = 4
# Seconds before something that failed is done again: the hub starts in about four.
PAUSES = (0.5, 1, 2, 4, 8)
# Seconds that a stop waits for what is under way.
STOP = 4
# A minute: what failed longer, such as a full disk, is not mended sooner.
AGAIN = 60_000


class Stagehand:
    """Listens to the sessions. Its own work goes on in the background and is caught up with after a restart."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._few = asyncio.Semaphore(AT_ONCE)
        self._one = asyncio.Semaphore(1)  # grading takes its boxes' time: no guest waits for it
        self._placed: set[str] = set()
        self._stopped: set[str] = set()
        self._graded: set[str] = set()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._again = PeriodicCallback(self.catch_up, AGAIN)
        house.sessions.on_change(self.changed)

    def start(self) -> None:
        """From now on, also looks for what was left undone."""
        self._again.start()

    async def stop(self) -> None:
        """Lets what is under way come to an end."""
        self._again.stop()
        _, late = await asyncio.wait(self._tasks.values(), timeout=STOP) if self._tasks else (set(), set())
        for task in late:  # it is caught up with at the next start
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def changed(self, session: Session, action: Action) -> None:
        """After an action. Whoever hands in or ends a session waits until all is taken in."""
        if action is Action.ARRIVE:
            self._begin(f"start {session.id}", self._guest, session.id)
        elif action in _ENDS:
            taking = self._begin(f"take in {session.id}", self._take_in, session.id)
            if action is not Action.EXPIRE:
                await asyncio.shield(taking)
        elif action in {Action.CANCEL, Action.MISS}:
            self._begin(f"stop {session.id}", self._stop, session.id)

    async def catch_up(self) -> None:
        """Starts the guests that should be there, takes in what ended without being taken in, stops who was left."""
        ids = sa.select(tables.submission.c.session)
        done = set(await self._house.store.run(lambda connection: list(connection.execute(ids).scalars())))
        left = self._house.guests.left() - self._stopped
        for session in self._house.sessions.known():
            if session.state in _TO_TAKE_IN and session.id not in done:
                self._begin(f"take in {session.id}", self._take_in, session.id)
            elif session.state in _NEEDS_GUEST:
                self._begin(f"start {session.id}", self._guest, session.id)
            elif session.id in left:
                self._begin(f"stop {session.id}", self._stop, session.id)
            if session.state in _TO_TAKE_IN and session.id in done and session.id not in self._graded:
                self._begin(f"grade {session.id}", self._grade, session.id, self._one)

    async def _guest(self, session: str) -> None:
        await self._house.guests.start(session)
        await self._place_files(session)
        if (await self._house.sessions.get(session)).state not in _NEEDS_GUEST | _TO_TAKE_IN:
            await self._stop(session)  # called off while it started

    async def _place_files(self, session: str) -> None:
        """The template's files, once: what cells made of them since is the candidate's."""
        if session in self._placed:
            return
        events = await self._house.record.events(session)
        if not any(event.type == FILES_PLACED for event in events):
            files = (await self._house.variants.of(await self._house.sessions.get(session))).files
            await self._house.guests.put_files(session, files)
            await self._house.record.append(session, FILES_PLACED, {"files": sorted(files)}, actor="service")
        self._placed.add(session)

    async def _take_in(self, session: str) -> None:
        try:  # where it has gone, its work folder has not: the files are handed over by a new one
            await self._house.guests.start(session)
        except (GuestError, OSError) as error:
            app_log.warning("the guest of %s is not there at the end: %s", session, error)
        await self._house.submissions.freeze(session)
        await self._stop(session)
        self._begin(f"grade {session}", self._grade, session, self._one)

    async def _grade(self, session: str) -> None:
        await self._house.grades.grade(session)
        self._graded.add(session)

    async def _stop(self, session: str) -> None:
        await self._house.doors.close(session)
        await self._house.guests.stop(session)
        self._stopped.add(session)  # a socket that it leaves behind is no reason to stop it again

    def _begin(self, name: str, work: Work, session: str, turn: asyncio.Semaphore | None = None) -> asyncio.Task[None]:
        under_way = self._tasks.get(name)
        if under_way is not None:
            return under_way
        task = asyncio.create_task(self._do(name, work, session, turn or self._few), name=name)
        self._tasks[name] = task
        task.add_done_callback(lambda _: self._tasks.pop(name, None))
        return task

    async def _do(self, name: str, work: Work, session: str, turn: asyncio.Semaphore) -> None:
        for seconds in PAUSES:
            try:
                async with turn:
                    await work(session)
            except Exception as error:  # noqa: BLE001 - whatever it was, it may be over in a moment
                app_log.warning("could not %s: %r; once more in %s s", name, error, seconds)
                await asyncio.sleep(seconds)
            else:
                return
        app_log.error("could not %s; once more at the next look", name)
