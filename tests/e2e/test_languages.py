"""Notebooks whose cells are programs of another language, and the "Check" button: with a mouse and a keyboard, in a real browser."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from e2e.people import arrive, ask, cell, chromium, enter, into_the_room, person
from e2e.serving import serving
from greenroom_hub.settings import CHECKOUT
from playwright.async_api import Browser, Locator, Page, expect

pytestmark = pytest.mark.asyncio(loop_scope="module")

PROGRAM_C = '#include <stdio.h>\nint main(void) { int n; printf("how many? "); fflush(stdout); scanf("%d", &n); printf("twice %d\\n", 2 * n); }'
STREAMED = "echo first; read -r go; echo 'then '$go; exit 3"
PROGRAM, BUTTON = 1, 2  # code cells of notebooks/another_language.ipynb
ENDLESS = "trap 'echo a last word; exit 1' INT; echo goes on; while :; do sleep 0.1; done"


def notebook(kernel: str, title: str, language: str) -> dict[str, Any]:
    """A task of two empty cells for one of the kernels."""
    empty: dict[str, Any] = {"cell_type": "code", "metadata": {}, "source": "", "outputs": [], "execution_count": None}
    return {
        "cells": [{"id": "one", **empty}, {"id": "two", **empty}],
        "metadata": {"kernelspec": {"name": kernel, "display_name": title, "language": language}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


@dataclass
class Place:
    """A running Greenroom, a Chromium, and the demo's interviewer in it."""

    browser: Browser
    staff: Page
    url: str

    async def room(self, template: str, languages: Sequence[str]) -> Page:
        """A live session on a template; its candidate, in the room."""
        made = {"template": template, "candidate": "Jo", "policy": {"languages": list(languages), "signals": {}}}
        session = (await ask(self.staff, "POST", "sessions", made))["id"]
        link = (await ask(self.staff, "POST", f"sessions/{session}/invitations", {}))["url"]
        page = await enter(await person(self.browser), link)
        await arrive(page)
        await ask(self.staff, "POST", f"sessions/{session}/open", {})
        await page.wait_for_url("**/room/**")
        return await into_the_room(page)

    async def room_of(self, kernel: str, title: str, language: str) -> Page:
        """A room whose task is in one language."""
        policy = {"languages": [language]}
        template = {"name": kernel, "title": title, "notebook": notebook(kernel, title, language), "policy": policy}
        await ask(self.staff, "POST", "templates", template)
        return await self.room(kernel, [language])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    async with serving(tmp_path_factory.mktemp("languages") / "data") as served, chromium() as browser:
        staff = await enter(await person(browser), served.links["interviewer"])
        yield Place(browser, staff, f"http://127.0.0.1:{served.port}")


async def run(page: Page, number: int, source: str) -> Locator:
    """Puts a program into a cell and runs it; returns where its output comes."""
    await cell(page, number).locator(".cm-content").click()
    await page.keyboard.press("Control+A")
    await page.keyboard.insert_text(source)
    await page.keyboard.press("Control+Enter")
    return cell(page, number).locator(".jp-OutputArea")


async def answer(page: Page, number: int, text: str) -> None:
    """Answers what the program of a cell asks."""
    question = cell(page, number).locator(".gr-question")
    await question.get_by_role("textbox").fill(text)
    await question.get_by_role("button", name="Answer").click()
    await expect(question).to_have_count(0)


async def assert_language(page: Page, title: str, mode: str) -> None:
    """The language is named above the notebook, with its icon, and coloured as what it is."""
    shown = page.locator(".gr-language")
    await expect(shown).to_have_text(title)
    assert await shown.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    await expect(cell(page, 0).locator(".cm-content")).to_have_attribute("data-language", mode)


async def test_a_task_in_bash_streams_asks_and_is_interrupted(place: Place) -> None:
    page = await place.room_of("greenroom-bash", "Bash", "bash")
    output = await run(page, 0, STREAMED)
    await expect(output).to_have_text("first")  # while it goes on
    await answer(page, 0, "on")
    await expect(output).to_contain_text("then on")
    await expect(output).to_contain_text("RunError: the program ended with exit code 3")
    output = await run(page, 1, ENDLESS)
    await expect(output).to_have_text("goes on")
    for key in ("Escape", "i", "i"):
        await page.keyboard.press(key)
    await expect(output).to_contain_text("a last word")
    await expect(output).to_contain_text("KeyboardInterrupt: the program was interrupted")
    await expect(await run(page, 0, "echo next")).to_have_text("next")
    await assert_language(page, "Bash", "shell")


async def test_a_task_in_c_tells_the_compiler_s_words_from_the_program_s(place: Place) -> None:
    page = await place.room_of("greenroom-c", "C", "c")
    output = await run(page, 0, "int main({")
    await expect(output).to_contain_text("— the compiler says —")
    await expect(output).to_contain_text("CompileError: the compilation ended with exit code 1")
    output = await run(page, 0, PROGRAM_C)
    await expect(output).to_have_text("how many?")
    await answer(page, 0, "21")
    await expect(output).to_contain_text("twice 42")
    await expect(output).not_to_contain_text("compiler")
    output = await run(page, 1, "int main(void) { return 4; }")
    await expect(output).to_contain_text("RunError: the program ended with exit code 4")
    await assert_language(page, "C", "cpp")


async def test_check_is_pressed_with_a_mouse_and_tells_how_many_passed(place: Place) -> None:
    page = await place.room("another_language", ["python"])
    solution = (CHECKOUT / "notebooks" / "solutions" / "another_language.py").read_text()
    await run(page, PROGRAM, solution.partition("\n")[2])
    await cell(page, BUTTON).locator(".jp-InputPrompt").click()
    await page.keyboard.press("Control+Enter")  # the template's cell cannot be written in
    output = cell(page, BUTTON).locator(".jp-OutputArea")
    await output.get_by_role("button", name="Check").click()
    await expect(output).to_contain_text("All hidden cases passed; 4 tries are left.")
    await run(page, PROGRAM, "%%piston python\nprint('none')")
    await output.get_by_role("button", name="Check").click()
    await expect(output).to_contain_text(re.compile(r"[0-5] of 6 hidden cases passed; 3 tries"))
