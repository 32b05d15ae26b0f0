"""The doors of all sessions: one each, open while the session has a guest."""

from __future__ import annotations

import asyncio
from collections import defaultdict

from greenroom_hub.door import Door
from greenroom_hub.gateway import Gateway
from greenroom_hub.grading.tries import Checking
from greenroom_hub.settings import Greenroom


class Doors:
    """Opens and closes them. The socket lies in the session's runtime folder, which goes and comes with its guest."""

    def __init__(self, settings: Greenroom, gateway: Gateway, checking: Checking | None = None) -> None:
        self._settings, self._gateway, self._checking = settings, gateway, checking
        self._open: dict[str, Door] = {}
        self._turn: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def open(self, session: str) -> None:
        """Have a door there, once the guest has started. One that is there stays; one whose folder has gone meanwhile
        is made anew."""
        path = self._settings.runtime_folder / session / "door" / "door.sock"
        async with self._turn[session]:
            if session in self._open:
                if path.exists():
                    return
                await self._open.pop(session).stop()
            door = Door(self._gateway, session, path, checking=self._checking)
            await door.start()
            self._open[session] = door

    async def close(self, session: str) -> None:
        """Close one; runs that are under way are ended."""
        async with self._turn[session]:
            if (door := self._open.pop(session, None)) is not None:
                await door.stop()
        self._turn.pop(session, None)

    async def close_all(self) -> None:
        """Close every one."""
        for session in list(self._open):
            await self.close(session)
