"""People with browsers of their own: real Chromium, and what they do in it."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from greenroom_hub.settings import PREFIX
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

PROGRAM = "/usr/bin/chromium"
QUIET = ("--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync")
# The pattern that Chromium's own camera shows has no face in it.
CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
PATIENCE = 120_000  # milliseconds until a step is given up: many times what any takes
CLIPS = Path(__file__).parents[1] / "resources" / "face-clips"
expect.set_options(timeout=PATIENCE)

_CALL = """async ([path, method, body]) => {
    const answer = await fetch(path, {
        method,
        headers: {'Content-Type': 'application/json'},
        body: body === null ? undefined : JSON.stringify(body)
    });
    const text = await answer.text();
    return [answer.status, text ? JSON.parse(text) : null];
}"""


@asynccontextmanager
async def chromium(*words: str) -> AsyncIterator[Browser]:
    """A Chromium with a camera, unless other words are given."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=PROGRAM, args=[*QUIET, *(words or CAMERA)])
        try:
            yield browser
        finally:
            await browser.close()


def clip_camera(clip: str, folder: Path) -> tuple[str, ...]:
    """The words that have Chromium's camera show a recorded clip, over and over."""
    film = folder / f"{clip}.mjpeg"
    source = ("ffmpeg", "-loglevel", "error", "-i", str(CLIPS / f"{clip}.mp4"))
    # Raw MJPEG has no clock of its own: Chromium plays it at 30 pictures a second.
    subprocess.run([*source, "-r", "30", "-c:v", "mjpeg", "-q:v", "3", "-f", "mjpeg", str(film)], check=True)
    return (*CAMERA, f"--use-file-for-fake-video-capture={film}")


async def person(browser: Browser, *, width: int = 1280, dark: bool = False) -> Page:
    """Somebody with a browser of their own, who has never been here."""
    context = await browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if dark else "light",
        accept_downloads=True,
        ignore_https_errors=True,
    )
    context.set_default_timeout(PATIENCE)
    return await context.new_page()


async def enter(page: Page, link: str) -> Page:
    """Comes in by a link."""
    await page.goto(link)
    await page.click("#go")
    await page.wait_for_selector("main h1")
    return page


async def ask(page: Page, method: str, path: str, body: Any = None) -> Any:
    """What the REST API answers a page's own request. Fails when it refuses."""
    status, answer = await page.evaluate(_CALL, [f"{PREFIX}api/v1/{path}", method, body])
    assert status < 400, (method, path, status, answer)
    return answer


def session_of(page: Page) -> str:
    """The session whose page this is."""
    return next(part for part in page.url.split("/") if part.startswith("s-")).partition("?")[0]


async def arrive(candidate: Page) -> str:
    """Agrees to what is recorded and comes into the lobby, without looking at the device. Returns the session."""
    session = session_of(candidate)
    wording = await candidate.evaluate("JSON.parse(document.body.dataset.props).wording")
    await ask(candidate, "POST", f"sessions/{session}/consent", {"wording": wording, "accepted": True})
    await ask(candidate, "POST", f"sessions/{session}/arrive", {})
    await candidate.reload()
    return session


async def into_the_room(page: Page) -> Page:
    """Opens the session's room, whoever it is."""
    base = page.url.partition("/services/")[0]
    await page.goto(f"{base}{PREFIX}room/{session_of(page)}/lab")
    await cell(page, 0).wait_for()
    return page


def cell(page: Page, number: int) -> Locator:
    """A code cell of the room's notebook."""
    return page.locator(".jp-Notebook .jp-CodeCell").nth(number)


async def write(page: Page, number: int, source: str) -> None:
    """Replaces a cell's source by typing."""
    await cell(page, number).locator(".cm-content").click()
    await page.keyboard.press("Control+A")
    await page.keyboard.type(source)


async def run(page: Page, number: int, source: str) -> Locator:
    """Types a cell and runs it; returns where its output comes."""
    await write(page, number, source)
    await page.keyboard.press("Control+Enter")
    return cell(page, number).locator(".jp-OutputArea")
