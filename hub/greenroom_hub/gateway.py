"""The gateway: the one way to a Piston. It checks who, which language, how often and how much, and writes it down."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence

import msgspec
from greenroom_proctor.words import State
from greenroom_sandbox.client import Piston, Refused, Unreachable
from greenroom_sandbox.piston import Limits, RuntimeInfo
from greenroom_sandbox.queue import Full, Queue
from tornado.log import app_log

from greenroom_hub.forwarded import BODY, Begun, Exit, Failed, Input, Queued, RunChunk, RunRequest, Sizes, event
from greenroom_hub.forwarding import UNREACHABLE, Inputs, Order, as_it_goes, whole
from greenroom_hub.journal import Journal
from greenroom_hub.policy import Limits as PolicyLimits
from greenroom_hub.policy import Policy
from greenroom_hub.rate import Rate
from greenroom_hub.sessions import Sessions
from greenroom_hub.settings import Greenroom

AT_ONCE = 2  # of one session: one that runs and one that was started by mistake
ELSEWHERE = 16  # jobs at once at a Piston that is not ours: a quarter of what it runs by default
UNREAD = 64  # pieces of input that wait for a run
TYPING = 120  # seconds that an interactive program may take: a person reads its question and types
_SPARE = 30.0  # seconds over its own limits until a job is given up: a queue, a slow machine
_NAMES = {
    "bash": "main.sh",
    "c": "main.c",
    "c++": "main.cpp",
    "java": "Main.java",
    "javascript": "main.js",
    "python": "main.py",
    "r": "main.R",
    "sqlite3": "main.sql",
    "typescript": "main.ts",
}


class Refusal(Exception):  # noqa: N818 - an answer, not a fault
    """A run that was not begun, and why. `status` is HTTP's word for it."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Gateway:
    """Runs of all sessions on one Piston: `piston_url`, or the embedded runner at `runner_url`."""

    def __init__(
        self,
        settings: Greenroom,
        runner_url: str,
        record: Journal,
        sessions: Sessions,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._piston = Piston(settings.piston_url or runner_url)
        self._record, self._sessions = record, sessions
        self._rate = Rate(now)
        self._queue = Queue(ELSEWHERE if settings.piston_url else 2 * (os.cpu_count() or 1), waiting=300)
        self._busy: dict[str, int] = {}
        self._inputs: dict[tuple[str, str], Inputs] = {}  # of interactive runs, by session and run
        self._runtimes: Sequence[RuntimeInfo] = ()
        self._limits = Limits()
        self._ours = True

    async def check(self) -> None:
        """Ask Piston what it has. Unreachable says what is wrong."""
        found = await self._piston.runtimes()
        self._limits = await self._piston.configured(found[0].language)
        self._ours = await self._piston.ours()
        self._runtimes = found

    async def languages(self, session: str) -> list[RuntimeInfo]:
        """What this session may run, of what is there."""
        policy = (await self._sessions.get(session)).policy
        if not self._runtimes:
            await self.check()
        return [info for info in self._runtimes if _may(policy, info)]

    def say(self, session: str, run: str, said: Input) -> None:
        """Say something to an interactive run of a session. Refusal when it is over, or has much to read already."""
        inputs = self._inputs.get((session, run))
        if inputs is None:
            raise Refusal(404, "This run is over.")
        try:
            inputs.put_nowait(said)
        except asyncio.QueueFull:
            raise Refusal(429, "The program has much input to read already. Wait a moment.") from None

    async def run(self, session: str, request: RunRequest, actor: str) -> AsyncIterator[RunChunk]:
        """One run, as it comes. Refusal before the first chunk; leaving the iterator ends the run."""
        info, policy = await self._allowed(session, request)
        body = self._body(request, info, policy)
        self._claim(session, policy)
        name, inputs = secrets.token_hex(8), Inputs(UNREAD)
        try:
            if request.interactive:
                self._inputs[session, name] = inputs
                yield Begun(name)
            chunks: asyncio.Queue[RunChunk | None] = asyncio.Queue()
            order = Order(session, request, body, policy.limits.output, actor, _patience(body), inputs)
            work = asyncio.create_task(self._work(order, chunks.put_nowait))
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
            self._inputs.pop((session, name), None)
            self._release(session)

    async def print(self, language: str, source: str, stdin: str, seconds: float) -> str | None:
        """What a program prints for a hidden case; None when it did not end well. For the house's own checks: their
        tries and their events are kept by the check, so there is no rate and no event here."""
        policy = Policy(limits=PolicyLimits(run_seconds=max(1, min(300, round(seconds)))))
        info = RuntimeInfo(language, "*", ())
        body = self._body(RunRequest(language, source, stdin=stdin), info, policy)
        async with self._queue.turn():
            try:
                run = (await self._piston.execute(body, _patience(body))).run
            except Refused:
                return None
        return run.stdout if run.code == 0 and run.status is None else None

    async def _allowed(self, session: str, request: RunRequest) -> tuple[RuntimeInfo, Policy]:
        try:
            found = await self._sessions.get(session)
        except LookupError as error:
            raise Refusal(404, str(error)) from None
        if found.state is not State.LIVE:
            raise Refusal(409, f"Programs run while the session is live; it is {found.state.value}.")
        try:
            offered = await self.languages(session)
        except Unreachable as error:
            app_log.warning("%s", error)
            raise Refusal(502, UNREACHABLE) from None
        info = next((one for one in offered if request.language in {one.language, *one.aliases}), None)
        if info is None:
            names = ", ".join(one.language for one in offered) or "no language at all"
            raise Refusal(403, f'"{request.language}" cannot be run here; this session has {names}.')
        return info, found.policy

    def _body(self, request: RunRequest, info: RuntimeInfo, policy: Policy) -> dict[str, object]:
        """Piston's request. All six limits are always in it: left out, or zero, some of them mean no limit there."""
        name = _NAMES.get(info.language, "main")
        if name in request.files:
            raise Refusal(400, f'A file cannot be called "{name}": the program itself is.')
        milliseconds = policy.limits.run_seconds * 1000
        wall = max(milliseconds, TYPING * 1000) if request.interactive else milliseconds
        most = self._limits
        limits = msgspec.structs.replace(
            most, run_timeout=min(most.run_timeout, wall), run_cpu_time=min(most.run_cpu_time, milliseconds)
        )
        files = [{"name": name, "content": request.source}]
        files += [{"name": name, "content": text} for name, text in request.files.items()]
        body: dict[str, object] = {
            "language": info.language,
            "version": request.version,
            "files": files,
            "stdin": request.stdin,
            "args": request.args,
            **msgspec.structs.asdict(limits),
        }
        if (size := len(msgspec.json.encode(body))) > BODY:
            raise Refusal(413, f"Program, files and input are {size} bytes together; {BODY} is the most.")
        return body

    def _claim(self, session: str, policy: Policy) -> None:
        if self._busy.get(session, 0) >= AT_ONCE:
            raise Refusal(429, f"{AT_ONCE} programs run already; wait until one has ended.")
        wait = self._rate.take(session, policy.limits.runs_per_minute)
        if wait:
            most = policy.limits.runs_per_minute
            raise Refusal(429, f"{most} runs a minute are the most; the next is possible in {wait:.0f} s.")
        self._busy[session] = self._busy.get(session, 0) + 1

    def _release(self, session: str) -> None:
        self._busy[session] -= 1
        if not self._busy[session]:
            del self._busy[session]

    async def _work(self, order: Order, tell: Callable[[RunChunk], None]) -> None:
        end: Exit | Failed = Failed("The run was left before it ended.")
        sizes = Sizes(order.output)
        forward = as_it_goes if self._ours or order.request.interactive else whole
        try:
            async with self._queue.turn(lambda position: tell(Queued(position))):
                end = await forward(self._piston, order, tell, sizes)
        except Full:
            end = Failed("Too many programs wait for a place. Try again in a moment.")
        except Unreachable as error:
            app_log.warning("%s", error)
            end = Failed(UNREACHABLE)
        finally:
            await self._record.append(
                order.session, "run.elsewhere", event(order.request, order.body, sizes.printed, end), actor=order.actor
            )
        tell(end)


def _may(policy: Policy, info: RuntimeInfo) -> bool:
    return not {info.language, *info.aliases}.isdisjoint(policy.languages)


def _patience(body: Mapping[str, object]) -> float:
    times = (body["compile_timeout"], body["run_timeout"])
    return sum(time for time in times if isinstance(time, int)) / 1000 + _SPARE
