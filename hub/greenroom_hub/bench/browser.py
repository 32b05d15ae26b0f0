"""The browser of a bench: a real Chromium, whose pages carry instruments."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from greenroom_hub.bench.measure import CannotMeasure

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext

INSTRUMENTS = (Path(__file__).parent / "instruments.js").read_text()
# Nothing that Chromium does of itself is measured. No sandbox: benches may run as root.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PATIENCE = 60_000  # ms until a page must show what it is waited for


@asynccontextmanager
async def chromium(*more: str) -> AsyncIterator[Browser]:
    """One browser, for as many people as there are contexts in it. `more` words of its command line."""
    found = shutil.which("chromium")
    if found is None:
        raise CannotMeasure("the bench needs Chromium, and none is on PATH; `make bench` installs it")
    try:
        from playwright.async_api import async_playwright  # noqa: PLC0415 - of the extra `dev`; other benches need none
    except ImportError:
        raise CannotMeasure(
            "the bench needs Playwright, which the extra `dev` brings; `make bench` installs it"
        ) from None
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=[*ARGUMENTS, *more])
        try:
            yield browser
        finally:
            await browser.close()


async def person(browser: Browser) -> BrowserContext:
    """Somebody with a browser of their own: an empty cache, no cookies."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE)
    await context.add_init_script(INSTRUMENTS)
    return context
