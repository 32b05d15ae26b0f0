"""A session's agent, guest and kernels, started as the hub's spawner starts them, used as the service uses them."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from greenroom_sandbox.agent import Orders
from jupyter_client.session import Session
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.netutil import Resolver
from tornado.simple_httpclient import SimpleAsyncHTTPClient
from tornado.websocket import WebSocketClientConnection, websocket_connect

TOP = Path(__file__).resolve().parents[2]
SESSION = "s-abcdefghjk"
MEMORY = 300  # MiB


class UnixResolver(Resolver):
    """Every host is one unix socket."""

    def initialize(self, path: str) -> None:
        self.path = path

    async def resolve(self, host: str, port: int, family: Any = 0) -> list[tuple[int, Any]]:
        return [(socket.AF_UNIX, self.path)]


@dataclass(frozen=True)
class Operator:
    """Who runs the agent, and with which Python environments."""

    python: str = sys.executable
    kernels: Path = TOP / ".venv" / "environments" / "default"
    uid: int | None = None


class House:
    """A running agent, seen from the service."""

    def __init__(self, runtime: Path, work: Path, operator: Operator = Operator()) -> None:
        self.runtime, self.work, self.operator = runtime, work, operator
        self.resolver = UnixResolver(path=str(runtime / "guest" / "guest.sock"))
        self.http = SimpleAsyncHTTPClient(force_instance=True, resolver=self.resolver)
        self.process: asyncio.subprocess.Process

    async def start(self) -> None:
        orders = Orders(
            SESSION, "secret-token", str(self.runtime), str(self.work), str(self.operator.kernels), MEMORY, 64
        )
        self.process = await asyncio.create_subprocess_exec(
            *(self.operator.python, "-m", "greenroom_sandbox.agent"),
            stdin=asyncio.subprocess.PIPE,
            cwd="/",
            user=self.operator.uid,
            extra_groups=None if self.operator.uid is None else [],
        )
        assert self.process.stdin is not None
        self.process.stdin.write(msgspec.json.encode(orders) + b"\n")
        await self.process.stdin.drain()
        async with asyncio.timeout(30):
            while True:
                assert self.process.returncode is None, "the agent ended at once"
                try:
                    await self.fetch("GET", "api")
                    return
                except (OSError, HTTPClientError):
                    await asyncio.sleep(0.05)

    async def fetch(self, method: str, path: str, body: object = None, token: str = "secret-token") -> Any:
        request = HTTPRequest(
            f"http://guest/user/{SESSION}/{path}",
            method,
            {"Authorization": f"token {token}"},
            json.dumps(body) if body is not None else None,
            allow_nonstandard_methods=True,
            request_timeout=30,
        )
        answer = await self.http.fetch(request)
        return json.loads(answer.body) if answer.body else None

    async def agent(self, **question: object) -> Any:
        reader, writer = await asyncio.open_unix_connection(self.runtime / "agent" / "service.sock", limit=1 << 26)
        writer.write(json.dumps(question).encode() + b"\n")
        answer = json.loads(await reader.readline())
        writer.close()
        return answer

    async def kernel(self) -> Kernel:
        model = await self.fetch("POST", "api/kernels", {"name": "python3"})
        return Kernel(self, model["id"], await self.connect(model["id"]))

    async def reopen(self, kernel: Kernel) -> Kernel:
        """The same kernel on a fresh websocket."""
        return Kernel(self, kernel.id, await self.connect(kernel.id))

    async def connect(self, kernel: str) -> WebSocketClientConnection:
        url = f"ws://guest/user/{SESSION}/api/kernels/{kernel}/channels"
        request = HTTPRequest(url, headers={"Authorization": "token secret-token"})
        return await websocket_connect(request, resolver=self.resolver)

    async def stop(self) -> None:
        if self.process.returncode is None:
            self.process.terminate()
        await self.process.wait()


class Kernel:
    """A kernel over the guest's websocket."""

    def __init__(self, house: House, id: str, channel: WebSocketClientConnection) -> None:
        self.house, self.id, self.channel, self.session = house, id, channel, Session()

    async def begin(self, code: str) -> str:
        message = self.session.msg("execute_request", {"code": code, "silent": False, "allow_stdin": False})
        message["channel"] = "shell"
        await self.channel.write_message(json.dumps(message, default=str))
        return str(message["header"]["msg_id"])

    async def until_idle(self, id: str) -> str:
        said = ""
        async with asyncio.timeout(60):
            while (text := await self.channel.read_message()) is not None:
                message = json.loads(text)
                if message["parent_header"].get("msg_id") != id:
                    continue
                content, kind = message["content"], message["header"]["msg_type"]
                said += content.get("text", "") if kind == "stream" else ""
                said += content["data"]["text/plain"] if kind == "execute_result" else ""
                said += f"{content['ename']}: {content['evalue']}\n" if kind == "error" else ""
                if kind == "status" and content["execution_state"] == "idle":
                    return said
        return said + "(closed)"

    async def run(self, code: str) -> str:
        return await self.until_idle(await self.begin(code))
