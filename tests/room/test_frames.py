"""What wants to run is shown in frames, for everybody: plots, HTML with programs, widgets that bring their own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import FrameLocator, expect
from playwright.async_api import Page as Tab
from room.staging import JupyterGuest, Page, Stage, stage
from room.tabs import PATIENCE, chromium, tab_of

expect.set_options(timeout=PATIENCE)

# As plotly, altair and a library with a program of its own publish them
PLOTS = """
figure = {'data': [{'type': 'bar', 'x': ['a', 'b'], 'y': [1, 2]}], 'layout': {'title': {'text': 'plotted'}}}
display({'application/vnd.plotly.v1+json': figure, 'text/html': '<b>not this</b>', 'text/plain': 'nor this'}, raw=True)
spec = {'$schema': 'https://vega.github.io/schema/vega-lite/v5.json', 'data': {'values': [{'a': 1, 'b': 2}]}}
spec |= {'mark': 'bar', 'title': 'drawn', 'encoding': {'x': {'field': 'a'}, 'y': {'field': 'b'}}}
display({'application/vnd.vegalite.v5+json': spec, 'text/plain': 'nor this'}, raw=True)
script = '<p id="p">waits</p><script>document.getElementById("p").textContent = "scripted"</script>'
display({'text/html': script}, raw=True)
"""

COUNTER = """
import ipywidgets as w, traitlets
class Counter(w.DOMWidget):
    _model_name = traitlets.Unicode('AnyModel').tag(sync=True)
    _model_module = traitlets.Unicode('anywidget').tag(sync=True)
    _model_module_version = traitlets.Unicode('~0.9.*').tag(sync=True)
    _view_name = traitlets.Unicode('AnyView').tag(sync=True)
    _view_module = traitlets.Unicode('anywidget').tag(sync=True)
    _view_module_version = traitlets.Unicode('~0.9.*').tag(sync=True)
    _esm = traitlets.Unicode('''export default { render({ model, el }) {
        const button = document.createElement('button')
        const say = () => { button.textContent = 'count ' + model.get('value') }
        button.onclick = () => { model.set('value', model.get('value') + 1); model.save_changes() }
        model.on('change:value', say); say(); el.append(button) } }''').tag(sync=True)
    value = traitlets.Int(0).tag(sync=True)
counter, heard = Counter(), w.Label('nothing')
counter.observe(lambda change: setattr(heard, 'value', f'kernel heard {change.new}'), 'value')
slider, label = w.IntSlider(3, description='slides'), w.Label('at 3')
slider.observe(lambda change: setattr(label, 'value', f'at {change.new}'), 'value')
display(w.VBox([slider, label, heard]), counter)
"""


@pytest.fixture
async def seats(tmp_path_factory: Any, guest: JupyterGuest) -> AsyncIterator[tuple[Stage, Page, dict[str, Tab]]]:
    """A live room, the candidate's connection, and the pages of an interviewer and an observer."""
    async with stage(tmp_path_factory.mktemp("house"), guest) as made, chromium() as browser:
        await made.begin()
        yield made, await made.page("cleo"), {who: await tab_of(browser, made, who) for who in ("iva", "ole")}


def inside(tab: Tab, number: int = 0) -> FrameLocator:
    return tab.frame_locator("iframe.gr-frame").nth(number)


async def test_plots_and_scripted_html_show_for_everybody(seats: tuple[Stage, Page, dict[str, Tab]]) -> None:
    _, cleo, tabs = seats
    assert await cleo.run("one", PLOTS) == "ok"
    for tab in tabs.values():
        await expect(inside(tab, 0).locator(".gtitle")).to_have_text("plotted")
        await expect(inside(tab, 0).locator(".barlayer .point")).to_have_count(2)
        await expect(inside(tab, 1).locator("svg")).to_contain_text("drawn")
        await expect(inside(tab, 2).locator("#p")).to_have_text("scripted")
        # a frame is as high as what is in it
        await expect(tab.locator("iframe.gr-frame").nth(2)).not_to_have_css("height", "150px")


async def test_widgets_live_for_writers_and_are_looked_at_by_observers(
    seats: tuple[Stage, Page, dict[str, Tab]],
) -> None:
    _, cleo, tabs = seats
    iva, ole = tabs["iva"], tabs["ole"]
    assert await cleo.run("one", COUNTER) == "ok"
    await inside(iva).get_by_role("button", name="count 0").click()
    for tab in (iva, ole):
        await expect(inside(tab).locator("button")).to_have_text("count 1")
        await expect(tab.locator(".widget-vbox")).to_contain_text("kernel heard 1")
    handle = iva.locator(".widget-slider .noUi-handle")
    await handle.focus()
    await iva.keyboard.press("ArrowRight")
    for tab in (iva, ole):
        await expect(tab.locator(".widget-vbox")).to_contain_text("at 4")
    await ole.locator(".widget-slider .noUi-handle").focus()
    await ole.keyboard.press("ArrowRight")
    await ole.locator(".widget-slider .noUi-handle").dispatch_event("pointerdown")
    await inside(ole).locator("button").dispatch_event("click")
    await ole.reload()
    await expect(ole.locator(".widget-vbox")).to_contain_text("at 4")
    await expect(inside(ole).locator("button")).to_have_text("count 1")
    await expect(ole.locator(".widget-slider .widget-readout")).to_have_text("4")


async def test_a_frame_that_never_ends_leaves_the_page_alone(seats: tuple[Stage, Page, dict[str, Tab]]) -> None:
    _, cleo, tabs = seats
    endless = "<script>parent.postMessage(1, '*'); for (;;) {}</script>"
    assert await cleo.run("one", f"display({{'text/html': {endless!r}}}, raw=True); print('printed')") == "ok"
    iva = tabs["iva"]
    await expect(iva.locator(".jp-OutputArea").first).to_contain_text("printed")
    await iva.locator(".jp-CodeCell .cm-content").nth(1).click()
    await iva.keyboard.type("still typing")
    await expect(iva.locator(".jp-CodeCell .cm-content").nth(1)).to_have_text("still typing")
