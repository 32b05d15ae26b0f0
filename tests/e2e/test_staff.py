"""What staff do on their pages, and what becomes of it for the candidate: in real browsers, on one running Greenroom."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from e2e.people import arrive, ask, cell, chromium, clip_camera, enter, into_the_room, person, run, session_of, write
from e2e.serving import serving
from e2e.untouched import tab
from playwright.async_api import Browser, Page, expect

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOTEBOOK: dict[str, Any] = {
    "cells": [
        {"cell_type": "markdown", "id": "task", "metadata": {}, "source": "# Count the birds"},
        {"cell_type": "code", "id": "one", "metadata": {}, "source": "", "outputs": [], "execution_count": None},
        {"cell_type": "code", "id": "two", "metadata": {}, "source": "", "outputs": [], "execution_count": None},
    ],
    "metadata": {},
    "nbformat": 4,
    "nbformat_minor": 5,
}
TEMPLATE = {
    "name": "birds",
    "title": "Birds",
    "description": "A short task.",
    "duration": 1200,
    "notebook": NOTEBOOK,
    "files": {"birds.csv": base64.b64encode(b"bird,count\nwren,7\n").decode()},
}

ARRIVE = """(async () => {
    const ask = (what, body) => fetch('/services/greenroom/api/v1/sessions/SESSION/' + what, {
        method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)
    });
    const {wording} = JSON.parse(document.body.dataset.props);
    return [(await ask('consent', {wording, accepted: true})).status, (await ask('arrive', {})).status];
})()"""


@dataclass
class Place:
    """A running Greenroom, a Chromium, and the demo's interviewer in it."""

    browser: Browser
    staff: Page
    url: str

    async def session(self, candidate: str) -> tuple[str, str]:
        """A session on the template of these tests, and its link."""
        made = await ask(self.staff, "POST", "sessions", {"template": "birds", "candidate": candidate})
        invitation = await ask(self.staff, "POST", f"sessions/{made['id']}/invitations", {})
        return made["id"], invitation["url"]

    async def look_at(self, session: str) -> Page:
        """The interviewer opens a session's page."""
        await self.staff.goto(f"{self.url}/services/greenroom/sessions/{session}")
        await self.staff.wait_for_selector('body[data-line="open"]')
        return self.staff

    async def colleague(self, name: str) -> Page:
        """Another interviewer, signed in by a link of their own."""
        await ask(self.staff, "PUT", f"people/{name}", {"display_name": name.title(), "role": "interviewer"})
        link = await ask(self.staff, "POST", f"people/{name}/link", {})
        return await enter(await person(self.browser), link["url"])

    async def in_the_room(self, candidate: str) -> tuple[Page, Page]:
        """A session that is live, with its two people in the room."""
        session, link = await self.session(candidate)
        page = await enter(await person(self.browser), link)
        await arrive(page)
        staff = await self.look_at(session)
        await staff.get_by_role("button", name="Open the door").click()
        await page.wait_for_url("**/room/**")
        await cell(page, 0).wait_for()
        return staff, page


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    async with serving(tmp_path_factory.mktemp("staff") / "data") as served, chromium() as browser:
        staff = await enter(await person(browser), served.links["interviewer"])
        await ask(staff, "POST", "templates", TEMPLATE)
        yield Place(browser, staff, f"http://127.0.0.1:{served.port}")


