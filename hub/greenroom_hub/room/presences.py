"""The awareness of the whole page, beside the notebook's: JupyterLab's collaboration panel lives by it."""

from __future__ import annotations

from typing import Protocol

from greenroom_hub.room import frames
from greenroom_hub.room.awareness import Awareness, Known


class Line(Protocol):
    """A websocket that hears who is here."""

    id: str

    def send(self, frame: bytes) -> None: ...


class Presences:
    """Who has the page open, and the lines that are told."""

    def __init__(self) -> None:
        self._awareness = Awareness()
        self._lines: set[Line] = set()

    def join(self, line: Line) -> None:
        """A page opened."""
        self._lines.add(line)
        if self._awareness.entries:
            line.send(frames.presence(self._awareness.entries.values()))

    def hear(self, line: Line, person: Known, frame: frames.Frame) -> None:
        """A frame of a page. y-websocket syncs a document on every connection: this one has none."""
        match frame:
            case frames.PresenceSent(entries):
                self._show(self._awareness.receive(line.id, person, entries))
            case frames.PresenceAsked():
                line.send(frames.presence(self._awareness.entries.values()))
            case frames.StateAsked():
                line.send(frames.answer_state(frames.NOTHING))
            case _:
                return

    def leave(self, line: Line) -> None:
        """A page is gone."""
        self._lines.discard(line)
        self._show(self._awareness.leave(line.id))

    def _show(self, entries: list[frames.Presence]) -> None:
        if entries:
            frame = frames.presence(entries)
            for line in list(self._lines):
                line.send(frame)
