"""A cell's output is the candidate's speech: shown in a real browser, and nothing of it runs there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from greenroom_hub.room.lab_page import POLICY
from playwright.async_api import Page as Tab
from playwright.async_api import async_playwright
from room.staging import NOTEBOOK, JupyterGuest, Page, Stage, stage, until

QUIET = ("--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync")

# Everything here would set `spoken` in the reader's page, leave it, or hide it, if it ran.
SET = "window.spoken = 1"
HOSTILE = {
    "html": f"""
<script>{SET}</script><img src="x:" onerror="{SET}"><svg onload="{SET}"><script>{SET}</script></svg>
<a id="trap" class="trap" href="javascript:{SET}">link</a><details open ontoggle="{SET}">more</details>
<iframe srcdoc="<script>parent.spoken = 1</script>"></iframe><form action="javascript:{SET}"><button>go</button></form>
<object data="data:text/html,<script>parent.spoken=1</script>"></object><meta http-equiv="refresh" content="0;url=/away">
<base href="/away/"><style>body {{ display: none !important }}</style>
<button data-commandlinker-command="notebook:trust" data-commandlinker-args="{{}}">trust</button>
<div class="jp-Dialog" style="position: fixed; inset: 0; z-index: 99999">over it all</div><b>shown-html</b>""",
    "markdown": f"""**shown-markdown** <script>{SET}</script><img src="x:" onerror="{SET}">
[one](javascript:window.spoken=1) <style>body {{ display: none !important }}</style>
$\\href{{javascript:window.spoken=1}}{{\\text{{two}}}}$""",
    "latex": "$\\href{javascript:window.spoken=1}{\\text{shown-latex}}$",
    "svg": f"""<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="{SET}"><script>{SET}</script>
<foreignObject><img xmlns="http://www.w3.org/1999/xhtml" src="x:" onerror="{SET}"/></foreignObject></svg>""",
}

SHOW = f"""
from IPython.display import display, publish_display_data as show, HTML, Javascript
for type_, text in {list(HOSTILE.items())!r}:
    type_ = {{'svg': 'image/svg+xml'}}.get(type_, 'text/' + type_)
    show({{type_: text}}, metadata={{type_: {{'unconfined': True}}}})
show({{'text/html': "<script>{SET}</script><i>shown-isolated</i>"}}, metadata={{'text/html': {{'isolated': True}}}})
display(Javascript('{SET}'))
show({{'text/javascript': '{SET}', 'text/plain': 'x'}})
"""

WIDGETS = f"""
import ipywidgets as w, traitlets
hostile = {HOSTILE["html"]!r}
class Any(w.DOMWidget):
    _model_name = traitlets.Unicode('AnyModel').tag(sync=True)
    _model_module = traitlets.Unicode('anywidget').tag(sync=True)
    _model_module_version = traitlets.Unicode('~0.9.*').tag(sync=True)
    _view_name = traitlets.Unicode('AnyView').tag(sync=True)
    _view_module = traitlets.Unicode('anywidget').tag(sync=True)
    _view_module_version = traitlets.Unicode('~0.9.*').tag(sync=True)
    _esm = traitlets.Unicode('{SET}; export default {{}}').tag(sync=True)
out = w.Output()
with out: print('inside')
display(w.IntSlider(3, description='<img src="x:" onerror="{SET}">', style={{'description_allow_html': True}}))
display(w.HTML(hostile, description='slid'), w.HTMLMath(hostile), out)
display(Any())
"""

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
    async with stage(tmp_path_factory.mktemp("house"), guest) as made, async_playwright() as play:
        await made.begin(notebook={**NOTEBOOK, "cells": trusted})
        browser = await play.chromium.launch(executable_path="/usr/bin/chromium", args=list(QUIET))
        context = await browser.new_context()
        name, _, secret = (await made.cookie("iva")).partition("=")
        await context.add_cookies([{"name": name, "value": secret, "url": f"http://127.0.0.1:{made.port}"}])
        tab, cleo = await context.new_page(), await made.page("cleo")
        await tab.goto(f"{made.base}/lab")
        await tab.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=30_000)
        yield made, cleo, tab
        await browser.close()


async def own_cell(cleo: Page) -> str:
    """A cell as JupyterLab inserts it: trusted, it says."""
    cleo.insert(0, id="own", metadata={"trusted": True})
    await until(lambda: any(cell["id"] == "own" for cell in cleo.cells))
    return "own"


async def held(tab: Tab, address: str) -> None:
    """Nothing ran, nothing left, nothing is hidden."""
    for trap in await tab.query_selector_all(".jp-OutputArea a, .jp-OutputArea button, .jp-OutputArea summary"):
        await trap.dispatch_event("click")
    assert await tab.evaluate("document.readyState") == "complete"
    assert await tab.evaluate("window.spoken") is None
    assert tab.url.split("?")[0].startswith(address)
    assert await tab.is_visible(".jp-Notebook")
    over = "() => document.elementFromPoint(5, 5)?.closest('.jp-OutputArea') === null"
    assert await tab.evaluate(over), "an output lies over the page"


async def test_an_output_runs_nothing_and_hides_nothing(shown: tuple[Stage, Page, Tab]) -> None:
    made, cleo, tab = shown
    assert await cleo.run(await own_cell(cleo), SHOW) == "ok"
    for word in ("shown-html", "shown-markdown"):
        await tab.wait_for_selector(f".jp-OutputArea :text('{word}')")
    await tab.wait_for_selector(".jp-RenderedSVG img[src^='data:image/svg']", state="attached")
    await held(tab, made.base)
    assert "trusted" not in str(await made.notebook()), "the file that is handed in trusts nothing either"
    inside = ".jp-OutputArea :is(script, object, base, meta, form[action], [onerror], [onload])"
    assert await tab.locator(inside).count() == 0
    assert await tab.locator(".jp-OutputArea [data-commandlinker-command]").count() == 0
    assert await tab.locator(".jp-OutputArea a[href^='javascript']").count() == 0
    await tab.reload()
    await tab.wait_for_selector(".jp-OutputArea :text('shown-html')", timeout=30_000)
    await held(tab, made.base)


async def test_widgets_are_shown_and_bring_no_program(shown: tuple[Stage, Page, Tab]) -> None:
    made, cleo, tab = shown
    assert await cleo.run(await own_cell(cleo), WIDGETS) == "ok"
    await tab.wait_for_selector(".jp-OutputArea .widget-slider")
    await tab.wait_for_selector(".widget-html-content :text('shown-html')")
    await tab.wait_for_selector(".jp-OutputArea .jp-OutputArea :text('inside')")
    await held(tab, made.base)
    assert await tab.locator(".widget-html-content :is(script, style, iframe, [onerror])").count() == 0


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
