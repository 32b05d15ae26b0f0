"""A page as the labextension's provider keeps it: connects again for ever, and knows what is saved."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from greenroom_hub.room import frames
from greenroom_hub.room.lib0 import Reader, block
from pycrdt import Array, Doc
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, websocket_connect

AGAIN = 0.05  # seconds between two tries to connect


@dataclass
class Token:
    """Something that was typed, found again by its text. `number`: of the update in which it went, on the connection
    `epoch`."""

    text: str
    epoch: int = -1
    number: int = 0
    saved: bool = False


class Tab:
    """One page. `url` is asked for at each try."""

    def __init__(self, url: Callable[[], str], cookie: str, rng: random.Random) -> None:
        self._url, self._cookie, self._rng = url, cookie, rng
        self.doc: Doc[Any] = Doc()
        self.cells: Array[Any] = self.doc.get("cells", type=Array)
        self.tokens: list[Token] = []
        self.refused: list[str] = []
        self.done: dict[int, str] = {}
        self.heard = 0  # updates that are saved, on this connection
        self.doubles = self.swaps = False
        self.synced = False
        self._held: bytes | None = None
        self._epoch = self._sent = self._applying = 0
        self._socket: WebSocketClientConnection | None = None
        self.doc.observe(self._changed)
        self._life = asyncio.create_task(self._live())

    async def close(self) -> None:
        """The tab is closed, whatever it had."""
        self._life.cancel()
        await asyncio.gather(self._life, return_exceptions=True)
        if self._socket is not None:
            self._socket.close()

    def cell(self, id_: str) -> Any:
        """A cell."""
        return next(cell for cell in self.cells if cell["id"] == id_)

    def type(self, id_: str, text: str) -> None:
        """Types a token somewhere into a cell, between others."""
        source = self.cell(id_)["source"]
        token = Token(text)
        self.tokens.append(token)
        at = str(source).rfind("<", 0, self._rng.randrange(len(str(source)) + 1) + 1)
        source.insert(max(0, at), text)

    def run(self, id_: str, request: int) -> None:
        """Asks for a run."""
        words = {"type": "run", "cell": id_, "request": request}
        self._send(bytes((frames.COMMAND,)) + block(json.dumps(words).encode()))

    @property
    def settled(self) -> bool:
        """Whether everything typed here is saved."""
        return self.synced and self._held is None and all(token.saved for token in self.tokens)

    def release(self) -> None:
        """Sends what was held back."""
        held, self._held = self._held, None
        if held is not None:
            self._send(held)

    def _changed(self, event: Any) -> None:
        if self._applying:
            return
        frame = frames.update(event.update)
        if self._socket is None:
            return
        self._number()
        if self.swaps and self._held is None:
            self._held = frame
            return
        self._send(frame)
        if self.doubles:
            self._number()
            self._send(frame)
        self.release()

    def _number(self) -> None:
        self._sent += 1
        for token in self.tokens:
            if token.epoch != self._epoch:
                token.epoch, token.number = self._epoch, self._sent

    def _send(self, frame: bytes) -> None:
        if self._socket is not None:
            with suppress(WebSocketClosedError):  # cut, and not noticed yet: it goes with the next first sync
                self._socket.write_message(frame, binary=True).add_done_callback(lambda done: done.exception())

    async def _live(self) -> None:
        while True:
            try:
                request = HTTPRequest(self._url(), headers={"Cookie": self._cookie}, connect_timeout=10)
                socket = await websocket_connect(request)
            except (OSError, HTTPClientError):
                await asyncio.sleep(AGAIN)
                continue
            self._epoch, self._sent, self._held, self.heard = self._epoch + 1, 0, None, 0
            self._socket = socket
            self._send(frames.ask_state(self.doc.get_state()))
            while (data := await socket.read_message()) is not None:
                assert isinstance(data, bytes)
                self._hear(data)
            self._socket, self.synced = None, False
            await asyncio.sleep(AGAIN)

    def _hear(self, data: bytes) -> None:
        reader = Reader(data)
        kind = reader.uint()
        if kind == frames.NOTICE:
            self._noticed(json.loads(reader.block()))
        elif kind == frames.SYNC and reader.uint() == frames.STEP_ONE:
            self._number()
            self._send(frames.answer_state(self.doc.get_update(reader.block())))
        elif kind == frames.SYNC:
            self._applying = True
            self.doc.apply_update(reader.block())
            self._applying, self.synced = False, True

    def _noticed(self, notice: dict[str, Any]) -> None:
        if notice["type"] == "saved":
            self.heard = notice["updates"]
            for token in self.tokens:
                token.saved = token.saved or (token.epoch == self._epoch and token.number <= notice["updates"])
        elif notice["type"] == "document_refused":
            self.refused.append(notice["why"])
        elif notice["type"] == "done":
            self.done[notice["request"]] = notice["status"]
