"""What is between a browser and the service: it delays, slices and cuts."""

from __future__ import annotations

import asyncio
import itertools
import random
from contextlib import suppress


class Cutter:
    """A TCP proxy on a port of its own. `target`: the service's port, another one after each start of it."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.target = 0
        self.port = 0
        self.delay = 0.0  # seconds, at most, before each piece
        self.slices = False
        self.closed = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listens."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """Every connection ends at once, in the middle of whatever was under way."""
        for writer in list(self._writers):
            writer.transport.abort()

    def stop(self) -> None:
        """Ends."""
        self.cut()
        if self._server is not None:
            self._server.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self.closed:
                raise ConnectionError
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        pair = {writer, far_writer}
        self._writers |= pair
        await asyncio.gather(self._carry(reader, far_writer), self._carry(far_reader, writer))
        self._writers -= pair

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                for piece in self._pieces(data):
                    if self.delay:
                        await asyncio.sleep(self.rng.random() * self.delay)
                    writer.write(piece)
                    await writer.drain()
        writer.close()

    def _pieces(self, data: bytes) -> list[bytes]:
        if not self.slices or len(data) > 4096:
            return [data]
        cuts = sorted({0, len(data), *(self.rng.randrange(len(data) + 1) for _ in range(3))})
        return [data[a:b] for a, b in itertools.pairwise(cuts)]
