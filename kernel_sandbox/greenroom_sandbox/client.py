"""A client of a Piston API v2: ours or a self-hosted one, whose answers are not trusted to be well formed."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import io
import ssl
from typing import Any
from urllib.parse import urlsplit

import msgspec

from greenroom_sandbox.conversation import Conversation, connect
from greenroom_sandbox.piston import CONNECT, EXECUTE, RUNTIMES, Limits, Reply, RuntimeInfo

ANSWER = 32 * 1024 * 1024  # bytes; two outputs of 1 MB, three times each, escaped at worst
PATIENCE = 10.0  # seconds for an answer that needs no job


class Unreachable(Exception):  # noqa: N818 - read as a sentence
    """There is no Piston at the address, or what is there does not answer like one."""


class Refused(Exception):  # noqa: N818 - read as a sentence
    """Piston did not take the job, and why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class _Words(msgspec.Struct):
    message: str = ""


class Piston:
    """One Piston API v2 by its address. Each request is a connection of its own, so that leaving it ends the job."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"the Piston address {url!r} was refused: give one such as http://127.0.0.1:2000")
        self.url = url.rstrip("/")
        self._host, self._secure = parts.hostname, parts.scheme == "https"
        self._port = parts.port or (443 if self._secure else 80)
        self._netloc, self._prefix = parts.netloc.rpartition("@")[2], parts.path.rstrip("/").removesuffix("/api/v2")

    async def runtimes(self) -> list[RuntimeInfo]:
        """What it can run. Unreachable when it says nothing of the kind."""
        status, body = await self._exchange("GET", RUNTIMES, b"", PATIENCE)
        try:
            found = msgspec.json.decode(body, type=list[RuntimeInfo])
        except (msgspec.DecodeError, UnicodeDecodeError):
            found = []
        if status != 200 or not found:
            said = body[:80].decode(errors="replace")
            raise Unreachable(
                f"Piston at {self.url} was asked for its runtimes and answered {status} {said!r}. "
                "Check the address, and that it has a language installed."
            )
        return found

    async def configured(self, language: str) -> Limits:
        """The limits it is configured with: asked for too much, it names them. Ours where it has none."""
        found: dict[str, int] = {}
        for name in Limits.__struct_fields__:
            body = {"language": language, "version": "*", "files": [{"content": ""}], name: 2**53 - 1}
            with contextlib.suppress(ValueError):
                await self._probe(body, name, found)
        return Limits(**found)

    async def _probe(self, body: dict[str, Any], name: str, found: dict[str, int]) -> None:
        try:
            await self.execute(body, PATIENCE + 10)
        except Refused as refused:
            before, sign, number = str(refused).rpartition("cannot exceed the configured limit of ")
            if sign and before.startswith(name):
                found[name] = int(number)

    async def execute(self, body: dict[str, Any], patience: float) -> Reply:
        """Run a job. `patience` in seconds, for its queue, its compilation and its run together."""
        status, answer = await self._exchange("POST", EXECUTE, msgspec.json.encode(body), patience)
        try:
            if status == 200:
                return msgspec.json.decode(answer, type=Reply)
            said = msgspec.json.decode(answer, type=_Words).message
        except (msgspec.DecodeError, UnicodeDecodeError):
            said = ""
        if status in {200, 404} or (status >= 500 and status != 503):
            raise Unreachable(f"Piston at {self.url} was given a job and answered {status} without a result.")
        raise Refused(status, said or f"Piston answered {status}")

    async def ours(self) -> bool:
        """Whether it is `greenroom runner`, which streams, ends input and says why it stopped a program."""
        status, body = await self._exchange("GET", "/", b"", PATIENCE)
        return status == 200 and b"Greenroom" in body

    def connect(self, body: dict[str, Any]) -> contextlib.AbstractAsyncContextManager[Conversation]:
        """Run a job and hear of it as it goes on. Lost when it cannot be had."""
        return connect(f"{'wss' if self._secure else 'ws'}://{self._netloc}{self._prefix}{CONNECT}", body)

    async def _exchange(self, method: str, path: str, body: bytes, patience: float) -> tuple[int, bytes]:
        head = f"{method} {self._prefix}{path} HTTP/1.1\r\nHost: {self._netloc}\r\nConnection: close\r\n"
        if body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        try:
            async with asyncio.timeout(patience):
                answer = await self._talk(f"{head}\r\n".encode() + body)
            return _parsed(answer)
        except TimeoutError:
            raise Unreachable(f"Piston at {self.url} did not answer in {patience:.0f} s.") from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            said = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise Unreachable(
                f"Piston at {self.url} did not answer: {said}. Start it, or correct the address."
            ) from error

    async def _talk(self, request: bytes) -> bytes:
        secure = ssl.create_default_context() if self._secure else None
        reader, writer = await asyncio.open_connection(self._host, self._port, ssl=secure)
        try:
            writer.write(request)
            answer = bytearray()
            while data := await reader.read(65_536):
                answer += data
                if len(answer) > ANSWER:
                    raise ValueError(f"the answer is longer than {ANSWER} bytes")
            return bytes(answer)
        finally:
            writer.transport.abort()


class _Received(io.BytesIO):
    """The bytes of an answer, where http.client wants a socket."""

    def makefile(self, _mode: str) -> io.BytesIO:
        return self


def _parsed(answer: bytes) -> tuple[int, bytes]:
    response = http.client.HTTPResponse(_Received(answer))  # type: ignore[arg-type]
    response.begin()
    return response.status, response.read()
