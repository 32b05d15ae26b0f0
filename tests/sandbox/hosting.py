"""A session's agent, guest and kernels, started as the hub's spawners start them, used as the service uses them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
from greenroom_hub import docker_spawner
from greenroom_hub.pairs import Pairs
from greenroom_hub.settings import Greenroom
from greenroom_sandbox import cgroup, containers
from greenroom_sandbox.agent import Orders
from greenroom_sandbox.containers import Pair
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
        await self.launch()
        async with asyncio.timeout(60):
            while True:
                assert self.alive, "the agent ended at once"
                try:
                    await self.fetch("GET", "api")
                    return
                except (OSError, HTTPClientError):
                    await asyncio.sleep(0.05)

    @property
    def alive(self) -> bool:
        return self.process.returncode is None

    async def launch(self) -> None:
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

    async def as_guest(self, line: bytes) -> bytes:
        """The agent's answer to what a guest says."""
        reader, writer = await asyncio.open_unix_connection(self.runtime / "agent" / "guest.sock")
        writer.write(line)
        answer = await reader.readline()
        writer.close()
        return answer

    def left(self) -> list[str]:
        """What its end has left on this machine: control groups and processes."""
        agent = f"{cgroup.PREFIX}{self.process.pid}-*"
        groups = [str(folder) for folder in (*cgroup.ROOT.glob(f"*/{agent}"), *cgroup.ROOT.glob(agent))]
        lines = os.popen("ps ax -o args").read().splitlines()
        return groups + [line for line in lines if str(self.runtime) in line and "ps ax" not in line]

    async def processes(self) -> list[str]:
        """What runs as the kernels' user, whose the work folder is; the agent in their container aside."""
        uid, found = self.work.stat().st_uid, []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if folder.stat().st_uid == uid or f"Uid:\t{uid}\t" in (folder / "status").read_text():
                    words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                    found += [words] if "greenroom_sandbox.sidecar" not in words else []
        return found

    async def kernel(self, name: str = "python3") -> Kernel:
        model = await self.fetch("POST", "api/kernels", {"name": name})
        return Kernel(self, model["id"], await self.connect(model["id"]))

    async def reopen(self, kernel: Kernel) -> Kernel:
        """The same kernel on a fresh websocket."""
        return Kernel(self, kernel.id, await self.connect(kernel.id))

    async def connect(self, kernel: str) -> WebSocketClientConnection:
        url = f"ws://guest/user/{SESSION}/api/kernels/{kernel}/channels"
        request = HTTPRequest(url, headers={"Authorization": "token secret-token"})
        return await websocket_connect(request, resolver=self.resolver, max_message_size=64 << 20)

    async def stop(self) -> None:
        if self.process.returncode is None:
            self.process.terminate()
        await self.process.wait()


class Paired(House):
    """The same in two containers."""

    def __init__(self, runtime: Path, work: Path) -> None:
        super().__init__(runtime, work)
        self.pairs = Pairs(uuid.uuid4().hex[:8])

    def pair(self, guest_uid: int, kernel_uid: int) -> Pair:
        settings = Greenroom(kernel_memory=MEMORY, kernel_processes=64)
        made = docker_spawner.pair(settings, SESSION, guest_uid, kernel_uid)
        return replace(made, house=self.pairs.house, runtime=self.runtime, work=self.work)

    async def launch(self) -> None:
        with self.pairs.uids() as (guest, kernel):
            self.pairs.create(self.pair(guest, kernel), "secret-token")
        await asyncio.to_thread(self.pairs.begin, SESSION)

    @property
    def alive(self) -> bool:
        alive = self.pairs.running(SESSION)
        if not alive:
            print(self.pairs.why(SESSION))
        return alive

    async def as_guest(self, line: bytes) -> bytes:
        code = "import socket, sys; s = socket.socket(socket.AF_UNIX); s.connect('/run/agent/guest.sock')\n"
        code += "s.sendall(sys.stdin.buffer.read()); print(s.makefile().readline(), end='')"
        words = ("docker", "exec", "-i", containers.name(self.pairs.house, SESSION, "guest"), "python3", "-c", code)
        return subprocess.run(words, input=line, capture_output=True, check=False).stdout

    def left(self) -> list[str]:
        found = self.pairs.client.containers(all=True, filters={"label": f"{containers.HOUSE}={self.pairs.house}"})
        mounts = Path("/proc/self/mountinfo").read_text().splitlines()
        return [str(one["Names"]) for one in found] + [line for line in mounts if str(self.runtime) in line]

    async def stop(self) -> None:
        await asyncio.to_thread(self.pairs.remove, SESSION, self.runtime)


class Kernel:
    """A kernel over the guest's websocket."""

    def __init__(self, house: House, id: str, channel: WebSocketClientConnection) -> None:
        self.house, self.id, self.channel, self.session = house, id, channel, Session()

    async def begin(self, code: str) -> str:
        message = self.session.msg("execute_request", {"code": code, "silent": False, "allow_stdin": False})
        message["channel"] = "shell"
        await self.channel.write_message(json.dumps(message, default=str))
        return str(message["header"]["msg_id"])

    async def until_printed(self, word: str) -> None:
        """Waits for output: the request that is echoed before the cell begins has the word, too."""
        async with asyncio.timeout(60):
            while (text := await self.channel.read_message()) is not None:
                message = json.loads(text)
                if message["header"]["msg_type"] == "stream" and word in message["content"]["text"]:
                    return
        raise AssertionError(f"the channel was closed before {word!r} was printed")

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
