"""The candidate's "Check": limited tries at hidden checks, counted in the record."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from greenroom_proctor.chain import Event
from greenroom_proctor.words import State
from msgspec import Struct
from tornado.log import app_log

from greenroom_hub.grading.checks import Check, Checks
from greenroom_hub.grading.grader import Broken, Grader, Outcome, Work
from greenroom_hub.grading.variants import Variants
from greenroom_hub.journal import Journal
from greenroom_hub.sessions import Session, Sessions

BEGUN, ENDED = "check.begun", "check.ended"


class Refusal(Exception):  # noqa: N818 - an answer, not a fault
    """A check that was not begun, and why. `status` is HTTP's word for it."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Offer(Struct, frozen=True):
    """A check, as far as the candidate may know it."""

    name: str
    title: str
    left: int


class Progress(Struct, frozen=True, tag="progress"):
    """So many cases have been asked. Not how they went."""

    done: int
    total: int


class Counted(Struct, frozen=True, tag="counted"):
    """How it ended: two numbers, a note from before any case, and the tries that are left."""

    passed: int
    total: int
    note: str | None
    left: int


class Failed(Struct, frozen=True, tag="failed"):
    """It could not be asked. This was no try."""

    why: str


CheckChunk = Progress | Counted | Failed


class Past(Journal, Protocol):
    """The record: what is appended, and what was."""

    async def events(self, session: str, after: int = 0) -> list[Event]: ...


def code_of(notebook: Mapping[str, Any]) -> Sequence[str]:
    """The code cells of a notebook, in their order."""
    cells = [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"]
    return ["".join(source) if isinstance(source, list) else source for source in cells]


class Checking:
    """Tries of all sessions. `notebook` gives what is durable of a session's; the kernel is not asked for it."""

    def __init__(
        self,
        record: Past,
        sessions: Sessions,
        notebook: Callable[[str], Awaitable[tuple[dict[str, Any], int, str]]],
        grader: Grader,
        variants: Variants,
    ) -> None:
        self._record, self._sessions, self._notebook = record, sessions, notebook
        self._grader, self._variants = grader, variants
        self._busy: set[str] = set()

    async def offers(self, session: str) -> list[Offer]:
        """What a session's candidate can press, and how often still."""
        found = await self._sessions.get(session)
        checks = found.template.settings.checks
        tried = await self._tried(session)
        return [Offer(one.name, one.title, max(0, checks.tries - tried[one.name])) for one in checks.items]

    async def _tried(self, session: str) -> Counter[str]:
        tried: Counter[str] = Counter()
        for event in await self._record.events(session):
            if event.type == BEGUN:
                tried[str(event.body["check"])] += 1
            elif event.type == ENDED and event.body["passed"] is None:
                tried[str(event.body["check"])] -= 1
        return tried

    async def run(self, session: str, name: str, actor: str) -> AsyncIterator[CheckChunk]:
        """One try, as it goes on. Refusal before the first chunk; leaving it ends it."""
        found = await self._allowed(session)
        check, checks = _named(found, name), found.template.settings.checks
        self._busy.add(session)
        try:
            number = (await self._tried(session))[name] + 1
            if number > checks.tries:
                raise Refusal(429, f"All {checks.tries} tries of this check are used.")
            chunks: asyncio.Queue[CheckChunk | None] = asyncio.Queue()
            work = asyncio.create_task(self._work(found, check, number, actor, chunks.put_nowait))
            work.add_done_callback(lambda _: chunks.put_nowait(None))
            try:
                while (chunk := await chunks.get()) is not None:
                    yield chunk
                await work
            finally:
                work.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await work
        finally:
            self._busy.discard(session)

    async def _allowed(self, session: str) -> Session:
        try:
            found = await self._sessions.get(session)
        except LookupError as error:
            raise Refusal(404, str(error)) from None
        if found.state is not State.LIVE:
            raise Refusal(409, f"Work is checked while the session is live; it is {found.state.value}.")
        if session in self._busy:
            raise Refusal(429, "A check is under way already; wait until it has ended.")
        return found

    async def _work(
        self, session: Session, check: Check, number: int, actor: str, tell: Callable[[CheckChunk], None]
    ) -> None:
        cells = code_of((await self._notebook(session.id))[0])
        digest = hashlib.sha256("\0".join(cells).encode()).hexdigest()
        begun = {"check": check.name, "number": number, "notebook": digest}
        await self._record.append(session.id, BEGUN, begun, actor=actor)
        outcome: Outcome | None = None
        try:
            kit = await self._variants.of(session)
            outcome = await self._grader.grade(
                check,
                kit.hidden,
                Work(cells, kit.files),
                secrets.randbits(63),
                lambda done, total: tell(Progress(done, total)),
            )
        except Broken as broken:
            app_log.error("%s", broken)
            tell(Failed("The check could not be asked. This was no try; tell your interviewer."))
        finally:
            ended = {
                "check": check.name,
                "number": number,
                "passed": outcome.passed if outcome else None,
                "total": outcome.total if outcome else 0,
            }
            await self._record.append(session.id, ENDED, ended, actor="service")
        if outcome is not None:
            left = session.template.settings.checks.tries - number
            tell(Counted(outcome.passed, outcome.total, outcome.note, left))


def _named(session: Session, name: str) -> Check:
    checks: Checks = session.template.settings.checks
    try:
        return checks.named(name)
    except LookupError as error:
        names = ", ".join(one.name for one in checks.items) or "none at all"
        raise Refusal(404, f"{error}; it has {names}.") from None
