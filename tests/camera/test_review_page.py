"""From an incident to the score, on the pages: the candidate's note and waiver, the notes that are read first, an excuse."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from camera.stage import PATIENCE, candidate, chromium
from greenroom_hub.settings import PREFIX
from greenroom_proctor import export
from greenroom_proctor.words import Action
from hub.conftest import Place, place  # noqa: F401 - a fixture
from hub.test_wire import Hall, Moment
from playwright.async_api import Page, Playwright, async_playwright, expect

expect.set_options(timeout=PATIENCE)


@pytest.fixture
async def playwright() -> AsyncIterator[Playwright]:
    async with async_playwright() as started:
        yield started


async def fits(page: Page) -> None:
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_notes_come_before_the_score(place: Place, playwright: Playwright, tmp_path: Path) -> None:  # noqa: F811
    ada = await place.staff("ada")
    async with (
        chromium(playwright, tmp_path / "b") as (browser, _),
        candidate(place, browser, width=390, interviewers=("ada",)) as who,
    ):
        hall = Hall(place, who.session.id, Moment(place.house))
        await hall.act(Action.ARRIVE, Action.OPEN)
        hall.moment.at += 200_000
        wire = await hall.join(await who.cookie(), "a" * 16, clock=200.0)
        await wire.observe("face_absent", 100, 110)
        await wire.hear("acknowledged")
        await wire.observe("tab_hidden", 150, 160, id="bbbbbbbb")
        await wire.hear("acknowledged")
        await hall.act(Action.SUBMIT)

        context = await browser.new_context(accept_downloads=True, viewport={"width": 1280, "height": 900})
        context.set_default_timeout(PATIENCE)
        await context.add_cookies([{"name": "greenroom", "value": ada.cookie, "url": f"{place.url}{PREFIX}"}])
        staff = await context.new_page()
        await staff.goto(f"{place.url}{PREFIX}")
        await staff.locator("a.card").click()
        review = staff.locator("#review")
        face = review.locator('.reviewed [data-kind="face_absent"]')
        await expect(review.locator("[data-window]")).to_contain_text("The candidate may write notes until")
        await expect(face).to_contain_text("wrote nothing about it")

        # The candidate writes, and has nothing to add.
        await who.page.goto(who.home)
        line = who.page.locator('.gr-noted [data-kind="face_absent"]')
        await line.get_by_text("Write a note").click()
        await line.get_by_label("What it was").select_option("someone_came_in")
        await line.get_by_label("In your own words").fill("My son came home.")
        await line.get_by_role("button", name="Keep this note").click()
        await expect(face.locator("blockquote")).to_have_text("“Someone came in.” My son came home.")
        await who.button("I have nothing to add")
        await who.page.get_by_role("dialog").get_by_role("button", name="I have nothing to add").click()
        await expect(who.page.locator(".gr-standing")).to_contain_text("You said that you have nothing to add")
        await fits(who.page)

        # Staff read before they see a number, and an excuse changes it.
        await expect(review.locator("[data-window=waived]")).to_be_visible()
        await staff.reload()
        await expect(review.get_by_role("button", name="Open the score")).to_have_count(0)
        await review.get_by_role("button", name="Read the candidate’s notes").click()
        await review.get_by_role("button", name="Open the score").click()
        await expect(review.locator(".score")).to_contain_text("Score: 97 of 100")
        await expect(review.locator('.score [data-kind="tab_hidden"]')).to_contain_text("1 warning × 2 = 2")
        await face.get_by_text("Excuse", exact=True).click()
        await face.get_by_label("What explains it").fill("Their son, as they say.")
        await face.get_by_role("button", name="Excuse it").click()
        await expect(face).to_contain_text("Excused: Their son, as they say. It counts for nothing.")
        await review.get_by_role("button", name="Open the score").click()
        await expect(review.locator(".score")).to_contain_text("Score: 98 of 100")
        await expect(line).to_contain_text("Excused: it counts for nothing")
        async with staff.expect_download() as download:
            await review.get_by_role("link", name="Download the export").click()
        files = export.unpack(Path(await (await download.value).path()).read_bytes())
        assert json.loads(files["score.json"])["score"]["value"] == 98
        await staff.set_viewport_size({"width": 390, "height": 800})
        await fits(staff)
        await context.close()
        await hall.place.house.wires.stop()
