"""The whole of Greenroom, started again: from the command until the links are printed."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from greenroom_hub.bench.child import ON_DISK, free_port, running
from greenroom_hub.bench.measure import Measure, alone
from greenroom_hub.bench.room import staff_link

TIMES = 5
BAR = 10.0  # seconds, of issue 2


async def start(quick: bool) -> list[Measure]:
    """Everything is installed and the databases are there: the first start, which makes them, is not counted."""
    found = []
    with tempfile.TemporaryDirectory(prefix="gr-", dir=ON_DISK) as place:
        folder = Path(place)
        environment = {"GREENROOM_DATA": str(folder / "data"), "GREENROOM_PORT": str(free_port())}
        argv = [sys.executable, "-m", "greenroom_hub.cli", "serve", "--demo"]
        for number in range(2 if quick else TIMES + 1):
            before = time.perf_counter()
            async with running(argv, environment, folder / "serve.log", talks=True) as process:
                await staff_link(process)
                if number:
                    found.append(time.perf_counter() - before)
    return [alone("second-start", "s", found, BAR)]
