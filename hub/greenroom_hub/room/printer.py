"""Carries what runs print into the notebook: the first output at once, then in batches."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from greenroom_hub.room import cells
from greenroom_hub.room.guard import Memory
from greenroom_hub.room.outputs import WIDGET_VIEW, Edit, Tape, weight
from greenroom_hub.room.values import Json

TICK = 0.05  # seconds between batches: a person sees no steps, and a printing loop makes 20 rows a second, not 10,000
KEPT = 64  # runs whose outputs can still change after they ended (threads, displays with an id)


class Paper(Protocol):
    """What the printer needs of the room."""

    @property
    def memory(self) -> Memory: ...
    def cell(self, id_: str) -> cells.Cell | None: ...
    def write(self, work: Callable[[], None]) -> None: ...


@dataclass(slots=True)
class Page:
    """What one run printed. `stale`: the cell was put back by a page, and all of it is to be written again."""

    cell: str
    tape: Tape = field(default_factory=Tape)
    edits: list[Edit] = field(default_factory=list)
    stale: bool = False
    open: bool = True


class Printer:
    """The pages of one room, by run."""

    def __init__(self, paper: Paper) -> None:
        self._paper = paper
        self._pages: OrderedDict[str, Page] = OrderedDict()
        self._timer: asyncio.TimerHandle | None = None
        self._last = 0.0

    def begin(self, run: str, cell: str) -> None:
        """A run of this cell begins; what an earlier one printed belongs to it no more."""
        for old in [name for name, page in self._pages.items() if page.cell == cell]:
            del self._pages[old]
        self._pages[run] = page = Page(cell)
        self._paper.memory.running[cell] = page.tape.outputs
        while len(self._pages) > KEPT:
            self._pages.popitem(last=False)

    def resume(self, run: str, cell: str) -> Page:
        """A run that began before the service did: what its cell shows is what it printed so far."""
        self.begin(run, cell)
        page = self._pages[run]
        if (held := self._paper.cell(cell)) is not None:
            page.tape.outputs.extend(cells.shown(held))
            page.tape.size = sum(weight(output) for output in page.tape.outputs)
        return page

    def play(self, run: str, kind: str, content: Json) -> None:
        """One message of the kernel for a run."""
        if kind == "update_display_data":
            for page in self._pages.values():
                self._take(page, page.tape.play(kind, content))
        elif page := self._pages.get(run):  # type: ignore[assignment]
            self._take(page, page.tape.play(kind, content), hold=WIDGET_VIEW in (content.get("data") or {}))

    def page(self, run: str) -> Page | None:
        """What a run printed so far."""
        return self._pages.get(run)

    def add(self, page: Page, edits: list[Edit]) -> None:
        """Something the service itself adds to a run's outputs."""
        self._take(page, edits)

    def close(self, run: str, count: int | None) -> None:
        """A run is over: everything is written, and the cell shows that it ended."""
        page = self._pages.get(run)
        if page is None:
            return
        page.edits += page.tape.close()
        page.open = False
        self.flush(also=lambda: self._end(page.cell, count))
        self._paper.memory.running.pop(page.cell, None)
        self._paper.memory.remember(page.tape.outputs, count)

    def drop(self, run: str) -> None:
        """Nothing more is printed for this run."""
        self._pages.pop(run, None)

    def came(self, ids: frozenset[str]) -> None:
        """A page put these cells into the list: those that run are written anew."""
        for page in self._pages.values():
            if page.open and page.cell in ids:
                page.stale = True
                self._later(0)

    def flush(self, also: Callable[[], None] = lambda: None) -> None:
        """Writes now what is waiting."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._last = asyncio.get_running_loop().time()
        waiting = [page for page in self._pages.values() if page.edits or page.stale]

        def work() -> None:
            for page in waiting:
                self._write(page)
            also()

        self._paper.write(work)
        for page in waiting:
            if not page.open:
                self._paper.memory.remember(page.tape.outputs, None)

    def _write(self, page: Page) -> None:
        cell = self._paper.cell(page.cell)
        if cell is not None and page.stale:
            cells.rewrite(cell, page.tape.outputs)
        elif cell is not None:
            cells.edit(cell, page.edits)
        page.edits, page.stale = [], False

    def _end(self, id_: str, count: int | None) -> None:
        if (cell := self._paper.cell(id_)) is not None:
            cells.end(cell, count)

    def _take(self, page: Page, edits: list[Edit], *, hold: bool = False) -> None:
        if edits:
            page.edits += edits
            since = asyncio.get_running_loop().time() - self._last
            # A widget's view waits for its model, which reaches the page by another socket
            self._later(TICK if hold else max(0.0, TICK - since))

    def _later(self, delay: float) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(delay, self.flush)
