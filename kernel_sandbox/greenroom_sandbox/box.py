"""A box: one program, started fresh, watched, ended, with nothing left of it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from greenroom_sandbox import bubblewrap, cgroup, launch, processes, ready
from greenroom_sandbox.policy import MIB, Policy
from greenroom_sandbox.ready import Ready

TICK = 0.05  # seconds between two looks at processor time and memory
PIPE = 65_536  # bytes that an empty pipe takes at once
Listener = Callable[[str, bytes], None]
"""Called with "stdout" or "stderr" and the bytes as they come."""


class Status(StrEnum):
    """How a program ended. `error`: with an exit code other than 0; the others: what stopped it."""

    OK = "ok"
    ERROR = "error"
    TIME = "time"
    MEMORY = "memory"
    OUTPUT = "output"
    SIGNAL = "signal"


@dataclass(frozen=True, slots=True)
class Result:
    """What a program did. `memory_bytes`: the most at once, of all its processes where a control group counts them."""

    status: Status
    exit_code: int | None
    signal: int | None
    stdout: bytes
    stderr: bytes
    wall_seconds: float
    cpu_seconds: float
    memory_bytes: int


@dataclass(slots=True)
class _Run:
    """A program that is running: what it printed, and the first reason to stop it."""

    policy: Policy
    box: Ready
    listener: Listener | None
    started: float
    spent: float  # processor seconds that its box had taken before
    printed: dict[str, bytearray] = field(default_factory=lambda: {"stdout": bytearray(), "stderr": bytearray()})
    reason: Status | None = None
    cpu: float = 0.0
    peak: int = 0

    @property
    def process(self) -> asyncio.subprocess.Process:
        return self.box.process

    @property
    def group(self) -> cgroup.Cgroup | None:
        return self.box.group

    def stop(self, reason: Status) -> None:
        """Kill everything; the first reason stands."""
        self.reason = self.reason or reason
        self.box.kill()


@dataclass(frozen=True, slots=True)
class _Program:
    """What to run, and with what."""

    argv: Sequence[str]
    files: Mapping[str, bytes]
    stdin: bytes | AsyncIterator[bytes] | None
    env: Mapping[str, str]
    on_output: Listener | None
    cancel: asyncio.Event | None
    signals: asyncio.Queue[int] | None
    on_reading: Callable[[], None] | None


Make = Callable[[Policy], Awaitable[Ready]]


async def run(
    policy: Policy,
    argv: Sequence[str],
    *,
    files: Mapping[str, bytes] = {},
    stdin: bytes | AsyncIterator[bytes] | None = None,
    env: Mapping[str, str] = {},
    folder: Path | None = None,
    on_output: Listener | None = None,
    cancel: asyncio.Event | None = None,
    signals: asyncio.Queue[int] | None = None,
    on_reading: Callable[[], None] | None = None,
    make: Make | None = None,
) -> Result:
    """Run one program in a fresh box. `files` lie in its home folder; with `folder`, that is the home and stays.

    `cancel` ends it early (status signal, SIGKILL). Numbers put into `signals` are delivered to the program and all its
    children, as a terminal does. `on_reading` is called when the program has begun to wait for input. `make`: where its
    box comes from, when it was made before; a box with a `folder` never is.
    """
    program = _Program(argv, files, stdin, env, on_output, cancel, signals, on_reading)
    making = ready.made(policy, folder) if make is None or folder is not None else make(policy)
    box = await _whole(asyncio.ensure_future(making))
    try:
        if folder is not None:
            _furnish(folder, files, box.uid)
        now = _Run(policy, box, on_output, time.monotonic(), box.spent)
        await _attend(now, program)
        return _result(now, os.read(box.report, 4096))
    finally:
        await box.clear_away()


async def _whole(making: asyncio.Future[Ready]) -> Ready:
    """Whoever cancels us does not cut it short: what is half begun would have nobody who ends it."""
    try:
        return await asyncio.shield(making)
    except asyncio.CancelledError:
        await (await making).throw_away()
        raise


async def _order(now: _Run, program: _Program) -> None:
    """Tell the box what to run."""
    box = now.box
    orders = bubblewrap.orders(now.policy, box.uid, folder=box.folder) | {
        "report": box.writes,
        "program": list(program.argv),
        "env": dict(program.env),
        "files": dict(program.files) if box.folder is None else {},
        "stdin": program.stdin is not None,
    }
    packed = launch.packed(orders)

    def tell() -> None:
        with contextlib.suppress(BrokenPipeError):  # it was killed, and its end says so
            box.orders.write(packed)
            box.orders.close()

    if len(packed) > PIPE:
        await asyncio.to_thread(tell)
    else:
        tell()


async def _attend(now: _Run, program: _Program) -> None:
    """Read, feed and watch until the program has ended; whoever cancels us ends it too."""
    watchers = [asyncio.create_task(_watch(now)), asyncio.create_task(_feed(now.process, program.stdin))]
    if program.cancel is not None:
        watchers.append(asyncio.create_task(_cancelled(now, program.cancel)))
    if program.signals is not None:
        watchers.append(asyncio.create_task(_signalled(now, program.signals)))
    if program.on_reading is not None:
        watchers.append(asyncio.create_task(_waits(now, program.on_reading)))
    try:
        await _order(now, program)
        await asyncio.gather(_read(now, "stdout"), _read(now, "stderr"), now.process.wait())
    finally:
        for watcher in watchers:
            watcher.cancel()
        await asyncio.gather(*watchers, return_exceptions=True)
        if now.process.returncode is None:
            now.stop(Status.SIGNAL)
            await now.process.wait()


def _result(now: _Run, report: bytes) -> Result:
    ended = json.loads(report) if report else {}
    code, number = ended.get("code"), ended.get("signal")
    reason = now.reason
    if reason is None and now.group is not None and now.group.out_of_memory:
        reason = Status.MEMORY
    if reason is None and number == signal.SIGXCPU:
        reason = Status.TIME
    if not report and code is None and number is None:
        number = signal.SIGKILL  # not even launch.py is left: the whole box was killed
    if reason is None:
        reason = Status.SIGNAL if number else Status.OK if code == 0 else Status.ERROR
    return Result(
        status=reason,
        exit_code=code,
        signal=number,
        stdout=bytes(now.printed["stdout"]),
        stderr=bytes(now.printed["stderr"]),
        wall_seconds=time.monotonic() - now.started,
        cpu_seconds=now.box.spent - now.spent if now.group else max(now.cpu, ended.get("cpu", 0.0)),
        memory_bytes=(now.group.peak_memory if now.group else None) or max(now.peak, ended.get("peak", 0)),
    )


async def _read(now: _Run, name: str) -> None:
    stream = now.process.stdout if name == "stdout" else now.process.stderr
    assert stream is not None
    kept = now.printed[name]
    while data := await stream.read(65_536):
        room = now.policy.output - len(kept)
        piece = data[:room]
        kept += piece
        if piece and now.listener is not None:
            now.listener(name, piece)
        if len(data) > room:
            now.stop(Status.OUTPUT)


async def _feed(process: asyncio.subprocess.Process, stdin: bytes | AsyncIterator[bytes] | None) -> None:
    if stdin is None:
        return
    assert process.stdin is not None
    # A program that never reads closes its end some time: that is its right and nobody's error.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        if isinstance(stdin, bytes):
            process.stdin.write(stdin)
            await process.stdin.drain()
        else:
            async for piece in stdin:
                process.stdin.write(piece)
                await process.stdin.drain()
    process.stdin.close()


async def _watch(now: _Run) -> None:
    """Look at the clock, the processor time and, where no control group does it, the memory."""
    while True:
        if now.policy.wall is not None and time.monotonic() - now.started >= now.policy.wall:
            return now.stop(Status.TIME)
        if now.group is None:
            cpu, memory = await asyncio.to_thread(processes.usage, now.process.pid)
            now.cpu, now.peak = max(now.cpu, cpu), max(now.peak, memory)
            if memory > now.policy.memory * MIB:
                return now.stop(Status.MEMORY)
        else:
            now.cpu = now.box.spent - now.spent
        if now.policy.cpu is not None and now.cpu >= now.policy.cpu:
            return now.stop(Status.TIME)
        await asyncio.sleep(TICK)


async def _cancelled(now: _Run, cancel: asyncio.Event) -> None:
    await cancel.wait()
    now.stop(Status.SIGNAL)


async def _waits(now: _Run, tell: Callable[[], None]) -> None:
    """Tell each time that the program begins to wait for input: seen twice, so that a short read is passed over."""
    seen, told = "", ""
    while True:
        waits = await asyncio.to_thread(processes.reading, now.process.pid)
        if waits and waits == seen != told:
            told = waits
            tell()
        seen = waits
        await asyncio.sleep(TICK)


async def _signalled(now: _Run, signals: asyncio.Queue[int]) -> None:
    while True:
        number = await signals.get()
        if number == signal.SIGKILL:
            return now.stop(Status.SIGNAL)
        while not (program := processes.program(now.process.pid)):  # noqa: ASYNC110 - nobody tells when it has started
            await asyncio.sleep(0.01)
        for pid in program:
            processes.send(pid, number)


def _furnish(folder: Path, files: Mapping[str, bytes], uid: int | None) -> None:
    for name, content in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        if uid is not None:
            os.chown(place, uid, uid)
    if uid is not None:
        os.chown(folder, uid, uid)
