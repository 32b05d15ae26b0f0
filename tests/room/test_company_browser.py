"""Company in three real browsers: an interviewer, a candidate and an observer in one room."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from crash.rounds import _children
from playwright.async_api import Browser, Locator, expect
from playwright.async_api import Page as Tab
from room.staging import JupyterGuest, Stage, stage
from room.tabs import PATIENCE, chromium, tab_of

expect.set_options(timeout=PATIENCE)

COMMENTED = re.compile("gr-commented")
LONG = {
    "cells": [
        {
            "cell_type": "code",
            "id": f"c{n}",
            "metadata": {},
            "source": "\n" * 12,
            "outputs": [],
            "execution_count": None,
        }
        for n in range(8)
    ],
    "metadata": {},
    "nbformat": 4,
    "nbformat_minor": 5,
}


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as made:
        yield made


def cell(tab: Tab, number: int) -> Locator:
    return tab.locator(".jp-Notebook .jp-CodeCell").nth(number)


async def panel(tab: Tab) -> Locator:
    """The panel of messages, opened."""
    shown = tab.locator("#greenroom-talk")
    if not await shown.is_visible():
        await tab.locator(".jp-SideBar .lm-TabBar-tab[title='Messages']").click()
    await shown.wait_for()
    return shown


async def say(tab: Tab, text: str, *, about: bool = False) -> None:
    talk = await panel(tab)
    await talk.get_by_label("About the selected cell").set_checked(about)
    await talk.get_by_label("Message to everybody here").fill(text)
    await talk.get_by_role("button", name="Send").click()


async def write(tab: Tab, number: int, source: str) -> None:
    await cell(tab, number).locator(".cm-content").click()
    await tab.keyboard.press("Control+A")
    await tab.keyboard.type(source)


async def test_three_people_keep_company(tmp_path: Path, guest: JupyterGuest, browser: Browser) -> None:
    async with stage(tmp_path / "house", guest) as made:
        await made.begin(notebook=LONG)
        cleo, iva, ole = [await tab_of(browser, made, who) for who in ("cleo", "iva", "ole")]
        await messages_go_both_ways(cleo, iva, ole)
        await a_hand_goes_up_and_down(cleo, iva)
        await a_comment_leads_to_its_cell_and_is_resolved(cleo, iva)
        await who_follows_is_taken_along(cleo, iva)
        await the_second_person_answers(cleo, iva)
        await nobody_loses_the_keyboard_when_the_kernel_dies(made, guest, cleo)


async def messages_go_both_ways(cleo: Tab, iva: Tab, ole: Tab) -> None:
    await say(cleo, "May I use pandas?")
    await say(iva, "You may.")
    for tab in (cleo, iva, ole):
        talk = await panel(tab)
        await expect(talk.get_by_role("log").locator("p")).to_have_text(["May I use pandas?", "You may."])
        await expect(talk.get_by_role("log").locator("strong")).to_have_text(["Cleo", "Iva Ivić"])
    await expect(ole.locator("#greenroom-talk")).to_contain_text("observers look on in this session")
    await expect(ole.get_by_label("Message to everybody here")).to_be_hidden()


async def a_hand_goes_up_and_down(cleo: Tab, iva: Tab) -> None:
    hand = cleo.get_by_role("button", name="Raise your hand")
    await hand.click()
    await expect(iva.locator("#greenroom-talk .gr-people")).to_contain_text("Cleo has raised a hand")
    await cleo.get_by_role("button", name="Take your hand down").click()
    await expect(iva.locator("#greenroom-talk .gr-people")).not_to_contain_text("has raised a hand")


async def a_comment_leads_to_its_cell_and_is_resolved(cleo: Tab, iva: Tab) -> None:
    await cell(iva, 6).locator(".cm-content").click()
    await say(iva, "Why a list here?", about=True)
    talk = await panel(cleo)
    await expect(cell(cleo, 6)).to_have_class(COMMENTED)
    await talk.get_by_role("button", name="about cell 7").click()
    await expect(cell(cleo, 6)).to_be_in_viewport()
    await talk.get_by_role("button", name="Resolve").click()
    for tab in (cleo, iva):
        await expect(tab.locator("#greenroom-talk")).to_contain_text("Resolved by Cleo")
        await expect(tab.locator(".gr-commented")).to_have_count(0)


async def who_follows_is_taken_along(cleo: Tab, iva: Tab) -> None:
    await (await panel(iva)).get_by_role("button", name="Follow Cleo").click()
    await cell(cleo, 7).locator(".cm-content").click()
    await expect(cell(iva, 7)).to_be_in_viewport()
    await cell(cleo, 0).locator(".cm-content").click()
    await expect(cell(iva, 0)).to_be_in_viewport()
    await cell(iva, 1).locator(".cm-content").click()
    await expect(iva.get_by_role("button", name="Follow Cleo")).to_be_visible()


async def the_second_person_answers(cleo: Tab, iva: Tab) -> None:
    await write(cleo, 0, "name = input('Who? ')\nprint('Hi', name)")
    await cleo.keyboard.press("Control+Enter")
    await iva.get_by_label("Who?").fill("Iva")
    await expect(cleo.get_by_label("Who?")).to_be_visible()
    await iva.get_by_role("button", name="Answer").click()
    for tab in (cleo, iva):
        await expect(cell(tab, 0).locator(".jp-OutputArea")).to_contain_text("Hi Iva")
        await expect(tab.get_by_label("Who?")).to_have_count(0)


async def nobody_loses_the_keyboard_when_the_kernel_dies(made: Stage, guest: JupyterGuest, cleo: Tab) -> None:
    await write(cleo, 1, "")
    typed = "before and after"
    for number, letter in enumerate(typed):
        if number == 6:
            for pid in _children(guest.process.pid):
                os.kill(pid, signal.SIGKILL)
            await expect(cleo.locator(".gr-kernel")).to_contain_text("Variables are gone")
        await cleo.keyboard.type(letter)
    await expect(cell(cleo, 1).locator(".cm-content")).to_have_text(typed)
    await expect(cleo.locator(".jp-Dialog")).to_have_count(0)
