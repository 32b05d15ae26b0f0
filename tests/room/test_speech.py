"""A cell's output is the candidate's speech: shown in a real browser, and nothing of it runs there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from greenroom_hub.room.lab_page import POLICY
from playwright.async_api import Page as Tab
from room.staging import NOTEBOOK, JupyterGuest, Page, Stage, stage, until
from room.tabs import chromium, tab_of

# As pandas' Styler writes it
STYLER = """<style type="text/css">#T_1_row0_col0 { background-color: rgb(1, 2, 3); } body { display: none }</style>
<table id="T_1"><tbody><tr><td id="T_1_row0_col0" class="data row0 col0">1</td></tr></tbody></table>"""

GOOD = """
import matplotlib; matplotlib.use('agg')
import io, pandas, matplotlib.pyplot as plt
from IPython.display import HTML, SVG, Image, display
frame = pandas.DataFrame({'a': [1, 2], 'b': [3, 4]})
display(frame)
display(HTML(STYLER))
for format, kind in (('png', Image), ('svg', SVG)):
    held = io.BytesIO(); plt.plot([1, 2]); plt.savefig(held, format=format); display(kind(held.getvalue()))
"""


@pytest_asyncio.fixture
async def shown(tmp_path_factory: Any, guest: JupyterGuest) -> AsyncIterator[tuple[Stage, Page, Tab]]:
    """A live room, the candidate's connection, and the interviewer's JupyterLab in a real browser."""
    trusted = [{**cell, "metadata": {**cell["metadata"], "trusted": True}} for cell in NOTEBOOK["cells"]]
    async with stage(tmp_path_factory.mktemp("house"), guest) as made, chromium() as browser:
        await made.begin(notebook={**NOTEBOOK, "cells": trusted})
        yield made, await made.page("cleo"), await tab_of(browser, made, "iva")


async def test_nobodys_output_is_trusted_in_the_file_that_is_handed_in(shown: tuple[Stage, Page, Tab]) -> None:
    made, cleo, _ = shown
    cleo.insert(0, id="own", metadata={"trusted": True})  # as JupyterLab inserts it
    await until(lambda: any(cell["id"] == "own" for cell in cleo.cells))
    assert await cleo.run("own", "display(1)") == "ok"
    assert "trusted" not in str(await made.notebook())


async def test_tables_pictures_and_styles_still_show(shown: tuple[Stage, Page, Tab]) -> None:
    _, cleo, tab = shown
    assert await cleo.run("one", f"STYLER = {STYLER!r}{GOOD}") == "ok"
    await tab.wait_for_selector(".jp-RenderedSVG img", state="attached")
    await tab.wait_for_selector(".jp-RenderedImage img", state="attached")
    for picture in (".jp-RenderedSVG img", ".jp-RenderedImage img"):
        size = (
            f"async () => {{ const i = document.querySelector('{picture}'); await i.decode(); return i.naturalWidth }}"
        )
        assert await tab.evaluate(size) > 100
    assert await tab.locator(".jp-OutputArea table.dataframe td").count() == 4
    colour = await tab.locator(".jp-OutputArea td.col0.data").first.evaluate(
        "td => getComputedStyle(td).backgroundColor"
    )
    assert colour == "rgb(1, 2, 3)"


async def test_the_page_runs_no_inline_script_and_no_event_attribute(shown: tuple[Stage, Page, Tab]) -> None:
    _, _, tab = shown
    scripts = next(part for part in POLICY.split(";") if part.strip().startswith("script-src"))
    assert "unsafe-inline" not in scripts
    await tab.evaluate(
        """() => { const box = document.createElement('div'); document.body.append(box)
        box.innerHTML = '<img src="x:" onerror="window.spoken = 1"><a href="javascript:window.spoken=1">a</a>'
        box.querySelector('a').click()
        const script = document.createElement('script'); script.textContent = 'window.spoken = 1'; box.append(script) }"""
    )
    await tab.evaluate("() => new Promise(done => { const i = new Image(); i.onerror = done; i.src = 'x:' })")
    assert await tab.evaluate("window.spoken") is None
