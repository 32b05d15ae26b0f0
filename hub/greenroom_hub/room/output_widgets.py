"""ipywidgets' Output widgets, kept by the service as nbclient does: no browser sees outputs, so none captures them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from greenroom_hub.room.outputs import Tape
from greenroom_hub.room.values import Json, plain

Send = Callable[[str, Json], object]  # comm id and state: an update of the widget in the kernel


@dataclass(slots=True)
class _Output:
    tape: Tape = field(default_factory=Tape)
    captures: str = ""


class OutputWidgets:
    """Which Output widgets there are, and whose outputs each captures."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._widgets: dict[str, _Output] = {}
        self._captured: dict[str, str] = {}

    def forget(self) -> None:
        """The kernel is another one."""
        self._widgets.clear()
        self._captured.clear()

    def watch(self, kind: str, content: Json) -> None:
        """A comm message of the kernel."""
        comm, data = str(content.get("comm_id", "")), content.get("data") or {}
        state = data.get("state") or {}
        if kind == "comm_open" and state.get("_model_name") == "OutputModel":
            self._widgets[comm] = _Output()
        if kind == "comm_close":
            self._widgets.pop(comm, None)
            self._captured = {run: widget for run, widget in self._captured.items() if widget != comm}
        if (widget := self._widgets.get(comm)) and data.get("method", "update") == "update":
            self._update(comm, widget, state)

    def play(self, parent: str, kind: str, content: Json) -> bool:
        """Whether a widget took the output of what `parent` names."""
        comm = self._captured.get(parent, "")
        widget = self._widgets.get(comm)
        if widget is None or kind == "update_display_data":
            return False
        if widget.tape.play(kind, content):
            self._send(comm, {"outputs": plain(list(widget.tape.outputs))})
        return True

    def _update(self, comm: str, widget: _Output, state: dict[str, Any]) -> None:
        if isinstance(state.get("outputs"), list):
            widget.tape = Tape(outputs=[dict(output) for output in state["outputs"] if isinstance(output, dict)])
        if "msg_id" in state:
            if self._captured.get(widget.captures) == comm:
                del self._captured[widget.captures]
            widget.captures = str(state["msg_id"] or "")
            if widget.captures:
                self._captured[widget.captures] = comm
