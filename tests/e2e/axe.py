"""axe-core on a page, and what it finds on stock JupyterLab: `cd tests && python -m e2e.axe` writes that down.

Needs the bench's stock peer (`python3 install.py bench`).
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

from greenroom_hub.bench import browser, stock
from greenroom_hub.settings import CHECKOUT
from playwright.async_api import Page

SOURCE = (CHECKOUT / "labextension" / "node_modules" / "axe-core" / "axe.min.js").read_text()
BASELINE = Path(__file__).parents[1] / "resources" / "axe-stock-lab.json"
GRAVE = {"serious", "critical"}
SCHEMES = ("light", "dark")

_LOOK = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations.map(
    one => ({id: one.id, impact: one.impact, nodes: one.nodes.slice(0, 5).map(node => node.html.slice(0, 200)
        + ' ' + (node.any[0] ?? node.all[0] ?? node.none[0] ?? {message: ''}).message)}))"""


# What tasks are made of
NOTEBOOK: dict[str, Any] = {
    "cells": [
        {
            "cell_type": "markdown",
            "id": "task",
            "metadata": {},
            "source": "# Task\n\nSome *words*, and `code`.\n\n| | a |\n|-|-|\n| b | 1 |",
        },
        {"cell_type": "code", "id": "one", "metadata": {}, "source": "1", "outputs": [], "execution_count": None},
    ],
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}

_STILL = """() => Promise.all(document.getAnimations()
    .filter(one => one.effect.getComputedTiming().endTime !== Infinity).map(one => one.finished.catch(() => null)))"""


async def found(page: Page) -> list[dict[str, Any]]:
    """What axe finds on a page as it is now."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(SOURCE)
    said: list[dict[str, Any]] = await page.evaluate(_LOOK)
    return said


async def settled(page: Page, scheme: Any) -> None:
    """The page in this scheme, with no colour on its way to another one."""
    await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    await page.evaluate(_STILL)


async def main() -> None:
    """Writes the ids of all rules that stock JupyterLab breaks."""
    with tempfile.TemporaryDirectory() as folder:
        async with browser.chromium() as made, stock.lab(Path(folder), made) as stage:
            (Path(folder) / "work" / "task.ipynb").write_text(json.dumps(NOTEBOOK))
            await stage.one.goto(stage.one.url.partition("/lab/tree/")[0] + "/lab/tree/task.ipynb")
            await stage.one.locator(".jp-Notebook h1").wait_for()
            await stage.one.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell .cm-content").wait_for()
            rules = {one["id"] for one in await found(stage.one)}
    BASELINE.write_text(json.dumps({"of": stock.PAGES, "rules": sorted(rules)}, indent=2) + "\n")


if __name__ == "__main__":
    asyncio.run(main())
