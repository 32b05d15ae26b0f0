"""What interviewers do to the notebook through the service: push a task into it, lock and unlock cells.

That is told by the record, and read from there when a room is opened again: no page can write it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from greenroom_proctor.chain import Event
from pycrdt import Array, Map, Text

from greenroom_hub.room import guard
from greenroom_hub.room.guard import Locked
from greenroom_hub.room.notebooks import prepared
from greenroom_hub.room.room import Room
from greenroom_hub.room.update_log import SERVICE
from greenroom_hub.room.values import Json, plain

PUSHED, LOCKED = "task.pushed", "cell.locked"
_MARK = {"locked": True}


def replay(room: Room, events: Iterable[Event]) -> None:
    """Brings the locks of a room that was just opened to where the record says they are."""
    for event in events:
        if event.type == PUSHED:
            for id_ in event.body["locked"]:
                _bar(room, str(id_))
        elif event.type == LOCKED and event.body["locked"]:
            _bar(room, str(event.body["cell"]))
        elif event.type == LOCKED:
            _rules(room).pop(str(event.body["cell"]), None)


def marked(cells: Sequence[Json]) -> list[str]:
    """The ids of the cells of a task that nobody may change."""
    return [cell["id"] for cell in cells if _fixed(cell)]


def push(room: Room, cells: Sequence[Json]) -> None:
    """Puts a task's cells at the end of the notebook."""
    made = prepared({"cells": [_with_mark(cell) if _fixed(cell) else cell for cell in cells]})["cells"]
    room.write(lambda: room.document.ahead.cells.extend([_cell(cell) for cell in made]), SERVICE)
    room.document.ahead.reshape()
    for id_ in marked(cells):
        _bar(room, id_)


def lock(room: Room, id_: str, *, locked: bool) -> None:
    """Locks a cell for everybody, or opens it. LookupError when it is not in the notebook."""
    cell = room.cell(id_)
    if cell is None:
        raise LookupError(f"there is no cell {id_} in the notebook")
    if not locked:
        _rules(room).pop(id_, None)

    def work() -> None:
        metadata: Map[Any] = cell["metadata"]
        for key, value in {"greenroom": _MARK, "editable": False, "deletable": False}.items():
            if locked:
                metadata[key] = value
            elif key in metadata:
                del metadata[key]

    room.write(work, SERVICE)
    if locked:
        _bar(room, id_)


def _bar(room: Room, id_: str) -> None:
    cell = room.cell(id_)
    if cell is not None:
        held: Json = plain(cell.to_py())
        _rules(room)[id_] = Locked(held["cell_type"], held["source"], guard.pinned(held["metadata"]))
        rules = room.document.rules
        if _MARK not in rules.marks:
            rules.marks = (*rules.marks, _MARK)  # or a locked cell could not be moved


def _rules(room: Room) -> dict[str, Locked]:
    rules = room.document.rules
    if not isinstance(rules.locked, dict):
        rules.locked = dict(rules.locked)
    return rules.locked


def _fixed(cell: Mapping[str, Any]) -> bool:
    return guard.fixed(cell.get("metadata") or {})


def _with_mark(cell: Json) -> Json:
    pins = {"greenroom": _MARK, "editable": False, "deletable": False}
    return {**cell, "metadata": {**(cell.get("metadata") or {}), **pins}}


def _cell(cell: Json) -> Map[Any]:
    made = {**cell, "source": Text(cell["source"]), "metadata": Map(cell["metadata"])}
    if cell["cell_type"] == "code":
        made |= {"outputs": Array([]), "execution_count": None, "execution_state": "idle"}
    return Map(made)