async def test_a_session_is_made_from_a_template_on_the_staff_page(place: Place) -> None:
    await place.colleague("ada")
    staff = place.staff
    await staff.goto(f"{place.url}/services/greenroom/")
    await staff.get_by_label("Candidate’s name").fill("Robin")
    await staff.get_by_label("Template", exact=True).select_option("Birds")
    await staff.get_by_label("Minutes").fill("25")
    await staff.get_by_role("checkbox", name="Ada").check()
    await staff.get_by_text("What is observed, and which languages run").click()
    await staff.get_by_label("Camera check").uncheck()
    await staff.get_by_text("Accommodations for this candidate").click()
    await staff.get_by_label("Extra time").fill("5")
    await staff.get_by_role("button", name="Make the session").click()
    await expect(staff.get_by_text("An accommodation needs a reason")).to_be_visible()
    await staff.get_by_label("Reason").fill("They type with one hand.")
    await staff.get_by_role("button", name="Make the session").click()
    link = await staff.get_by_label("Invitation link").input_value()
    await staff.get_by_role("link", name="Go to the session").click()
    await expect(staff.get_by_text("5 minutes more: They type with one hand.")).to_be_visible()
    await expect(staff.get_by_text("Waiting for the candidate")).to_be_visible()
    made = await ask(staff, "GET", f"sessions/{session_of(staff)}")
    assert (made["candidate"], made["clock"]["duration"]) == ("Robin", 1800)
    assert (made["policy"]["signals"]["face"], made["policy"]["signals"]["fullscreen"]) == ("off", "on")
    assert made["policy"]["calibration"] is False
    seats = await ask(staff, "GET", f"sessions/{session_of(staff)}/seats")
    assert {(seat["person"], seat["seat"]) for seat in seats} == {
        ("interviewer", "interviewer"),
        ("ada", "interviewer"),
    }

    candidate = await enter(await person(place.browser), link)
    for check in ("by the camera", "Your camera"):  # a call or a look, which are asked for, may use it yet
        await expect(candidate.locator("dl.signals")).not_to_contain_text(check)
    await expect(candidate.get_by_text("30 minutes").first).to_be_visible()
    await arrive(candidate)
    await staff.get_by_role("button", name="Open the door").click()
    await candidate.wait_for_url("**/room/**")
    await expect(await run(candidate, 0, "print(open('birds.csv').read())")).to_contain_text("wren,7")


async def test_a_notebook_with_its_data_becomes_a_template_on_the_staff_page(place: Place, tmp_path: Path) -> None:
    (tmp_path / "Count_Owls.ipynb").write_text(json.dumps(NOTEBOOK))
    (tmp_path / "owls.csv").write_text("owl,count\ntawny,2\n")
    staff = place.staff
    await staff.goto(f"{place.url}/services/greenroom/")
    await staff.get_by_label("Candidate’s name").fill("Jay")
    await staff.get_by_text("Add a template of your own").click()
    await staff.get_by_label("Notebook", exact=True).set_input_files(tmp_path / "Count_Owls.ipynb")
    await staff.get_by_label("Data files").set_input_files(tmp_path / "owls.csv")
    await staff.get_by_role("button", name="Add the template").click()
    await expect(staff.get_by_text("“Count Owls” can be chosen above.")).to_be_visible()
    await expect(staff.get_by_label("Template", exact=True)).to_have_value("count_owls")
    await expect(staff.get_by_label("Candidate’s name")).to_have_value("Jay")
    made = next(one for one in await ask(staff, "GET", "templates") if one["name"] == "count_owls")
    assert made["files"] == ["owls.csv"]


async def test_a_browser_signed_in_as_staff_is_warned_before_it_becomes_the_candidate(place: Place) -> None:
    _, link = await place.session("Wren")
    colleague = await place.colleague("bob")
    other = await colleague.context.new_page()
    await other.goto(link)
    await expect(other.get_by_role("alert")).to_contain_text("This browser is signed in as bob.")
    await expect(other.get_by_role("alert")).to_contain_text("makes this browser the candidate's")
    await colleague.reload()
    await expect(colleague.get_by_role("heading", name="Sessions")).to_be_visible()  # reading it signs nobody out
    await other.click("#go")
    await expect(other.get_by_role("heading", name="What is recorded").first).to_be_visible()
    await colleague.reload()
    await expect(colleague.get_by_role("heading", name="Sessions")).not_to_be_visible()


