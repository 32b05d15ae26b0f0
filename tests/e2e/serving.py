"""`greenroom serve` as people start it: a process of its own, on free ports, with a data folder of its own."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tornado.testing import bind_unused_port

LINK = re.compile(r"(interviewer|candidate): +(\S+)")


def free_port() -> int:
    """A port nobody listens on."""
    socket, port = bind_unused_port()
    socket.close()
    return port


@dataclass
class Served:
    """A Greenroom that runs: what it printed, and its links."""

    process: asyncio.subprocess.Process
    port: int
    data: Path
    said: str = ""
    links: dict[str, str] = field(default_factory=dict)

    async def hear(self, words: str) -> None:
        """Reads on until it has printed these words. Fails when it ends without."""
        assert self.process.stdout is not None
        while words not in self.said:
            line = (await self.process.stdout.readline()).decode()
            assert line, f"it ended without {words!r}:\n{self.said}"
            self.said += line
            self.links |= dict(LINK.findall(line))

    async def stop(self) -> int:
        """Ctrl-C, and its exit code."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGINT)
        rest, _ = await self.process.communicate()
        self.said += rest.decode()
        return int(self.process.returncode or 0)


@asynccontextmanager
async def serving(
    data: Path, *, python: str = sys.executable, user: int | None = None, **settings: str
) -> AsyncIterator[Served]:
    """A demo that is up. `settings`: GREENROOM_… in lower case and without the beginning."""
    port = int(settings.setdefault("port", str(free_port())))
    environment = {**os.environ, "GREENROOM_DATA": str(data)}
    environment |= {f"GREENROOM_{name.upper()}": value for name, value in settings.items()}
    process = await asyncio.create_subprocess_exec(
        *(python, "-m", "greenroom_hub.cli", "serve", "--demo"),
        env=environment,
        user=user,
        group=user,
        extra_groups=None if user is None else [],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    served = Served(process, port, data)
    try:
        await served.hear("Ctrl-C stops everything")
        yield served
    finally:
        await served.stop()
