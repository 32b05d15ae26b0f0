"""The kernel's websocket for browsers: what an editor needs of a kernel, and nothing that runs code.

Completion, inspection and widgets go through; execution is the service's (see `runs`). What is denied gets a reply, so
that a page does not wait for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import ClassVar

from greenroom_proctor.words import Seat, State
from tornado.web import HTTPError
from tornado.websocket import WebSocketClosedError

from greenroom_hub.room import rights, wire_format
from greenroom_hub.room.hearing import Hearing
from greenroom_hub.room.lib0 import Malformed
from greenroom_hub.room.room import Room
from greenroom_hub.room.values import Json
from greenroom_hub.room.wire_format import SUBPROTOCOL, Message
from greenroom_hub.web.access import Access

READERS = frozenset({"comm_info_request"})
COMMS = frozenset({"comm_open", "comm_msg", "comm_close"})
WRITERS = READERS | COMMS | {"complete_request", "inspect_request", "is_complete_request"}
WIDGET_CONTROL = "jupyter.widget.control"
MOST_WAITING = 200  # messages while the kernel starts: an honest page sends a handful


def permitted(message: Message, *, writes: bool, control: Iterable[str]) -> bool:
    """Whether a browser's message may reach the kernel. `control`: comms by which a reader asks for widgets' states.
    Raises `Malformed`."""
    comm, data = message.content.get("comm_id", ""), message.content.get("data") or {}
    if message.kind in COMMS and not (isinstance(comm, str) and isinstance(data, dict)):
        raise Malformed(f"refused a {message.kind} whose comm_id is no text or whose data is no object")
    if message.channel != "shell":
        return False
    if writes:
        return message.kind in WRITERS
    if message.kind == "comm_open":
        return bool(message.content.get("target_name") == WIDGET_CONTROL)
    if message.kind in {"comm_msg", "comm_close"}:
        asks = message.kind == "comm_close" or data.get("method") == "request_states"
        return asks and comm in control
    return message.kind in READERS


class KernelSocket(Hearing):
    """One page's kernel channel."""

    access: ClassVar = {"GET": Access.SEATED}
    states: ClassVar = rights.ENTERS

    client = ""

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        """The binary format only."""
        return SUBPROTOCOL if SUBPROTOCOL in subprotocols else None

    async def open(self, *_args: str, **kwargs: str) -> None:
        """The page is connected."""
        self.set_nodelay(True)
        self.client = self.get_query_argument("session_id", "")[:64]
        self._control: set[str] = set()
        self._waiting: list[Message] = []
        self._flushing: asyncio.Task[None] | None = None
        if self.session is None or not self.client or self.selected_subprotocol != SUBPROTOCOL:
            self.close(1002, f"refused a kernel channel without session_id or without {SUBPROTOCOL}")
            return
        room = await self.house.rooms.open(self.session.id)
        if kwargs.get("kernel") != room.kernel.link.id or self.client == room.kernel.link.session:
            self.close(1008, "this room has another kernel, or this session_id is the service's")
        elif self.ws_connection is not None:
            self.listen(room)
            room.kernel.browsers.add(self)

    def hear(self, data: bytes) -> None:
        """A message of the page."""
        message = wire_format.read(data)
        if message.header.get("session") != self.client:
            raise Malformed("refused a message in another client's name")
        if len(self._waiting) > MOST_WAITING:
            raise Malformed("refused one message too many while the kernel starts")
        if self.room is not None:
            self._hear(self.room, message)

    def push(self, message: Message) -> None:
        """A message of the kernel."""
        try:
            self.write_message(message.packed(), binary=True).add_done_callback(lambda done: done.exception())
        except WebSocketClosedError:
            return

    def on_close(self) -> None:
        """The page is gone."""
        if self.room is not None:
            kernel = self.room.kernel
            kernel.browsers.discard(self)
            for comm in [comm for comm, browser in kernel.controls.items() if browser is self]:
                del kernel.controls[comm]

    def _hear(self, room: Room, message: Message) -> None:
        writes = self.seat is not None and room.may_write(self.seat)
        there = room.state in rights.HAS_KERNEL and not room.frozen
        if message.channel == "shell" and message.kind == "kernel_info_request":
            self._when_ready(room, message)
        elif message.channel == "shell" and message.kind == "comm_info_request" and not there:
            self._answer(room, message, {"status": "ok", "comms": {}})
        elif not there:
            self._deny(room, message) if message.kind.endswith("_request") else None
        elif permitted(message, writes=writes, control=self._control):
            if message.kind == "comm_open" and message.content.get("target_name") == WIDGET_CONTROL:
                self._control.add(comm := str(message.content.get("comm_id")))
                room.kernel.controls.setdefault(comm, self)
            self._when_ready(room, message)
        elif message.kind.endswith("_request"):
            self._deny(room, message)

    def _when_ready(self, room: Room, message: Message) -> None:
        """In order, once the kernel answers."""
        self._waiting.append(message)
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush(room))

    async def _flush(self, room: Room) -> None:
        if room.has_kernel:
            await room.kernel.link.ready()
        elif room.state is State.SCHEDULED:  # the kernel comes with the candidate
            await room.kernel.link.answers()
        waiting, self._waiting[:] = list(self._waiting), []
        for message in waiting:
            if message.kind == "kernel_info_request":
                self._answer(room, message, {**room.kernel.link.info, "status": "ok"})
            elif room.kernel.link.connected:  # otherwise the session has just ended, and its page with it
                room.kernel.link.send(message)

    def _answer(self, room: Room, message: Message, content: Json) -> None:
        """A reply of ours, between busy and idle as the kernel's would be. It carries the kernel's session: JupyterLab
        drops what it has not handled yet when the session changes, and that was a widget's model now and then."""
        reply = message.kind.removesuffix("_request") + "_reply"
        made = room.kernel.from_kernel
        self.push(made("iopub", "status", {"execution_state": "busy"}, message.header))
        self.push(made(message.channel, reply, content, message.header))
        self.push(made("iopub", "status", {"execution_state": "idle"}, message.header))

    def _deny(self, room: Room, message: Message) -> None:
        why = f"{message.kind} was refused: in this room the service runs the cells and keeps their history"
        content: Json = {"status": "error", "ename": "Refused", "evalue": why, "traceback": [], "execution_count": None}
        self._answer(room, message, {**content, "history": []} if message.kind == "history_request" else content)


def require_writer(seat: Seat | None, room: Room) -> None:
    """Lets only those go on who may write now."""
    if seat is None or not room.may_write(seat):
        raise HTTPError(403, "only who may write in this room now may interrupt or restart its kernel")
    if not room.has_kernel:
        raise HTTPError(409, "the kernel comes when the candidate is in the lobby")
