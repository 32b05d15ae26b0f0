"""Tasks that an interviewer may push into the notebook: notebooks beside the template's, for staff only."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import msgspec

from greenroom_hub.notebook import checked


@dataclass(frozen=True, slots=True)
class Task:
    """One task. `name` is its file's, without folder and ending; `cells` are nbformat."""

    name: str
    title: str
    cells: Sequence[dict[str, Any]]

    @property
    def ids(self) -> frozenset[str]:
        """The cells' ids."""
        return frozenset(cell["id"] for cell in self.cells)


def read(files: Sequence[str], hidden: Mapping[str, bytes]) -> list[Task]:
    """The tasks in these files. ValueError names the file that is wrong."""
    return [_task(file, hidden[file]) for file in files]


def fault(template: Mapping[str, Any], tasks: Sequence[Task]) -> str | None:
    """Why the tasks do not go with a template's notebook; None when they do."""
    taken = {cell["id"] for cell in template["cells"]}
    names = [task.name for task in tasks]
    if twice := {name for name in names if names.count(name) > 1}:
        return f"two tasks are called {min(twice)!r}"
    for task in tasks:
        if both := taken & task.ids:
            return f"the task {task.name!r} has a cell {min(both)!r}, and so has the notebook or another task"
        taken |= task.ids
    return None


def _task(file: str, content: bytes) -> Task:
    try:
        notebook = checked(msgspec.json.decode(content))
    except (msgspec.DecodeError, ValueError) as error:
        raise ValueError(f"the task {file}: {error}") from error
    name = PurePosixPath(file).stem
    text = next((cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "markdown"), "")
    heading = re.match(r"\s*#+ +(.+)", text)
    return Task(name, heading[1].strip() if heading else name.replace("_", " ").capitalize(), notebook["cells"])
