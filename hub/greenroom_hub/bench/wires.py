"""Observations of many candidates at once: what each costs, when it is acknowledged, and when staff see it."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from greenroom_sandbox import processes

from greenroom_hub.bench.child import running
from greenroom_hub.bench.crowd import AT_ONCE, Crowd, crowd
from greenroom_hub.bench.measure import Measure, alone, compared, percentile
from greenroom_hub.bench.pages import fdatasyncs
from greenroom_hub.bench.raw import TEXT, RawSocket, dial, frame
from greenroom_hub.wire import BURST, PER_SECOND

CLIENTS, RATE, SECONDS = 300, 2.0, 15.0  # of issue 5
BATCH = 50  # observations of one browser that was offline: within what the service takes at once
ROUNDS = 5
INGEST_BAR = 1 / 0.6  # of issue 5: 0.6 of the echo's messages in a processor second
DASHBOARD_BAR = 100.0  # ms, of issue 5
BASE, SYNCS = 10.0, 5  # of issue 5: ms, and fdatasyncs on top
BROWSER = "a1b2c3d4e5f6a7b8"


@dataclass(slots=True)
class Reporter:
    """A candidate's wire. `number` sets its ids apart; `acked` is the last number acknowledged."""

    number: int
    n: int = 0
    acked: int = 0
    sent: list[float] = field(default_factory=list)
    heard: list[float] = field(default_factory=list)
    seen: list[float] = field(default_factory=list)
    welcome: asyncio.Event = field(default_factory=asyncio.Event)
    watching: asyncio.Event = field(default_factory=asyncio.Event)
    socket: RawSocket | None = None

    async def come(self, service: Crowd, place: int, *, watched: bool) -> None:
        """The candidate's page opens, and with `watched` the interviewer's."""
        one = service.sittings[place]
        self.socket = await dial(service.port, service.wire(one), one.candidate, self.told)
        self.socket.send(_said({"type": "hello", "browser": BROWSER, "clock": 1000.0}))
        await self.welcome.wait()
        service.sockets.append(self.socket)
        if watched:
            staff = await dial(service.port, service.wire(one), one.interviewer, self.shown)
            staff.send(_said({"type": "hello", "browser": "0" * 16, "clock": 1000.0}))
            await self.watching.wait()
            service.sockets.append(staff)

    def told(self, message: bytes) -> None:
        """What the candidate's page is told."""
        said = msgspec.json.decode(message)
        if said["type"] == "welcome":
            self.welcome.set()
        elif said["type"] == "acknowledged":
            now = time.perf_counter()
            self.heard += [now] * (said["n"] - self.acked)
            self.acked = said["n"]

    def shown(self, message: bytes) -> None:
        """What the interviewer's page is told."""
        said = msgspec.json.decode(message)
        if said["type"] == "welcome":
            self.watching.set()
        elif said["type"] == "incident":
            self.seen.append(time.perf_counter())

    def observation(self) -> bytes:
        """The next one: every second one ends what the one before it began, and each lasts a second."""
        self.n += 1
        stretch, start = divmod(self.n - 1, 2)[0], 1000.0 + self.n / RATE
        end = None if self.n % 2 else start
        seen = {"id": f"o{self.number:05}{stretch:06}", "signal": "visibility", "kind": "tab_hidden"}
        numbers = {"start": start - (0 if self.n % 2 else 1 / RATE), "end": end, "confidence": 0.9, "quality": 0.83}
        return _said({"type": "observe", "n": self.n, "observation": seen | numbers})

    def report(self, count: int = 1) -> None:
        """Sends some."""
        assert self.socket is not None
        frames = b"".join(self.observation() for _ in range(count))
        self.sent += [time.perf_counter()] * count
        self.socket.send(frames)


def _said(message: object) -> bytes:
    return frame(msgspec.json.encode(message), TEXT)


async def _until(found: Callable[[], bool]) -> None:
    async with asyncio.timeout(120):
        while not found():  # noqa: ASYNC110 - another process's event
            await asyncio.sleep(0.01)


async def everybody(service: Crowd, *, watched: bool) -> list[Reporter]:
    """A candidate's wire for every session, connected and welcome."""
    made = [Reporter(number) for number in range(len(service.sittings))]
    for start in range(0, len(made), AT_ONCE):
        some = made[start : start + AT_ONCE]
        await asyncio.gather(*(one.come(service, one.number, watched=watched) for one in some))
    return made


