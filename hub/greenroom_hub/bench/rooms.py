"""Many rooms in one service process: a writer and a reader in each, five keys a second."""

from __future__ import annotations

import asyncio
import json
import random
import time
from dataclasses import dataclass, field
from typing import Any

from pycrdt import Array, Doc, TransactionEvent

from greenroom_hub.bench.crowd import AT_ONCE, Crowd, crowd
from greenroom_hub.bench.crowd_service import Sitting
from greenroom_hub.bench.measure import Measure, alone, percentile
from greenroom_hub.bench.raw import RawSocket, dial, frame
from greenroom_hub.room import frames, yjs
from greenroom_hub.room.frames import Presence
from greenroom_hub.room.lib0 import Reader

ROOMS, RATE = 300, 5.0  # of issue 3; keys a second in each
WARM, SECONDS = 3.0, 15.0
BAR = 50.0  # ms, of issue 3


@dataclass(slots=True)
class Typist:
    """One room: its writer types, its reader sees. `keys`: a frame for each key, made beforehand."""

    client: int = 0
    first: int = 0
    keys: list[bytes] = field(default_factory=list)
    sent: list[float] = field(default_factory=list)
    seen: list[float] = field(default_factory=list)
    writer: RawSocket | None = None
    synced: asyncio.Event = field(default_factory=asyncio.Event)
    doc: Doc[Any] = field(default_factory=Doc)

    async def come(self, crowd: Crowd, one: Sitting) -> None:
        """Both open the notebook."""
        self.writer = await dial(crowd.port, crowd.document(one), one.candidate, self.answered)
        self.writer.send(frame(frames.ask_state(b"\x00")))
        await asyncio.wait_for(self.synced.wait(), 60)
        reader = await dial(crowd.port, crowd.document(one), one.interviewer, self.shown)
        reader.send(frame(frames.ask_state(self.doc.get_state())))
        crowd.sockets += [self.writer, reader]

    def answered(self, message: bytes) -> None:
        """What the writer's page is told: the document, once."""
        if message[:2] == bytes((frames.SYNC, frames.STEP_TWO)) and not self.synced.is_set():
            self.doc.apply_update(Reader(message[2:]).block())
            self.synced.set()

    def shown(self, message: bytes) -> None:
        """What the reader's page is told: one frame may carry several keys."""
        if message[:2] != bytes((frames.SYNC, frames.UPDATE)):
            return
        now = time.perf_counter()
        span = yjs.read(Reader(message[2:]).block()).spans.get(self.client)
        if span is not None:
            self.seen.extend([now] * (span[1] - self.first - len(self.seen)))

    def prepare(self, count: int) -> None:
        """Makes the keys: each an update, and the cursor that moves with it, as JupyterLab sends them."""
        cells: Array[Any] = self.doc.get("cells", type=Array)
        source, updates = cells[0]["source"], list[bytes]()
        watch = self.doc.observe(lambda event: updates.append(event.update) if _is_change(event) else None)
        for _ in range(count):
            source += "7"
        self.doc.unobserve(watch)
        ((self.client, (self.first, _)),) = yjs.read(updates[0]).spans.items()
        for number, update in enumerate(updates):
            cursor = Presence(self.client, number + 1, json.dumps(_state(self.client, self.first + number)))
            self.keys.append(frame(frames.update(update)) + frame(frames.presence([cursor])))

    def waits(self) -> list[float]:
        """Seconds from each key to its sight."""
        return [seen - sent for sent, seen in zip(self.sent, self.seen, strict=True)]

    async def type(self, start: float) -> None:
        """Types, a key every so often. A late key is sent at once: nobody waits for an answer."""
        assert self.writer is not None
        at = start + random.random() / RATE  # noqa: S311 - people do not type in step
        for key in self.keys:
            await asyncio.sleep(at - time.perf_counter())
            self.sent.append(time.perf_counter())
            self.writer.send(key)
            at += 1 / RATE


def _is_change(event: TransactionEvent) -> bool:
    return event.update != frames.NOTHING


def _state(client: int, clock: int) -> dict[str, Any]:
    """An awareness state like JupyterLab's."""
    place = {"type": None, "tname": None, "item": {"client": client, "clock": clock}, "assoc": 0}
    cursor = {"anchor": place, "head": place, "primary": True, "empty": True}
    return {"user": {"username": "bench"}, "cursors": [cursor]}


async def rooms(quick: bool) -> list[Measure]:
    """A key sent until the other page has it; on disk by then."""
    count, warm, seconds = (3, 0.0, 1.0) if quick else (ROOMS, WARM, SECONDS)
    async with crowd(count) as service:
        typists = [Typist() for _ in service.sittings]
        coming = list(zip(typists, service.sittings, strict=True))
        for start in range(0, count, AT_ONCE):
            await asyncio.gather(*(one.come(service, sitting) for one, sitting in coming[start : start + AT_ONCE]))
        for one in typists:
            one.prepare(round((warm + seconds) * RATE))
        before, begun = service.cost(), time.perf_counter()
        await asyncio.gather(*(one.type(begun) for one in typists))
        async with asyncio.timeout(60):
            while any(len(one.seen) < len(one.keys) for one in typists):  # noqa: ASYNC110 - another process's event
                await asyncio.sleep(0.05)
        cost = service.cost() - before
    skipped = round(warm * RATE)
    waits = [1000 * wait for one in typists for wait in one.waits()[skipped:]]
    per_key = 1000 * cost / sum(len(one.keys) for one in typists)
    return [
        alone("rooms-keystroke", f"ms, p95, {count} rooms", [percentile(waits, 0.95)], BAR),
        alone("rooms-processor", "CPU ms of the service a key", [per_key], 1000 / (ROOMS * RATE)),
    ]
