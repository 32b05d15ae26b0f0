"""The locked-down editor in a real browser: what is offered, what still works, and what comes in from outside."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from greenroom_hub.policy import Paste, Policy
from playwright.async_api import Browser, Locator, expect
from playwright.async_api import Page as Tab
from room import tabs
from room.staging import NoGuests, Stage, stage
from room.tabs import PATIENCE, chromium, tab_of

expect.set_options(timeout=PATIENCE)

# Words of what leads out of the one notebook
ELSEWHERE = re.compile(
    "terminal|console|extension|(?<!system )settings|save|rename|download|duplicate notebook|delete notebook|shut down|change kernel|"
    "reconnect|trust|log out|new |open from|checkpoint|reload|close tab|debugger|language|presentation|reset application",
    re.IGNORECASE,
)
FOREIGN = "an answer from somewhere else, which nobody here has typed"

COME_IN = """(editor, [way, text]) => {
  const data = new DataTransfer(); data.setData('text/plain', text)
  const how = { bubbles: true, cancelable: true }
  const box = editor.getBoundingClientRect()
  const at = { clientX: box.x + 20, clientY: box.y + 8, ...how }
  editor.dispatchEvent(way === 'drop'
    ? new DragEvent('drop', { dataTransfer: data, ...at }) : new ClipboardEvent('paste', { clipboardData: data, ...how }))
}"""


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as made:
        yield made


def editor(tab: Tab, number: int) -> Locator:
    return tab.locator(".jp-CodeCell .cm-content").nth(number)


async def labels(items: Locator) -> list[str]:
    return [text.strip() for text in await items.all_inner_texts() if text.strip()]


async def observed(made: Stage) -> list[dict[str, Any]]:
    events = await made.house.record.events(made.session)
    return [dict(event.body) for event in events if event.type == "observation" and event.body["signal"] == "clipboard"]


async def until_observed(made: Stage, count: int) -> list[dict[str, Any]]:
    for _ in range(600):
        if len(found := await observed(made)) >= count:
            return found
        await asyncio.sleep(0.1)
    raise AssertionError(f"observed {found}, and not {count}")


async def test_only_what_works_is_offered_and_it_works(tmp_path: Path, browser: Browser) -> None:
    async with stage(tmp_path / "house", NoGuests()) as made:
        await made.begin()
        tabs.SAID.clear()
        tab = await tab_of(browser, made, "cleo", kernel=False)

        # Every command is in the table, and the table has no other ones.
        assert [said for said in tabs.SAID if said.startswith("commands:")] == []
        await expect(tab.locator("#jp-MainMenu .lm-MenuBar-itemLabel")).to_have_text(["Edit", "View", "Run", "Kernel"])
        for menu in ("Edit", "View", "Run", "Kernel"):
            await tab.locator("#jp-MainMenu .lm-MenuBar-item", has_text=menu).click()
            offered = await labels(tab.locator(".lm-Menu-item:not(.lm-mod-hidden) .lm-Menu-itemLabel"))
            assert offered
            assert [label for label in offered if ELSEWHERE.search(label)] == [], menu
            await tab.keyboard.press("Escape")
        await editor(tab, 0).click(button="right")
        offered = await labels(tab.locator(".lm-Menu-item:not(.lm-mod-hidden) .lm-Menu-itemLabel"))
        assert "Copy Cell" in offered
        assert [label for label in offered if ELSEWHERE.search(label)] == []
        await tab.keyboard.press("Escape")
        await editor(tab, 0).click()
        await tab.keyboard.press("Control+Shift+C")
        await tab.locator(".lm-CommandPalette-itemLabel").first.wait_for()
        offered = await labels(tab.locator(".lm-CommandPalette-itemLabel"))
        assert {"Run All Cells", "Find\u2026", "Show Line Numbers"} <= set(offered)
        assert [label for label in offered if ELSEWHERE.search(label)] == []
        await tab.keyboard.press("Escape")

        # It still feels like JupyterLab.
        await editor(tab, 0).click()
        await tab.keyboard.type("first = 1")
        await tab.keyboard.press("Control+Z")
        await expect(editor(tab, 0)).to_have_text("")
        await tab.keyboard.type("second = 2")
        await tab.keyboard.press("Control+F")
        await tab.get_by_placeholder("Find").fill("second")
        await expect(tab.locator(".jp-DocumentSearch-index-counter")).to_contain_text("/1")
        await tab.keyboard.press("Escape")
        await editor(tab, 0).click()
        for key in ("Escape", "c", "v"):
            await tab.keyboard.press(key)
        await expect(tab.locator(".jp-CodeCell")).to_have_count(3)
        await expect(editor(tab, 1)).to_have_text("second = 2")
        await tab.keyboard.press("z")
        await expect(tab.locator(".jp-CodeCell")).to_have_count(2)
        assert await observed(made) == [], "copying inside is free"
        await expect(tab.locator(".gr-here")).to_contain_text("Cleo")
        await expect(tab.locator(".gr-time")).to_contain_text("left")


async def test_text_from_outside_is_noted_however_it_comes(tmp_path: Path, browser: Browser) -> None:
    async with stage(tmp_path / "house", NoGuests()) as made:
        await made.begin(policy=Policy(paste=Paste.NOTED))
        tab = await tab_of(browser, made, "cleo", kernel=False)
        await editor(tab, 0).click()
        await editor(tab, 0).evaluate(COME_IN, ["paste", FOREIGN])
        await expect(editor(tab, 0)).to_have_text(FOREIGN)
        await editor(tab, 1).evaluate(COME_IN, ["drop", FOREIGN.upper()])
        await expect(editor(tab, 1)).to_have_text(FOREIGN.upper())
        await editor(tab, 0).click()
        await tab.keyboard.press("End")
        await tab.keyboard.insert_text(FOREIGN[::-1])
        found = await until_observed(made, 3)
        assert [(one["kind"], one["size"]) for one in found] == [
            ("external_paste", len(FOREIGN)),
            ("external_drop", len(FOREIGN)),
            ("bulk_insert", len(FOREIGN)),
        ]
        assert FOREIGN not in json.dumps([dict(event.body) for event in await made.house.record.events(made.session)])
        # What is in the room already is nobody's from outside.
        await editor(tab, 0).evaluate(COME_IN, ["paste", FOREIGN])
        await expect(editor(tab, 0)).to_have_text(re.compile(f"^.{{{3 * len(FOREIGN)}}}$"))
        assert len(await observed(made)) == 3


async def test_text_from_outside_stays_out_when_the_policy_refuses_it(tmp_path: Path, browser: Browser) -> None:
    async with stage(tmp_path / "house", NoGuests()) as made:
        await made.begin(policy=Policy(paste=Paste.REFUSED))
        tab = await tab_of(browser, made, "cleo", kernel=False)
        await editor(tab, 0).click()
        for way in ("paste", "drop"):
            await editor(tab, 0).evaluate(COME_IN, [way, FOREIGN])
        await tab.keyboard.insert_text(FOREIGN)
        await tab.keyboard.type("typed = 1")
        await expect(editor(tab, 0)).to_have_text("typed = 1")
        await expect(tab.get_by_text("Text from outside is not let into this notebook").first).to_be_visible()
        for key in ("Control+A", "Control+C", "End", "Control+V"):
            await tab.keyboard.press(key)
        await expect(editor(tab, 0)).to_have_text("typed = 1typed = 1")
        assert len(await until_observed(made, 3)) == 3


async def test_fullscreen_is_asked_for_and_asked_back(tmp_path: Path, browser: Browser) -> None:
    async with stage(tmp_path / "house", NoGuests()) as made:
        await made.begin()
        tab = await tab_of(browser, made, "cleo", kernel=False)
        ask = tab.get_by_role("region", name="Fullscreen")
        await expect(ask).to_contain_text("This session is held in fullscreen. Being out of it for more than")
        await ask.get_by_role("button", name="Go to fullscreen").click()
        await expect(ask).to_be_hidden()
        await tab.evaluate("document.exitFullscreen()")
        await expect(ask).to_contain_text("You left fullscreen.")
        await ask.get_by_role("button", name="Back to fullscreen").click()
        await expect(ask).to_be_hidden()
