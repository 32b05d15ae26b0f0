"""A queue of bounded length before a bounded number of places, first come, first served."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager


class Full(Exception):  # noqa: N818 - an answer, not a fault
    """Nobody else can wait."""


class Queue:
    """`places` at once, `waiting` more in line. Says each one's position as it changes: 1 is next, 0 is in."""

    def __init__(self, places: int, waiting: int = 64) -> None:
        self.places, self.waiting = places, waiting
        self.inside = 0
        self.line: deque[tuple[asyncio.Future[None], Callable[[int], None]]] = deque()
        self._idle = asyncio.Event()
        self._idle.set()

    @asynccontextmanager
    async def turn(self, position: Callable[[int], None] = lambda _: None) -> AsyncIterator[None]:
        """Wait for a place and hold it. Full at once when the line is as long as it may be."""
        if self.inside < self.places and not self.line:
            self.inside += 1
        else:
            await self._wait(position)
        self._idle.clear()
        try:
            yield
        finally:
            self._leave()

    async def empty(self) -> None:
        """Return when nobody is inside."""
        await self._idle.wait()

    async def _wait(self, position: Callable[[int], None]) -> None:
        if len(self.line) >= self.waiting:
            raise Full(f"{self.inside} jobs run and {len(self.line)} wait, as many as may; try again in a moment")
        one = (asyncio.get_running_loop().create_future(), position)
        self.line.append(one)
        position(len(self.line))
        try:
            await one[0]
        except asyncio.CancelledError:
            if one in self.line:
                self.line.remove(one)
                self._tell()
            else:
                self._leave()  # the place was given in the same moment
            raise

    def _leave(self) -> None:
        while self.line:
            future, _ = self.line.popleft()
            if not future.done():
                future.set_result(None)  # the place changes hands: `inside` stays
                self._tell()
                return
        self.inside -= 1
        if not self.inside:
            self._idle.set()

    def _tell(self) -> None:
        for index, (_, position) in enumerate(self.line):
            position(index + 1)
