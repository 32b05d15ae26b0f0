"""Two people on one notebook, and what is timed between them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page


BETWEEN_KEYS = 60  # ms; a fast typist
BETWEEN_RUNS = 0.05  # seconds, so that what follows a run in a page does not meet the next one


@dataclass(frozen=True, slots=True)
class Stage:
    """One person's page and another's, each with the notebook open."""

    one: Page
    other: Page

    @property
    def pages(self) -> tuple[Page, Page]:
        """Both."""
        return self.one, self.other

    async def warm(self) -> None:
        """Returns when the notebook stands in both pages and the kernel has run a cell for them."""
        for page in self.pages:
            await _editor(page, 1).wait_for()
        while True:  # a kernel that is just starting may not take the first one
            try:
                async with asyncio.timeout(10):
                    await self.run()
                    return
            except TimeoutError:
                continue

    async def run(self) -> float:
        """Ctrl-Enter in one page until the output stands in both, ms."""
        await _editor(self.one, 1).click()
        former = await self.one.evaluate("bench.printed()")
        heard = [asyncio.ensure_future(page.evaluate("former => bench.prints(former)", former)) for page in self.pages]
        await self.one.keyboard.press("Control+Enter")
        shown = await asyncio.gather(*heard)
        assert shown[0]["text"] == shown[1]["text"], shown
        await asyncio.gather(*(page.evaluate("bench.rested()") for page in self.pages))
        await asyncio.sleep(BETWEEN_RUNS)
        pressed = float(await self.one.evaluate("bench.pressed"))
        return max(float(one["time"]) for one in shown) - pressed

    async def type(self, count: int) -> list[float]:
        """Keys pressed in one page until they stand in the other, ms each."""
        await _editor(self.one, 0).click()
        for key in ("Control+a", "Delete", "#"):  # a comment: nothing to complete or to close
            await self.one.keyboard.press(key)
        await asyncio.gather(*(page.evaluate("bench.emptied()") for page in self.pages))
        for page in self.pages:
            await page.evaluate("bench.forget()")
        await self.one.keyboard.type("7" * count, delay=BETWEEN_KEYS)
        seen: list[float] = await self.other.evaluate("count => bench.arrived(count)", count)
        pressed: list[float] = await self.one.evaluate("bench.keys")
        return [shown - press for press, shown in zip(pressed, seen, strict=True)]


def _editor(page: Page, number: int) -> Locator:
    return page.locator(".jp-Notebook .jp-CodeCell").nth(number).locator(".cm-content")
