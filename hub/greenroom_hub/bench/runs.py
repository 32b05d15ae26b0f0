"""A run elsewhere, at the runner: what a cell with `%%piston` waits for."""

from __future__ import annotations

import asyncio
import shutil
import time

from greenroom_sandbox import runtimes, stages
from greenroom_sandbox.client import Piston
from greenroom_sandbox.runner import Runner

from greenroom_hub.bench.measure import Measure, alone

RUNS = 20
AT_ONCE = 8
SHORT = 250.0  # ms; below it a press of a key and its answer still feel like one
SHORT_COMPILED = 1000.0  # ms; nobody looks away from a compiler that takes a second


async def _timed(piston: Piston, language: str, source: str) -> float:
    before = time.perf_counter()
    reply = await piston.execute({"language": language, "version": "*", "files": [{"content": source}]}, 60)
    assert reply.run.status is None, reply
    return 1000 * (time.perf_counter() - before)


async def runs(quick: bool) -> list[Measure]:
    """Hello in Python; eight of them at once; hello in C with its compilation, where there is a compiler."""
    times = 2 if quick else RUNS
    work, known = stages.folder_for_work(), runtimes.installed()
    server, port = Runner(known, work).serve(0)
    piston = Piston(f"http://127.0.0.1:{port}")
    try:
        await _timed(piston, "python", "print(1)")
        one = [await _timed(piston, "python", "print(1)") for _ in range(times)]
        many: list[float] = []
        for _ in range(1 if quick else 5):
            many += await asyncio.gather(*(_timed(piston, "python", "print(1)") for _ in range(AT_ONCE)))
        found = [alone("piston-python", "ms", one, SHORT), alone("piston-python-8-at-once", "ms", many, 4 * SHORT)]
        if runtimes.choose(known, "c", "*") is not None:
            source = '#include <stdio.h>\nint main(){puts("1");}'
            found.append(
                alone("piston-c", "ms", [await _timed(piston, "c", source) for _ in range(times)], SHORT_COMPILED)
            )
        return found
    finally:
        server.stop()
        await server.close_all_connections()
        shutil.rmtree(work, ignore_errors=True)
