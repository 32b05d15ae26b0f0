"""A program run elsewhere: the runner beside bubblewrap bare, and what the gateway before it costs."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from greenroom_proctor.words import Action, Role
from greenroom_sandbox import bubblewrap, runtimes, stages
from greenroom_sandbox import piston as protocol
from greenroom_sandbox.client import Piston
from greenroom_sandbox.runner import Runner

from greenroom_hub.bench.child import ON_DISK
from greenroom_hub.bench.measure import Measure, alone, percentile
from greenroom_hub.bench.notebook import notebook
from greenroom_hub.forwarded import Exit, RunRequest
from greenroom_hub.gateway import Gateway
from greenroom_hub.moment import now
from greenroom_hub.people import People
from greenroom_hub.policy import Limits, Policy
from greenroom_hub.record import Record
from greenroom_hub.seats import Seats
from greenroom_hub.sessions import Sessions
from greenroom_hub.settings import Greenroom
from greenroom_hub.store.database import Store
from greenroom_hub.store.schema import migrate
from greenroom_hub.templates import Sidecar, Templates

RUNS, BATCHES = 40, 10
AT_ONCE = 8
ALLOWED = 10.0  # ms over bare bubblewrap, and that the gateway may add (issue 4)
SHORT_COMPILED = 1000.0  # ms; nobody looks away from a compiler that takes a second
PATIENT = protocol.Limits(*(60_000,) * 4)  # a busy machine is slow, and no program of these is too long
HELLO = "print(1)"
_BARE = ("--unshare-all", "--die-with-parent", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp")  # noqa: S108
_BARE_SEES = ("/usr", "/lib", "/lib64", "/bin")
Job = Callable[[], Awaitable[float]]


async def _bare() -> float:
    """`bwrap … python -c`: every namespace, no limits, no filter, no uid of its own."""
    before = time.perf_counter()
    binds = [word for path in _BARE_SEES for word in ("--ro-bind-try", path, path)]
    words = [bubblewrap.program() or "bwrap", *_BARE, *binds, "/usr/bin/python3", "-c", HELLO]
    process = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE)
    said, _ = await process.communicate()
    assert said == b"1\n", said
    return 1000 * (time.perf_counter() - before)


async def _at(piston: Piston, language: str = "python", source: str = HELLO) -> float:
    before = time.perf_counter()
    reply = await piston.execute({"language": language, "version": "*", "files": [{"content": source}]}, 60)
    assert reply.run.status is None, reply
    return 1000 * (time.perf_counter() - before)


@asynccontextmanager
async def _runner() -> AsyncIterator[tuple[Piston, Runner, str]]:
    work = stages.folder_for_work()
    made = Runner(runtimes.installed(), work, PATIENT)
    server, port = made.serve(0)
    url = f"http://127.0.0.1:{port}"
    try:
        yield Piston(url), made, url
    finally:
        server.stop()
        await made.stop()
        await server.close_all_connections()
        shutil.rmtree(work, ignore_errors=True)


def _beside(name: str, ours: float, bare: float) -> Measure:
    """The bar is bare bubblewrap's time of the same run and 10 ms, as a ratio."""
    bar, ratio = (bare + ALLOWED) / bare, ours / bare
    return Measure(
        name, "ms", round(ours, 3), round(bare, 3), "bare bwrap", round(ratio, 3), round(bar, 3), ratio <= bar
    )


async def runs(quick: bool) -> list[Measure]:
    """Hello in Python, alone and eight at once, beside bare bubblewrap; hello in C, where there is a compiler."""
    async with _runner() as (piston, runner, _):
        ours: list[float] = []
        bare: list[float] = []
        for number in range(2 if quick else RUNS + 1):
            ours_now = await _at(piston)
            await runner.stock.filled()  # what it makes for the next job is not the peer's to wait for
            pair = (ours_now, await _bare())
            if number:  # the first round warms both up
                ours.append(pair[0])
                bare.append(pair[1])
        together = await _together(lambda: _at(piston), _bare, runner.stock.filled, 1 if quick else BATCHES)
        found = [_beside("runner", median(ours), median(bare)), _beside("runner-8-at-once", *together)]
        if runtimes.choose(runner.known, "c", "*") is not None:
            source = '#include <stdio.h>\nint main(){puts("1");}'
            times = [await _at(piston, "c", source) for _ in range(2 if quick else 20)]
            found.append(alone("runner-c", "ms", times, SHORT_COMPILED))
        return found


async def _together(ours: Job, peer: Job, settled: Callable[[], Awaitable[None]], batches: int) -> tuple[float, float]:
    """The 95th percentile of each, eight at once, in turn: a class that presses "run" together, then reads."""
    found: tuple[list[float], list[float]] = ([], [])
    await asyncio.gather(*(ours() for _ in range(AT_ONCE)))  # warms it up
    for _ in range(batches):
        await settled()
        found[0].extend(await asyncio.gather(*(ours() for _ in range(AT_ONCE))))
        await settled()
        found[1].extend(await asyncio.gather(*(peer() for _ in range(AT_ONCE))))
    return percentile(found[0], 0.95), percentile(found[1], 0.95)


async def gateway(quick: bool) -> list[Measure]:
    """What the gateway adds to a run: who, which language, limits, rate, and the event in the record."""
    async with _runner() as (piston, runner, url):
        with tempfile.TemporaryDirectory(prefix="gr-", dir=ON_DISK) as folder:
            store = Store(f"sqlite:///{folder}/g.sqlite")
            try:
                through = await _gateway(store, url)
                added: list[float] = []
                for number in range(2 if quick else RUNS + 1):
                    through_now = await through()
                    await runner.stock.filled()
                    pair = (through_now, await _at(piston))
                    await runner.stock.filled()
                    if number:
                        added.append(pair[0] - pair[1])
            finally:
                store.close()
        return [alone("gateway", "ms", added, ALLOWED)]


async def _gateway(store: Store, url: str) -> Job:
    """A gateway before that runner, with a live session; a way to run hello through it."""
    migrate(store.engine)
    templates, record = Templates(store, now), Record(store, Ed25519PrivateKey.generate(), now)
    sessions = Sessions(store, now, templates, Seats(store, now), record)
    await People(store, now).put("ada", "Ada", Role.ADMIN)
    template = await templates.put("bench", notebook(), {}, Sidecar(), "ada")
    policy = Policy(limits=Limits(runs_per_minute=600))
    session = await sessions.create(title="B", candidate="B", template=template, author="ada", policy=policy)
    for action in (Action.ARRIVE, Action.OPEN):
        await sessions.act(session.id, action, "ada")
    made = Gateway(Greenroom(data=str(Path(ON_DISK))), url, record, sessions)
    await made.check()

    async def through() -> float:
        before = time.perf_counter()
        chunks = [chunk async for chunk in made.run(session.id, RunRequest("python", HELLO), "kernel")]
        assert isinstance(chunks[-1], Exit), chunks
        return 1000 * (time.perf_counter() - before)

    return through
