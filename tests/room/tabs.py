"""Real browser pages of a stage's people, and a server that must never be asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from greenroom_hub.settings import PREFIX
from playwright.async_api import Browser, Dialog, Page, async_playwright
from room.staging import Stage
from tornado.testing import bind_unused_port

QUIET = ("--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync")
PATIENCE = 60_000  # milliseconds until a step is given up: many times what any takes


SAID: list[str] = []  # what consoles said, of all pages


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Debian's Chromium, which asks nobody for anything by itself."""
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path="/usr/bin/chromium", args=list(QUIET))
        yield browser
        await browser.close()


async def tab_of(
    browser: Browser, stage: Stage, who: str, *, path: str = "lab", width: int = 1280, kernel: bool = True
) -> Page:
    """Somebody's browser, signed in, on a page below the room's address."""
    context = await browser.new_context(viewport={"width": width, "height": 800})
    context.set_default_timeout(PATIENCE)
    name, _, secret = (await stage.cookie(who)).partition("=")
    await context.add_cookies([{"name": name, "value": secret, "url": f"http://127.0.0.1:{stage.port}"}])
    tab = await context.new_page()
    tab.on("console", lambda said: SAID.append(said.text))
    await tab.goto(f"{stage.base}/{path}" if path == "lab" else f"http://127.0.0.1:{stage.port}{PREFIX}{path}")
    if path == "lab":
        await tab.wait_for_selector(".jp-Notebook .jp-CodeCell")
    if path == "lab" and kernel:
        await tab.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status='idle']")
    return tab


@dataclass
class Watch:
    """What a page did that no output may make it do."""

    dialogs: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)

    def over(self, tab: Page) -> None:
        """Begins to watch."""
        tab.on("dialog", self._asked)
        tab.context.on("page", lambda page: self.pages.append(page.url))

    async def _asked(self, dialog: Dialog) -> None:
        if dialog.type == "beforeunload":  # the room's own question, when the test reloads
            await dialog.accept()
            return
        self.dialogs.append(dialog.message)
        await dialog.dismiss()


@asynccontextmanager
async def trap() -> AsyncIterator[tuple[str, list[str]]]:
    """A server on loopback, and the first lines of all requests that it ever got."""
    asked: list[str] = []

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readline()).decode(errors="replace").strip())
        writer.close()

    socket, port = bind_unused_port()
    server = await asyncio.start_server(hear, sock=socket)
    yield f"http://127.0.0.1:{port}", asked
    server.close()
