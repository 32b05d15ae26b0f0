"""The service of a bench with many sessions, as the bench's own process sees it."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from greenroom_sandbox import processes

from greenroom_hub.bench.child import ON_DISK, running
from greenroom_hub.bench.crowd_service import Open, Sitting
from greenroom_hub.bench.raw import RawSocket
from greenroom_hub.settings import PREFIX

AT_ONCE = 20  # people who come at once: each one's login is looked up in the database


class Crowd:
    """A running service with many sessions that are live."""

    def __init__(self, opened: Open, pid: int, folder: Path) -> None:
        self.port, self.sittings, self.folder = opened.port, opened.sittings, folder
        self._pid = pid
        self.sockets: list[RawSocket] = []

    def cost(self) -> float:
        """Processor seconds of the service so far, all its threads."""
        return processes.usage(self._pid)[0]

    def document(self, one: Sitting) -> str:
        """Where a room's document is."""
        return f"{PREFIX}room/{one.id}/document"

    def wire(self, one: Sitting) -> str:
        """Where a session's wire is."""
        return f"{PREFIX}api/v1/sessions/{one.id}/wire"


@asynccontextmanager
async def crowd(count: int) -> AsyncIterator[Crowd]:
    """The service, with so many sessions."""
    with tempfile.TemporaryDirectory(prefix="gr-", dir=ON_DISK) as place:
        folder = Path(place)
        argv = [sys.executable, "-m", "greenroom_hub.bench.crowd_service", str(folder / "data"), str(count)]
        async with running(argv, {}, folder / "log", talks=True) as process:
            assert process.stdout is not None
            said = b""
            while not (line := await process.stdout.readline()).startswith(b'{"port"'):
                said += line
                if not line:
                    raise RuntimeError(f"the bench's service did not start:\n{said.decode()}")
            draining = asyncio.create_task(_drain(process.stdout))
            made = Crowd(msgspec.json.decode(line, type=Open), process.pid, folder)
            try:
                yield made
            finally:
                for socket in made.sockets:
                    socket.transport.abort()
                draining.cancel()


async def _drain(stream: asyncio.StreamReader) -> None:
    async for line in stream:
        sys.stderr.write(line.decode())