async def ingest(quick: bool) -> list[Measure]:
    """Browsers that were offline send what waited, all at once: durable, chained, judged and acknowledged."""
    clients, batch, rounds = (40, BATCH, 1) if quick else (CLIENTS, BATCH, ROUNDS + 1)
    async with crowd(clients) as service, _echo(service.folder, clients) as echo:
        reporters, found = await everybody(service, watched=False), []
        for number in range(rounds):
            before = service.cost()
            for one in reporters:
                one.report(batch)
            await _until(lambda: all(one.acked == one.n for one in reporters))
            ours = service.cost() - before
            theirs = await echo([one.observation() for one in reporters for _ in range(batch)], batch)
            for one in reporters:
                one.n -= batch  # those went to the echo
            if number or quick:  # the first round warms both up
                found.append((1e6 * ours / (clients * batch), 1e6 * theirs / (clients * batch)))
            if number < rounds - 1:
                await asyncio.sleep(min(batch, BURST) / PER_SECOND)  # the service takes so many at once, and not again
    peer = "a bare tornado that sends each message back"
    return [compared("ingest", "CPU µs an observation", found, peer, round(INGEST_BAR, 3))]


Echoes = Callable[[Sequence[bytes], int], Awaitable[float]]


@asynccontextmanager
async def _echo(folder: Path, clients: int) -> AsyncIterator[Echoes]:
    """The peer: sends each of its connections a batch, and returns the processor seconds until all were back."""
    argv = [sys.executable, "-m", "greenroom_hub.bench.echo"]
    async with running(argv, {}, folder / "echo.log", talks=True) as process:
        assert process.stdout is not None
        port, back = int(await process.stdout.readline()), 0

        def heard(_: bytes) -> None:
            nonlocal back
            back += 1

        sockets = [await dial(port, "/", "", heard) for _ in range(clients)]

        async def send(messages: Sequence[bytes], batch: int) -> float:
            before, due = processes.usage(process.pid)[0], back + len(messages)
            for number, socket in enumerate(sockets):
                socket.send(b"".join(messages[number * batch : (number + 1) * batch]))
            await _until(lambda: back == due)
            return processes.usage(process.pid)[0] - before

        yield send
        for socket in sockets:
            socket.transport.abort()


async def _steadily(reporters: Sequence[Reporter], seconds: float) -> None:
    """Each reports every so often, one after the other."""
    begun = time.perf_counter()
    for number in range(round(seconds * RATE * len(reporters))):
        wait = begun + number / (RATE * len(reporters)) - time.perf_counter()
        if wait > 0:
            await asyncio.sleep(wait)
        reporters[number % len(reporters)].report()
    await _until(lambda: all(one.acked == one.n for one in reporters))


async def _syncs(folder: Path, found: list[float]) -> None:
    while True:
        found += await asyncio.to_thread(fdatasyncs, folder / "sync", 1)
        await asyncio.sleep(0.03)


async def acknowledgement(quick: bool) -> list[Measure]:
    """An observation sent until its acknowledgement is here; the same disk is timed meanwhile."""
    async with crowd(3 if quick else CLIENTS) as service:
        reporters, syncs = await everybody(service, watched=False), list[float]()
        timing = asyncio.create_task(_syncs(service.folder, syncs))
        await _steadily(reporters, 1 if quick else SECONDS)
        timing.cancel()
    waits = [1000 * (heard - sent) for one in reporters for sent, heard in zip(one.sent, one.heard, strict=True)]
    bar = BASE + SYNCS * percentile(syncs, 0.99)
    unit = f"ms, p99, {len(reporters)} clients, {RATE:g} a second each"
    return [alone("acknowledgement", unit, [percentile(waits, 0.99)], round(bar, 1))]


async def dashboard(quick: bool) -> list[Measure]:
    """An observation sent until it stands in the timeline that an interviewer of its session watches."""
    async with crowd(3 if quick else CLIENTS) as service:
        reporters = await everybody(service, watched=True)
        await _steadily(reporters, 1 if quick else SECONDS)
        await _until(lambda: all(len(one.seen) >= one.n for one in reporters))
    waits = [1000 * (seen - sent) for one in reporters for sent, seen in zip(one.sent, one.seen, strict=False)]
    unit = f"ms, p99, {len(reporters)} sessions, {RATE:g} a second each"
    return [alone("dashboard", unit, [percentile(waits, 0.99)], DASHBOARD_BAR)]
