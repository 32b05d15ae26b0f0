"""What a writer may change in the notebook, judged from what an update did to it. Pure.

A writer's page is the candidate's own program. Outputs, execution counts and locked cells are the service's; so is the
notebook's metadata. The rest of the notebook is theirs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from greenroom_hub.room.outputs import Output, begins_with
from greenroom_hub.room.values import Json, digest, foreign, same

# How a cell looks or is shown: nothing is decided by these
BENIGN = frozenset({"collapsed", "scrolled", "jupyter", "tags", "slideshow", "name", "format", "raw_mimetype"}) | {
    "hide_input",
    "heading_collapsed",
    "jp-MarkdownHeadingCollapsed",
    "editable",
    "deletable",
}
JUPYTER = frozenset({"source_hidden", "outputs_hidden"})
PINNED = frozenset({"editable", "deletable", "greenroom"})  # of a locked cell
KINDS = frozenset({"code", "markdown", "raw"})
CELL_KEYS = frozenset({"id", "cell_type", "source", "metadata", "attachments"}) | {
    "outputs",
    "execution_count",
    "execution_state",
}
# What JupyterLab writes, beside taking the outputs away, when somebody clears them
CLEARING = (("execution_count", None), ("execution_state", "idle"))
STATE = frozenset({"dirty"})  # JupyterLab notes there that its file is not saved; a room has no file
MOST_CELLS = 2000  # a page with more does not open any more


@dataclass(frozen=True, slots=True)
class Cell:
    """What the guard keeps in mind of a cell."""

    id: str
    kind: str


@dataclass(frozen=True, slots=True)
class Spliced:
    """The list of cells changed: `delta` as Yjs tells it, inserted cells as JSON."""

    delta: tuple[tuple[str, int | tuple[Json, ...]], ...]


@dataclass(frozen=True, slots=True)
class SourceTyped:
    """Characters came or went in the source of the cell at `index`."""

    index: int


@dataclass(frozen=True, slots=True)
class Emptied:
    """All outputs of the cell at `index` were taken away."""

    index: int


@dataclass(frozen=True, slots=True)
class KeySet:
    """A key was set or taken away, somewhere below a root. `where` begins with the root's name."""

    where: tuple[str | int, ...]
    key: str
    old: Json
    new: Json


@dataclass(frozen=True, slots=True)
class Other:
    """A change of any other kind."""

    where: tuple[str | int, ...]


Change = Spliced | SourceTyped | Emptied | KeySet | Other


class Printed(Protocol):
    """What the kernel printed in this room."""

    def has(self, cell: str, outputs: list[Output]) -> bool: ...
    def runs(self, cell: str) -> bool: ...
    def counted(self, count: int) -> bool: ...


@dataclass(slots=True)
class Memory:
    """Everything the service wrote into cells in this room: fingerprints of whole lists of outputs, counts, and the
    outputs of runs that go on. By it, a cell that was moved, copied or brought back is told from a forged one."""

    lists: set[bytes] = field(default_factory=set)
    counts: set[int] = field(default_factory=set)
    running: dict[str, list[Output]] = field(default_factory=dict)

    def remember(self, outputs: list[Output], count: int | None) -> None:
        """Takes in what a cell shows now."""
        if outputs:
            self.lists.add(digest(outputs))
        if count is not None:
            self.counts.add(count)

    def has(self, cell: str, outputs: list[Output]) -> bool:
        """Whether the kernel printed exactly this, or is printing it in this cell."""
        return digest(outputs) in self.lists or begins_with(self.running.get(cell, ()), outputs)

    def runs(self, cell: str) -> bool:
        """Whether the kernel prints in this cell now."""
        return cell in self.running

    def counted(self, count: int) -> bool:
        """Whether the kernel gave this count."""
        return count in self.counts


@dataclass(frozen=True, slots=True)
class Locked:
    """A cell of the template that nobody may change."""

    kind: str
    source: str
    pinned: Json


