"""A notebook as JSON and as a shared document, both ways."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from greenroom_sandbox.languages import BY_KERNEL
from jupyter_ydoc import YNotebook
from pycrdt import Doc

from greenroom_hub.room.values import Json, plain, shared

Notebook = dict[str, Any]

KERNELSPEC = {"name": "python3", "display_name": "Python 3", "language": "python"}


def kernelspec(metadata: Mapping[str, Any]) -> dict[str, str]:
    """The kernel that a notebook's metadata ask for, if it is one of ours; else Python."""
    asked = metadata.get("kernelspec")
    known = BY_KERNEL.get(asked.get("name", "")) if isinstance(asked, Mapping) else None
    if known is None:
        return KERNELSPEC
    return {"name": known.kernel, "display_name": known.title, "language": known.language}


def seed(template: Json) -> bytes:
    """Row 0 of a room: the template's notebook as one update."""
    document: Doc[Any] = Doc()
    YNotebook(document).set(prepared(template))
    return document.get_update()


def prepared(template: Json) -> Notebook:
    """A template's notebook as a room starts with it: our kernel, every cell with an id, no trust given."""
    metadata = {**template.get("metadata", {}), "kernelspec": kernelspec(template.get("metadata", {}))}
    cells = [_cell(cell) for cell in template.get("cells", [])]
    return {"cells": cells, "metadata": shared(metadata), "nbformat": 4, "nbformat_minor": 5}


def _cell(cell: Json) -> Json:
    kind = cell["cell_type"]
    source = cell.get("source", "")
    metadata = {key: value for key, value in cell.get("metadata", {}).items() if key != "trusted"}
    made = {
        "id": cell.get("id") or uuid.uuid4().hex[:8],
        "cell_type": kind,
        "source": "".join(source) if isinstance(source, list) else source,
        "metadata": metadata,
    }
    if kind == "code":
        made["outputs"] = [_output(output) for output in cell.get("outputs") or []]
        made["execution_count"] = cell.get("execution_count")
    elif cell.get("attachments"):
        made["attachments"] = cell["attachments"]
    return shared(made)


def _output(output: Json) -> Json:
    text = output.get("text")
    return {**output, "text": "".join(text)} if isinstance(text, list) else output


def notebook_of(document: Doc[Any]) -> Notebook:
    """A document's notebook in nbformat 4.5. The document is left as it is."""
    copy: Doc[Any] = Doc()
    copy.apply_update(document.get_update())
    found: Notebook = plain(YNotebook(copy).get())
    for cell in found["cells"]:
        cell["metadata"].pop("trusted", None)  # a page's word; whoever opens the file elsewhere decides for themselves
        if cell["cell_type"] == "code":
            cell.setdefault("outputs", [])
            cell.setdefault("execution_count", None)
        else:
            cell.pop("outputs", None)
            cell.pop("execution_count", None)
    return found