async def test_declining_leads_to_the_page_that_says_whom_to_ask(place: Place) -> None:
    session, link = await place.session("Dunnock")
    candidate = await enter(await person(place.browser), link)
    await candidate.get_by_role("button", name="I do not agree").click()
    await candidate.wait_for_url("**/declined")
    await expect(candidate.get_by_role("main")).to_contain_text("ask the person who sent you the link")
    staff = await place.look_at(session)
    await expect(staff.get_by_text("The candidate did not agree to what is recorded")).to_be_visible()
    await enter(candidate, link)  # a mind can be changed
    await expect(candidate.get_by_role("button", name="I agree", exact=True)).to_be_visible()


async def test_a_link_that_was_taken_back_or_has_expired_says_so(place: Place) -> None:
    session, link = await place.session("Lark")
    staff = await place.look_at(session)
    await staff.get_by_role("button", name="Take back the link").click()
    await staff.get_by_role("button", name="Take it back").click()
    await expect(staff.get_by_text("Not opened yet. Taken back")).to_be_visible()
    candidate = await person(place.browser)
    await candidate.goto(link)
    await candidate.click("#go")
    await expect(candidate.get_by_role("main")).to_contain_text("This invitation was taken back")
    await expect(candidate.get_by_role("main")).to_contain_text("Ask")
    brief = await ask(staff, "POST", f"sessions/{session}/invitations", {"hours": 0.0001})
    await expect(staff.get_by_text(re.compile("Expired"))).to_be_visible()
    await candidate.goto(brief["url"])
    await candidate.click("#go")
    await expect(candidate.get_by_role("main")).to_contain_text("This invitation has expired")


async def test_pause_extend_and_going_on_reach_the_room(place: Place) -> None:
    staff, candidate = await place.in_the_room("Finch")
    header = candidate.locator(".gr-header")
    await write(candidate, 0, "before")
    await staff.get_by_role("button", name="Pause").click()
    await expect(header).to_contain_text("Paused – ")
    await expect(staff.get_by_text("The clock stands still, and the candidate can read")).to_be_visible()
    await candidate.keyboard.type(" meanwhile")
    left = await header.get_by_label("Time left").inner_text()
    await staff.get_by_role("button", name="5 minutes more").click()
    await expect(header.get_by_label("Time left")).not_to_have_text(left)
    minutes = int(left.partition(":")[0].rpartition(" ")[2])
    await expect(header.get_by_label("Time left")).to_contain_text(f"{minutes + 5}:")
    await staff.get_by_role("button", name="Go on").click()
    await expect(header).not_to_contain_text("Paused")
    await cell(candidate, 0).locator(".cm-content").click()
    await candidate.keyboard.press("Control+End")
    await candidate.keyboard.type(" after")
    await into_the_room(staff)
    await expect(cell(staff, 0)).to_contain_text("before after")


async def test_a_session_that_is_cancelled_says_so_to_the_candidate_who_waits(place: Place) -> None:
    session, link = await place.session("Heron")
    candidate = await enter(await person(place.browser), link)
    await arrive(candidate)
    await expect(candidate.get_by_role("heading", name="Lobby")).to_be_visible()
    staff = await place.look_at(session)
    await staff.get_by_role("button", name="Cancel the session").click()
    await staff.get_by_role("dialog").get_by_role("button", name="Cancel the session").click()
    await expect(candidate.get_by_role("heading", name="This session does not take place")).to_be_visible()
    again = await person(place.browser)
    await again.goto(link)
    await again.click("#go")
    await expect(again.get_by_role("main")).to_contain_text("This session does not take place")


async def test_an_interviewer_who_is_early_writes_what_the_candidate_finds(place: Place) -> None:
    session, link = await place.session("Swift")
    staff = await into_the_room(await place.look_at(session))
    await write(staff, 0, "# a question")
    await expect(staff.locator(".gr-header")).to_contain_text("Cells can be run once the candidate is in the lobby.")
    candidate = await enter(await person(place.browser), link)
    await arrive(candidate)
    await write(staff, 1, "print('and', 'one more')")
    await staff.keyboard.press("Control+Enter")
    await expect(cell(staff, 1).locator(".jp-OutputArea")).to_contain_text("and one more")
    await ask(staff, "POST", f"sessions/{session}/open", {})
    await candidate.wait_for_url("**/room/**")
    await expect(cell(candidate, 0)).to_contain_text("# a question")
    await expect(cell(candidate, 1).locator(".jp-OutputArea")).to_contain_text("and one more")


