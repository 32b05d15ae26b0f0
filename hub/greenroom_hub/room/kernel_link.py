"""The service's own connection to the one kernel of a room: started, found again, asked, lost and started again.

People see one kernel for the whole sitting; behind it there may be several, one after another, as kernels die and
guests are restarted. Whoever talks to the kernel does so through here.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Protocol

from tornado.httpclient import HTTPError
from tornado.websocket import WebSocketClientConnection

from greenroom_hub.room import wire_format
from greenroom_hub.room.lib0 import Malformed
from greenroom_hub.room.notebooks import KERNELSPEC
from greenroom_hub.room.values import Json
from greenroom_hub.room.wire_format import SUBPROTOCOL, Message

log = logging.getLogger("greenroom.kernel")

ASK_AGAIN = 2.0  # seconds: a kernel that starts may not have heard the first question
LISTEN_AGAIN = 0.05  # seconds: it answers, and what it prints does not reach us yet
LONGEST_PAUSE = 5.0  # seconds between attempts to reach a guest: soon enough for somebody who waits
LARGEST = 64 << 20  # bytes of one message: a large picture; the guest is not trusted with more of our memory


TRIES, TRY_AGAIN = 30, 0.5  # times, seconds: until the end of its kernel must have been seen, on a busy machine too


class CannotInterrupt(Exception):  # noqa: N818 - the guest's error, not ours
    """The guest did not interrupt the kernel, which goes on."""

    def __init__(self) -> None:
        super().__init__("The kernel could not be interrupted.")


class Unreachable(Exception):  # noqa: N818 - what was found, told to who sends
    """Nothing was sent: the kernel is not connected."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"{kind} was not sent: the kernel is not connected; wait until it answers")


class Status(StrEnum):
    """What the kernel is doing, in Jupyter's words."""

    STARTING = "starting"
    IDLE = "idle"
    BUSY = "busy"
    RESTARTING = "restarting"
    DEAD = "dead"


class Guests(Protocol):
    """What the link needs of `guests.Guests`."""

    async def start(self, session: str) -> None: ...
    async def fetch(self, session: str, method: str, path: str, body: object = None) -> object: ...
    async def connect(self, session: str, path: str, **kw: Any) -> WebSocketClientConnection: ...  # noqa: ANN401


class Listener(Protocol):
    """Who is told what the kernel does."""

    def on_message(self, message: Message) -> None: ...
    def on_status(self, status: Status) -> None: ...
    def on_lost(self, *, asked: bool) -> None: ...
    def on_info(self, info: Mapping[str, Any]) -> None: ...


