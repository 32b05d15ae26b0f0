"""What a room's websockets share: pages are read at a bearable pace, and what no page says becomes a fact."""

from __future__ import annotations

import asyncio
from typing import Any

from tornado.websocket import WebSocketHandler

from greenroom_hub.room.lib0 import Malformed
from greenroom_hub.room.room import Room
from greenroom_hub.web.handler import Guarded

TOO_BIG = 1009  # the websocket's own code


class Hearing(Guarded, WebSocketHandler):
    """A websocket into a room. One message that makes no sense ends this connection and nothing else."""

    room: Room | None = None
    _told = False

    def hear(self, data: bytes) -> None:
        """A binary frame. Raises `Malformed`."""
        raise NotImplementedError

    def listen(self, room: Room) -> None:
        """From now on, what the page sends is for this room."""
        self.room = room
        protocol: Any = self.ws_connection
        end = protocol.close

        def close(code: int | None = None, reason: str | None = None) -> None:
            if code == TOO_BIG:  # tornado says so to the page alone
                room.attempted(self.who.name, "a message was larger than any page sends")
            end(code, reason)

        protocol.close = close

    async def on_message(self, message: str | bytes) -> None:
        """A frame of the page."""
        if self.room is None:
            return
        if wait := self.room.allowance(self.who.name).take():
            if not self._told:
                self._told = True
                self.room.attempted(self.who.name, "more messages came than a page sends; they are read more slowly")
            await asyncio.sleep(wait)
        try:
            if isinstance(message, str):
                raise Malformed("refused a text frame; frames are binary here")  # noqa: TRY301 - as the others
            self.hear(message)
        except Malformed as error:
            self.room.attempted(self.who.name, f"a message made no sense: {str(error)[:200]}")
            self.close(1003 if isinstance(message, str) else 1007, str(error)[:120])