async def test_calibration_succeeds_with_a_face_that_looks_at_the_screen(place: Place, tmp_path: Path) -> None:
    made = {"template": "birds", "candidate": "Kestrel", "policy": {"calibration": True}}
    session = (await ask(place.staff, "POST", "sessions", made))["id"]
    link = (await ask(place.staff, "POST", f"sessions/{session}/invitations", {}))["url"]
    async with chromium(*clip_camera("01_looking", tmp_path)) as browser:
        candidate = await enter(await person(browser), link)
        await candidate.get_by_role("button", name="I agree", exact=True).click()
        worked = candidate.get_by_text("That worked: your face is read well where you sit.")
        outcome = worked.or_(candidate.get_by_text("The camera gave too few pictures."))
        for _ in range(6):  # as the page says, where a busy machine reads too few pictures in seven seconds
            await candidate.get_by_role("button", name="Look at five dots").click()
            await expect(candidate.get_by_role("dialog", name="Calibration")).to_be_visible()
            await expect(candidate.get_by_role("dialog", name="Calibration")).not_to_be_visible()
            await expect(outcome).to_be_visible()
            if await worked.is_visible():
                break
        await expect(worked).to_be_visible()
        await candidate.get_by_role("button", name="Go to the lobby").click()
        await expect(candidate.get_by_role("heading", name="Lobby")).to_be_visible()
        await place.staff.goto(f"{place.url}/services/greenroom/sessions/{session}")
        await expect(place.staff.get_by_text("The camera check was calibrated")).to_be_visible()
    events = await ask(place.staff, "GET", f"sessions/{session}/timeline")
    assert not [event for event in events if "without" in str(event["body"])]


async def test_a_hidden_page_is_observed_and_told(place: Place, tmp_path: Path) -> None:
    session, link = await place.session("Plover")
    async with tab(tmp_path / "profile") as candidate:
        await candidate.goto(link)
        await candidate.until("document.readyState === 'complete' && document.querySelector('#go')?.hidden === false")
        await candidate.tell("document.querySelector('#go').click()")
        await candidate.until("location.pathname.includes('/s/s-') && document.querySelector('main h1') !== null")
        assert await candidate.tell(ARRIVE.replace("SESSION", session)) == [200, 200]
        await ask(place.staff, "POST", f"sessions/{session}/open", {})
        await candidate.goto(f"{place.url}/services/greenroom/room/{session}/lab")
        await candidate.until("document.querySelector('.jp-CodeCell') !== null && !document.hidden")
        await candidate.tell("void (window.other = window.open('about:blank'))")
        await candidate.until("document.hidden")
        await candidate.until("document.body.textContent.includes('You left this page. Please stay on it')")
        await candidate.tell("window.other.close()")
        await candidate.until("!document.hidden")
    staff = await into_the_room(await place.look_at(session))
    await expect(staff.locator('[data-kind="tab_hidden"]').first).to_contain_text("This page was hidden: once")


async def test_a_window_that_lost_the_keyboard_is_noted_for_the_interviewer(place: Place) -> None:
    staff, candidate = await place.in_the_room("Curlew")
    browser = await candidate.context.new_cdp_session(candidate)
    await browser.send("Emulation.setFocusEmulationEnabled", {"enabled": False})
    other = await candidate.context.new_page()
    await other.bring_to_front()
    assert await candidate.evaluate("[document.hidden, document.hasFocus()]") == [False, False]
    await into_the_room(staff)
    await expect(staff.locator('[data-kind="focus_lost"]').first).to_contain_text(
        "Another window had the keyboard: once"
    )
