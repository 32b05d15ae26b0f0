"""The templates that come with Greenroom: valid, and every cell of them runs in a real kernel."""

from __future__ import annotations

import asyncio
import base64
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
import pytest
from greenroom_hub.door import Door
from greenroom_hub.grading.checks import MADE
from greenroom_hub.grading.grader import Grader
from greenroom_hub.store.database import Store
from greenroom_hub.store.schema import migrate
from greenroom_hub.templates import Templates, _read
from greenroom_sandbox import machine
from hub.test_gateway import Place, place
from sandbox.hosting import House

__all__ = ["place"]

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
NAMES = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))


def _notebook(name: str) -> Any:
    return json.loads((NOTEBOOKS / f"{name}.ipynb").read_text())



@pytest.mark.parametrize("name", NAMES)
def test_a_template_is_clean(name: str) -> None:
    notebook = _notebook(name)
    nbformat.validate(notebook)
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None), cell["id"]


async def test_the_service_reads_every_template(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/g.sqlite")
    migrate(store.engine)
    found = await Templates(store, lambda: 1).read_folder(NOTEBOOKS)
    assert [version.template for version in found] == NAMES
    interview = next(version for version in found if version.template == "interview_pandas")
    assert interview.settings.duration == 45 * 60
    assert set(interview.files) == {"data/deliveries.csv"}
    assert "45-minute" in interview.notebook["cells"][0]["source"]
    store.close()


def test_the_candidate_s_cells_can_be_written_and_the_task_s_cannot() -> None:
    for cell in _notebook("interview_pandas")["cells"]:
        locked = cell["metadata"].get("editable") is False
        task_s = cell["id"].startswith("check-") or (
            cell["cell_type"] == "markdown" and not cell["id"].startswith("notes-")
        )
        assert locked == task_s, cell["id"]


async def _files(name: str) -> dict[str, bytes]:
    """What a candidate finds: the template's files, or those of one seed."""
    content = _read(NOTEBOOKS / f"{name}.ipynb")
    maker = content.settings.checks.maker
    if maker is None:
        return content.files
    grader = Grader(Path(sys.prefix) / "environments" / "default", memory=1024)
    made = await grader.files(content.hidden[maker].decode(), 1)
    return {**content.files, **{file: data for file, data in made.items() if not file.startswith(MADE)}}


@pytest.mark.parametrize("name", NAMES)
async def test_every_cell_runs_from_top_to_bottom(place: Place, name: str) -> None:
    with tempfile.TemporaryDirectory(prefix="gr-") as folder:
        house = House(Path(folder) / place.session, Path(folder) / "work")
        door = Door(place.gateway, place.session, house.runtime / "door" / "door.sock")
        await house.start()
        try:
            await door.start()
            files = {file: base64.b64encode(data).decode() for file, data in (await _files(name)).items()}
            assert await house.agent(ask="put", files=files) == {"put": len(files)}
            kernel = await house.kernel()
            said = {}
            for cell in _notebook(name)["cells"]:
                if cell["cell_type"] == "code" and not cell["id"].startswith("check-"):  # tests/hub/test_checks.py
                    said[cell["id"]] = await asyncio.wait_for(kernel.run(cell["source"]), 60)
                    assert "rror" not in said[cell["id"]], cell["id"]
                    assert "RunEnded" not in said[cell["id"]], cell["id"]
        finally:
            await door.stop()
            await house.stop()
    if name == "interview_pandas":
        assert "SwiftPost" in said["shell"]
        assert "late by more than 0 days" in said["explore"]
