"""What two people wait for: an output in both pages, and a keystroke in the other's, beside stock JupyterLab."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median

from greenroom_hub.bench import room, stock
from greenroom_hub.bench.browser import chromium
from greenroom_hub.bench.child import ON_DISK
from greenroom_hub.bench.measure import Measure, compared, percentile
from greenroom_hub.bench.stage import Stage

ROUNDS, RUNS, KEYS = 7, 20, 100
SYNCS = 20  # before each batch of keys
RUN_BAR, KEY_BAR = 1.5, 1.25  # of issue 2; the second with one fdatasync on top


@asynccontextmanager
async def stages() -> AsyncIterator[tuple[Stage, Stage, Path]]:
    """Ours, the peer's, and the folder both write to. Each has a browser of its own."""
    stock.check()
    with tempfile.TemporaryDirectory(prefix="gr-", dir=ON_DISK) as place:
        folder = Path(place)
        async with (
            chromium() as our_browser,
            chromium() as their_browser,
            room.house(folder / "ours", our_browser) as house,
            stock.lab(folder / "stock", their_browser) as theirs,
        ):
            yield await house.stage(), theirs, folder


async def runs(quick: bool) -> list[Measure]:
    """Ctrl-Enter until the output stands in both pages."""
    times = 2 if quick else RUNS
    async with stages() as (ours, theirs, _):
        rounds = await _rounds(quick, ours, theirs, lambda stage: _median_run(stage, times))
    return [compared("run-to-both-pages", "ms, p50", rounds, stock.PAGES, RUN_BAR)]


async def _median_run(stage: Stage, times: int) -> float:
    return median([await stage.run() for _ in range(times)])


async def keystrokes(quick: bool) -> list[Measure]:
    """A key pressed until it stands in the other page; ours is on disk by then."""
    keys, syncs = 10 if quick else KEYS, []

    async def slow_keys(stage: Stage) -> float:
        syncs.extend(await asyncio.to_thread(fdatasyncs, folder / "sync", SYNCS))
        return percentile(await stage.type(keys), 0.95)

    async with stages() as (ours, theirs, folder):
        rounds = await _rounds(quick, ours, theirs, slow_keys)
    sync = median(syncs)
    bar = KEY_BAR + sync / median(peer for _, peer in rounds)
    peer = f"{stock.PAGES}; the bar is {KEY_BAR} times it and one fdatasync of {sync:.2f} ms"
    return [compared("keystroke-to-other-page", "ms, p95", rounds, peer, round(bar, 3))]


async def _rounds(
    quick: bool, ours: Stage, theirs: Stage, measure: Callable[[Stage], Awaitable[float]]
) -> list[tuple[float, float]]:
    """Ours and the peer's, in turn; who begins changes, so that nobody always follows the other."""
    rounds = []
    for number in range(2 if quick else ROUNDS + 1):
        found = {}
        for stage in (theirs, ours) if number % 2 else (ours, theirs):
            found[stage] = await measure(stage)
        if number:  # the first round warms both up
            rounds.append((found[ours], found[theirs]))
    return rounds


def fdatasyncs(file: Path, count: int) -> list[float]:
    """What this disk takes to make 4 KiB durable, ms each."""
    found = []
    descriptor = os.open(file, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    try:
        for _ in range(count):
            os.write(descriptor, bytes(4096))
            before = time.perf_counter()
            os.fdatasync(descriptor)
            found.append(1000 * (time.perf_counter() - before))
    finally:
        os.close(descriptor)
    return found
