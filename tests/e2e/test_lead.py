"""The interviewer's side of the room, with a mouse and a keyboard; and that nothing of it comes to the candidate's browser."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from e2e.people import arrive, ask, cell, chromium, enter, into_the_room, person, write
from e2e.serving import serving
from greenroom_hub.settings import PREFIX
from playwright.async_api import Page, Response, WebSocket, expect

SECRETS = ("a zebra in a note", "a zebra on the card", "a zebra in the brief", "a zebra in the solution")


def _cell(id: str, kind: str = "code", **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"cell_type": kind, "id": id, "metadata": {}, "source": "", **more}
    return made if kind == "markdown" else {**made, "outputs": [], "execution_count": None}


def _notebook(*cells: dict[str, Any]) -> dict[str, Any]:
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


MORE = _notebook(
    _cell("more", "markdown", source="## Now the owls", metadata={"editable": False}), _cell("more-answer")
)
HIDDEN = {"b.md": SECRETS[2], "s.py": f"# %% one\n# {SECRETS[3]}", "owls.ipynb": json.dumps(MORE)}
TEMPLATE = {
    "name": "birds",
    "title": "Birds",
    "notebook": _notebook(_cell("task", "markdown", source="# Count the birds"), _cell("one"), _cell("two")),
    "policy": {"signals": {}},
    "rubric": [
        {"criterion": "Doubts", "levels": ["takes it as it is", "looks", "asks"]},
        {"criterion": "Draws", "levels": ["no picture", "an honest one"]},
    ],
    "brief": "b.md",
    "solution": "s.py",
    "tasks": ["owls.ipynb"],
    "hidden": {name: base64.b64encode(text.encode()).decode() for name, text in HIDDEN.items()},
}


class Traffic:
    """All that a browser ever received: answers and messages of websockets."""

    def __init__(self, page: Page) -> None:
        self.parts: list[bytes] = []
        page.on("response", self._answered)
        page.on("websocket", self._opened)

    async def _answered(self, response: Response) -> None:
        if "/static/" not in response.url and "static/" not in response.url and response.status == 200:
            try:
                self.parts.append(await response.body())
            except Exception:  # noqa: BLE001 - the page was left before its body could be read
                self.parts.append(b"")

    def _opened(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda data: self.parts.append(data if isinstance(data, bytes) else data.encode()))

    def has(self, text: str) -> bool:
        """Whether it was anywhere in there."""
        return any(text.encode() in part for part in self.parts)


async def test_an_interviewer_leads_and_the_candidate_s_browser_gets_none_of_it(tmp_path: Path) -> None:
    async with serving(tmp_path / "data") as served, chromium() as browser:
        staff = await enter(await person(browser), served.links["interviewer"])
        await ask(staff, "POST", "templates", TEMPLATE)
        session = (await ask(staff, "POST", "sessions", {"template": "birds", "candidate": "Jo"}))["id"]
        link = (await ask(staff, "POST", f"sessions/{session}/invitations", {}))["url"]
        candidate = await person(browser)
        traffic = Traffic(candidate)
        await arrive(await enter(candidate, link))
        await staff.goto(f"http://127.0.0.1:{served.port}{PREFIX}sessions/{session}")
        await into_the_room(staff)
        await staff.get_by_role("tab", name="Interview").click()
        panel = staff.get_by_role("region", name="Interview")
        await panel.get_by_role("button", name="Open the door").click()
        await candidate.wait_for_url("**/room/**")
        await cell(candidate, 0).wait_for()

        # Time
        await expect(panel.get_by_role("timer")).to_contain_text("Live")
        await panel.get_by_role("button", name="Pause").click()
        await expect(candidate.locator(".gr-header")).to_contain_text("Paused")
        await panel.get_by_role("button", name="Go on").click()
        await panel.get_by_role("button", name="5 minutes more").click()
        await expect(candidate.locator(".gr-header")).to_contain_text("1:04:")

        # A note about a cell, the brief, and the scorecard
        await cell(staff, 1).locator(".jp-InputPrompt").click()
        await panel.get_by_label("Private note", exact=True).fill(SECRETS[0])
        await panel.get_by_label("About the selected cell").check()
        await panel.get_by_role("button", name="Keep the note").click()
        await expect(panel.locator(".gr-memos li")).to_contain_text(SECRETS[0])
        await expect(panel.locator(".gr-memos li").get_by_role("button", name="about cell 3")).to_be_visible()
        await panel.get_by_text("What to look for").click()
        await expect(panel.get_by_text(SECRETS[2])).to_be_visible()
        await panel.get_by_text("Reference solution").click()
        await expect(panel.get_by_text(SECRETS[3])).to_be_visible()
        await panel.get_by_role("group", name="Doubts").get_by_label("asks", exact=True).check()
        await panel.get_by_label("In a few sentences").fill(SECRETS[1])
        await panel.get_by_label("Rather yes").check()
        await expect(panel.get_by_text("Saved as a draft.")).to_be_visible()

        # A further task comes to the candidate; a cell is locked and unlocked.
        await panel.get_by_role("button", name="Push “Now the owls”").click()
        await expect(candidate.get_by_role("heading", name="Now the owls")).to_be_visible()
        await candidate.get_by_role("button", name="Show it").click()
        await expect(panel.get_by_role("button", name="“Now the owls” is in the notebook")).to_be_disabled()
        await write(candidate, 2, "owls = 2")
        await expect(cell(staff, 2)).to_contain_text("owls = 2")
        await cell(staff, 0).locator(".jp-InputPrompt").click()
        await panel.get_by_role("button", name="Lock this cell").click()
        await expect(panel.get_by_role("button", name="Unlock this cell")).to_be_visible()
        locked = cell(candidate, 0).locator(".cm-editor.jp-mod-readOnly")
        await expect(locked).to_be_visible()
        await cell(candidate, 0).locator(".cm-content").click()
        await candidate.keyboard.insert_text("not taken")
        await write(candidate, 1, "taken")
        await expect(cell(staff, 1)).to_contain_text("taken")
        await expect(cell(staff, 0)).not_to_contain_text("not taken")
        await panel.get_by_role("button", name="Unlock this cell").click()
        await expect(panel.get_by_role("button", name="Lock this cell")).to_be_visible()
        await expect(locked).to_have_count(0)
        await write(candidate, 0, "now it is")
        await expect(cell(staff, 0)).to_contain_text("now it is")

        # Handed in, on the session's page this time.
        await staff.goto(f"http://127.0.0.1:{served.port}{PREFIX}sessions/{session}")
        card = staff.get_by_role("region", name="Scorecard", exact=True)
        await expect(card.get_by_label("In a few sentences")).to_have_value(SECRETS[1])
        await card.get_by_role("button", name="Hand in the scorecard").click()
        await staff.get_by_role("dialog").get_by_role("button", name="Hand it in").click()
        await expect(card).to_contain_text("3 of 3: asks")
        await expect(card.get_by_role("button")).to_have_count(0)

        # The candidate loads everything again, and whatever their browser may ask for.
        await ask(staff, "POST", f"sessions/{session}/remarks", {"text": "a giraffe in the chat"})
        await candidate.reload()
        await cell(candidate, 0).wait_for()
        for what in ("remarks", "timeline", "export", ""):
            path = f"{PREFIX}api/v1/sessions/{session}/{what}".rstrip("/")
            assert await candidate.evaluate("async path => (await fetch(path)).status", path) == 200
        for what in ("memos", "scorecard", "brief"):
            path = f"{PREFIX}api/v1/sessions/{session}/{what}"
            assert await candidate.evaluate("async path => (await fetch(path)).status", path) == 403
        await expect(candidate.locator(".gr-header")).to_contain_text("Saved")
        assert traffic.has("a giraffe in the chat"), "or nothing was listened to"
        assert traffic.has("Count the birds"), "the document, which is binary"
        assert [text for text in SECRETS if traffic.has(text)] == []