@dataclass(slots=True)
class Rules:
    """What an update is judged by. `locked`: cell id → its content. `marks`: the values of metadata.greenroom in the
    template. `facts`: notebook metadata that is true (kernelspec, language_info), so that anyone may write it."""

    locked: Mapping[str, Locked] = field(default_factory=dict)
    marks: tuple[Json, ...] = ()
    facts: dict[str, Json] = field(default_factory=dict)
    memory: Printed = field(default_factory=Memory)


def locks(notebook: Json) -> dict[str, Locked]:
    """The cells of a template that stay as they are: those of the task, by our mark or by Jupyter's own."""
    return {
        cell["id"]: Locked(cell["cell_type"], cell["source"], pinned(cell["metadata"]))
        for cell in notebook["cells"]
        if fixed(cell.get("metadata") or {})
    }


def fixed(metadata: Json) -> bool:
    """Whether a cell of a template or a task is not the candidate's."""
    return metadata.get("editable") is False or bool((metadata.get("greenroom") or {}).get("locked"))


def pinned(metadata: Json) -> Json:
    """The part of a locked cell's metadata that stays."""
    return {key: value for key, value in metadata.items() if key in PINNED and value is not None}


def splice(cells: Sequence[Cell], change: Spliced) -> tuple[list[Cell], list[Cell], list[Json]]:
    """The cells after a change of the list, those that went and those that came."""
    after: list[Cell] = []
    gone: list[Cell] = []
    came: list[Json] = []
    at = 0
    for verb, what in change.delta:
        if isinstance(what, tuple):
            came.extend(what)
            after.extend(cell_of(cell) for cell in what)
        elif verb == "retain":
            after.extend(cells[at : at + what])
            at += what
        else:
            gone.extend(cells[at : at + what])
            at += what
    after.extend(cells[at:])
    return after, gone, came


def cell_of(cell: Json) -> Cell:
    """What the guard keeps in mind of a cell's JSON."""
    if not isinstance(cell, dict):
        return Cell("", "")
    return Cell(str(cell.get("id", "")), str(cell.get("cell_type", "")))


def judge(cells: Sequence[Cell], changes: Sequence[Change], rules: Rules) -> tuple[list[Cell], str]:
    """The cells after the changes, and why the changes are refused; nothing when a writer may make them."""
    after = list(cells)
    for change in changes:
        if isinstance(change, Spliced):
            after, gone, came = splice(after, change)
            why = _spliced(after, gone, came, rules)
        elif isinstance(change, SourceTyped):
            why = "this cell is locked" if after[change.index].id in rules.locked else ""
        elif isinstance(change, Emptied):
            why = _cleared(after[change.index], rules)
        elif isinstance(change, KeySet) and foreign(change.new):
            why = "a notebook holds texts, numbers, lists and objects"
        elif isinstance(change, KeySet):
            why = "" if neutral(change, rules) else _set(after, change, rules)
        else:
            why = f"nobody may change {_name(change.where)}"
        if why:
            return after, why
    return after, ""


def neutral(change: Change, rules: Rules) -> bool:
    """Whether a change leaves things as they are: an equal value, or a fact about the kernel."""
    if not isinstance(change, KeySet):
        return False
    if change.where == ("state",) and change.key in STATE:
        return True
    if change.where == ("meta", "metadata") and change.key in rules.facts and same(change.new, rules.facts[change.key]):
        return True
    return same(change.old, change.new)


def _spliced(after: list[Cell], gone: list[Cell], came: list[Json], rules: Rules) -> str:
    if len(after) > MOST_CELLS:
        return f"a notebook has {MOST_CELLS} cells at most"
    for cell in came:
        if why := _inserted(cell, rules):
            return why
    ids = [cell.id for cell in after]
    if len(set(ids)) < len(ids) and (twice := {i for i in ids if ids.count(i) > 1} & {cell_of(c).id for c in came}):
        return f"the cell {min(twice)} is in the notebook already; somebody else may have moved it at the same moment"
    for cell_gone in gone:
        if cell_gone.id in rules.locked and cell_gone.id not in ids:
            return "this cell is locked and stays"
    return ""


