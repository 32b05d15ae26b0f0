"""A guest that does what a test says: the far end of a kernel's websocket, message by message."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from greenroom_hub.room import wire_format
from greenroom_hub.room.wire_format import Message


@dataclass
class Connection:
    """One websocket to a kernel, which says what it is unless it is busy, and hands everything to `then`. What is
    `over` ends in the same moment in which its last message is read."""

    then: Callable[[Connection, Message], None]
    busy: bool
    asked: list[Message] = field(default_factory=list)
    over: bool = False
    _said: list[bytes] = field(default_factory=list)
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    def write_message(self, data: bytes, binary: bool = True) -> asyncio.Future[None]:
        message = wire_format.read(data)
        if message.kind == "kernel_info_request" and not self.busy:
            self.say("iopub", "status", {"execution_state": "idle"}, message)
            self.say("shell", "kernel_info_reply", {"status": "ok"}, message)
        self.asked.append(message)
        self.then(self, message)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done

    def say(self, channel: str, kind: str, content: Any, parent: Message) -> None:
        self._said.append(wire_format.message(channel, kind, content, "kernel", parent=parent.header).packed())
        self._more.set()

    def finish(self, parent: Message) -> None:
        """A run is over."""
        self.say("shell", "execute_reply", {"status": "ok", "execution_count": 1}, parent)
        self.say("iopub", "status", {"execution_state": "idle"}, parent)

    def close(self) -> None:
        self.over = True
        self._more.set()

    async def read_message(self) -> bytes | None:
        while not self._said:
            if self.over:
                return None
            self._more.clear()
            await self._more.wait()
        return self._said.pop(0)

    def got(self, kind: str) -> list[Message]:
        return [message for message in self.asked if message.kind == kind]


@dataclass
class ScriptedGuest:
    """`kernels`: what it lists. `then`: what a connection does when it is asked something."""

    then: Callable[[Connection, Message], None]
    busy: bool = False
    kernels: list[dict[str, Any]] = field(default_factory=list)
    connections: list[Connection] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    there: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self, session: str) -> None:
        await self.there.wait()

    async def fetch(self, session: str, method: str, path: str, body: Any = None) -> Any:
        self.paths.append(f"{method} {path}")
        if method == "POST":
            self.kernels.append({"id": f"made-{len(self.kernels)}", "execution_state": "starting", **body})
            return self.kernels[-1]
        return self.kernels

    async def connect(self, session: str, path: str, **how: Any) -> Any:
        self.paths.append(path.partition("?")[0])
        self.connections.append(Connection(self.then, self.busy))
        return self.connections[-1]

    async def killed_for_memory(self, session: str) -> int:
        return 0
