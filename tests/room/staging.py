"""A stage for rooms: the real parts of the house on a real database, a real jupyter_server as the guest, real websockets."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from greenroom_hub import wire
from greenroom_hub.bundle import STATIC
from greenroom_hub.logins import Logins
from greenroom_hub.moment import now
from greenroom_hub.people import People
from greenroom_hub.policy import Policy
from greenroom_hub.record import Record
from greenroom_hub.remarks import Remarks
from greenroom_hub.room import frames
from greenroom_hub.room.lib0 import Reader, block, uint
from greenroom_hub.room.rooms import Rooms
from greenroom_hub.room.routes import routes
from greenroom_hub.room.values import plain
from greenroom_hub.room.wire_format import SUBPROTOCOL, Message
from greenroom_hub.seats import Seats
from greenroom_hub.sessions import Sessions
from greenroom_hub.settings import CHECKOUT, PREFIX, Greenroom
from greenroom_hub.signing import signing_key
from greenroom_hub.store.database import Store
from greenroom_hub.store.schema import migrate
from greenroom_hub.templates import Sidecar, Templates
from greenroom_hub.web.api import remarks, steer
from greenroom_hub.web.pages import FileHandler
from greenroom_hub.wire import Wires
from greenroom_proctor.words import Action, Role, Seat
from pycrdt import Array, Doc, Map, Text
from tornado.httpclient import AsyncHTTPClient, HTTPError, HTTPRequest
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application
from tornado.websocket import WebSocketClientConnection, websocket_connect

PATIENCE = 30.0  # seconds until a test gives up: many times what anything here takes
ENVIRONMENT = CHECKOUT / ".venv" / "environments" / "default"

NOTEBOOK: dict[str, Any] = {
    "cells": [
        {
            "cell_type": "markdown",
            "id": "task",
            "metadata": {"greenroom": {"locked": True}, "editable": False},
            "source": "# Task",
        },
        {"cell_type": "code", "id": "one", "metadata": {}, "source": "", "outputs": [], "execution_count": None},
        {"cell_type": "code", "id": "two", "metadata": {}, "source": "", "outputs": [], "execution_count": None},
    ],
    "metadata": {},
    "nbformat": 4,
    "nbformat_minor": 5,
}


async def until(found: Callable[[], Any], what: str = "it") -> Any:
    """Waits until something is so, and returns it."""
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while not (value := found()):
        assert asyncio.get_running_loop().time() < deadline, f"{what} did not happen within {PATIENCE:.0f} s"
        await asyncio.sleep(0.01)
    return value


class NoGuests:
    """Guests that never come: the document goes on without them."""

    async def start(self, session: str) -> None:
        raise ConnectionError("there is no guest in this test")

    async def fetch(self, session: str, method: str, path: str, body: object = None) -> Any:
        raise ConnectionError("there is no guest in this test")

    async def connect(self, session: str, path: str, **how: Any) -> WebSocketClientConnection:
        raise ConnectionError("there is no guest in this test")

    async def killed_for_memory(self, session: str) -> int:
        raise ConnectionError("there is no guest in this test")


@dataclass
class JupyterGuest:
    """A plain jupyter_server with a token, as the guest of every room. Each room sees its own kernels."""

    process: subprocess.Popen[bytes]
    url: str
    kernels: dict[str, set[str]] = field(default_factory=dict)
    killed: int = 0
    starts: int = 0

    async def start(self, session: str) -> None:
        self.starts += 1

    async def fetch(self, session: str, method: str, path: str, body: object = None) -> Any:
        request = HTTPRequest(
            self.url + path,
            method,
            {"Authorization": "token t"},
            json.dumps(body) if body is not None else None,
            allow_nonstandard_methods=True,
        )
        answer = await AsyncHTTPClient().fetch(request)
        found: Any = json.loads(answer.body) if answer.body else None
        mine = self.kernels.setdefault(session, set())
        if path == "/api/kernels" and method == "POST":
            mine.add(found["id"])
        if path == "/api/kernels" and method == "GET":
            return [kernel for kernel in found if kernel["id"] in mine]
        return found

    async def connect(self, session: str, path: str, **how: Any) -> WebSocketClientConnection:
        request = HTTPRequest(self.url.replace("http", "ws", 1) + path, headers={"Authorization": "token t"})
        return await websocket_connect(request, **how)

    async def killed_for_memory(self, session: str) -> int:
        return self.killed


@asynccontextmanager
async def jupyter_guest(folder: Path, port: int = 0) -> AsyncIterator[JupyterGuest]:
    """Starts a jupyter_server, on a free port where none is given, and ends it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = port or probe.getsockname()[1]
    env = {
        key: str(folder / key.lower()) for key in ("HOME", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR")
    }
    env |= {"JUPYTER_PATH": str(folder / "jupyter"), "JUPYTER_PLATFORM_DIRS": "1", "JUPYTER_PREFER_ENV_PATH": "0"}
    env |= {"PATH": os.environ["PATH"]}
    spec = folder / "jupyter" / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    argv = [str(ENVIRONMENT / "bin" / "python"), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    env_of_kernels = {"PYDEVD_DISABLE_FILE_VALIDATION": "1"}  # or a warning of the debugger is in the first output
    named = {"display_name": "Python 3", "language": "python"}
    spec.write_text(json.dumps({"argv": argv, "env": env_of_kernels, **named}))
    for name in ("HOME", "IPYTHONDIR"):
        Path(env[name]).mkdir(parents=True, exist_ok=True)
    words = ["--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token=t"]
    words += ["--allow-root", "--no-browser", f"--ServerApp.root_dir={env['HOME']}", "--ServerApp.log_level=ERROR"]
    words += [
        f"--ServerApp.jpserver_extensions={name}=False" for name in ("jupyterlab", "jupyter_lsp", "notebook_shim")
    ]
    words += ["--ServerApp.terminals_enabled=False", "--ZMQChannelsWebsocketConnection.limit_rate=False"]
    words += ["--KernelRestarter.time_to_dead=0.3", "--KernelSpecManager.ensure_native_kernel=False"]
    with (folder / "guest.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "jupyter_server", *words], env=env, stdout=log, stderr=log)
    guest = JupyterGuest(process, f"http://127.0.0.1:{port}")
    try:
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while True:
            try:
                await guest.fetch("", "GET", "/api/status")
                break
            except (OSError, HTTPError):
                assert asyncio.get_running_loop().time() < deadline, (folder / "guest.log").read_text()
                await asyncio.sleep(0.05)
        yield guest
    finally:
        process.terminate()
        process.wait(10)


@dataclass
class House:
    """The parts of the house that rooms use."""

    settings: Greenroom
    store: Any
    record: Record
    people: People
    logins: Logins
    templates: Templates
    sessions: Sessions
    seats: Seats
    guests: Any
    rooms: Rooms
    wires: Wires
    remarks: Remarks


@dataclass
class Stage:
    """One house, served on a free port."""

    house: House
    server: HTTPServer
    port: int
    session: str = ""

    @property
    def base(self) -> str:
        """The room's address."""
        return f"http://127.0.0.1:{self.port}{PREFIX}room/{self.session}"

    async def begin(
        self,
        *actions: Action,
        notebook: dict[str, Any] | None = None,
        policy: Policy | None = None,
        settings: Sidecar | None = None,
        hidden: Mapping[str, bytes] = MappingProxyType({}),
    ) -> str:
        """A session, live unless other actions are named."""
        await self.house.people.put("iva", "Iva Ivić", Role.INTERVIEWER)
        await self.house.people.put("ole", "Ole Olsen", Role.OBSERVER)
        version = await self.house.templates.put(
            "interview", notebook or NOTEBOOK, {}, settings or Sidecar(), "iva", hidden
        )
        drafted = Action.SCHEDULE in actions
        session = await self.house.sessions.create(
            title="Talk", candidate="Cleo", template=version, author="iva", draft=drafted, policy=policy
        )
        self.session = session.id
        await self.house.seats.put(session.id, "iva", Seat.INTERVIEWER)
        await self.house.seats.put(session.id, "ole", Seat.OBSERVER)
        for action in actions or (Action.ARRIVE, Action.OPEN):
            await self.house.sessions.act(session.id, action, "iva")
        return session.id

    async def cookie(self, name: str) -> str:
        """A fresh login's cookie. The candidate's name is the session's."""
        candidate = name == "cleo"
        secret, _ = await self.house.logins.start(
            self.session if candidate else name,
            "Cleo" if candidate else name.title(),
            self.session if candidate else None,
        )
        return f"greenroom={secret}"

    async def page(self, name: str, *, read: bool = True) -> Page:
        """Somebody's page, connected to the notebook and synced."""
        request = HTTPRequest(f"{self.base}/document".replace("http", "ws", 1))
        request.headers["Cookie"] = await self.cookie(name)
        request.headers["Origin"] = f"http://127.0.0.1:{self.port}"
        page = Page(await websocket_connect(request))
        if read:
            page.start()
            await until(lambda: page.synced, "the first sync")
        return page

    async def channel(self, name: str, client: str = "browser") -> Channel:
        """Somebody's kernel channel."""
        kernel = (await self.house.rooms.open(self.session)).kernel.link.id
        url = f"{self.base}/api/kernels/{kernel}/channels?session_id={client}".replace("http", "ws", 1)
        request = HTTPRequest(url, headers={"Cookie": await self.cookie(name)})
        return Channel(await websocket_connect(request, subprotocols=[SUBPROTOCOL]), client)

    async def fetch(self, name: str, path: str, method: str = "GET", body: str | None = None) -> Any:
        """A request below the room's address."""
        headers = {"Cookie": await self.cookie(name), "Content-Type": "application/json"}
        request = HTTPRequest(f"{self.base}/{path}", method, headers, body, allow_nonstandard_methods=True)
        return await AsyncHTTPClient().fetch(request, raise_error=False)

    async def notebook(self) -> dict[str, Any]:
        """What is durable."""
        return (await self.house.rooms.notebook(self.session))[0]


@asynccontextmanager
async def stage(folder: Path, guests: Any, store: Any = None) -> AsyncIterator[Stage]:
    """A house on a database in a folder, served."""
    settings = Greenroom(data=str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    store = store or Store(f"sqlite:///{folder / 'greenroom.sqlite'}")
    migrate(store.engine)
    record, templates, seats = Record(store, signing_key(folder)), Templates(store, now), Seats(store, now)
    sessions = Sessions(store, now, templates, seats, record)
    rooms = Rooms(settings, store, journal=record, sessions=sessions, guests=guests, now=now)
    people, logins = People(store, now), Logins(store, now, 12)
    house = House(
        settings,
        store,
        record,
        people,
        logins,
        templates,
        sessions,
        seats,
        guests,
        rooms,
        Wires(store, record, sessions),
        Remarks(store, record),
    )
    static = (f"{PREFIX}static/(.*)", FileHandler, {"path": str(STATIC)})
    application = Application(
        [
            *routes,
            static,
            *remarks.routes,
            *steer.routes,
            *((PREFIX + pattern, *rest) for pattern, *rest in wire.routes),
        ],
        house=house,
        hub=None,
        service_token="t" * 64,
        websocket_max_message_size=4 << 20,
        log_function=_quiet,
    )
    server = HTTPServer(application)
    listening, port = bind_unused_port()
    server.add_socket(listening)
    try:
        yield Stage(house, server, port)
    finally:
        server.stop()
        await house.wires.stop()
        await rooms.close()
        await server.close_all_connections()
        store.close()


def _quiet(_handler: object) -> None:
    return


class Page:
    """A page's side of the notebook: a Yjs document of its own, kept in sync."""

    def __init__(self, socket: WebSocketClientConnection) -> None:
        self.socket = socket
        self.doc: Doc[Any] = Doc()
        self.cells: Array[Any] = self.doc.get("cells", type=Array)
        self.meta: Map[Any] = self.doc.get("meta", type=Map)
        self.synced = False
        self.notices: list[dict[str, Any]] = []
        self.presences: dict[int, Any] = {}
        self.frames: list[bytes] = []
        self.sent = 0  # updates, as the page counts them
        self.closed: tuple[int | None, str | None] | None = None
        self._applying = False
        self.doc.observe(self._changed)

    def start(self) -> None:
        """Begins to read."""
        self.task = asyncio.create_task(self._read())
        self.send(frames.ask_state(self.doc.get_state()))

    def send(self, frame: bytes) -> None:
        """Sends a frame."""
        self.sent += frame[:1] == b"\0" and frame[1:2] != b"\0"  # an update, or an answer to our question
        self.socket.write_message(frame, binary=True)

    def command(self, **words: Any) -> None:
        """Sends a command."""
        self.send(bytes((frames.COMMAND,)) + block(json.dumps(words).encode()))

    def say(self, client: int, state: Any, clock: int = 1) -> None:
        """Sends an awareness entry."""
        entry = uint(client) + uint(clock) + block(json.dumps(state).encode())
        self.send(bytes((frames.AWARENESS,)) + block(uint(1) + entry))

    def cell(self, id_: str) -> Map[Any]:
        """A cell."""
        return next(cell for cell in self.cells if cell["id"] == id_)

    def type(self, id_: str, text: str, *, at: int | None = None) -> None:
        """Types at the end of a cell."""
        source: Text = self.cell(id_)["source"]
        source.insert(len(source) if at is None else at, text)

    def source(self, id_: str) -> str:
        """What a cell says."""
        return str(self.cell(id_)["source"])

    def outputs(self, id_: str) -> list[dict[str, Any]]:
        """What a cell shows."""
        found: list[dict[str, Any]] = plain(self.cell(id_)["outputs"].to_py())
        return found

    def text(self, id_: str) -> str:
        """What a cell printed."""
        return "".join(output.get("text", "") for output in self.outputs(id_))

    def told(self, kind: str) -> list[dict[str, Any]]:
        """The notices of one kind."""
        return [notice for notice in self.notices if notice["type"] == kind]

    async def run(self, id_: str, source: str | None = None, request: int = 1) -> str:
        """Runs a cell and returns how it ended."""
        if source is not None:
            held = self.cell(id_)["source"]
            with self.doc.transaction():
                held.clear()
                held.insert(0, source)
        self.command(type="run", cell=id_, request=request)
        return str((await self.done(request))["status"])

    def clear(self, id_: str) -> None:
        """Clears a cell's outputs, as JupyterLab does."""
        with self.doc.transaction():
            self.cell(id_)["outputs"].clear()
            self.cell(id_)["execution_count"] = None
            self.cell(id_)["execution_state"] = "idle"

    async def done(self, request: int) -> dict[str, Any]:
        """The notice that a run ended, and its last output arrived."""
        found: dict[str, Any] = await until(
            lambda: next((n for n in self.told("done") if n["request"] == request), None), f"run {request}"
        )
        return found

    def insert(self, index: int, **cell: Any) -> None:
        """Inserts a cell as JupyterLab does."""
        made = {"cell_type": "code", "metadata": {}, "source": "", **cell}
        if made["cell_type"] == "code":
            made = {"outputs": [], "execution_count": None, **made}
            made["outputs"] = Array([Map(output) for output in made["outputs"]])
        made["source"], made["metadata"] = Text(made["source"]), Map(made["metadata"])
        self.cells.insert(index, Map(made))

    def move(self, id_: str, index: int) -> None:
        """Moves a cell as JupyterLab does: taken out and put in as a copy."""
        at = next(i for i, cell in enumerate(self.cells) if cell["id"] == id_)
        copy = {key: value for key, value in self.cells[at].to_py().items() if key != "execution_state"}
        with self.doc.transaction():
            del self.cells[at]
            self.insert(index, **copy)

    async def saved(self) -> None:
        """Waits until one update of this page is durable, beside its answer to the first sync."""
        await until(lambda: self.told("saved") and self.told("saved")[-1]["updates"] >= 2, "the save")

    async def refused(self) -> str:
        """Waits until an update of this page is refused, and returns why."""
        return str((await until(lambda: self.told("document_refused"), "the refusal"))[0]["why"])

    async def close(self) -> None:
        """Leaves."""
        self.socket.close()
        await self.task

    def _changed(self, event: Any) -> None:
        if not self._applying:
            self.send(frames.update(event.update))

    async def _read(self) -> None:
        while (data := await self.socket.read_message()) is not None:
            assert isinstance(data, bytes)
            self.frames.append(data)
            self._hear(data)
        self.closed = self.socket.close_code, self.socket.close_reason

    def _hear(self, data: bytes) -> None:
        reader = Reader(data)
        kind = reader.uint()
        if kind == frames.NOTICE:
            self.notices.append(json.loads(reader.block()))
        elif kind == frames.AWARENESS:
            inner = Reader(reader.block())
            for _ in range(inner.uint()):
                client, _clock, state = inner.uint(), inner.uint(), inner.text()
                self.presences[client] = json.loads(state)
        elif reader.uint() == frames.STEP_ONE:
            self.send(frames.answer_state(self.doc.get_update(reader.block())))
        else:
            self._applying = True
            self.doc.apply_update(reader.block())
            self._applying, self.synced = False, True


class Channel:
    """A page's side of the kernel channel."""

    def __init__(self, socket: WebSocketClientConnection, client: str) -> None:
        self.socket = socket
        self.client = client

    def send(
        self, kind: str, content: Mapping[str, Any], channel: str = "shell", session: str = "", **more: Any
    ) -> str:
        """Sends a message and returns its id."""
        from greenroom_hub.room import wire_format  # noqa: PLC0415

        made = wire_format.message(channel, kind, dict(content), session or self.client)
        parts = (*made.parts[:2], json.dumps(more).encode(), made.parts[3])
        made = wire_format.Message(channel, parts)
        self.socket.write_message(made.packed(), binary=True)
        return str(made.header["msg_id"])

    async def ask(self, kind: str, content: Mapping[str, Any], channel: str = "shell") -> Message:
        """Sends a request and waits for its reply."""
        id_ = self.send(kind, content, channel)
        reply = kind.replace("_request", "_reply")
        return await self.find(lambda message: message.kind == reply and message.parent.get("msg_id") == id_)

    async def find(self, wanted: Callable[[Message], bool]) -> Message:
        """The next message that is wanted."""
        from greenroom_hub.room import wire_format  # noqa: PLC0415

        async with asyncio.timeout(PATIENCE):
            while (data := await self.socket.read_message()) is not None:
                assert isinstance(data, bytes)
                message = wire_format.read(data)
                if wanted(message):
                    return message
        raise AssertionError(f"closed with {self.socket.close_code} {self.socket.close_reason}")
