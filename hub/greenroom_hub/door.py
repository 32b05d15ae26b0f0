"""The door: the only thing of the service that a session's kernels can reach, a unix socket with a few routes.

The other end is hostile. It may open connections without end, send slowly, never read, or leave; it can make this
room's runs wait and nothing else.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import msgspec
import tornado.httpserver
import tornado.web
from greenroom_sandbox.client import Unreachable
from msgspec import Meta, Struct
from tornado.iostream import IOStream, StreamClosedError
from tornado.netutil import bind_unix_socket

from greenroom_hub import forwarded
from greenroom_hub.forwarded import Input, RunChunk, RunRequest
from greenroom_hub.gateway import Gateway, Refusal
from greenroom_hub.grading import tries
from greenroom_hub.grading.tries import CheckChunk, Checking

CONNECTIONS = 8  # a room has one kernel and seldom two; each runs one cell at a time
BODY = 1024 * 1024  # bytes that are read; what is more than the gateway takes is refused in words up to here
PATIENCE = 10.0  # seconds for the other end to send its request, and to read each piece of the answer
ACTOR = "kernel"


class Door:
    """One session's door. `path` is the socket, in a folder that is bound into that session's kernels alone."""

    def __init__(
        self,
        gateway: Gateway,
        session: str,
        path: Path,
        patience: float = PATIENCE,
        checking: Checking | None = None,
    ) -> None:
        self._path = path
        routes: list[tuple[str, type[tornado.web.RequestHandler], dict[str, object]]] = [
            ("/run", _Run, {"gateway": gateway, "session": session, "patience": patience}),
            ("/run/input", _Input, {"gateway": gateway, "session": session}),
            ("/run/languages", _Languages, {"gateway": gateway, "session": session}),
        ]
        if checking is not None:
            about = {"gateway": gateway, "session": session, "checking": checking}
            routes += [("/checks", _Checks, about), ("/check", _Check, {**about, "patience": patience})]
        application = tornado.web.Application(
            list(routes), default_handler_class=_Elsewhere, log_function=lambda _: None
        )
        self._server = _Server(application, max_body_size=BODY, body_timeout=patience, idle_connection_timeout=patience)
        self._socket: socket.socket | None = None

    async def start(self) -> None:
        """Listen. What an earlier process left in the socket's place is replaced."""
        self._path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        self._socket = bind_unix_socket(str(self._path), mode=0o666, backlog=CONNECTIONS)
        self._server.add_socket(self._socket)

    async def stop(self) -> None:
        """Listen no more; what runs is ended."""
        self._server.stop()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._server.close_all_connections(), PATIENCE)
        self._path.unlink(missing_ok=True)


class _Server(tornado.httpserver.HTTPServer):
    """Closes a connection that is one too many at once."""

    def handle_stream(self, stream: IOStream, address: object) -> None:
        if len(self._connections) >= CONNECTIONS:
            stream.close()
            return
        super().handle_stream(stream, address)  # type: ignore[arg-type]


class _Answer(tornado.web.RequestHandler):
    def initialize(self, gateway: Gateway, session: str) -> None:
        self.gateway, self.session = gateway, session

    def refuse(self, status: int, why: str) -> None:
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.finish(msgspec.json.encode({"message": why}))

    def write_error(self, status_code: int, **_: object) -> None:
        known = {404: "There is nothing here.", 405: "There is nothing here."}
        self.refuse(
            404 if status_code == 405 else status_code, known.get(status_code, "The run failed in the service.")
        )


class _Elsewhere(_Answer):
    def initialize(self) -> None:  # type: ignore[override]
        """No room, no gateway."""

    def prepare(self) -> None:
        self.refuse(404, "There is nothing here.")


class _Languages(_Answer):
    async def get(self) -> None:
        try:
            found = await self.gateway.languages(self.session)
        except (LookupError, Unreachable):
            return self.refuse(502, "The machine that runs programs cannot be reached. Ask your interviewer.")
        self.set_header("Content-Type", "application/json")
        self.finish(msgspec.json.encode(found))
        return None


class _Said(Struct, frozen=True, forbid_unknown_fields=True):
    run: str
    input: Input


class _Input(_Answer):
    """What a person says to an interactive run."""

    def post(self) -> None:
        try:
            which = msgspec.json.decode(self.request.body, type=_Said)
            self.gateway.say(self.session, which.run, which.input)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return self.refuse(400, f"The request was refused: {error}")
        except Refusal as refusal:
            return self.refuse(refusal.status, str(refusal))
        self.finish(b"{}")
        return None


class _Run(_Answer):
    task: asyncio.Task[None] | None = None

    def initialize(self, gateway: Gateway, session: str, patience: float) -> None:  # type: ignore[override]
        super().initialize(gateway, session)
        self.patience = patience

    async def post(self) -> None:
        if len(self.request.body) > forwarded.BODY:
            size = len(self.request.body)
            return self.refuse(
                413, f"Program, files and input are {size} bytes together; {forwarded.BODY} is the most."
            )
        try:
            request = msgspec.json.decode(self.request.body, type=RunRequest)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return self.refuse(400, f"The request was refused: {error}")
        self.task = asyncio.create_task(self._stream(self.gateway.run(self.session, request, ACTOR)))
        with contextlib.suppress(asyncio.CancelledError, StreamClosedError, TimeoutError):
            await self.task
        return None

    async def _stream(self, chunks: AsyncIterator[RunChunk | CheckChunk]) -> None:
        async with contextlib.aclosing(chunks):  # type: ignore[type-var]
            try:
                async for chunk in chunks:
                    self.set_header("Content-Type", "application/x-ndjson")
                    self.write(msgspec.json.encode(chunk) + b"\n")
                    await asyncio.wait_for(self.flush(), self.patience)
            except (Refusal, tries.Refusal) as refusal:
                self.refuse(refusal.status, str(refusal))
                return
            except TimeoutError:  # the other end does not read
                self.detach().close()
                raise
        await asyncio.wait_for(self.finish(), self.patience)

    def on_connection_close(self) -> None:
        """The cell was interrupted, or its kernel is gone: the run is ended."""
        if self.task is not None:
            self.task.cancel()


class _Checks(_Answer):
    """What can be checked: names, titles, and the tries that are left."""

    def initialize(self, gateway: Gateway, session: str, checking: Checking) -> None:  # type: ignore[override]
        super().initialize(gateway, session)
        self.checking = checking

    async def get(self) -> None:
        self.set_header("Content-Type", "application/json")
        self.finish(msgspec.json.encode(await self.checking.offers(self.session)))


class _Which(Struct, frozen=True, forbid_unknown_fields=True):
    check: Annotated[str, Meta(min_length=1, max_length=40)]


class _Check(_Run):
    """One try. The kernel says which check; the work is the document's, which the service has."""

    def initialize(  # type: ignore[override]
        self, gateway: Gateway, session: str, patience: float, checking: Checking
    ) -> None:
        super().initialize(gateway, session, patience)
        self.checking = checking

    async def post(self) -> None:
        try:
            which = msgspec.json.decode(self.request.body, type=_Which)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return self.refuse(400, f"The request was refused: {error}")
        self.task = asyncio.create_task(self._stream(self.checking.run(self.session, which.check, ACTOR)))
        with contextlib.suppress(asyncio.CancelledError, StreamClosedError, TimeoutError):
            await self.task
        return None