class KernelLink:
    """One room's kernel. `id` is what browsers call it, for the whole sitting; `session` is ours in Jupyter's headers.
    `kernel_session` is the kernel's: what we say in its name must carry it, as JupyterLab drops the messages before it
    when the session changes."""

    def __init__(self, room: str, guests: Guests, listener: Listener, kernel_name: str = KERNELSPEC["name"]) -> None:
        self.room, self.kernel_name = room, kernel_name
        self.id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"greenroom:{room}"))
        # The same after a restart of the service: the guest keeps what a kernel says to a session that is away, and
        # hands it over when the session is back.
        self.session = uuid.uuid5(uuid.NAMESPACE_URL, f"greenroom-service:{room}").hex
        self.kernel_session = ""
        self.status = Status.STARTING
        self.info: Mapping[str, Any] = {}
        self.made = False  # whether the kernel was started by us, or found running
        self._resumed = False
        self._guests = guests
        self._listener = listener
        self._kernel: str | None = None
        self._socket: WebSocketClientConnection | None = None
        self._ready = asyncio.Event()
        self._asked_restart = False
        self._closed = False
        self._life: asyncio.Task[None] | None = None
        self._asking: asyncio.TimerHandle | None = None
        self._questions: set[str] = set()
        self._listening = False

    def wake(self) -> None:
        """Starts the guest and its kernel, if that has not begun."""
        if self._life is None and not self._closed:
            self._life = asyncio.create_task(self._live(), name=f"kernel of {self.room}")

    async def ready(self) -> None:
        """Returns when the kernel answers."""
        self.wake()
        await self.answers()

    async def answers(self) -> None:
        """Returns when the kernel answers, whoever wakes it."""
        while not self._ready.is_set():  # it may be gone again before whoever waits has their turn
            await self._ready.wait()

    @property
    def answering(self) -> bool:
        """Whether the kernel answers now. True only for as long as nothing is awaited."""
        return self._ready.is_set()

    @property
    def connected(self) -> bool:
        """Whether something can be sent."""
        return self._socket is not None

    def send(self, message: Message) -> None:
        """Sends a message. `Unreachable` when there is nobody to send it to: it would be waited for in vain."""
        if self._socket is None:
            raise Unreachable(message.kind)
        future = self._socket.write_message(message.packed(), binary=True)
        future.add_done_callback(lambda done: done.exception())  # a socket that closes is seen by `_listen`

    def ask(
        self, channel: str, kind: str, content: Json, *, parent: Json = None, user: str = "", about: str = ""
    ) -> str:
        """Sends a message of the service's own and returns its id. `about` is readable in the id: answers name it."""
        username = user or "greenroom"
        made = wire_format.message(channel, kind, content, self.session, parent=parent, username=username, about=about)
        self.send(made)
        return str(made.header["msg_id"])

    def resume(self) -> None:
        """A run of an earlier life of the service goes on: the kernel is busy, and will answer when it is done."""
        self._resumed = True
        self._set(Status.BUSY)

    async def interrupt(self) -> None:
        """Interrupts what runs. A kernel that has just ended cannot be, and need not: what ran there is over."""
        for _ in range(TRIES):
            kernel, socket = self._kernel, self._socket
            if kernel is None or not (self._ready.is_set() or self._resumed):
                return
            try:
                await self._guests.fetch(self.room, "POST", f"/api/kernels/{kernel}/interrupt")
            except (HTTPError, OSError) as error:
                log.info("kernel of %s: was not interrupted: %s", self.room, error)
                if kernel == self._kernel and socket is self._socket:
                    await asyncio.sleep(TRY_AGAIN)
            else:
                return
        log.warning("kernel of %s: cannot be interrupted", self.room)
        raise CannotInterrupt

    async def restart(self) -> None:
        """Starts the kernel anew, as somebody asked. Its variables are gone."""
        if self._kernel is None:
            self.wake()
            return
        self._asked_restart = True
        self._lose(Status.RESTARTING)
        try:
            await self._guests.fetch(self.room, "POST", f"/api/kernels/{self._kernel}/restart")
        finally:
            self._asked_restart = False
        self._ask_info()

    async def close(self) -> None:
        """Ends the connection. The kernel goes when its guest does."""
        self._closed = True
        if self._asking is not None:
            self._asking.cancel()
        if self._life is not None:
            self._life.cancel()
            await asyncio.gather(self._life, return_exceptions=True)
        if self._socket is not None:
            self._socket.close()
        self._socket = None
        self._forget()

    async def _live(self) -> None:
        pause = 0.1
        while not self._closed:
            try:
                await self._guests.start(self.room)
                await self._attach()
                pause = 0.1
                await self._listen()
            except asyncio.CancelledError:
                raise
            except Exception as error:  # noqa: BLE001 - whatever a guest does, the room goes on and tries again
                log.warning(
                    "kernel of %s: %s: %s; trying again in %.1f s", self.room, type(error).__name__, error, pause
                )
            self._socket = None
            self._forget()
            # A guest that is late is no kernel that died: JupyterLab would put a dialog over the room.
            self._set(Status.STARTING if self._kernel is None else Status.RESTARTING)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _attach(self) -> None:
        kernel = await self._find()
        if self._kernel is not None and kernel != self._kernel:
            self._lose(Status.RESTARTING)
        self._kernel = kernel
        path = f"/api/kernels/{kernel}/channels?session_id={self.session}"
        self._socket = await self._guests.connect(self.room, path, subprotocols=[SUBPROTOCOL], max_message_size=LARGEST)
        self._ask_info()

    async def _find(self) -> str:
        """The kernel that runs already, or a new one."""
        found: Json = await self._guests.fetch(self.room, "GET", "/api/kernels")
        fit = (one for one in found if one.get("execution_state") != "dead" and one.get("name") == self.kernel_name)
        ids = [str(kernel["id"]) for kernel in fit]
        if self._kernel in ids:
            return str(self._kernel)
        if ids:
            return ids[0]
        made: Json = await self._guests.fetch(self.room, "POST", "/api/kernels", {"name": self.kernel_name})
        self.made = True
        return str(made["id"])

    async def _listen(self) -> None:
        socket = self._socket
        assert socket is not None
        while (data := await socket.read_message()) is not None:
            try:
                self._hear(wire_format.read(data if isinstance(data, bytes) else data.encode()))
            except Malformed as error:
                log.warning("kernel of %s: %s", self.room, error)
            except Exception:
                log.exception("kernel of %s: a message was not understood", self.room)

    def _hear(self, message: Message) -> None:
        kind = message.kind
        if message.channel == "iopub" and kind == "status" and self._hear_status(message):
            return
        if message.parent.get("session") == self.session and kind == "kernel_info_reply":
            self._answered(message)
            return
        self._listener.on_message(message)

    def _hear_status(self, message: Message) -> bool:
        """Whether it was the guest's word about the kernel, and not the kernel's own."""
        state = message.content.get("execution_state")
        if state in {"restarting", "autorestarting"}:
            if not self._asked_restart:
                self._lose(Status.RESTARTING)
                self._ask_info()
            return True
        if state == "dead":
            self._lose(Status.DEAD)
            asyncio.ensure_future(self._replace())  # noqa: RUF006 - it ends with the socket that it closes
            return True
        if message.parent:
            self._listening = self._listening or message.parent.get("msg_id") in self._questions
            self.kernel_session = str(message.header.get("session", ""))
            if self._ready.is_set() and state in {"busy", "idle"}:
                self._set(Status(state))
        return False

    async def _replace(self) -> None:
        """A kernel that cannot be started again by its guest makes room for a new one."""
        kernel, self._kernel = self._kernel, None
        try:
            await self._guests.fetch(self.room, "DELETE", f"/api/kernels/{kernel}")
        except (HTTPError, OSError) as error:
            log.info("kernel of %s: could not be removed: %s", self.room, error)
        if self._socket is not None:
            self._socket.close()

    def _answered(self, message: Message) -> None:
        """It is ready when it answers and its outputs reach us: they come by a channel of their own, at times later."""
        if self._ready.is_set() or message.parent.get("msg_id") not in self._questions:
            return
        if self._asking is not None:
            self._asking.cancel()
        if not self._listening:
            self._asking = asyncio.get_running_loop().call_later(LISTEN_AGAIN, self._ask_info)
            return
        self.kernel_session = str(message.header.get("session", ""))
        self.info = message.content
        self._ready.set()
        self._listener.on_info(self.info)
        self._set(Status.IDLE)

    def _ask_info(self) -> None:
        """Asks until the kernel answers."""
        if self._closed or self._ready.is_set() or self._socket is None:  # whoever connects asks
            return
        if self._asking is not None:
            self._asking.cancel()
        self._questions.add(self.ask("shell", "kernel_info_request", {}))
        self._asking = asyncio.get_running_loop().call_later(ASK_AGAIN, self._ask_info)

    def _forget(self) -> None:
        self._ready.clear()
        self._questions.clear()
        self._listening = self._resumed = False

    def _lose(self, status: Status) -> None:
        """The kernel's memory is gone."""
        self._forget()
        self._set(status)
        self._listener.on_lost(asked=self._asked_restart)

    def _set(self, status: Status) -> None:
        if status is not self.status:
            self.status = status
            self._listener.on_status(status)
