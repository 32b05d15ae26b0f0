"""The door opens, and the candidate wants to write: how long until the cursor stands in a cell."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from greenroom_hub.bench import room
from greenroom_hub.bench.browser import chromium
from greenroom_hub.bench.child import ON_DISK
from greenroom_hub.bench.measure import Measure, alone

TIMES = 7
BAR = 3.0  # seconds, of issue 2


async def door(quick: bool) -> list[Measure]:
    """From an interviewer's "open" until the candidate's click into the first cell has put the cursor there.

    The candidate waits in the lobby with the guest warm. Each has a browser that has never seen the room.
    """
    found = []
    with tempfile.TemporaryDirectory(prefix="gr-", dir=ON_DISK) as place:
        async with chromium() as browser, room.house(Path(place) / "ours", browser) as house:
            for _ in range(1 if quick else TIMES):
                session, page = await house.lobby()
                opened = time.time()
                await house.open_door(session)
                await page.wait_for_url("**/room/**", wait_until="commit")
                await page.locator(".jp-Notebook .jp-CodeCell .cm-content").first.click()
                found.append(float(await page.evaluate("bench.hasCursor()")) / 1000 - opened)
                await page.context.close()
                await house.end(session)
    return [alone("door-to-cursor", "s", found, BAR)]
