"""The kernel of one room, as people see it: runs, prompts, widgets, and what becomes of them when it dies."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, Protocol

from greenroom_proctor.messages import KernelNotice, RoomNotice

from greenroom_hub.room import wire_format
from greenroom_hub.room.kernel_link import Guests, KernelLink, Status
from greenroom_hub.room.notebooks import KERNELSPEC
from greenroom_hub.room.output_widgets import OutputWidgets
from greenroom_hub.room.outputs import TYPES
from greenroom_hub.room.runs import CUT_OFF, GONE, Desk, Ended, Runs
from greenroom_hub.room.values import Json
from greenroom_hub.room.wire_format import Message

log = logging.getLogger("greenroom.kernel")

TO_EVERYBODY = frozenset({"status", "comm_open", "comm_msg", "comm_close"})

STOPPED = "The kernel stopped unexpectedly and was started again. Variables are gone; your notebook is not."
TOO_MUCH = "The kernel was stopped because it used more than {memory} MiB. Variables are gone; your notebook is not."
RESTARTED = "The kernel was restarted. Variables are gone; your notebook is not."
STARTING = "The kernel is starting."


class Deaths(Guests, Protocol):
    """Guests that can say why a kernel died."""

    async def killed_for_memory(self, session: str) -> int: ...


class Browser(Protocol):
    """A page's kernel channel."""

    @property
    def client(self) -> str: ...
    def push(self, message: Message) -> None: ...


class RoomDesk(Desk, Protocol):
    """What the kernel needs of the room."""

    def tell_all(self, notice: RoomNotice) -> None: ...
    def learnt(self, info: Mapping[str, Any]) -> None: ...


class Kernel:
    """The link, the runs over it, and the browsers' channels beside them. `memory`: its limit in MiB, for people."""

    def __init__(self, room: str, guests: Deaths, desk: RoomDesk, memory: int, name: str = KERNELSPEC["name"]) -> None:
        self.link = KernelLink(room, guests, self, name)
        self.runs = Runs(desk, self.link)
        self.browsers: set[Browser] = set()
        self.controls: dict[str, Browser] = {}  # comms by which one page asks for widgets' states
        self._room = room
        self._desk = desk
        self._guests = guests
        self._memory = memory
        self._killed = 0
        self._widgets = OutputWidgets(self._update_widget)
        self._text = STARTING
        self._first = True
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def notice(self) -> KernelNotice:
        """How it is now."""
        return KernelNotice(self.link.status.value, self._text)

    async def interrupt(self) -> None:
        """Interrupts what runs."""
        self.runs.interrupted()
        await self.link.interrupt()

    async def restart(self) -> None:
        """Starts the kernel anew."""
        await self.link.restart()

    async def close(self) -> None:
        """Ends the connection and everything that waits for it."""
        await self.link.close()
        for task in self._tasks:
            task.cancel()

    # What the link tells

    def on_message(self, message: Message) -> None:
        """A message of the kernel."""
        kind = message.kind
        if message.channel == "iopub":
            if kind.startswith("comm_"):
                self._widgets.watch(kind, message.content)
            if kind in TO_EVERYBODY:
                self._push(message)
            if kind in TYPES and self._widgets.play(str(message.parent.get("msg_id", "")), kind, message.content):
                return
        if self.runs.hear(message) or message.channel == "iopub":
            return
        client = message.parent.get("session")
        for browser in [browser for browser in self.browsers if browser.client == client]:
            browser.push(message)

    def on_status(self, status: Status) -> None:
        """The kernel does something else now."""
        if status is Status.RESTARTING:
            self._text = self._text or STARTING  # until it is known what became of the one before
        elif (status is Status.IDLE and self._text) or (status is Status.BUSY and self._text == STARTING):
            self._text = ""
        elif status in {Status.IDLE, Status.BUSY}:
            return
        self._desk.tell_all(self.notice)
        if status in {Status.RESTARTING, Status.DEAD}:
            self._push(self.from_kernel("iopub", "status", {"execution_state": status.value}))

    def on_lost(self, *, asked: bool) -> None:
        """The kernel's memory is gone."""
        self._widgets.forget()
        task = asyncio.create_task(self._mourn(self.runs.sent, asked=asked))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def on_info(self, info: Mapping[str, Any]) -> None:
        """The kernel answers, and says what it is. What runs elsewhere it would have told before."""
        self.runs.close_left_open(GONE if self.link.made else CUT_OFF)
        if (run := self.runs.sent) is not None and not run.reply.done():
            # It answers in order, and of what it was running it says nothing: it was started anew, and nobody heard
            self._text = STOPPED
            self._desk.tell_all(self.notice)
            self.runs.end(run, Ended("error", "KernelDied", STOPPED))
        if self.link.made and self._first and self._desk.memory.counts:
            self._text = STOPPED  # while the service was away
            self._desk.tell_all(self.notice)
        self._first = False
        self._desk.learnt(info)

    def from_kernel(self, channel: str, kind: str, content: Json, parent: Json = None) -> Message:
        """A message of ours in the kernel's name."""
        return wire_format.message(channel, kind, content, self.link.kernel_session, parent=parent)

    async def _mourn(self, run: Any, *, asked: bool) -> None:  # noqa: ANN401 - a Run or nobody
        sentence = RESTARTED if asked else await self._why()
        self.runs.end(run, Ended("error", "KernelRestarted" if asked else "KernelDied", sentence))
        if self.link.status in {Status.IDLE, Status.BUSY}:  # it was quicker than the answer to the question why
            self._desk.tell_all(KernelNotice(self.link.status.value, sentence))
            return
        self._text = sentence
        self._desk.tell_all(self.notice)

    async def _why(self) -> str:
        try:
            killed = await self._guests.killed_for_memory(self._room)
        except Exception as error:  # noqa: BLE001 - a guest that is gone cannot say, and the room goes on
            log.info("kernel of %s: nobody knows why it died: %s", self._room, error)
            return STOPPED
        grown, self._killed = killed > self._killed, killed
        return TOO_MUCH.format(memory=self._memory) if grown else STOPPED

    def _push(self, message: Message) -> None:
        asked = self.controls.get(str(message.content.get("comm_id"))) if message.kind.startswith("comm_") else None
        for browser in [asked] if asked is not None else list(self.browsers):
            browser.push(message)

    def _update_widget(self, comm: str, state: Json) -> None:
        data = {"method": "update", "state": state, "buffer_paths": []}
        if self.link.connected:  # otherwise it has lost what it showed, too
            self.link.ask("shell", "comm_msg", {"comm_id": comm, "data": data})
