"""What a cell prints, as nbformat outputs: kernel messages in, edits of the cell's outputs out. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from greenroom_hub.room.values import Json, clean, same, shared

Output = dict[str, Any]

CAP = 1_000_000  # bytes a cell may show: more than a person reads, less than a page chokes on
DISPLAYS = frozenset({"display_data", "execute_result"})
TYPES = DISPLAYS | {"stream", "error", "clear_output", "update_display_data"}
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"

# A cell's output is the candidate's speech, and a script in it would act in the reader's name.
SCRIPTS = frozenset({"application/javascript", "application/x-javascript", "application/ecmascript", "text/javascript"})
SCRIPT_NOTE = "[a script that this cell wanted to run in the page was left out]"


@dataclass(frozen=True, slots=True)
class Cleared:
    """Every output is gone."""


@dataclass(frozen=True, slots=True)
class Added:
    """One more output at the end."""

    output: Output


@dataclass(frozen=True, slots=True)
class Told:
    """The last output, a stream, lost its last `cut` bytes of UTF-8 and got `text`."""

    cut: int
    text: str


@dataclass(frozen=True, slots=True)
class Replaced:
    """The output at `index` is another one now."""

    index: int
    output: Output


Edit = Cleared | Added | Told | Replaced


@dataclass(slots=True)
class Tape:
    """The outputs of one cell while it runs, and what was dropped because there was too much."""

    outputs: list[Output] = field(default_factory=list)
    displays: dict[str, list[int]] = field(default_factory=dict)
    waiting: bool = False
    size: int = 0
    dropped: int = 0

    def play(self, kind: str, content: Json) -> list[Edit]:
        """What one message of the kernel changes."""
        if kind == "clear_output":
            if content.get("wait"):
                self.waiting = True
                return []
            return self._clear()
        if kind == "update_display_data":
            return self._update(content)
        edits = self._clear() if self.waiting else []
        if kind == "stream":
            return edits + self._tell(str(content.get("name", "stdout")), str(content.get("text", "")))
        return edits + self._add(output_of(kind, content), display_id(content))

    def close(self) -> list[Edit]:
        """What is to be said at the end: how much was left out."""
        if not self.dropped:
            return []
        note = f"\n[only the first {CAP:,} bytes are shown; {self.dropped:,} more were left out]\n"
        return self._append({"output_type": "stream", "name": "stderr", "text": note})

    def say(self, text: str) -> list[Edit]:
        """A sentence of the service's own, in a stream of its own."""
        return self._append({"output_type": "stream", "name": "stderr", "text": text})

    def _clear(self) -> list[Edit]:
        self.waiting, self.size = False, 0
        had = bool(self.outputs)
        self.outputs.clear()
        self.displays.clear()
        return [Cleared()] if had else []

    def _append(self, output: Output) -> list[Edit]:
        self.outputs.append(output)
        return [Added(dict(output))]

    def _add(self, output: Output, display: str | None) -> list[Edit]:
        size = weight(output)
        if self.size + size > CAP:
            self.dropped += size
            return []
        self.size += size
        if display:
            self.displays.setdefault(display, []).append(len(self.outputs))
        return self._append(output)

    def _tell(self, name: str, text: str) -> list[Edit]:
        name = name if name in {"stdout", "stderr"} else "stdout"
        text = clean(text)
        room = CAP - self.size
        if len(text) > room:  # characters stand for bytes here: the cap protects a page, it is no invoice
            self.dropped += len(text) - room
            text = text[:room]
        if not text:
            return []
        self.size += len(text)
        last = self.outputs[-1] if self.outputs else None
        if last is None or last["output_type"] != "stream" or last["name"] != name:
            return self._append({"output_type": "stream", "name": name, "text": overwrite("", text)})
        line_start = last["text"].rfind("\n") + 1
        line = last["text"][line_start:]
        told = overwrite(line, text)
        kept = _common(line, told)
        last["text"] = last["text"][: line_start + kept] + told[kept:]
        return [Told(len(line[kept:].encode()), told[kept:])]

    def _update(self, content: Json) -> list[Edit]:
        output = output_of("display_data", content)
        edits: list[Edit] = []
        for index in self.displays.get(display_id(content) or "", []):
            new = {**self.outputs[index], "data": output["data"], "metadata": output["metadata"]}
            grown = weight(new) - weight(self.outputs[index])
            if self.size + grown > CAP:
                self.dropped += grown
                continue
            self.size += grown
            self.outputs[index] = new
            edits.append(Replaced(index, new))
        return edits


def display_id(content: Json) -> str | None:
    """The name under which a display can be changed later."""
    found = (content.get("transient") or {}).get("display_id")
    return str(found) if found else None


def output_of(kind: str, content: Json) -> Output:
    """An nbformat output from a message, without scripts."""
    if kind == "error":
        return {
            "output_type": "error",
            "ename": clean(str(content.get("ename", ""))),
            "evalue": clean(str(content.get("evalue", ""))),
            "traceback": [clean(str(line)) for line in content.get("traceback") or []],
        }
    output: Output = {
        "output_type": kind,
        "data": without_scripts(shared(content.get("data") or {})),
        "metadata": shared(content.get("metadata") or {}),
    }
    if kind == "execute_result":
        output["execution_count"] = shared(content.get("execution_count"))
    return output


def page_of(data: Json) -> Output:
    """What `?` and `??` show in a pager elsewhere, as an output."""
    return {"output_type": "display_data", "data": without_scripts(shared(data)), "metadata": {}}


def error_of(name: str, sentence: str) -> Output:
    """An error that the service tells in the kernel's place."""
    return {"output_type": "error", "ename": name, "evalue": sentence, "traceback": [sentence]}


def without_scripts(data: Json) -> Json:
    """A MIME bundle without the types that are programs for the page; a note where nothing else is left."""
    if not any(kind.lower() in SCRIPTS for kind in data):
        return data
    kept = {kind: value for kind, value in data.items() if kind.lower() not in SCRIPTS}
    kept.setdefault("text/plain", SCRIPT_NOTE)
    return kept


def overwrite(line: str, text: str) -> str:
    """A terminal's line after printing `text` behind it: a carriage return goes back to the line's start, and what
    follows writes over what was there. Progress bars live by it."""
    whole = line + text
    if "\r" not in whole:
        return whole
    return "\n".join(_overwritten(part) for part in whole.replace("\r\n", "\n").split("\n"))


def _overwritten(line: str) -> str:
    shown, *rest = line.split("\r")
    for over in rest:
        shown = over + shown[len(over) :]
    return shown + "\r" if rest and not rest[-1] else shown  # the next text will write over this line


def _common(one: str, other: str) -> int:
    if other.startswith(one):
        return len(one)
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def weight(output: Output) -> int:
    """About how many bytes an output takes."""
    return _weigh(output)


def _weigh(value: Json) -> int:
    if isinstance(value, str):
        return len(value) + 2
    if isinstance(value, dict):
        return 2 + sum(len(key) + 4 + _weigh(item) for key, item in value.items())
    if isinstance(value, list):
        return 2 + sum(1 + _weigh(item) for item in value)
    return 8


def begins_with(whole: Sequence[Output], part: Sequence[Output]) -> bool:
    """Whether `part` is what `whole` looked like a moment before more was printed."""
    if len(part) > len(whole):
        return False
    if not part:
        return True
    *before, last = part
    now = whole[len(before)]
    if not same(before, list(whole[: len(before)])):
        return False
    if last.get("output_type") == "stream" == now.get("output_type") and last.get("name") == now.get("name"):
        return str(now.get("text", "")).startswith(str(last.get("text", "")))
    return same(last, now)
