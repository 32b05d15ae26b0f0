"""The shared notebook of one room, twice: updates are judged on `ahead`, and others are shown `durable`."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import NoneType
from typing import Any

from pycrdt import Array, ArrayEvent, Doc, Map, MapEvent, Text, TextEvent, TransactionEvent

from greenroom_hub.room import frames, guard, yjs
from greenroom_hub.room.guard import Cell, Change, Emptied, KeySet, Other, Rules, SourceTyped, Spliced
from greenroom_hub.room.lib0 import Malformed
from greenroom_hub.room.notebooks import Notebook, notebook_of
from greenroom_hub.room.snapshots import VERSION, Past, Snapshot
from greenroom_hub.room.values import Json

log = logging.getLogger("greenroom.document")

Cells = Array[Map[Any]]

_ROOTS: tuple[tuple[str, type[Array[Any]] | type[Map[Any]]], ...] = (("cells", Array), ("meta", Map), ("state", Map))
MOST_SETTLED = 200  # updates that wait: 2 ms when somebody asks for the document
_GONE = f"shared-{secrets.token_hex(8)}"  # stands for a shared value that was replaced; no page can write it


@dataclass(frozen=True, slots=True)
class Taken:
    """The update is in `ahead` and is to be logged. Cells with the ids `came` are new in the list."""

    came: frozenset[str]


@dataclass(frozen=True, slots=True)
class Known:
    """The update brings nothing new."""


@dataclass(frozen=True, slots=True)
class Gap:
    """The update of `clients` builds upon something that never came: its sender must send what is missing."""

    clients: frozenset[int]


@dataclass(frozen=True, slots=True)
class Refused:
    """The update was not taken. `clients` wrote it, and cannot go on: what they write next builds upon it."""

    why: str
    clients: frozenset[int]


Outcome = Taken | Known | Gap | Refused


class Watched:
    """A document that tells what an update did to it."""

    def __init__(self, updates: Iterable[bytes]) -> None:
        self.doc: Doc[Any] = Doc()
        for update in updates:
            self.doc.apply_update(update)
        self.roots = {name: self.doc.get(name, type=kind) for name, kind in _ROOTS}
        self.cells: Cells = self.roots["cells"]
        self.have = frames.state_vector(self.doc.get_state())
        self.reshape()
        self._changes: list[Change] = []
        self._update = frames.NOTHING
        for name, root in self.roots.items():
            root.observe_deep(self._seen_in(name))
        self.doc.observe(self._seen)

    def reshape(self) -> None:
        """Looks at the list of cells anew: the service changed it."""
        self.shape = [Cell(str(cell.get("id", "")), str(cell.get("cell_type", ""))) for cell in self.cells]

    def apply(self, update: bytes, contents: yjs.Contents) -> list[Change]:
        """Applies an update that fits, and returns what it changed."""
        self._changes = []
        self.doc.apply_update(update)
        for client, (_, end) in contents.spans.items():
            self.have[client] = max(end, self.have.get(client, 0))
        if len(contents.spans) > 1:  # what waits for each other in a circle fits, and is never taken in
            there = frames.state_vector(self.doc.get_state())
            if any(there.get(client, 0) < end for client, (_, end) in contents.spans.items()):
                raise Malformed("refused an update whose parts wait for each other")
        return self._changes

    def write(self, work: Callable[[], None]) -> bytes:
        """Changes the document and returns the update that says how, or `NOTHING`."""
        self._update = frames.NOTHING
        with self.doc.transaction():
            work()
        update = self._update
        for client, (_, end) in yjs.read(update).spans.items():
            self.have[client] = end
        return update

    def _seen(self, event: TransactionEvent) -> None:
        self._update = event.update

    def _seen_in(self, root: str) -> Callable[[list[Any]], None]:
        def seen(events: list[Any]) -> None:
            for event in sorted(events, key=lambda event: len(event.path)):
                self._changes.extend(_changes((root, *event.path), event))

        return seen


def _changes(where: tuple[str | int, ...], event: Any) -> Iterable[Change]:  # noqa: ANN401 - pycrdt's events share no base
    if isinstance(event, MapEvent):
        keys: dict[str, dict[str, Any]] = getattr(event, "keys")  # noqa: B009 - set in Rust, missing in the stub
        for key, change in keys.items():
            yield KeySet(where, key, _value(change.get("oldValue"), _GONE), _value(change.get("newValue")))
        return
    delta: list[dict[str, Any]] = event.delta
    if not delta:
        return
    typed = isinstance(event, TextEvent) and all(isinstance(step.get("insert", ""), str) for step in delta)
    if typed and len(where) == 3 and where[0] == "cells" and where[2] == "source":
        yield SourceTyped(int(where[1]))
    elif isinstance(event, ArrayEvent) and where == ("cells",):
        yield Spliced(tuple(_spliced(step) for step in delta))
    elif isinstance(event, ArrayEvent) and len(where) == 3 and where[2] == "outputs" and not len(_target(event)):
        yield Emptied(int(where[1]))
    else:
        yield Other(where)


def _target(event: ArrayEvent) -> Array[Any]:
    found: Array[Any] = getattr(event, "target")  # noqa: B009 - set in Rust, missing in the stub
    return found


def _spliced(step: dict[str, Any]) -> tuple[str, int | tuple[Json, ...]]:
    ((verb, what),) = ((verb, what) for verb, what in step.items() if verb != "attributes")
    return verb, tuple(_cell(item) for item in what) if verb == "insert" else int(what)


# The shared types that pages build a cell of; a text where they expect a plain value would end them
_SHARED: Mapping[str, tuple[type, ...]] = {"source": (Text,), "metadata": (Map,), "outputs": (Array,)}
_PLAIN = (str, float, bool, NoneType)


def _cell(item: Any) -> Json:  # noqa: ANN401 - whatever is in the document
    """A cell as JSON; None for what looks like one and is built of other types."""
    if not isinstance(item, Map):
        return None
    for key in item.keys():  # noqa: SIM118 - a shared map is no dict
        shared = isinstance(item[key], Map | Array | Text)
        if (key != "attachments" and not isinstance(item[key], _SHARED.get(key, _PLAIN))) or (key == "id" and shared):
            return None
    return item.to_py()


def _value(value: Any, stand_in: str | None = None) -> Json:  # noqa: ANN401 - whatever is in the document
    if isinstance(value, Map | Array | Text):
        return stand_in or value.to_py()
    return value


class RoomDocument:
    """The notebook of one room, made from its log. `owners`: Yjs client id → the author who writes with it."""

    def __init__(self, past: Past) -> None:
        self._durable: Doc[Any] = Doc()
        self._settled: list[bytes] = [row.data for row in past.rows]
        self.owners: dict[int, str] = {}
        if past.snapshot is not None:
            self._durable.apply_update(past.snapshot.update)
            self.owners.update(past.snapshot.owners)
        for row in past.rows:
            self.owners.update(dict.fromkeys(yjs.read(row.data).spans, row.author))
        self.ahead = Watched([self.durable.get_update()])
        self.pending: deque[bytes] = deque()
        self.memory = guard.Memory()
        self.rules = _rules(past.first, self.memory)
        for cell in self.notebook()["cells"]:
            self.memory.remember(cell.get("outputs") or [], cell.get("execution_count"))

    def receive(self, update: bytes, author: str) -> Outcome:
        """Takes a writer's update into `ahead`, or says why not. Raises `Malformed`."""
        try:
            contents = yjs.read(update)
        except yjs.Unwelcome as error:
            return Refused(str(error).removeprefix("refused "), frozenset({error.client}))
        clients = frozenset(contents.adds(self.ahead.have))
        if any(self.owners.get(client, author) != author for client in clients):
            return Refused("this was written in somebody else's name", clients)
        if not contents.fits(self.ahead.have):
            return Gap(clients)
        return self._take(update, contents, clients, author)

    def _take(self, update: bytes, contents: yjs.Contents, clients: frozenset[int], author: str) -> Outcome:
        try:
            changes = self.ahead.apply(update, contents) if clients or contents.deletes else []
            if not clients and not changes:
                return Known()
            shape, why = guard.judge(self.ahead.shape, changes, self.rules)
        except Malformed:
            self.ahead = Watched([self.durable.get_update(), *self.pending])
            raise
        except (asyncio.CancelledError, KeyboardInterrupt, SystemExit):
            raise
        except BaseException:  # a panic of the library is no Exception; whatever it was, the room goes on without it
            log.exception("an update of %s was not understood", author)
            shape, why = [], "it was not understood"
        if why:
            self.ahead = Watched([self.durable.get_update(), *self.pending])
            return Refused(why, clients)
        self.ahead.shape = shape
        self.owners.update(dict.fromkeys(clients, author))
        self.pending.append(update)
        return Taken(_came(changes))

    def write(self, work: Callable[[], None], author: str) -> bytes:
        """A change by the service itself. Returns the update, `NOTHING` where nothing changed."""
        update = self.ahead.write(work)
        if update != frames.NOTHING:
            self.owners.update(dict.fromkeys(yjs.read(update).spans, author))
            self.pending.append(update)
        return update

    def settle(self) -> bytes:
        """Takes the oldest pending update, which is on disk now, into `durable` and returns it."""
        update = self.pending.popleft()
        self._settled.append(update)
        if len(self._settled) == MOST_SETTLED:
            self._catch_up()
        return update

    @property
    def durable(self) -> Doc[Any]:
        """What is on disk. Brought up to date when it is asked for: many updates at once cost half of one by one."""
        self._catch_up()
        return self._durable

    def _catch_up(self) -> None:
        if self._settled:
            with self._durable.transaction():
                for update in self._settled:
                    self._durable.apply_update(update)
            self._settled.clear()

    def snapshot(self, count: int, written: int) -> Snapshot:
        """What is durable, the first `count` rows, in one piece."""
        return Snapshot(VERSION, count, self.durable.get_update(), dict(self.owners), written)

    def cell(self, id_: str) -> Map[Any] | None:
        """The cell with this id, ahead."""
        for index, cell in enumerate(self.ahead.shape):
            if cell.id == id_:
                return self.ahead.cells[index]
        return None

    @property
    def metadata(self) -> Map[Any]:
        """The notebook's metadata, ahead."""
        found: Map[Any] = self.ahead.roots["meta"]["metadata"]
        return found

    def notebook(self) -> Notebook:
        """What is durable, as nbformat."""
        return notebook_of(self.durable)


def _came(changes: list[Change]) -> frozenset[str]:
    return frozenset(
        guard.cell_of(cell).id
        for change in changes
        if isinstance(change, Spliced)
        for _, what in change.delta
        if isinstance(what, tuple)
        for cell in what
    )


def _rules(first: bytes, memory: guard.Memory) -> Rules:
    template: Doc[Any] = Doc()
    template.apply_update(first)
    notebook = notebook_of(template)
    metadata = [cell["metadata"] for cell in notebook["cells"]]
    facts = {key: notebook["metadata"][key] for key in ("kernelspec", "language_info") if key in notebook["metadata"]}
    marks = tuple(mark["greenroom"] for mark in metadata if "greenroom" in mark)
    return Rules(guard.locks(notebook), marks, facts, memory)
