"""A pause in a real browser: what was on its way when it began is not lost, and nothing can be typed meanwhile."""

from __future__ import annotations

from pathlib import Path

from greenroom_hub.room.room import AGAIN
from greenroom_proctor.words import Action
from playwright.async_api import expect
from room.staging import NoGuests, stage
from room.tabs import PATIENCE, chromium, tab_of

expect.set_options(timeout=PATIENCE)

# The line to the service swallows what the page says about the notebook while `lost` is set.
LOSE = """() => {
  const send = WebSocket.prototype.send
  WebSocket.prototype.send = function (data) {
    if (!(window.lost && this.url.endsWith('/document'))) send.call(this, data)
  }
}"""


async def test_what_was_on_its_way_into_a_pause_is_there_when_the_session_goes_on(tmp_path: Path) -> None:
    async with stage(tmp_path / "house", NoGuests()) as made, chromium() as browser:
        await made.begin()
        tab = await tab_of(browser, made, "cleo", kernel=False)
        await tab.evaluate(LOSE)
        await tab.evaluate("window.lost = true")
        cell = tab.locator(".jp-CodeCell .cm-content").first
        await cell.click()
        await tab.keyboard.type("kept = 1")
        await made.house.sessions.act(made.session, Action.PAUSE, "iva")
        await expect(tab.locator(".gr-time")).to_contain_text("Paused")
        await tab.evaluate("window.lost = false")
        room = await made.house.rooms.open(made.session)
        for member in list(room.members):
            member.line.close(AGAIN, "as a network does")
        await expect(tab.get_by_text("Your last change was not taken: the session is paused.")).to_be_visible()
        await expect(cell).to_have_text("")

        await cell.click()
        await tab.keyboard.type("lost = 2")
        await expect(tab.get_by_text("The session is paused. You can read")).to_be_visible()
        await expect(cell).to_have_text("")

        await made.house.sessions.act(made.session, Action.RESUME, "iva")
        await expect(cell).to_have_text("kept = 1")
        await cell.click()
        await tab.keyboard.press("End")
        await tab.keyboard.type(" + 1")
        await expect(cell).to_have_text("kept = 1 + 1")
        await expect(tab.locator(".gr-saved")).to_have_text("Saved")
        assert room.document.notebook()["cells"][1]["source"] == "kept = 1 + 1"
