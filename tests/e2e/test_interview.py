"""A whole interview in real Chromium: two people, from their links to a receipt that is checked."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from greenroom_hub import verify
from playwright.async_api import Browser, Page, async_playwright, expect
from tornado.testing import bind_unused_port

CHROMIUM = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # The pattern that this camera shows has no face in it.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)
PATIENCE = 120_000  # milliseconds until a step is given up: many times what any takes
LINK = re.compile(r"(interviewer|candidate): +(\S+)")
expect.set_options(timeout=PATIENCE)


@pytest.fixture
async def links(tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    """`greenroom serve --demo` on a free port, and the two links it prints."""
    socket, port = bind_unused_port()
    socket.close()
    environment = {**os.environ, "GREENROOM_DATA": str(tmp_path / "data"), "GREENROOM_PORT": str(port)}
    greenroom = str(Path(sys.executable).with_name("greenroom"))
    server = await asyncio.create_subprocess_exec(
        greenroom, "serve", "--demo", env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    assert server.stdout is not None
    found: dict[str, str] = {}
    said = ""
    while len(found) < 2 and (line := (await server.stdout.readline()).decode()):
        said += line
        found |= dict(LINK.findall(line))
    assert len(found) == 2, said
    yield found
    server.send_signal(signal.SIGINT)
    await server.communicate()
    assert server.returncode == 0


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(CHROMIUM))
        yield browser
        await browser.close()


async def page_of(chromium: Browser, errors: list[str], width: int = 1280) -> Page:
    """A person's own browser. What its console calls an error is kept, but for the chatter of the face reader."""
    context = await chromium.new_context(viewport={"width": width, "height": 800}, accept_downloads=True)
    context.set_default_timeout(PATIENCE)
    page = await context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    return page


class Album:
    """Screenshots, kept where GREENROOM_SCREENSHOTS says (`make screenshots`: docs/images)."""

    def __init__(self, otherwise: Path) -> None:
        self.folder = Path(os.environ.get("GREENROOM_SCREENSHOTS") or otherwise)
        self.folder.mkdir(parents=True, exist_ok=True)

    async def keep(self, page: Page, name: str) -> None:
        await page.screenshot(path=self.folder / "whole.png")
        # With a palette they are a third as large, and look the same.
        palette = "split[a][b];[a]palettegen=stats_mode=single[p];[b][p]paletteuse=dither=none"
        words = ("-loglevel", "error", "-y", "-i", str(self.folder / "whole.png"), "-vf", palette)
        made = await asyncio.create_subprocess_exec("ffmpeg", *words, str(self.folder / f"{name}.png"))
        assert await made.wait() == 0
        (self.folder / "whole.png").unlink()


def cell(page: Page, number: int) -> Any:
    return page.locator(".jp-Notebook .jp-CodeCell").nth(number)


async def write(page: Page, number: int, source: str) -> None:
    """Replaces a cell's source by typing."""
    await cell(page, number).locator(".cm-content").click()
    await page.keyboard.press("Control+A")
    await page.keyboard.type(source)


async def come_in(staff: Page, candidate: Page, links: dict[str, str], album: Album) -> None:
    """From the two links into the room."""
    await staff.goto(links["interviewer"])
    await staff.click("#go")
    await staff.wait_for_url("**/sessions/s-*")
    await album.keep(staff, "session-page")
    await candidate.goto(links["candidate"])
    await album.keep(candidate, "invitation")
    await candidate.click("#go")
    agree = candidate.get_by_role("button", name="I agree", exact=True)
    await agree.wait_for()
    await album.keep(candidate, "consent")
    await agree.click()
    await candidate.get_by_role("button", name="Look at five dots").click()
    await expect(candidate.get_by_text("Your face was not seen most of the time")).to_be_visible()
    await album.keep(candidate, "device")
    await candidate.get_by_role("button", name="Go on without the dots").click()
    await expect(candidate.get_by_role("heading", name="Lobby")).to_be_visible()
    await album.keep(candidate, "lobby")
    await staff.get_by_role("button", name="Open the door").click()
    await candidate.wait_for_url("**/room/**")
    await staff.get_by_role("link", name="Enter the room").click()
    for page in (staff, candidate):
        await cell(page, 0).wait_for()


