"""The room with the keyboard alone, in a real browser: a cell is reached and run, something is said, the work handed in."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Page as Tab
from playwright.async_api import expect
from room.staging import JupyterGuest, stage
from room.tabs import PATIENCE, chromium, tab_of

expect.set_options(timeout=PATIENCE)
FARTHEST = 200  # presses of a key: more than there are places on the page


async def go(tab: Tab, place: str, key: str = "Tab") -> None:
    """Presses a key until the keyboard is at a place."""
    for _ in range(FARTHEST):
        if await tab.evaluate("place => document.activeElement?.matches(place) ?? false", place):
            return
        await tab.keyboard.press(key)
    raise AssertionError(f"{place} is not reached by {key}")


async def test_the_keyboard_is_enough(tmp_path: Path, guest: JupyterGuest) -> None:
    async with stage(tmp_path / "house", guest) as made, chromium() as browser:
        await made.begin()
        tab = await tab_of(browser, made, "cleo")

        await go(tab, ".jp-Notebook, .jp-Notebook *")
        for key in ("Escape", "ArrowDown", "Enter"):
            await tab.keyboard.press(key)
        await tab.keyboard.type("print('by', 'keys')")
        await tab.keyboard.press("Control+Enter")
        await expect(tab.locator(".jp-OutputArea", has_text="by keys")).to_be_visible()

        await go(tab, ".jp-SideBar.jp-mod-right .lm-TabBar-tab")
        await go(tab, ".lm-TabBar-tab[title='Messages']", "ArrowDown")
        await tab.keyboard.press("Enter")
        await go(tab, "#gr-say")
        await tab.keyboard.type("I am done.")
        await go(tab, ".gr-say button")
        await tab.keyboard.press("Enter")
        await expect(tab.get_by_role("log").get_by_text("I am done.")).to_be_visible()

        await go(tab, ".gr-header .gr-main", "Shift+Tab")
        await tab.keyboard.press("Enter")
        await expect(tab.locator(".jp-Dialog")).to_contain_text("Hand in now?")
        await go(tab, ".jp-Dialog .jp-mod-accept")
        async with tab.expect_request("**/submit"):
            await tab.keyboard.press("Enter")
