"""What interviewers do to the notebook through the service: it holds for every page, and after the room is opened again."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from greenroom_hub.templates import Sidecar
from greenroom_proctor.words import Action
from room.staging import NoGuests, Page, Stage, stage, until
from room.test_company import ask

TASK: dict[str, Any] = {
    "cells": [
        {"cell_type": "markdown", "id": "more", "metadata": {"editable": False}, "source": "## One more"},
        {"cell_type": "code", "id": "more-answer", "metadata": {}, "source": "# here"},
    ],
    "metadata": {},
    "nbformat": 4,
    "nbformat_minor": 5,
}


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[Stage]:
    """A live session whose template has a further task."""
    async with stage(tmp_path / "house", NoGuests()) as one:
        await one.begin(settings=Sidecar(tasks=("more.ipynb",)), hidden={"more.ipynb": json.dumps(TASK).encode()})
        yield one


async def lock(made: Stage, cell: str, *, locked: bool = True, who: str = "iva") -> int:
    return int((await ask(made, who, f"cells/{cell}/lock", {"locked": locked})).code)


async def again(made: Stage) -> None:
    """The service lets go of its rooms, as when it starts anew."""
    await made.house.rooms.close()
    made.house.rooms._rooms.clear()


async def refuses(page: Page, what: str) -> None:
    """The page's last change was not taken."""
    assert await page.refused() == f"Your last change was not taken: {what}."
    await page.close()


async def test_a_task_comes_to_everybody_once_and_its_text_is_locked(made: Stage) -> None:
    cleo = await made.page("cleo")
    assert (await ask(made, "cleo", "tasks/more", {})).code == 403
    assert (await ask(made, "iva", "tasks/other", {})).code == 404
    assert (await ask(made, "iva", "tasks/more", {})).code == 204
    await until(lambda: [cell["id"] for cell in cleo.cells] == ["task", "one", "two", "more", "more-answer"])
    assert (await ask(made, "iva", "tasks/more", {})).code == 409
    cleo.type("more-answer", " 42")
    await cleo.saved()
    cleo.type("more", "!")
    await refuses(cleo, "this cell is locked")
    await again(made)
    cleo = await made.page("cleo")
    assert (cleo.source("more-answer"), cleo.source("more")) == ("# here 42", "## One more")
    assert (await ask(made, "iva", "tasks/more", {})).code == 409, "it is there already"
    cleo.type("more", "!")
    await refuses(cleo, "this cell is locked")
    (event,) = [one for one in await made.house.record.events(made.session) if one.type == "task.pushed"]
    assert (event.actor, event.body["locked"]) == ("iva", ["more"])


async def test_a_cell_that_is_locked_is_locked_for_everybody_until_it_is_unlocked(made: Stage) -> None:
    iva = await made.page("iva")
    iva.type("one", "x = 1")
    await iva.saved()
    assert await lock(made, "one", who="cleo") == 403
    assert await lock(made, "nothing") == 404
    assert await lock(made, "one") == 204
    await until(lambda: iva.cell("one")["metadata"].get("editable") is False, "the mark that JupyterLab goes by")
    for who in ("cleo", "iva"):
        page = await made.page(who)
        page.type("one", "!")
        await refuses(page, "this cell is locked")
    await again(made)
    cleo = await made.page("cleo")
    cleo.move("one", 2)
    await cleo.saved()
    assert [cell["id"] for cell in cleo.cells] == ["task", "two", "one"], "a locked cell can be moved"
    del cleo.cells[2]
    await refuses(cleo, "this cell is locked and stays")
    assert await lock(made, "one", locked=False) == 204
    await again(made)
    cleo = await made.page("cleo")
    assert "greenroom" not in cleo.cell("one")["metadata"]
    cleo.type("one", "0")
    await cleo.saved()
    assert cleo.source("one") == "x = 10"


async def test_a_cell_of_the_template_can_be_unlocked_and_stays_so(made: Stage) -> None:
    cleo = await made.page("cleo")
    cleo.type("task", "!")
    await refuses(cleo, "this cell is locked")
    assert await lock(made, "task", locked=False) == 204
    for text in ("# Task!", "# Task!!"):
        cleo = await made.page("cleo")
        cleo.type("task", "!")
        await cleo.saved()
        assert cleo.source("task") == text
        await cleo.close()
        await again(made)


async def test_nothing_is_steered_after_the_end(made: Stage) -> None:
    await made.house.sessions.act(made.session, Action.TERMINATE, "iva")
    assert await lock(made, "one") == 409
    assert (await ask(made, "iva", "tasks/more", {})).code == 409
