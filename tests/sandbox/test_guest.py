"""A guest and its kernels, started as the hub's spawner starts them, used as the service uses them."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from greenroom_sandbox import cgroup
from greenroom_sandbox.agent import Orders
from jupyter_client.session import Session
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.netutil import Resolver
from tornado.simple_httpclient import SimpleAsyncHTTPClient
from tornado.websocket import WebSocketClientConnection, websocket_connect

TOP = Path(__file__).resolve().parents[2]
SESSION = "s-abcdefghjk"


class UnixResolver(Resolver):
    """Every host is one unix socket."""

    def initialize(self, path: str) -> None:
        self.path = path

    async def resolve(self, host: str, port: int, family: Any = 0) -> list[tuple[int, Any]]:
        return [(socket.AF_UNIX, self.path)]


class House:
    """A running agent, seen from the service."""

    def __init__(self, runtime: Path, work: Path) -> None:
        self.runtime, self.work = runtime, work
        self.resolver = UnixResolver(path=str(runtime / "guest" / "guest.sock"))
        self.http = SimpleAsyncHTTPClient(force_instance=True, resolver=self.resolver)
        self.process: asyncio.subprocess.Process

    async def start(self) -> None:
        orders = Orders(
            SESSION, "secret-token", str(self.runtime), str(self.work), str(TOP / ".venv/environments/default"), 300, 64
        )
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "greenroom_sandbox.agent", stdin=asyncio.subprocess.PIPE
        )
        assert self.process.stdin is not None
        self.process.stdin.write(msgspec.json.encode(orders) + b"\n")
        await self.process.stdin.drain()
        async with asyncio.timeout(30):
            while True:
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


@pytest.fixture
async def house() -> AsyncIterator[House]:
    with tempfile.TemporaryDirectory(prefix="gr-") as place:
        made = House(Path(place) / SESSION, Path(place) / "work")
        await made.start()
        try:
            yield made
        finally:
            await made.stop()


async def test_a_cell_runs_and_sees_none_of_the_server(house: House) -> None:
    kernel = await house.kernel()
    assert await kernel.run("1 + 1") == "2"
    seen = await kernel.run("import os\nprint(*sorted(os.environ)); print(os.getuid(), os.listdir('/run'))")
    assert "TOKEN" not in seen
    assert "secret" not in await kernel.run("!cat /proc/*/environ /proc/*/cmdline 2>/dev/null | tr '\\0' ' '")
    pids = await kernel.run("print(len([p for p in os.listdir('/proc') if p.isdigit()]))")
    assert int(pids) <= 4
    for place in ("/run/guest", "/run/agent.sock", str(house.runtime), str(TOP / "pyproject.toml")):
        assert "FileNotFoundError" in await kernel.run(f"os.stat({place!r})"), place
    assert "Error" in await kernel.run("import socket; socket.create_connection(('127.0.0.1', 8888), 2)")


async def test_the_environment_of_a_cell_has_the_usual_libraries(house: House) -> None:
    kernel = await house.kernel()
    said = await kernel.run(
        "import numpy, pandas, matplotlib, sklearn, ipywidgets; print(pandas.DataFrame({'a': [1, 2]}).a.sum())"
    )
    assert said.strip().endswith("3")


async def test_a_plot_is_drawn(house: House) -> None:
    kernel = await house.kernel()
    assert "Error" not in await kernel.run("import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.savefig('plot.png')")
    found = await house.agent(ask="collect", limit=10_000_000)
    assert base64.b64decode(found["files"]["plot.png"]).startswith(b"\x89PNG")


async def test_children_print_and_work_in_parallel(house: House) -> None:
    kernel = await house.kernel()
    code = "import multiprocessing as m\ndef double(x): return 2 * x\nwith m.get_context('fork').Pool(2) as pool: print(pool.map(double, [1, 2]))"
    assert await kernel.run(code) == "[2, 4]\n"


async def test_an_interrupt_stops_the_cell_and_not_the_kernel(house: House) -> None:
    kernel = await house.kernel()
    await kernel.run("x = 5")
    running = await kernel.begin("print('begun', flush=True)\nwhile True: pass")
    while "begun" not in (await kernel.channel.read_message() or "begun"):
        pass
    await house.fetch("POST", f"api/kernels/{kernel.id}/interrupt")
    assert "KeyboardInterrupt" in await kernel.until_idle(running)
    assert await kernel.run("x") == "5"


async def test_out_of_memory_kills_the_kernel_and_a_restart_works(house: House) -> None:
    kernel = await house.kernel()
    await kernel.begin("hog = bytearray(10**9)\nfor i in range(0, 10**9, 4096): hog[i] = 1")
    async with asyncio.timeout(20):
        while not (await house.agent(ask="state"))["kernels"].get(kernel.id, [0])[-1]:
            await asyncio.sleep(0.05)
    await house.fetch("GET", "api")
    await house.fetch("POST", f"api/kernels/{kernel.id}/restart")
    again = Kernel(house, kernel.id, await house.connect(kernel.id))
    assert await again.run("6 * 7") == "42"


async def test_a_link_in_the_work_folder_is_not_followed(house: House) -> None:
    kernel = await house.kernel()
    said = await kernel.run("import os\nos.symlink('/etc/shadow', 'link')")
    assert "Error" in said
    (house.work / "planted").symlink_to("/etc/passwd")
    (house.work / "real.txt").write_text("mine")
    found = await house.agent(ask="collect", limit=1_000)
    assert set(found["files"]) == {"real.txt"}


async def test_files_handed_in_are_there(house: House) -> None:
    await house.agent(ask="put", files={"data.csv": base64.b64encode(b"a,b\n1,2\n").decode()})
    kernel = await house.kernel()
    assert await kernel.run("print(open('data.csv').read())") == "a,b\n1,2\n\n"
    assert "error" in await house.agent(ask="put", files={"../evil": ""})


async def test_too_many_files_are_refused_in_words(house: House) -> None:
    (house.work / "large").write_bytes(b"x" * 2_000)
    assert (await house.agent(ask="collect", limit=1_000))["too_much"]


async def test_the_guest_answers_nobody_without_the_token(house: House) -> None:
    with pytest.raises(HTTPClientError) as refused:
        await house.fetch("GET", "api/kernels", token="wrong")
    assert refused.value.code == 403


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"[]",
        b"null\n",
        b'{"ask": "start", "kernel": "../../etc"}',
        b'{"ask": "signal", "kernel": "' + b"0" * 36 + b'", "signal": 9}',
        b"x" * 200_000,
    ],
)
async def test_a_hostile_guest_gets_words_and_the_agent_lives(house: House, line: bytes) -> None:
    reader, writer = await asyncio.open_unix_connection(house.runtime / "agent" / "guest.sock")
    writer.write(line + b"\n")
    answer = await reader.readline()
    writer.close()
    assert answer == b"" or "error" in json.loads(answer)
    assert (await house.agent(ask="state"))["kernels"] == {}


async def test_the_end_leaves_no_process_group_or_folder(house: House) -> None:
    kernel = await house.kernel()
    await kernel.run("1")
    agent = house.process.pid
    await house.stop()
    assert not house.runtime.exists()
    assert not [*cgroup.ROOT.glob(f"*/{cgroup.PREFIX}{agent}-*"), *cgroup.ROOT.glob(f"{cgroup.PREFIX}{agent}-*")]
    assert not [
        line
        for line in os.popen("ps ax -o args").read().splitlines()
        if str(house.runtime) in line and "ps ax" not in line
    ]
