"""The far end of a Piston's websocket: one job, told as it goes on. What is said there may be malformed."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any, Literal

import msgspec
from msgspec import Struct
from tornado.httpclient import HTTPError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, websocket_connect

MESSAGE = 8 * 1024 * 1024  # bytes of one message: a pipe's whole buffer, escaped at worst, is far less
OPENING = 10.0  # seconds for the connection to open


class Lost(Exception):  # noqa: N818 - read as a sentence
    """The conversation could not begin, or broke."""


class Runtime(Struct, frozen=True, tag="runtime"):
    """What will run it."""

    language: str
    version: str


class Begun(Struct, frozen=True, tag="stage"):
    """A stage has begun: compile or run."""

    stage: Literal["compile", "run"]


class Data(Struct, frozen=True, tag="data"):
    """Something was printed."""

    stream: Literal["stdout", "stderr"]
    data: str


class Ended(Struct, frozen=True, tag="exit"):
    """A stage has ended. Only ours says more than code and signal."""

    stage: Literal["compile", "run"]
    code: int | None
    signal: str | None
    status: str | None = None
    message: str | None = None
    wall_time: float | None = None


class Problem(Struct, frozen=True, tag="error"):
    """The job was not taken, or broke."""

    message: str


class Waiting(Struct, frozen=True, tag="queued"):
    """The job waits; 1 is next. Only ours says so."""

    position: int


class Reading(Struct, frozen=True, tag="reading"):
    """The program waits for input. Only ours says so."""


Said = Runtime | Begun | Data | Ended | Problem | Waiting | Reading


class Conversation:
    """One job. Iterate to hear; closing it is leaving."""

    def __init__(self, connection: WebSocketClientConnection) -> None:
        self._connection = connection

    async def say(self, **message: object) -> None:
        """Say something; what comes too late is nobody's error."""
        with contextlib.suppress(WebSocketClosedError):
            await self._connection.write_message(msgspec.json.encode(message).decode())

    async def __aiter__(self) -> AsyncIterator[Said]:
        while (text := await self._connection.read_message()) is not None:
            try:
                yield msgspec.json.decode(text, type=Said)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise Lost(f"it said something that was not understood: {error}") from None


@contextlib.asynccontextmanager
async def connect(url: str, init: dict[str, Any]) -> AsyncIterator[Conversation]:
    """A conversation at a websocket's address, begun. Lost when nobody answers there."""
    request = HTTPRequest(url, connect_timeout=OPENING, request_timeout=OPENING)
    try:
        connection = await websocket_connect(request, max_message_size=MESSAGE, ping_interval=20)
    except (OSError, HTTPError, ValueError) as error:
        raise Lost(getattr(error, "strerror", None) or str(error)) from error
    if connection.protocol is not None:
        connection.protocol.set_nodelay(True)  # the end of input follows the job at once, and somebody waits
    try:
        talk = Conversation(connection)
        await talk.say(type="init", **init)
        yield talk
    finally:
        connection.close()
