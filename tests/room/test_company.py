"""Company in the room: messages and comments through the service, raised hands, following, in two real browsers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect
from room.staging import NoGuests, stage
from room.tabs import PATIENCE, chromium, tab_of

expect.set_options(timeout=PATIENCE)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as made:
        yield made


async def test_people_talk_comment_raise_hands_and_follow(tmp_path: Path, browser: Browser) -> None:
    async with stage(tmp_path / "house", NoGuests()) as made:
        await made.begin()
        iva, cleo, ole = [await tab_of(browser, made, who, kernel=False) for who in ("iva", "cleo", "ole")]
        for tab in (iva, cleo, ole):
            await tab.get_by_role("tab", name="Messages").click()
        await cleo.locator(".jp-CodeCell .cm-content").nth(1).click()

        # a message, and a comment on the selected cell, sent by the keyboard alone
        await cleo.get_by_label("Message to everybody here").fill("may I use <b>pandas</b>?")
        await cleo.get_by_label("About the selected cell").check()
        await cleo.get_by_label("About the selected cell").press("Tab")
        await cleo.keyboard.press("Enter")
        for tab in (iva, cleo, ole):
            log = tab.get_by_role("log", name="Messages")
            await expect(log).to_contain_text("may I use <b>pandas</b>?")
            await expect(log.get_by_role("button", name="about cell 3")).to_be_visible()
            await expect(tab.locator(".jp-Cell").nth(2)).to_have_attribute("data-gr-comments", "1")

        await cleo.get_by_role("button", name="Raise your hand").click()
        await expect(iva.get_by_text("Cleo has raised a hand")).to_be_visible()
        await expect(cleo.get_by_role("button", name="Take your hand down")).to_have_attribute("aria-pressed", "true")

        # following: what Cleo selects is selected for Iva, until Iva selects something
        await iva.get_by_role("button", name="Follow Cleo").click()
        await cleo.locator(".jp-CodeCell .cm-content").nth(0).click()
        await expect(iva.locator(".jp-Cell").nth(1)).to_contain_class("jp-mod-active")
        await cleo.locator(".jp-CodeCell .cm-content").nth(1).click()
        await expect(iva.locator(".jp-Cell").nth(2)).to_contain_class("jp-mod-active")
        await iva.locator(".jp-CodeCell .cm-content").nth(0).click()
        await expect(iva.get_by_role("button", name="Follow Cleo")).to_be_visible()

        # an observer reads, and says nothing: not by the page, and not by a request
        await expect(ole.get_by_text("observers look on in this session")).to_be_visible()
        await expect(ole.get_by_label("Message to everybody here")).to_be_hidden()
        ask = "[location.pathname.replace(/room\\/(s-[a-z0-9]+).*/, 'api/v1/sessions/$1/remarks'), {method: 'POST', "
        ask += "headers: {'Content-Type': 'application/json'}, body: '{\"text\": \"x\"}'}]"
        assert await ole.evaluate(f"fetch(...{ask}).then(answer => answer.status)") == 409

        # it is kept, in the record without its words
        await iva.reload()
        await iva.get_by_role("tab", name="Messages").click()
        await expect(iva.get_by_role("log", name="Messages")).to_contain_text("may I use <b>pandas</b>?")
        events = [event for event in await made.house.record.events(made.session) if event.type in {"remark", "hand"}]
        assert [event.type for event in events] == ["remark", "hand"]
        assert events[0].body["cell"] == "two"
        assert "pandas" not in str(events)
