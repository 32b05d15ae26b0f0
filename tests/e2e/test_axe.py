"""Our pages before axe-core, light and dark; the room beside stock JupyterLab."""

from __future__ import annotations

import json
from pathlib import Path

from e2e.axe import BASELINE, GRAVE, SCHEMES, found, settled
from e2e.people import ask, chromium, into_the_room, person, session_of
from e2e.serving import serving
from playwright.async_api import Page, expect

Blemishes = dict[str, list[str]]


async def look(page: Page, name: str, blemishes: Blemishes) -> None:
    """A page of our own has nothing serious."""
    for scheme in SCHEMES:
        await settled(page, scheme)
        grave = [str(one) for one in await found(page) if one["impact"] in GRAVE]
        if grave:
            blemishes[f"{name}, {scheme}"] = grave


async def look_at_room(page: Page, name: str, blemishes: Blemishes) -> None:
    """The room breaks no rule that JupyterLab keeps. In its light theme: which one it has, people choose in its menu."""
    stock = set(json.loads(BASELINE.read_text())["rules"])
    if more := [str(one) for one in await found(page) if one["id"] not in stock]:
        blemishes[name] = more


async def come_in(staff: Page, candidate: Page, links: dict[str, str], blemishes: Blemishes) -> None:
    await staff.goto(links["interviewer"])
    await look(staff, "sign-in", blemishes)
    await staff.click("#go")
    await staff.wait_for_url("**/sessions/s-*")
    await look(staff, "session", blemishes)
    session = staff.url
    await staff.goto(f"{staff.url.partition('/services/')[0]}/services/greenroom/")
    await staff.get_by_text("What is observed, and which languages run").click()
    await look(staff, "sessions and a new one", blemishes)
    await staff.goto(session)
    await candidate.goto(links["candidate"])
    await look(candidate, "invitation", blemishes)
    await candidate.click("#go")
    agree = candidate.get_by_role("button", name="I agree", exact=True)
    await agree.wait_for()
    await look(candidate, "consent", blemishes)
    await agree.click()
    await candidate.get_by_role("button", name="Look at five dots").wait_for()
    await look(candidate, "device check", blemishes)
    await ask(candidate, "POST", f"sessions/{session_of(candidate)}/arrive", {})
    await candidate.reload()
    await candidate.get_by_role("heading", name="Lobby").wait_for()
    await look(candidate, "lobby", blemishes)


async def test_nothing_serious_is_found_by_axe(tmp_path: Path) -> None:
    blemishes: Blemishes = {}
    async with serving(tmp_path / "data") as served, chromium() as browser:
        staff, candidate = await person(browser), await person(browser)
        await come_in(staff, candidate, served.links, blemishes)
        await ask(staff, "POST", f"sessions/{session_of(staff)}/open", {})
        for page in (staff, candidate):
            await into_the_room(page)
        await look_at_room(candidate, "room of the candidate", blemishes)
        await look_at_room(staff, "room of the interviewer", blemishes)
        await candidate.get_by_role("button", name="Hand in", exact=True).click()
        await candidate.locator(".jp-Dialog").get_by_role("button", name="Hand in").click()
        await expect(candidate.get_by_text("Handed in at")).to_be_visible()
        await look(candidate, "handed in", blemishes)
        await candidate.goto(f"{candidate.url.partition('/s/')[0]}/verify")
        await look(candidate, "verify", blemishes)
        await staff.goto(f"{staff.url.partition('/room/')[0]}/sessions/{session_of(staff)}")
        await expect(staff.get_by_role("link", name="Files that cells wrote")).to_be_visible()
        await look(staff, "session with its timeline", blemishes)
    assert not blemishes, json.dumps(blemishes, indent=2)
