"""People of a session in real Chromium, with cameras and microphones that the browser makes up; and what their connections say."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from greenroom_hub.settings import PREFIX
from greenroom_proctor.words import Action, Seat
from hub.conftest import Place
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

PATIENCE = 60_000  # milliseconds; many times what any step takes
WORDS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--auto-select-desktop-capture-source=Entire screen",
)
expect.set_options(timeout=PATIENCE)

# Every connection that the page makes, so that its counters can be read
_CONNECTIONS = """(() => {
    const Plain = window.RTCPeerConnection;
    window.connections = [];
    window.RTCPeerConnection = class extends Plain {
        constructor(...words) { super(...words); window.connections.push(this); }
    };
})()"""
# What comes in by each line of each connection that is open, and how it comes
_COUNTERS = """async () => {
    const found = [];
    for (const one of window.connections.filter(each => each.connectionState === 'connected')) {
        const reports = [...(await one.getStats()).values()];
        const lines = one.getTransceivers().map(({ receiver }) => reports.find(
            each => each.type === 'inbound-rtp' && each.trackIdentifier === receiver.track.id));
        const pair = reports.find(each => each.type === 'candidate-pair' && each.nominated && each.state === 'succeeded');
        const local = reports.find(each => each.id === pair?.localCandidateId);
        found.push({
            lines: lines.map(line => line ? { frames: line.framesDecoded ?? 0, packets: line.packetsReceived,
                energy: line.totalAudioEnergy ?? 0 } : { frames: 0, packets: 0, energy: 0 }),
            way: local?.candidateType ?? ''
        });
    }
    return found;
}"""


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser with devices."""
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path="/usr/bin/chromium", args=list(WORDS))
        try:
            yield browser
        finally:
            await browser.close()


async def until(found: Callable[[], Any], what: str) -> Any:
    """Waits until something is so, and returns it."""
    try:
        async with asyncio.timeout(PATIENCE / 1000):
            while not (value := await found()):
                await asyncio.sleep(0.1)
            return value
    except TimeoutError:
        raise AssertionError(f"{what}: not within {PATIENCE // 1000} s") from None


def _amount(lines: list[dict[str, int]], line: int) -> int:
    """Pictures that were shown, or packets of sound."""
    return lines[line]["packets" if line == 0 and len(lines) > 1 else "frames"]


@dataclass
class Guest:
    """Somebody at a page of a session."""

    page: Page

    @property
    def call(self) -> Locator:
        return self.page.locator(".gr-call")

    @property
    def bar(self) -> Locator:
        return self.page.locator(".gr-call-bar")

    async def press(self, name: str, where: Locator | None = None) -> None:
        """A button of the call, as with the keyboard: nothing that lies over it matters."""
        button = (where or self.call).get_by_role("button", name=name, exact=True)
        await button.focus()
        await button.press("Enter")

    async def counters(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self.page.evaluate(_COUNTERS)
        return found

    async def gets(self, people: int, *lines: int) -> None:
        """From as many people, something comes by each of these lines, and goes on coming."""

        async def coming() -> list[tuple[int, ...]] | None:
            now = [tuple(_amount(one["lines"], line) for line in lines) for one in await self.counters()]
            return now if len(now) == people and all(min(one) > 0 for one in now) else None

        first = await until(coming, f"something by the lines {lines} from {people}")

        async def more() -> bool:
            now = await coming()
            return now is not None and all(
                b > a for one, other in zip(first, now, strict=True) for a, b in zip(one, other, strict=True)
            )

        await until(more, f"more by the lines {lines}")


@dataclass
class Party:
    """A session that runs, and the browser in which its people have a context each."""

    place: Place
    session: str
    browser: Browser

    async def enter(
        self, name: str, *, room: bool, width: int = 1280, dark: bool = False, seat: Seat = Seat.INTERVIEWER
    ) -> Guest:
        """Somebody signed in, in the room or on the session's page."""
        if name == "jo":
            person = await self.place.candidate(self.session)
        else:
            person = await self.place.staff(name)
            await self.place.house.seats.put(self.session, name, seat)
        context = await self.browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light"
        )
        context.set_default_timeout(PATIENCE)
        await context.add_init_script(_CONNECTIONS)
        await context.add_cookies([{"name": "greenroom", "value": person.cookie, "url": f"{self.place.url}{PREFIX}"}])
        page = await context.new_page()
        await page.goto(
            f"{self.place.url}{PREFIX}" + (f"room/{self.session}/lab" if room else f"sessions/{self.session}")
        )
        await page.locator(".gr-call").wait_for(state="attached")
        if room:
            await page.locator(".lm-TabBar-tab[title='Call']").click()
        return Guest(page)

    async def views(self) -> list[tuple[Any, ...]]:
        """Who sees whom by what, as a look or not, in the order of the record; the end of a view is False."""
        events = await self.place.house.record.events(self.session)
        names = ("person", "what", "look", "on")
        return [(one.actor, *(one.body[name] for name in names)) for one in events if one.type == "call.viewed"]


@asynccontextmanager
async def party(place: Place, **more: Any) -> AsyncIterator[Party]:
    """A session that is live, and a browser."""
    session = await place.session(**more)
    for action in (Action.ARRIVE, Action.OPEN):
        await place.house.sessions.act(session.id, action, "ada")
    async with chromium() as browser:
        yield Party(place, session.id, browser)
    await place.house.calls.stop()
    await place.house.wires.stop()
