"""The service as processes that can be killed: rooms on a database in a folder, with a guest that somebody else runs.

Prints one line of JSON when it serves: its port, the session, and each person's cookie at the first start.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import Any

from greenroom_hub.store.database import Store
from room.staging import stage
from sqlalchemy import event
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

NOTEBOOK: dict[str, Any] = {
    "cells": [
        {"cell_type": "markdown", "id": "task", "metadata": {}, "source": ""},
        {"cell_type": "code", "id": "note", "metadata": {}, "source": "", "outputs": [], "execution_count": None},
        {"cell_type": "code", "id": "loop", "metadata": {}, "source": "", "outputs": [], "execution_count": None},
    ],
    "metadata": {},
    "nbformat": 4,
    "nbformat_minor": 5,
}
PEOPLE = ("cleo", "iva", "ole")
SLOWEST = 0.3  # seconds of one commit on a slow disk


class Neighbour:
    """The guest, started and killed by the test; every kernel in it is this room's."""

    def __init__(self, url: str) -> None:
        self.url = url

    async def start(self, session: str) -> None:
        await self.fetch(session, "GET", "/api/status")

    async def fetch(self, session: str, method: str, path: str, body: object = None) -> Any:
        text = json.dumps(body) if body is not None else None
        headers = {"Authorization": "token t"}
        request = HTTPRequest(self.url + path, method, headers, text, allow_nonstandard_methods=True)
        answer = await AsyncHTTPClient().fetch(request)
        return json.loads(answer.body) if answer.body else None

    async def connect(self, session: str, path: str, **how: Any) -> WebSocketClientConnection:
        url = self.url.replace("http", "ws", 1) + path
        return await websocket_connect(HTTPRequest(url, headers={"Authorization": "token t"}), **how)

    async def killed_for_memory(self, session: str) -> int:
        return 0


async def main(folder: Path, guest: str, session: str) -> None:
    """Serves until it is killed."""
    folder.mkdir(parents=True, exist_ok=True)
    store = Store(f"sqlite:///{folder / 'greenroom.sqlite'}")
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    slow = folder / "slow"

    @event.listens_for(store.engine, "commit")
    def wait(_connection: object) -> None:  # in the store's own thread, as a disk does
        if slow.exists():
            time.sleep(random.random() * SLOWEST)

    async with stage(folder, Neighbour(guest), store) as made:
        made.session = session or await made.begin(notebook=NOTEBOOK)
        cookies = {} if session else {name: await made.cookie(name) for name in PEOPLE}
        print(
            json.dumps({"pid": os.getpid(), "port": made.port, "session": made.session, "cookies": cookies}), flush=True
        )
        await asyncio.Event().wait()


def serve_each_time(folder: Path) -> None:
    """Forks a service for each line read: the guest's address and the session, if there is one. What a start takes is
    mostly reading code, which is done once here; nothing runs in this process that a fork would break."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that are killed
    for line in sys.stdin:
        guest, _, session = line.strip().partition(" ")
        if os.fork() == 0:
            os.setsid()
            asyncio.run(main(folder, guest, session))


if __name__ == "__main__":
    serve_each_time(Path(sys.argv[1]))