async def work(staff: Page, candidate: Page, album: Album) -> None:
    """Two people write, run and see the same."""
    await cell(staff, 0).scroll_into_view_if_needed()
    await write(candidate, 0, 'print(6 * 7, "of the candidate")')
    await expect(cell(staff, 0)).to_contain_text('print(6 * 7, "of the candidate")')
    await expect(cell(staff, 0).locator(".jp-remote-cursor")).to_be_attached()
    await expect(staff.locator(".jp-remote-userFlag-name")).to_have_text("Demo candidate")
    await album.keep(staff, "room-interviewer")
    await candidate.keyboard.press("Control+Enter")
    for page in (staff, candidate):
        await expect(cell(page, 0).locator(".jp-OutputArea")).to_contain_text("42 of the candidate")
        await expect(page.locator(".gr-kernel")).to_be_empty()
    await write(staff, 1, '%%piston bash\necho "a run $((6 * 7)) elsewhere"')
    await staff.keyboard.press("Control+Enter")
    for page in (staff, candidate):
        await expect(cell(page, 1).locator(".jp-OutputArea")).to_contain_text("a run 42 elsewhere")


async def survive_a_reload(staff: Page, candidate: Page) -> None:
    """Both come back in the middle of a loop, and no line is lost or doubled."""
    await write(candidate, 0, "import time\nfor i in range(40):\n    print('line', i)\n    time.sleep(0.2)")
    await candidate.keyboard.press("Control+Enter")
    await expect(cell(staff, 0).locator(".jp-OutputArea")).to_contain_text("line 3")
    await asyncio.gather(staff.reload(), candidate.reload())
    expected = "".join(f"line {number}\n" for number in range(40))
    for page in (staff, candidate):
        await expect(cell(page, 0).locator(".jp-OutputArea")).to_contain_text("line 39")
        assert (await cell(page, 0).locator(".jp-OutputArea-output").inner_text()).strip() == expected.strip()
        await expect(cell(page, 0).locator(".jp-InputArea-prompt")).not_to_have_text("[*]:")


async def test_two_people_hold_an_interview_and_the_candidate_keeps_proof(
    links: dict[str, str], chromium: Browser, tmp_path: Path
) -> None:
    errors: list[str] = []
    album = Album(tmp_path / "screenshots")
    staff, candidate = await page_of(chromium, errors), await page_of(chromium, errors)
    await come_in(staff, candidate, links, album)
    await work(staff, candidate, album)

    # Nobody is in front of the camera: the candidate is told, and the interviewer's timeline has the line.
    # Which sentence it is depends on how long it has lasted by now.
    absent = '[data-kind="face_absent"][data-level="warning"]'
    await expect(candidate.locator(absent)).to_contain_text(re.compile("(does not see you|Nobody was seen)"))
    await expect(staff.locator(absent)).to_contain_text("Nobody was seen in front of the camera")
    await expect(staff.locator('[data-kind="fullscreen_left"][data-level="warning"]')).to_be_visible()
    await album.keep(candidate, "room-candidate")
    await album.keep(staff, "timeline")

    await survive_a_reload(staff, candidate)
    await write(candidate, 0, 'open("answer.txt", "w").write("42")')
    await candidate.keyboard.press("Control+Enter")
    await expect(cell(staff, 0).locator(".jp-OutputArea-output")).to_have_text("2")
    await hand_in(candidate, album, tmp_path)
    assert verify.main([str(tmp_path / "receipt.json"), str(tmp_path / "notebook.ipynb")]) == 0
    notebook = json.loads((tmp_path / "notebook.ipynb").read_text())
    assert any("answer.txt" in "".join(one["source"]) for one in notebook["cells"])
    await staff.get_by_role("link", name="To the session’s page").click()
    await expect(staff.get_by_role("link", name="Files that cells wrote")).to_be_visible()
    await album.keep(staff, "handed-in-interviewer")
    assert errors == []


async def hand_in(candidate: Page, album: Album, folder: Path) -> None:
    """Hands in, takes the proof home, and has it checked by the page."""
    await candidate.get_by_role("button", name="Hand in", exact=True).click()
    await candidate.locator(".jp-Dialog").get_by_role("button", name="Hand in").click()
    await expect(candidate.get_by_text("Handed in at")).to_be_visible()
    await album.keep(candidate, "handed-in")
    for link, name in (("receipt", "receipt.json"), ("notebook", "notebook.ipynb")):
        async with candidate.expect_download() as download:
            await candidate.locator(f'a[href$="/submission/{link}"]').first.click()
        await (await download.value).save_as(folder / name)
    await candidate.goto(re.sub(r"/s/s-.*", "/verify", candidate.url))
    await candidate.set_input_files("#files", [folder / "receipt.json", folder / "notebook.ipynb"])
    await expect(candidate.locator("main")).to_contain_text("notebook.ipynb as it was handed in")
    await album.keep(candidate, "verify")
