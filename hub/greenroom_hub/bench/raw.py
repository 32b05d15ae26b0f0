"""The far end of a websocket that costs next to nothing, so that hundreds of them do not measure themselves."""

from __future__ import annotations

import asyncio
import base64
import os
import struct
from collections.abc import Callable
from typing import cast

BINARY, TEXT, CLOSE, PING, PONG = 2, 1, 8, 9, 10
_NO_MASK = bytes(4)  # a mask of zeros is a mask, and leaves the bytes as they are


def frame(payload: bytes, kind: int = BINARY) -> bytes:
    """A client's frame."""
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", 0x80 | kind, 0x80 | size)
    elif size < 1 << 16:
        head = struct.pack("!BBH", 0x80 | kind, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", 0x80 | kind, 0x80 | 127, size)
    return head + _NO_MASK + payload


class RawSocket(asyncio.Protocol):
    """One connection. `heard` is called with each message as it comes."""

    transport: asyncio.Transport

    def __init__(self, heard: Callable[[bytes], None], request: bytes) -> None:
        self.heard = heard
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._request = request
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asks for the websocket."""
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(self._request)

    def connection_lost(self, error: Exception | None) -> None:
        """Gone."""
        if not self.opened.done():
            self.opened.set_exception(error or ConnectionError("closed before the websocket was open"))
        if not self.lost.done():
            self.lost.set_result(None)

    def data_received(self, data: bytes) -> None:
        """Bytes of the other end."""
        buffer = self._buffer + data if self._buffer else data
        if not self.opened.done():
            head, end, buffer = buffer.partition(b"\r\n\r\n")
            if not end:
                self._buffer = head
                return
            if b" 101 " not in head.split(b"\r\n", 1)[0]:
                self.opened.set_exception(ConnectionError(head.decode("latin-1")))
                self.transport.abort()
                return
            self.opened.set_result(None)
        self._buffer = self._messages(buffer)

    def _messages(self, buffer: bytes) -> bytes:
        at = 0
        while len(buffer) - at >= 2:
            size, start = buffer[at + 1] & 127, at + 2
            if size == 126:
                size, start = int.from_bytes(buffer[at + 2 : at + 4]), at + 4
            elif size == 127:
                size, start = int.from_bytes(buffer[at + 2 : at + 10]), at + 10
            if len(buffer) < start + size:
                break
            self._message(buffer[at] & 15, buffer[start : start + size])
            at = start + size
        return buffer[at:]

    def _message(self, kind: int, payload: bytes) -> None:
        if kind in {BINARY, TEXT}:
            self.heard(payload)
        elif kind == PING:
            self.transport.write(frame(payload, PONG))

    def send(self, frames: bytes) -> None:
        """Sends what `frame` made."""
        self.transport.write(frames)


async def dial(port: int, path: str, cookie: str, heard: Callable[[bytes], None]) -> RawSocket:
    """A websocket on this machine, open."""
    host = f"127.0.0.1:{port}"
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {host}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
        f"Origin: http://{host}",
        f"Cookie: greenroom={cookie}",
    ]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    loop = asyncio.get_running_loop()
    _, made = await loop.create_connection(lambda: RawSocket(heard, request), "127.0.0.1", port)
    await made.opened
    return made