def _inserted(cell: Json, rules: Rules) -> str:
    if not isinstance(cell, dict) or foreign(cell) or not _well_formed(cell):
        return "what was inserted is not a cell"
    if others := set(cell) - CELL_KEYS:
        return f"a cell has no {min(others)!r}"
    lock = rules.locked.get(cell["id"])
    if lock and lock != Locked(cell["cell_type"], cell["source"], pinned(cell["metadata"])):
        return "this cell is locked"
    return _inserted_run(cell, rules.memory) or _inserted_metadata(cell["metadata"], rules)


def _inserted_run(cell: Json, memory: Printed) -> str:
    count, outputs = cell.get("execution_count"), cell.get("outputs") or []
    if cell.get("execution_state") not in {None, "idle"}:
        return "only the service runs cells"
    if count is not None and not memory.counted(int(count)):
        return "only the service numbers cells that ran"
    if outputs and not memory.has(cell["id"], outputs):
        return "only the kernel writes outputs"
    return ""


def _well_formed(cell: Json) -> bool:
    count = cell.get("execution_count")
    return (
        isinstance(cell.get("id"), str)
        and 1 <= len(cell["id"]) <= 64
        and cell.get("cell_type") in KINDS
        and isinstance(cell.get("source"), str)
        and isinstance(cell.get("metadata"), dict)
        and isinstance(cell.get("outputs") or [], list)
        and (count is None or (isinstance(count, int | float) and not isinstance(count, bool) and count == count // 1))
    )


def _inserted_metadata(metadata: Json, rules: Rules) -> str:
    for key, value in metadata.items():
        # `trusted` on an inserted cell is JupyterLab's habit. Pages ignore it (src/lab/speech.ts), files lose it.
        if value is None or key == "trusted":
            continue
        if key == "greenroom":
            if not any(same(value, mark) for mark in rules.marks):
                return "nobody may write a cell's 'greenroom' metadata"
        elif not _benign(key, value):
            return f"nobody may write a cell's {key!r} metadata"
    return ""


def _benign(key: str, value: Json) -> bool:
    if key == "jupyter":
        return value is None or (isinstance(value, dict) and set(value) <= JUPYTER)
    return key in BENIGN


def _set(cells: list[Cell], change: KeySet, rules: Rules) -> str:
    match change.where:
        case ("cells", int(index), "metadata"):
            if cells[index].id in rules.locked and change.key in PINNED:
                return "this cell is locked"
            return "" if _benign(change.key, change.new) else f"nobody may write a cell's {change.key!r} metadata"
        case ("cells", int(index)) if change.key == "attachments" and cells[index].kind != "code":
            return "this cell is locked" if cells[index].id in rules.locked else ""
        case ("cells", int(index)) if (change.key, change.new) in CLEARING:
            return _cleared(cells[index], rules)
        case ("cells", int(_)):
            return {
                "outputs": "only the kernel writes outputs",
                "execution_count": "only the service numbers cells that ran",
                "execution_state": "only the service runs cells",
            }.get(change.key, f"nobody may replace a cell's {change.key}")
        case _:
            return f"nobody may change {_name((*change.where, change.key))}"


def _cleared(cell: Cell, rules: Rules) -> str:
    return "this cell runs; interrupt it first" if rules.memory.runs(cell.id) else ""


def _name(where: tuple[str | int, ...]) -> str:
    roots = {"meta": "the notebook's metadata", "state": f"the document's state ({where[-1]})"}
    if where and where[0] == "cells":
        return "a cell's outputs" if "outputs" in where else "that part of a cell"
    return roots.get(str(where[0]) if where else "", f"{'.'.join(map(str, where))!r}")
