"""What one websocket is sent within one turn of the event loop, in one write.

A write is a system call, and costs more than everything else about a small frame: a page that is told of a caret, of a
key and of what is saved at once is told in one.
"""

from __future__ import annotations

import asyncio
import struct

from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketHandler, WebSocketProtocol13

BINARY, TEXT = 0x82, 0x81  # of RFC 6455, 5.2: a whole message of that kind


class Outbox:
    """The frames that wait for the end of this turn."""

    def __init__(self, socket: WebSocketHandler) -> None:
        self._socket = socket
        self._frames: list[bytes] = []

    def put(self, payload: bytes, kind: int = BINARY) -> None:
        """Adds a message."""
        if not self._frames:
            asyncio.get_running_loop().call_soon(self.flush)
        self._frames += (_head(kind, len(payload)), payload)

    def flush(self) -> None:
        """Sends what waits, unless the page is gone."""
        frames, self._frames = self._frames, []
        connection = self._socket.ws_connection
        if not frames or not isinstance(connection, WebSocketProtocol13) or connection.is_closing():
            return
        try:
            connection.stream.write(b"".join(frames)).add_done_callback(lambda done: done.exception())
        except StreamClosedError:
            return

    @property
    def unread(self) -> int:
        """Bytes that the page has not taken yet."""
        connection = self._socket.ws_connection
        if not isinstance(connection, WebSocketProtocol13) or connection.stream.closed():
            return 0  # closed, and told of it in a moment: its buffer is gone already
        return len(connection.stream._write_buffer)


def _head(kind: int, size: int) -> bytes:
    if size < 126:
        return bytes((kind, size))
    return struct.pack("!BBH", kind, 126, size) if size < 1 << 16 else struct.pack("!BBQ", kind, 127, size)
