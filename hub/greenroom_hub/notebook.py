"""A notebook that a template can be made from: valid, with an id in every cell, without outputs."""

from __future__ import annotations

import hashlib
from typing import Any

import nbformat

# A template is loaded into every page of its sessions; the largest interview notebooks are a tenth of this.
CELLS = 500


def checked(notebook: object) -> dict[str, Any]:
    """The notebook in today's format. ValueError says which cell is wrong and how."""
    if not isinstance(notebook, dict):
        raise ValueError(f"a notebook is a JSON object, and this is a {type(notebook).__name__}")  # noqa: TRY004
    if notebook.get("nbformat") != 4:
        raise ValueError(f"the notebook's format is {notebook.get('nbformat')!r}; save it as nbformat 4")
    cells = notebook.get("cells")
    if not isinstance(cells, list) or not 0 < len(cells) <= CELLS:
        raise ValueError(f"a template has between 1 and {CELLS} cells")
    clean = nbformat.from_dict(  # type: ignore[no-untyped-call]
        {**notebook, "nbformat_minor": 5, "cells": [_cell(i, c) for i, c in enumerate(cells)]}
    )
    ids = [cell["id"] for cell in clean["cells"]]
    twice = {id for id in ids if ids.count(id) > 1}
    if twice:
        raise ValueError(f"two cells have the id {min(twice)!r}; every cell needs its own")
    try:
        nbformat.validate(clean)
    except nbformat.ValidationError as error:
        where = "/".join(str(part) for part in error.absolute_path) or "the notebook"
        raise ValueError(f"the notebook is not valid at {where}: {error.message[:300]}") from error
    return {key: _plain(value) for key, value in clean.items()}


def _cell(index: int, cell: object) -> dict[str, Any]:
    if not isinstance(cell, dict):
        raise ValueError(f"cell {index + 1} is a {type(cell).__name__} and not a JSON object")  # noqa: TRY004
    source = cell.get("source", "")
    text = "".join(source) if isinstance(source, list) else source
    # The same content gives the same version: a missing id is made from what is there, not from chance.
    made = hashlib.sha256(f"{index}:{text}".encode()).hexdigest()[:8]
    clean = {**cell, "source": text, "id": cell.get("id", made)}
    if cell.get("cell_type") == "code":
        clean |= {"outputs": [], "execution_count": None}
    return clean


def _plain(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value
