"""Writing into a cell of the shared notebook what the kernel did. Only the service calls these."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pycrdt import Array, Map, Text

from greenroom_hub.room.outputs import Added, Cleared, Edit, Output, Replaced, Told
from greenroom_hub.room.values import plain

Cell = Map[Any]

RUNNING, IDLE = "running", "idle"


def begin(cell: Cell) -> None:
    """A run is due: as JupyterLab shows it, no number and nothing printed."""
    cell["execution_count"] = None
    cell["execution_state"] = RUNNING
    outputs_of(cell).clear()


def end(cell: Cell, count: int | None) -> None:
    """A run is over."""
    if count is not None:
        cell["execution_count"] = float(count)
    cell["execution_state"] = IDLE


def outputs_of(cell: Cell) -> Array[Any]:
    """The cell's outputs; made where a page left them out."""
    if not isinstance(cell.get("outputs"), Array):
        cell["outputs"] = Array()
    found: Array[Any] = cell["outputs"]
    return found


def edit(cell: Cell, edits: Iterable[Edit]) -> None:
    """Carries edits over."""
    outputs = outputs_of(cell)
    for change in edits:
        match change:
            case Cleared():
                outputs.clear()
            case Added(output):
                outputs.append(_shared(output))
            case Replaced(index, output) if index < len(outputs):
                outputs[index] = _shared(output)
            case Told(cut, text) if len(outputs):
                _tell(outputs[len(outputs) - 1], cut, text)
            case _:
                continue  # the cell was put back without these outputs: a page's copy of an older moment


def rewrite(cell: Cell, outputs: Iterable[Output]) -> None:
    """Puts everything in again: the cell was moved while it ran, by a page that had not seen it all."""
    cell["execution_state"] = RUNNING
    held = outputs_of(cell)
    held.clear()
    held.extend([_shared(output) for output in outputs])


def shown(cell: Cell) -> list[Output]:
    """The outputs as JSON."""
    found: list[Output] = plain(outputs_of(cell).to_py() or [])
    return found


def _tell(output: Cell, cut: int, text: str) -> None:
    held = output.get("text")
    if not isinstance(held, Text):
        output["text"] = str(held or "") + text
        return
    if cut:
        del held[len(held) - cut : len(held)]  # pycrdt counts bytes of UTF-8
    held += text


def _shared(output: Output) -> Cell:
    if output.get("output_type") == "stream":
        return Map({**output, "text": Text(output["text"])})
    return Map(dict(output))
