"""A Chromium that nobody drives from within: its pages are hidden and lose the keyboard as a person's do.

Playwright tells every page that it is in front and has the focus, so that it cannot show what happens when it is not.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from e2e.people import CAMERA, PROGRAM, QUIET
from tornado.httpclient import AsyncHTTPClient
from tornado.websocket import WebSocketClientConnection, websocket_connect

PATIENCE = 60.0  # seconds until something is given up


class Tab:
    """One tab, over Chromium's own protocol."""

    def __init__(self, socket: WebSocketClientConnection) -> None:
        self.socket = socket
        self.numbers = itertools.count(1)

    async def send(self, method: str, **words: Any) -> Any:
        """One command, and its result."""
        number = next(self.numbers)
        await self.socket.write_message(json.dumps({"id": number, "method": method, "params": words}))
        while True:
            text = await self.socket.read_message()
            assert text is not None, "the browser is gone"
            answer = json.loads(text)
            if answer.get("id") == number:
                assert "error" not in answer, answer
                return answer["result"]

    async def tell(self, expression: str) -> Any:
        """What an expression in the page says. It counts as a person's doing."""
        words = {"expression": expression, "returnByValue": True, "awaitPromise": True, "userGesture": True}
        return (await self.send("Runtime.evaluate", **words))["result"].get("value")

    async def until(self, expression: str) -> Any:
        """Waits until an expression is true, also while pages are left for others."""
        async with asyncio.timeout(PATIENCE):
            while not (value := await self.tell(expression)):
                await asyncio.sleep(0.1)
        return value

    async def goto(self, address: str) -> None:
        """Opens an address."""
        await self.send("Page.navigate", url=address)


@asynccontextmanager
async def tab(folder: Path) -> AsyncIterator[Tab]:
    """A browser with one tab. `folder` becomes its profile."""
    process = await asyncio.create_subprocess_exec(
        *(PROGRAM, "--headless=new", "--remote-debugging-port=0", f"--user-data-dir={folder}", *QUIET, *CAMERA),
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        file = folder / "DevToolsActivePort"
        async with asyncio.timeout(PATIENCE):
            while not file.exists() or (not file.read_text().endswith("\n") and "/" not in file.read_text()):
                await asyncio.sleep(0.1)
            port = file.read_text().split()[0]
            found = json.loads((await AsyncHTTPClient().fetch(f"http://127.0.0.1:{port}/json")).body)
        target = next(one for one in found if one["type"] == "page")
        yield Tab(await websocket_connect(target["webSocketDebuggerUrl"], max_message_size=64 << 20))
    finally:
        process.kill()
        await process.wait()
