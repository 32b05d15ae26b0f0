"""The candidate's own timeline: what was noted about them, what it means, and their note beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from camera.stage import PATIENCE, candidate, chromium, until
from greenroom_proctor.words import Action, Answer
from hub.conftest import Place, place  # noqa: F401 - a fixture
from hub.test_wire import Hall, Moment
from playwright.async_api import Playwright, async_playwright, expect

expect.set_options(timeout=PATIENCE)


@pytest.fixture
async def playwright() -> AsyncIterator[Playwright]:
    async with async_playwright() as started:
        yield started


@pytest.mark.parametrize("width", [1280, 390])
async def test_a_candidate_reads_what_was_noted_and_writes_beside_it(
    place: Place,  # noqa: F811
    playwright: Playwright,
    tmp_path: Path,
    width: int,
) -> None:
    async with chromium(playwright, tmp_path / "b") as (browser, _), candidate(place, browser, width=width) as who:
        hall = Hall(place, who.session.id, Moment(place.house))
        await hall.act(Action.ARRIVE, Action.OPEN)
        hall.moment.at += 100_000
        wire = await hall.join(await who.cookie(), "a" * 16)
        await wire.observe("face_absent", 98, 99.5)
        await wire.hear("acknowledged")
        await hall.act(Action.SUBMIT)

        await who.page.goto(who.home)
        line = who.page.locator('.gr-noted [data-kind="face_absent"]')
        await expect(line).to_contain_text("Nobody was seen in front of the camera")
        await expect(line).to_contain_text("It cannot tell why")
        await expect(line).to_contain_text("Noted only")
        assert await who.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await line.get_by_text("Write a note").click()
        await line.get_by_label("What it was").select_option("someone_came_in")
        await line.get_by_label("In your own words").fill("My son came home.")
        await line.get_by_role("button", name="Keep this note").click()
        await expect(line).to_contain_text("Your note: Someone came in. My son came home.")

        async def kept() -> bool:
            notes = await place.house.notes.list(who.session.id)
            return [(one.answer, one.text) for one in notes] == [(Answer.SOMEONE_CAME_IN, "My son came home.")]

        await until(kept)
        await who.page.reload()
        await expect(line).to_contain_text("Your note: Someone came in. My son came home.")
