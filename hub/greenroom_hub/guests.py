"""Guests, seen from the service: started and stopped through the hub, spoken to over sockets with the only token."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import errno
import json
import os
import socket
import stat
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
from greenroom_sandbox import files
from tornado.httpclient import AsyncHTTPClient, HTTPError, HTTPRequest
from tornado.netutil import Resolver
from tornado.simple_httpclient import SimpleAsyncHTTPClient
from tornado.websocket import WebSocketClientConnection, websocket_connect

from greenroom_hub.settings import Greenroom
from greenroom_hub.spawner import guest_token

READY = 60.0  # seconds a guest has to answer; measured: 2
AGAIN = 10.0  # seconds until the hub is asked once more
LINE = 128 * 2**20  # an answer of the agent: files in base64


ANSWER = 60.0  # seconds an agent has to answer; reading 50 MiB of files takes it one


class _Answer(msgspec.Struct, frozen=True):
    """What an agent says."""

    error: str = ""
    files: dict[str, bytes] = {}
    killed_for_memory: int = 0
    killed_for_disk: int = 0


class GuestError(Exception):
    """A guest, or the hub on its behalf, did not do what was asked; the text says what was found."""


class _Socket(Resolver):
    """Resolves every name to one unix socket, whatever has come to its place since: the folder is the guest's."""

    def initialize(self, path: Path) -> None:
        self.handle = pinned(path)

    async def resolve(self, host: str, port: int, family: Any = 0) -> list[tuple[int, Any]]:  # noqa: ANN401, ARG002
        return [(socket.AF_UNIX, f"/proc/self/fd/{self.handle}")]

    def close(self) -> None:
        os.close(self.handle)


def pinned(path: Path) -> int:
    """A handle on a socket that others may replace. OSError when what lies there is a link or anything else.

    A link would lead whoever connects to another socket, with all the rights that we have and its maker lacks.
    """
    handle = os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
    if not stat.S_ISSOCK(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.ENOTSOCK, "no socket lies there", str(path))
    return handle


