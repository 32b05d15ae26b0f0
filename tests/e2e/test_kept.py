"""Edits that the service has not acknowledged survive a reload, in a real browser while the service is gone."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from e2e import test_serve
from e2e.serving import serving
from e2e.test_serve import begin, enter
from playwright.async_api import Browser, expect

chromium = test_serve.chromium  # the fixture
PATIENCE = 120_000  # milliseconds until a step is given up


def service_of(parent: int) -> int:
    """The service's process below `greenroom serve`."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return next(int(pid) for pid in children if b"greenroom_hub.service" in Path(f"/proc/{pid}/cmdline").read_bytes())


async def test_what_was_typed_while_the_service_was_gone_survives_a_reload(tmp_path: Path, chromium: Browser) -> None:
    async with serving(tmp_path / "data") as served:
        interviewer = await enter(chromium, served.links["interviewer"])
        candidate = await enter(chromium, served.links["candidate"])
        session = await begin(candidate, interviewer)
        room = f"http://127.0.0.1:{served.port}/services/greenroom/room/{session}/lab"
        await candidate.goto(room)
        editor = candidate.locator(".jp-Notebook .jp-CodeCell .cm-content").first
        await editor.wait_for(timeout=PATIENCE)
        await editor.click()
        os.kill(service_of(served.process.pid), signal.SIGKILL)
        await candidate.keyboard.type("kept_over_a_reload = 1")
        await candidate.goto("about:blank")
        for _ in range(60):
            try:
                await candidate.goto(room, timeout=PATIENCE)
                await candidate.locator(".jp-Notebook").wait_for(timeout=20_000)
                break
            except Exception:  # noqa: BLE001 - the service is still starting
                continue
        shown = candidate.locator(".jp-Notebook").get_by_text("kept_over_a_reload")
        await expect(shown.first).to_be_visible(timeout=PATIENCE)
