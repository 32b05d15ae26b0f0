"""Our side of a bench: a whole Greenroom on this machine, its people in a browser."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from greenroom_hub.bench.browser import person
from greenroom_hub.bench.child import free_port, running
from greenroom_hub.bench.notebook import notebook
from greenroom_hub.bench.stage import Stage
from greenroom_hub.consents import WORDING
from greenroom_hub.settings import PREFIX
from greenroom_hub.stagehand import FILES_PLACED

if TYPE_CHECKING:
    from playwright.async_api import APIRequestContext, Browser, BrowserContext, Page

TEMPLATE = "bench"
# The camera's work is the candidate's machine's; here all would share one.
SIGNALS_OFF = {"signals": {}, "calibration": False}


class House:
    """A running Greenroom, with a member of staff signed in."""

    def __init__(self, url: str, browser: Browser, staff: BrowserContext) -> None:
        self.url, self.browser, self.staff = url, browser, staff

    async def ask(self, way: APIRequestContext, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401
        """The REST API, as whoever holds the cookies."""
        answer = await way.fetch(f"{self.url}{PREFIX}api/v1/{path}", method=method, data=body)
        if not answer.ok:
            raise RuntimeError(f"{method} {path} was answered with {answer.status}: {await answer.text()}")
        return await answer.json()

    async def lobby(self) -> tuple[str, Page]:
        """A new session, and its candidate's page: they have agreed, wait at the door, and the guest is warm."""
        staff = self.staff.request
        made = await self.ask(staff, "POST", "sessions", {"template": TEMPLATE, "candidate": "Bench"})
        one = f"sessions/{made['id']}"
        link = (await self.ask(staff, "POST", f"{one}/invitations", {}))["url"]
        candidate = await person(self.browser)
        page = await candidate.new_page()
        await page.goto(link)
        await page.click("#go")
        await page.wait_for_url(f"**{PREFIX}s/**")
        await self.ask(candidate.request, "POST", f"{one}/consent", {"wording": WORDING, "accepted": True})
        await self.ask(candidate.request, "POST", f"{one}/arrive", {})
        await page.reload()
        await self._warm(one)
        return made["id"], page

    async def _warm(self, one: str) -> None:
        """Returns when the session's guest answers and has its files."""
        known: set[str] = set()
        while FILES_PLACED not in known:
            known = {fact["type"] for fact in await self.ask(self.staff.request, "GET", f"{one}/timeline")}
            await asyncio.sleep(0.1)

    async def open_door(self, session: str) -> None:
        """The session begins."""
        await self.ask(self.staff.request, "POST", f"sessions/{session}/open", {})

    async def end(self, session: str) -> None:
        """The session ends, and with it its guest."""
        await self.ask(self.staff.request, "POST", f"sessions/{session}/end", {})

    async def stage(self) -> Stage:
        """A session that has begun: its candidate and an interviewer in the room."""
        session, candidate = await self.lobby()
        await self.open_door(session)
        await candidate.wait_for_url("**/room/**")
        interviewer = await self.staff.new_page()
        await interviewer.goto(f"{self.url}{PREFIX}room/{session}/lab")
        found = Stage(candidate, interviewer)
        await found.warm()
        return found


@asynccontextmanager
async def house(folder: Path, browser: Browser) -> AsyncIterator[House]:
    """`greenroom serve` with its data in `folder`."""
    environment = {"GREENROOM_DATA": str(folder / "data"), "GREENROOM_PORT": str(free_port())}
    argv = [sys.executable, "-m", "greenroom_hub.cli", "serve", "--demo"]
    async with running(argv, environment, folder / "serve.log", talks=True) as process:
        link = await staff_link(process)
        staff = await person(browser)
        page = await staff.new_page()
        await page.goto(link)
        await page.click("#go")
        await page.wait_for_url(f"**{PREFIX}sessions/**")
        await page.close()
        found = House(link.split("/hub/")[0], browser, staff)
        template = {"name": TEMPLATE, "notebook": notebook(), "policy": SIGNALS_OFF}
        await found.ask(staff.request, "POST", "templates", template)
        yield found


async def staff_link(process: asyncio.subprocess.Process) -> str:
    """The interviewer's link, as soon as `greenroom serve` prints it."""
    assert process.stdout is not None
    said = ""
    async for line in process.stdout:
        said += line.decode()
        if found := re.search(r"interviewer: +(\S+)", line.decode()):
            return found[1]
    raise RuntimeError(f"greenroom serve did not start:\n{said}")
