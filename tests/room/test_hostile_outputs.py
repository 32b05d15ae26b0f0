"""A cell must not attack its reader: a table of hostile outputs, shown to every seat in a real browser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser
from playwright.async_api import Frame as Inner
from playwright.async_api import Page as Tab
from room.hostile_outputs import HTML, MARKDOWN, PLOTS, REST, RUNS, TRAP, WIDGETS
from room.staging import JupyterGuest, Page, Stage, stage, until
from room.tabs import Watch, chromium, tab_of, trap

SEATS = ("iva", "ole", "cleo")  # interviewer, observer, candidate
A_CELL = 20  # outputs: JupyterLab hides those after the fiftieth


@pytest.fixture
async def room(tmp_path_factory: Any, guest: JupyterGuest) -> AsyncIterator[Stage]:
    async with stage(tmp_path_factory.mktemp("house"), guest) as made:
        await made.begin()
        yield made


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as made:
        yield made


async def print_all(cleo: Page, outputs: list[tuple[str, str, object]], name: str) -> None:
    """Prints outputs as a cell does, some in each of several new cells."""
    for start in range(0, len(outputs), A_CELL):
        id_ = f"{name}{start}"
        cleo.insert(len(cleo.cells), id=id_)
        shown = [(type_, text) for _, type_, text in outputs[start : start + A_CELL]]
        source = f"for type_, text in {shown!r}:\n    display({{type_: text}}, raw=True)"
        assert await cleo.run(id_, source, request=start + len(cleo.notices) + 1) == "ok"


async def in_frames(tab: Tab) -> set[str]:
    """The names of what runs in frames."""
    found = set()
    for frame in framed(tab):
        try:
            found.add(str(await asyncio.wait_for(frame.evaluate("window.spoken"), 5)))
        except Exception:  # noqa: BLE001 - a frame that leads nowhere, or was taken away meanwhile, says nothing
            continue
    return found


def framed(tab: Tab) -> list[Inner]:
    return [frame for frame in tab.frames if frame.parent_frame is tab.main_frame]


async def wait_for_frames(tab: Tab, names: set[str]) -> None:
    for _ in range(120):
        await tab.evaluate("for (const one of document.querySelectorAll('.jp-OutputArea')) one.scrollIntoView()")
        if not (missing := names - await in_frames(tab)):
            return
        await tab.wait_for_timeout(250)
    raise AssertionError(f"never ran in a frame: {sorted(missing)}")


async def press_everything(tab: Tab) -> None:
    """Presses all that can be pressed in outputs, but links that leave by themselves: those are looked at."""
    for trap_ in await tab.query_selector_all(".jp-OutputArea :is(a, button, summary, area, [type=submit])"):
        href = await trap_.get_attribute("href") or ""
        if not href.startswith("http"):
            await trap_.dispatch_event("click")
        elif await trap_.get_attribute("target") != "_blank" or "noopener" not in (
            await trap_.get_attribute("rel") or ""
        ):
            raise AssertionError(f"a link to {href} gives its reader's page away")
    for frame in framed(tab):
        await frame.evaluate("document.querySelectorAll('a, button, [type=submit]').forEach(one => one.click?.())")


OVER = """() => [[5, 5], [innerWidth - 5, 5], [5, innerHeight - 5], [innerWidth / 2, 12]]
  .map(([x, y]) => document.elementFromPoint(x, y)?.closest('.jp-OutputArea, .gr-frame')?.outerHTML).find(Boolean) ?? null"""


async def held(tab: Tab, address: str, watch: Watch) -> None:
    """Nothing ran in the page, nothing left it, nothing is hidden or lies over it."""
    await press_everything(tab)
    assert tab.url.split("?")[0].startswith(address)
    assert await tab.evaluate("document.readyState") == "complete"
    assert await tab.evaluate("window.spoken ?? null") is None
    assert await tab.evaluate("typeof window.clobbered") == "undefined"
    assert await tab.is_visible(".jp-Notebook")
    assert await tab.evaluate(OVER) is None, "an output lies over the page"
    inside = ".jp-OutputArea :is(script, object, embed, base, meta, link, form[action], [onerror], [onload], [onclick])"
    assert await tab.locator(inside).count() == 0
    assert await tab.locator(".jp-OutputArea [data-commandlinker-command]").count() == 0
    assert watch.dialogs == []
    assert watch.pages == []
    for frame in framed(tab):
        assert await frame.evaluate("self.origin") == "null"
        if frame.url.endswith("/greenroom/frame"):  # others lead nowhere: what wanted to leave was stopped
            assert await frame.evaluate("typeof RTCPeerConnection") == "undefined"


async def test_no_payload_reaches_a_reader_in_any_seat(room: Stage, browser: Browser) -> None:
    async with trap() as (address, asked):
        cleo = await room.page("cleo")
        runs: list[tuple[str, str, object]] = [(name, HTML, text) for name, text in RUNS.items()]
        outputs = [*runs, *REST, *PLOTS, ("end", MARKDOWN, "**the-end**")]
        assert len(outputs) >= 80
        tabs = [await tab_of(browser, room, who) for who in SEATS]
        watches = [Watch() for _ in tabs]
        for tab, watch in zip(tabs, watches, strict=True):
            watch.over(tab)
        await print_all(cleo, [(name, type_, aimed(text, address)) for name, type_, text in outputs], "hostile")
        for again in (False, True):
            for tab, watch in zip(tabs, watches, strict=True):
                if again:
                    await tab.reload()
                await wait_for_frames(tab, set(RUNS))
                await tab.wait_for_selector(".jp-OutputArea :text('the-end')")
                await held(tab, room.base, watch)
        assert asked == [], "something left a page"


async def test_no_widget_reaches_a_reader_in_any_seat(room: Stage, browser: Browser) -> None:
    async with trap() as (address, asked):
        cleo = await room.page("cleo")
        cleo.insert(0, id="own")
        await until(lambda: any(cell["id"] == "own" for cell in cleo.cells))
        tabs = [await tab_of(browser, room, who) for who in SEATS]
        watches = [Watch() for _ in tabs]
        assert await cleo.run("own", WIDGETS.replace(TRAP, address)) == "ok"
        for tab, watch in zip(tabs, watches, strict=True):
            watch.over(tab)
            await tab.wait_for_selector(".widget-html-content :text('shown-widget')")
            await wait_for_frames(tab, {"anywidget"})
            await tab.wait_for_selector(".gr-frame-note:has-text('its program is at')")
            notes = tab.locator(".gr-frame-note", has_text="a program of its own, which does not run in this room")
            await notes.first.wait_for()
            await held(tab, room.base, watch)
            assert await tab.locator(".widget-html-content :is(script, style, iframe, [onerror])").count() == 0
        assert asked == [], "something left a page"


def aimed(text: object, address: str) -> object:
    if isinstance(text, str):
        return text.replace(TRAP, address)
    if isinstance(text, dict):
        return {key: aimed(value, address) for key, value in text.items()}
    return [aimed(one, address) for one in text] if isinstance(text, list) else text
