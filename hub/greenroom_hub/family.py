"""The parent's children: started together, started again when one ends, ended in the reverse order."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import json
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tornado.httpclient import AsyncHTTPClient, HTTPError, HTTPRequest

from greenroom_hub.settings import CHECKOUT

READY = 60.0  # seconds until every process answers; measured: 5
PATIENCE = 8.0  # seconds a process has to end before it is killed
AGAIN = 5  # ends of one process within a minute; more is no accident, and everything ends
LOOK = 0.05  # seconds between two looks at a process that is starting
TOLD = 6  # lines of its log that a process which cannot start is quoted with


class Ended(Exception):  # noqa: N818 - the process's error, not ours
    """A process that does not start, or does not stay: which, and where it says why."""


@dataclass(frozen=True, slots=True)
class Program:
    """One child: its command line, what it gets in its environment, and the address that shows it is up."""

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str]
    up: str
    code: int = 200  # the proxy's API answers 403 to whoever has no token, and is up
    announces: bool = False  # its first line is a JSON object for us
    again: HTTPRequest | None = field(default=None, compare=False)  # what to ask once it was started again


class Family:
    """The children."""

    def __init__(self, log: Path, say: Callable[[str], None]) -> None:
        self.log, self.say = log, say
        self.running: dict[str, asyncio.subprocess.Process] = {}
        self.watching: set[asyncio.Task[None]] = set()
        loop = asyncio.get_running_loop()
        self.failed: asyncio.Future[str] = loop.create_future()
        self.announced: asyncio.Future[dict[str, object]] = loop.create_future()

    async def start(self, *programs: Program) -> None:
        """Start them at once, and wait until each answers. `Ended` when one does not."""
        for program in programs:
            await self._spawn(program)
        await asyncio.gather(*(self._first(program) for program in programs))

    async def _first(self, program: Program) -> None:
        """Wait for one that starts. What ends before it has ever answered would end the next time, too."""
        process = self.running[program.name]
        reading = asyncio.create_task(self._read(process))
        up = asyncio.create_task(answers(program.up, program.code))
        ended = asyncio.create_task(process.wait())
        try:
            await asyncio.wait((up, ended), return_when=asyncio.FIRST_COMPLETED)
            if not up.done():
                raise Ended(f"the {program.name} ended with exit code {process.returncode}. {self._why(program)}")
            if not up.result():
                raise Ended(f"the {program.name} did not answer in {READY:.0f} s. {self._why(program)}")
        finally:
            up.cancel()
            ended.cancel()
        self.watching.add(asyncio.create_task(self._watch(program, reading)))

    def _why(self, program: Program) -> str:
        file = self.log / f"{program.name}.log"
        with contextlib.suppress(OSError):
            last = "\n  ".join(file.read_text(errors="replace").strip().splitlines()[-TOLD:])
            return f"{file} ends with:\n  {last}"
        return f"{file} says why"

    async def _spawn(self, program: Program) -> None:
        self.log.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.log / f"{program.name}.log").open("ab") as said:
            self.running[program.name] = await asyncio.create_subprocess_exec(
                *program.argv,
                env=program.environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE if program.announces else said,
                stderr=said,
                cwd=CHECKOUT,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        """What a process announces, and then the rest, so that it never waits for us to read."""
        if process.stdout is None:
            return
        async for line in process.stdout:
            if not self.announced.done():
                with contextlib.suppress(ValueError):
                    self.announced.set_result(json.loads(line))

    async def _watch(self, program: Program, reading: asyncio.Task[None]) -> None:
        """Start it again when it ends by itself."""
        ends: list[float] = []
        while True:
            process = self.running[program.name]
            code = await process.wait()
            await reading
            ends = [one for one in ends if time.monotonic() - one < 60] + [time.monotonic()]
            if len(ends) >= AGAIN:
                if not self.failed.done():
                    self.failed.set_result(f"the {program.name} ended {AGAIN} times in a minute. {self._why(program)}")
                return
            self.say(f"The {program.name} {_how(code)}; starting it again.")
            await self._spawn(program)
            reading = asyncio.create_task(self._read(self.running[program.name]))
            await self._back(program)

    async def _back(self, program: Program) -> None:
        """Say when one that was started again is there again."""
        up = asyncio.create_task(answers(program.up, program.code))
        ended = asyncio.create_task(self.running[program.name].wait())
        await asyncio.wait((up, ended), return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        if not up.done():
            up.cancel()
            return
        if program.again is not None:
            with contextlib.suppress(OSError, HTTPError):  # whoever is asked is away, too, and does it when it starts
                await AsyncHTTPClient().fetch(program.again, raise_error=False)
        self.say(f"The {program.name} is back." if up.result() else f"The {program.name} does not answer.")

    async def end(self) -> None:
        """End all, the last started first."""
        for task in self.watching:
            task.cancel()
        await asyncio.gather(*self.watching, return_exceptions=True)
        for process in reversed(self.running.values()):
            if process.returncode is None:
                process.terminate()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(process.wait(), PATIENCE)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


async def answers(url: str, code: int = 200) -> bool:
    """Wait until an address answers with `code`. False when it takes too long."""
    client, deadline = AsyncHTTPClient(), time.monotonic() + READY
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, HTTPError):
            # Our own certificate may be one that this machine does not know; nothing is sent but this question.
            how = {"validate_cert": False, "follow_redirects": False, "request_timeout": 2}
            if (await client.fetch(url, raise_error=False, **how)).code == code:
                return True
        await asyncio.sleep(LOOK)
    return False


def _how(code: int) -> str:
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"


def die_with_parent() -> None:
    """For a child between fork and exec."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM, 0, 0, 0)  # PR_SET_PDEATHSIG: also when the parent is killed
