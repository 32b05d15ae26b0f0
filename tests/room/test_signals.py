"""What the room's page notices about itself, in a real browser: a second screen, a second tab, a network that is gone,
and what ten minutes without one have left in the browser, over a reload: nothing of it is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from greenroom_hub.policy import Policy, Use
from greenroom_proctor.words import Signal
from playwright.async_api import Browser, expect
from room.staging import NoGuests, Stage, stage
from room.tabs import PATIENCE, chromium, tab_of

expect.set_options(timeout=PATIENCE)

SIGNALS = dict.fromkeys((Signal.SCREEN, Signal.FOCUS, Signal.NETWORK, Signal.VISIBILITY), Use.ON)
MINUTES = 10
# What a page that was offline for ten minutes has kept: its clock began before, and its numbers go on
OFFLINE = """([session, minutes]) => {
  const name = Object.keys(localStorage).find(key => key.startsWith(`greenroom:${session}:`));
  const kept = JSON.parse(localStorage.getItem(name));
  kept.began -= minutes * 60_000;
  const clock = (performance.timeOrigin + performance.now() - kept.began) / 1000;
  for (let index = 0; index < 40; index++) {
    const start = clock - minutes * 60 + 5 + index * 14;
    const id = `offline${String(index).padStart(4, '0')}`;
    const observation = { id, signal: 'visibility', kind: 'tab_hidden', start, end: start + 6, confidence: 1, quality: 1 };
    kept.waiting.push({ type: 'observe', n: ++kept.last, observation });
  }
  window.addEventListener('pagehide', () => {
    localStorage.clear();
    localStorage.setItem(name, JSON.stringify(kept));
  });
}"""


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as made:
        yield made


async def noticed(made: Stage, kind: str, *, over: bool = False) -> dict[str, Any]:
    """The first observation of a kind; that it is over, if so asked."""
    async with asyncio.timeout(PATIENCE / 1000):
        while True:
            for event in await made.house.record.events(made.session):
                body = dict(event.body)
                if event.type == "observation" and body["kind"] == kind and (body["end"] is not None) >= over:
                    return body
            await asyncio.sleep(0.1)


async def test_a_page_notices_screens_tabs_and_a_network_that_is_gone(tmp_path: Path, browser: Browser) -> None:
    async with stage(tmp_path / "house", NoGuests()) as made:
        await made.begin(policy=Policy(signals=SIGNALS))
        tab = await tab_of(browser, made, "cleo", kernel=False)
        ivas = await tab_of(browser, made, "iva", kernel=False)
        ivas = await tab_of(browser, made, "iva", kernel=False)

        # A second screen, as the browser tells of it
        await tab.evaluate("Object.defineProperty(screen, 'isExtended', { configurable: true, get: () => true })")
        screen = await noticed(made, "second_screen")
        assert (screen["signal"], screen["by"], screen["end"]) == ("screen", "browser", None)
        await tab.evaluate("Object.defineProperty(screen, 'isExtended', { configurable: true, get: () => false })")
        await noticed(made, "second_screen", over=True)

        # A second tab, which is the one that notices
        second = await tab.context.new_page()
        await second.goto(f"{made.base}/lab")
        assert (await noticed(made, "second_tab"))["browser"] != screen["browser"]
        await second.close(run_before_unload=False)

        # The service is not reached (browsers let websockets through when they play offline): the interviewer sees it, and the page tells when it is back
        await expect(ivas.locator("#greenroom-session")).to_contain_text("Cleo")
        admission = made.house.wires.admission
        with pytest.MonkeyPatch.context() as cut:
            cut.setattr(admission, "enter", lambda session, person: "no way through" if person == session else None)
            await made.house.wires.stop()
            await expect(ivas.locator("#greenroom-session")).to_contain_text("The candidate’s page is gone")
            await asyncio.wait_for(_unreached(tab), PATIENCE / 1000)
        gone = await noticed(made, "network_lost", over=True)
        assert gone["end"] - gone["start"] >= 5000

        # Ten minutes offline, and a reload before the network is back
        await tab.evaluate(OFFLINE, [made.session, MINUTES])
        await tab.reload()
        await noticed(made, "tab_hidden")
        async with asyncio.timeout(PATIENCE / 1000):
            while len(found := await _offline(made)) < 40:
                await asyncio.sleep(0.1)
        assert sorted(found) == [f"offline{index:04}" for index in range(40)]
        assert len(found) == len(set(found))


async def _unreached(tab: Any) -> None:
    """The page has been without the service for longer than the rule waits."""
    while not await tab.evaluate("JSON.stringify(localStorage).includes('network_lost')"):
        await asyncio.sleep(0.2)


async def _offline(made: Stage) -> list[str]:
    events = await made.house.record.events(made.session)
    return [e.body["id"] for e in events if e.type == "observation" and str(e.body["id"]).startswith("offline")]
