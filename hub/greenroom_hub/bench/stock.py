"""The peer of a bench: stock servers, from an environment of their own, as people install them.

`peers/stock.lock` is what is in it; `make bench` makes it. JupyterLab stands alone, without a hub and its proxy in
between, and so at its quickest.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tornado.httpclient import AsyncHTTPClient

from greenroom_hub.bench.browser import person
from greenroom_hub.bench.child import free_port, running
from greenroom_hub.bench.measure import CannotMeasure
from greenroom_hub.bench.notebook import notebook
from greenroom_hub.bench.stage import Stage
from greenroom_hub.settings import CHECKOUT

if TYPE_CHECKING:
    from playwright.async_api import Browser

ENVIRONMENT = CHECKOUT / ".venv" / "peers" / "stock"
LOCK = Path(__file__).parent / "peers" / "stock.lock"
PAGES = "JupyterLab 4.6.6 with jupyter-collaboration 5.0.4"
START = 60.0  # seconds a server has to answer


def check() -> None:
    """Refuses a bench whose peer is not there."""
    if not (ENVIRONMENT / "bin" / "jupyter-lab").exists():
        raise CannotMeasure(f"the bench's peer is not installed in {ENVIRONMENT}; run `make bench`, which installs it")


def apart(folder: Path) -> dict[str, str]:
    """An environment in which no configuration of this machine's people is found, nor of ours."""
    names = {"HOME": "home", "JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "share", "JUPYTER_RUNTIME_DIR": "run"}
    found = {variable: str(folder / name) for variable, name in names.items()}
    return {**found, "IPYTHONDIR": str(folder / "ipython"), "JUPYTER_PREFER_ENV_PATH": "1"}


async def answers(url: str) -> None:
    """Returns when a server answers there."""
    client = AsyncHTTPClient()
    async with asyncio.timeout(START):
        while True:
            try:
                answer = await client.fetch(url, raise_error=False)
                if answer.code < 500:
                    return
            except OSError:
                pass
            await asyncio.sleep(0.02)


@asynccontextmanager
async def lab(folder: Path, browser: Browser) -> AsyncIterator[Stage]:
    """A JupyterLab with two people on one notebook."""
    work, port, token = folder / "work", free_port(), secrets.token_hex()
    await asyncio.to_thread(_write, work / "bench.ipynb")
    argv = [ENVIRONMENT / "bin" / "jupyter-lab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}"]
    argv += [f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={work}"]
    async with running([str(word) for word in argv], apart(folder), folder / "lab.log"):
        url = f"http://127.0.0.1:{port}"
        await answers(f"{url}/api")
        pages = []
        for _ in range(2):
            page = await (await person(browser)).new_page()
            await page.goto(f"{url}/lab/tree/bench.ipynb?token={token}")
            pages.append(page)
        found = Stage(*pages)
        await found.warm()
        yield found


def _write(file: Path) -> None:
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(notebook()))