class Guests:
    """All guests. Starting one that runs changes nothing; two who start the same one wait for the same start."""

    def __init__(self, settings: Greenroom, hub_api_url: str, token: str) -> None:
        self.settings, self.hub, self.token = settings, hub_api_url.rstrip("/"), token
        self._starting: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._http = AsyncHTTPClient()
        self._listeners: list[Callable[[str], Awaitable[None]]] = []

    def on_start(self, listener: Callable[[str], Awaitable[None]]) -> None:
        """Calls `listener` whenever a guest is asked for and answers, started just now or long since."""
        self._listeners.append(listener)

    def _folder(self, session: str) -> Path:
        return self.settings.runtime_folder / session

    async def _ask_hub(self, method: str, path: str, body: object = None) -> int:
        request = HTTPRequest(
            f"{self.hub}{path}",
            method,
            {"Authorization": f"token {self.token}", "Content-Type": "application/json"},
            json.dumps(body) if body is not None else None,
            allow_nonstandard_methods=True,
            request_timeout=READY,
        )
        try:
            answer = await self._http.fetch(request, raise_error=False)
        except (OSError, HTTPError) as error:
            raise GuestError(f"the hub at {self.hub} does not answer: {error}") from error
        if answer.code >= 500:
            raise GuestError(f"the hub answered {method} {path} with {answer.code}: {answer.body[:200]!r}")
        return answer.code

    async def start(self, session: str) -> None:
        """Have the hub start the guest, and wait until it answers. `GuestError` when it does not."""
        async with self._starting[session]:
            if not await self.answers(session):
                await self._start(session)
            for listener in self._listeners:
                await listener(session)

    async def _start(self, session: str) -> None:
        await self._ask_hub("POST", f"/users/{session}")  # 409 when it is there already
        deadline = time.monotonic() + READY
        while time.monotonic() < deadline:
            # Asked again now and then: one that was just ending is neither running nor started by the first question.
            code = await self._ask_hub("POST", f"/users/{session}/server", {})
            if code not in {201, 202, 400}:  # 400: it is running, starting or stopping
                raise GuestError(f"the hub refused to start the guest of {session} with {code}")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(AGAIN):
                    while not await self.answers(session):  # noqa: ASYNC110 - another process's event
                        await asyncio.sleep(0.05)
                    return
        raise GuestError(f"the guest of {session} did not answer in {READY:.0f} s; its log says why")

    async def answers(self, session: str) -> bool:
        """Whether a guest is up."""
        try:
            await self.fetch(session, "GET", "api/status")
        except (OSError, HTTPError):
            return False
        return True

    def left(self) -> set[str]:
        """The sessions whose guest has its socket: it runs, or it ended without tidying up."""
        return {found.parts[-3] for found in self.settings.runtime_folder.glob("s-*/guest/guest.sock")}

    async def stop(self, session: str) -> None:
        """Have the hub stop the guest; returns when it is gone. One that is just starting is stopped when it has."""
        deadline = time.monotonic() + READY
        while (code := await self._ask_hub("DELETE", f"/users/{session}/server")) not in {204, 404}:
            if code not in {202, 400} or time.monotonic() > deadline:
                raise GuestError(f"the hub did not stop the guest of {session}: it answered {code}")
            await asyncio.sleep(0.2)

    def _request(self, session: str, scheme: str, path: str, **how: Any) -> HTTPRequest:  # noqa: ANN401
        token = guest_token(self.token, session)
        url = f"{scheme}://guest/user/{session}/{path.lstrip('/')}"
        return HTTPRequest(url, headers={"Authorization": f"token {token}"}, **how)

    def _resolver(self, session: str) -> Resolver:
        resolver: Resolver = _Socket(path=self._folder(session) / "guest" / "guest.sock")
        return resolver

    async def fetch(self, session: str, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        """Ask a guest's REST API. OSError when it is gone, tornado's HTTPError when it refuses."""
        content = json.dumps(body) if body is not None else None
        request = self._request(
            session, "http", path, method=method, body=content, allow_nonstandard_methods=True, request_timeout=READY
        )
        resolver = self._resolver(session)
        client = SimpleAsyncHTTPClient(force_instance=True, resolver=resolver)
        try:
            answer = await client.fetch(request)
        finally:
            client.close()
            resolver.close()
        return json.loads(answer.body) if answer.body else None

    async def connect(self, session: str, path: str, **how: Any) -> WebSocketClientConnection:  # noqa: ANN401
        """Open a websocket of a guest."""
        with contextlib.closing(self._resolver(session)) as resolver:
            return await websocket_connect(self._request(session, "ws", path), resolver=resolver, **how)

    async def put_files(self, session: str, content: Mapping[str, bytes]) -> None:
        """Put files into the work folder, through the agent."""
        encoded = {name: base64.b64encode(data).decode() for name, data in content.items()}
        await self._ask_agent(session, ask="put", files=encoded)

    async def collect_files(self, session: str) -> dict[str, bytes]:
        """The regular files that cells wrote, by path. `GuestError` when they are too many or too large."""
        limit = self.settings.files_limit * 2**20
        found = (await self._ask_agent(session, ask="collect", limit=limit)).files
        try:
            files.check(found, limit)
        except (ValueError, files.TooMuch) as error:  # its own agent would have said so: this is somebody else
            raise GuestError(f"the agent of {session} handed over what was refused: {error}") from error
        return found

    async def killed_for_memory(self, session: str) -> int:
        """How many of the session's kernels were killed because their memory was used up."""
        return (await self._ask_agent(session, ask="state")).killed_for_memory

    async def killed_for_disk(self, session: str) -> int:
        """How many of the session's kernels were killed because they filled the work folder."""
        return (await self._ask_agent(session, ask="state")).killed_for_disk

    async def _ask_agent(self, session: str, **question: object) -> _Answer:
        """Ask an agent. In a container it is believed no more than a kernel: it may lie, or say nothing."""
        try:
            async with asyncio.timeout(ANSWER):
                said = await self._say(session, json.dumps(question).encode() + b"\n")
            answer = msgspec.json.decode(said or b'{"error": "the agent ended"}', type=_Answer)
        except TimeoutError:
            raise GuestError(f"the agent of {session} did not answer in {ANSWER:.0f} s") from None
        except OSError as error:
            raise GuestError(f"the agent of {session} is not there: {error.strerror}") from error
        except (ValueError, msgspec.MsgspecError) as error:
            raise GuestError(f"the agent of {session} did not answer like one: {error}") from error
        if answer.error:
            raise GuestError(f"the agent of {session} refused: {answer.error[:500]}")
        return answer

    async def _say(self, session: str, line: bytes) -> bytes:
        handle = pinned(self._folder(session) / "agent" / "service.sock")
        try:
            reader, writer = await asyncio.open_unix_connection(f"/proc/self/fd/{handle}", limit=LINE)
        finally:
            os.close(handle)
        try:
            writer.write(line)
            await writer.drain()
            return await reader.readline()
        finally:
            writer.close()
