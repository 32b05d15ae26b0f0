"""The runs of one room: asked for by people, done one at a time by the service, written by nobody else."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from greenroom_proctor.messages import Ask, Done, Reply, RoomNotice

from greenroom_hub.room import cells, outputs
from greenroom_hub.room.kernel_link import KernelLink
from greenroom_hub.room.printer import Paper, Printer
from greenroom_hub.room.values import Json
from greenroom_hub.room.wire_format import Message

log = logging.getLogger("greenroom.runs")

IDLE_WAIT = 5.0  # seconds between a reply and the end of its outputs; they come by another channel
MOST_QUEUED = 2000  # "run all" in the largest notebook there can be


class Desk(Paper, Protocol):
    """What runs need of the room."""

    def tell_writers(self, notice: RoomNotice) -> None: ...
    def when_durable(self, then: Callable[[], None]) -> None: ...
    def ran(self, run: Run, status: str, seconds: float) -> None: ...


@dataclass(slots=True)
class Run:
    """One run of one cell. `source` is what the cell said when it was asked for."""

    cell: str
    source: str
    who: str
    answers: list[Callable[[str], None]]
    again: bool = False  # the cell was changed since a run of it that is not over yet
    id: str = ""
    idle: asyncio.Event = field(default_factory=asyncio.Event)
    reply: asyncio.Future[Json] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def tell(self, status: str) -> None:
        """Tells everybody who asked for it how it ended."""
        for answer in self.answers:
            answer(status)


class Ended(Exception):  # noqa: N818 - the end of a run, told in words
    """A run ended without the kernel's reply."""

    def __init__(self, status: str, name: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.name, self.sentence = status, name, sentence


class Runs:
    """The queue, the run that goes on, and its prompt."""

    def __init__(self, desk: Desk, link: KernelLink) -> None:
        self._desk = desk
        self._link = link
        self._queue: deque[Run] = deque()
        self._current: Run | None = None
        self._task: asyncio.Task[None] | None = None
        self._prompt: tuple[Ask, Json] | None = None
        self._left: set[str] = set()
        self.printer = Printer(desk)

    @property
    def left(self) -> bool:
        """Whether cells run of which the kernel has not spoken yet."""
        return bool(self._left)

    @property
    def prompt(self) -> Ask | None:
        """The question that waits for an answer."""
        return self._prompt[0] if self._prompt else None

    def submit(self, cell_id: str, request: int, who: str, answer: Callable[[Done], None]) -> None:
        """Puts a cell in the queue."""
        cell = self._desk.cell(cell_id)
        if cell is None or cell.get("cell_type") != "code" or len(self._queue) >= MOST_QUEUED:
            answer(Done(request, "gone" if cell is None else "refused"))
            return
        source = str(cell["source"])
        due = [run for run in (*filter(None, [self._current]), *self._queue) if run.cell == cell_id]
        if due and due[-1].source == source:  # a second press while it waits or runs
            due[-1].answers.append(lambda status: answer(Done(request, status)))
            return
        run = Run(cell_id, source, who, [lambda status: answer(Done(request, status))], again=bool(due))
        if not due:  # otherwise the cell still belongs to the run before
            self._desk.write(lambda: cells.begin(cell))
        self._left.discard(cell_id)  # asked for anew: what it was doing is nobody's any more
        self._queue.append(run)
        self._go()

    def reply(self, reply: Reply) -> None:
        """Somebody's answer to the prompt. The first one counts."""
        if self._prompt is None or self._prompt[0].prompt != reply.prompt or self._current is None:
            return
        if not self._link.connected:  # the kernel waits for it still: the question stays open
            return
        ask, parent = self._prompt
        shown = ask.text or ""
        line = shown + ("········" if ask.password else reply.value) + "\n"
        self.printer.play(self._current.id, "stream", {"name": "stdout", "text": line})
        self._link.ask("stdin", "input_reply", {"value": reply.value, "status": "ok"}, parent=parent)
        self._close_prompt()

    def _go(self) -> None:
        """Begins with the queue, once it is known what became of the runs before."""
        if self._queue and not self._left and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._work(), name="runs")

    def left_open(self, ids: Iterable[str]) -> None:
        """Cells that an earlier life of the service left running: they go on when the kernel speaks of them."""
        self._left.update(ids)

    def close_left_open(self, sentence: str) -> None:
        """Nothing more is heard of the cells that were left running: they say so, and are over."""
        ids, self._left = self._left, set()

        def work() -> None:
            for id_ in ids:
                cell = self._desk.cell(id_)
                if cell is not None and cell.get("execution_state") == cells.RUNNING:
                    cells.edit(cell, outputs.Tape().say(sentence))
                    cells.end(cell, None)

        if ids:
            self._desk.write(work)
        self._go()

    def _take_up(self, message: Message) -> None:
        """A run whose beginning this process has not seen goes on."""
        id_ = str(message.parent.get("msg_id", ""))
        _, _, cell_id = id_.partition(":")
        if cell_id not in self._left or self._current is not None:
            return
        self._left.discard(cell_id)
        cell = self._desk.cell(cell_id)
        source = "" if cell is None else str(cell["source"])
        run = self._current = Run(cell_id, source, str(message.parent.get("username", "")), [], id=id_)
        self._link.resume()
        page = self.printer.resume(id_, cell_id)
        self.printer.add(page, page.tape.say(RESUMED))
        self._task = asyncio.create_task(self._work(run), name="runs")

    def hear(self, message: Message) -> bool:
        """Whether a message of the kernel was about a run of ours."""
        if self._left and message.parent.get("session") == self._link.session:
            self._take_up(message)
        run, parent, kind = self._current, str(message.parent.get("msg_id", "")), message.kind
        if message.channel == "iopub":
            if run and parent == run.id and kind == "status" and message.content.get("execution_state") == "idle":
                run.idle.set()
            elif kind in outputs.TYPES:
                self.printer.play(parent, kind, message.content)
                return True
            return False
        if run is None or parent != run.id:
            return False
        if kind == "execute_reply" and not run.reply.done():
            run.reply.set_result(message.content)
        elif kind == "input_request":
            self._ask(message)
        return True

    def interrupted(self) -> None:
        """Somebody interrupted. A run that has not reached the kernel ends here; the kernel ends the others."""
        if self._current and not self._current.id:
            self.end(self._current, Ended("aborted", "Interrupted", "Interrupted before it began."))

    @property
    def sent(self) -> Run | None:
        """The run that the kernel has."""
        return self._current if self._current and self._current.id else None

    def end(self, run: Run | None, how: Ended) -> None:
        """Ends a run in the kernel's place."""
        if run is not None and not run.reply.done():
            run.reply.set_exception(how)

    def abandon(self) -> None:
        """Ends nothing and writes nothing more: another room takes up what the kernel runs."""
        if self._task is not None:
            self._task.cancel()

    async def stop(self, how: Ended) -> None:
        """Ends everything and returns when it is written."""
        self._abort_queue()
        self.close_left_open(CUT_OFF)
        self.end(self._current, how)
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    async def _work(self, resumed: Run | None = None) -> None:
        while resumed or self._queue:
            run = self._current = resumed or self._queue.popleft()
            resumed = None
            began, status = time.monotonic(), "error"
            try:
                status = await self._perform(run)
            except Exception:
                log.exception("a run was not finished")
            finally:
                self._current = None
                self._close_prompt()
            if status != "ok":
                self._abort_queue()
            # Whoever hears that it is done has its outputs
            self._desk.when_durable(functools.partial(run.tell, status))
            self._desk.ran(run, status, time.monotonic() - began)

    async def _perform(self, run: Run) -> str:
        count, dropped = None, False
        try:
            if not run.id:
                await self._reach_kernel(run)
            reply = await run.reply
            status, count = self._replied(reply)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(run.idle.wait(), IDLE_WAIT)
        except Ended as end:
            status, dropped = end.status, True
            if page := self.printer.page(run.id):
                page.tape.outputs.append(error := outputs.error_of(end.name, end.sentence))
                self.printer.add(page, [outputs.Added(error)])
        self._add_pages(run)
        self.printer.close(run.id, count)
        if dropped:
            self.printer.drop(run.id)  # what the kernel that is gone still had to say
        return status

    async def _reach_kernel(self, run: Run) -> None:
        """Waits until the kernel answers, and hands it the source."""
        cell = self._desk.cell(run.cell)
        if run.again and cell is not None:
            self._desk.write(lambda: cells.begin(cell))
        self.printer.begin("", run.cell)
        while not self._link.answering and not run.reply.done():
            ready = asyncio.ensure_future(self._link.ready())
            await asyncio.wait([ready, run.reply], return_when=asyncio.FIRST_COMPLETED)
            ready.cancel()
        if run.reply.done():
            return
        content: dict[str, Any] = {"code": run.source, "silent": False, "store_history": True}
        content |= {"user_expressions": {}, "allow_stdin": True, "stop_on_error": True}
        run.id = self._link.ask("shell", "execute_request", content, user=run.who, about=run.cell)
        self.printer.begin(run.id, run.cell)

    def _replied(self, reply: Mapping[str, Any]) -> tuple[str, int | None]:
        status, count = str(reply.get("status", "error")), reply.get("execution_count")
        return status if status in {"ok", "error", "aborted"} else "error", count if isinstance(count, int) else None

    def _add_pages(self, run: Run) -> None:
        page = self.printer.page(run.id)
        if page is None or not run.reply.done() or run.reply.exception():
            return
        for payload in run.reply.result().get("payload") or []:
            if payload.get("source") == "page":
                self.printer.play(run.id, "display_data", outputs.page_of(payload.get("data") or {}))

    def _abort_queue(self) -> None:
        dropped = list(self._queue)
        self._queue.clear()

        def work() -> None:
            for run in dropped:
                if (cell := self._desk.cell(run.cell)) is not None:
                    cells.end(cell, None)

        if dropped:
            self._desk.write(work)
        for run in dropped:
            run.tell("aborted")

    def _ask(self, message: Message) -> None:
        self.printer.flush()
        content = message.content
        cell = self._current.cell if self._current else ""
        ask = Ask(secrets.token_hex(8), cell, str(content.get("prompt", ""))[:2000], bool(content.get("password")))
        self._prompt = ask, message.header
        self._desk.tell_writers(ask)

    def _close_prompt(self) -> None:
        if self._prompt is not None:
            asked = self._prompt[0]
            self._desk.tell_writers(Ask(asked.prompt, asked.cell, None, False))
            self._prompt = None


CUT_OFF = "\n[this run was cut off when the room's server restarted; the end of what it printed may be missing]\n"
GONE = "\n[this run was cut off: the kernel ended while the room's server was away, and variables are gone]\n"
RESUMED = "\n[the room's server restarted here and the run goes on; a moment of what it printed may be missing]\n"
