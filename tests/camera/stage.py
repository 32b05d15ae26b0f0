"""A candidate's browser before a real service: the device page, the lobby, and what the record has of it afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from camera.film import Film
from greenroom_hub.consents import WORDING
from greenroom_hub.sessions import Session
from greenroom_hub.settings import PREFIX
from hub.conftest import Place
from playwright.async_api import Browser, BrowserContext, Page, Playwright

PATIENCE = 90_000  # milliseconds; many times what any step takes
CHROMIUM = (
    "--no-sandbox",
    "--no-first-run",
    "--no-pings",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--disable-features=MediaRouter,DialMediaRouteProvider,OptimizationHints,NetworkTimeServiceQuerying",
    # The browser's own questions about its maker's hosts; a page's would be seen in its requests.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


@asynccontextmanager
async def chromium(
    playwright: Playwright, folder: Path, *more: str, program: Path = Path("/usr/bin/chromium")
) -> AsyncIterator[tuple[Browser, Film]]:
    """A browser with a camera that shows a film."""
    film = Film(folder / "camera.y4m")
    folder.mkdir(parents=True, exist_ok=True)
    await film.paint("color=gray")
    browser = await playwright.chromium.launch(executable_path=program, args=[*CHROMIUM, *film.arguments, *more])
    try:
        yield browser, film
    finally:
        await browser.close()
        film.file.unlink(missing_ok=True)


@dataclass
class Candidate:
    """Somebody at their page."""

    place: Place
    session: Session
    context: BrowserContext
    page: Page

    @property
    def home(self) -> str:
        return f"{self.place.url}{PREFIX}s/{self.session.id}"

    async def allow(self, *, camera: bool = True) -> None:
        """What the browser says when the page asks for the camera."""
        if camera:
            await self.context.grant_permissions(["camera"], origin=self.place.url)
        else:
            await self.context.clear_permissions()

    async def status(self) -> str:
        return await self.page.locator(".gr-camera-status").inner_text()

    async def button(self, name: str) -> None:
        await self.page.get_by_role("button", name=name, exact=True).click()

    async def cookie(self) -> str:
        """What makes this browser the candidate's."""
        known = {one["name"]: one["value"] for one in await self.context.cookies()}
        return known["greenroom"]

    async def observations(self) -> list[dict[str, Any]]:
        """What the record has, each stretch once: with its end where it has ended."""
        events = await self.place.house.record.events(self.session.id)
        found = {event.body["id"]: event.body for event in events if event.type == "observation"}
        return sorted(found.values(), key=lambda one: one["start"])


@asynccontextmanager
async def candidate(place: Place, browser: Browser, *, width: int = 1280, **more: Any) -> AsyncIterator[Candidate]:
    """A candidate who has agreed, with a browser window of their own."""
    session = await place.session(**more)
    await place.house.consents.give(session.id, WORDING, accepted=True)
    known = await place.candidate(session.id)
    context = await browser.new_context(viewport={"width": width, "height": 900})
    context.set_default_timeout(PATIENCE)
    await context.add_cookies([{"name": "greenroom", "value": known.cookie, "url": f"{place.url}{PREFIX}"}])
    page = await context.new_page()
    try:
        yield Candidate(place, session, context, page)
    finally:
        await context.close()


async def until(true: Any, patience: float = 60) -> None:
    """Waits for a condition."""
    async with asyncio.timeout(patience):
        while not await true():
            await asyncio.sleep(0.05)
