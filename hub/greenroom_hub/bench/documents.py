"""One room's document without sockets: what judging a key costs, and how long a room of four hours takes to open."""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pycrdt import Array, Doc, Text
from sqlalchemy import insert

from greenroom_hub.bench.child import ON_DISK
from greenroom_hub.bench.measure import Measure, alone
from greenroom_hub.bench.notebook import notebook
from greenroom_hub.room import notebooks, snapshots
from greenroom_hub.room.document import RoomDocument, Taken
from greenroom_hub.room.snapshots import Past, Row
from greenroom_hub.room.update_log import UpdateLog
from greenroom_hub.store import rows as many
from greenroom_hub.store import tables
from greenroom_hub.store.database import Store
from greenroom_hub.store.schema import migrate

ROOM, AUTHOR = "s-benchbench", "ada"
EDITS = 260_000  # of issue 3: as many as in the longest public trace of somebody's writing
KEYS = 3000
VALIDATION_BAR = 0.3  # ms a key, of issue 3
OPEN_BAR = 1.0  # seconds, of issue 3
SEED = 3


def writing(first: bytes, edits: int) -> Iterator[bytes]:
    """Updates of somebody who writes, the same each time: runs of characters, some taken back, here and there."""
    chance = random.Random(SEED)  # noqa: S311 - a trace, and no secret
    document: Doc[Any] = Doc(client_id=SEED)
    document.apply_update(first)
    cells: Array[Any] = document.get("cells", type=Array)
    sources: list[Text] = [cell["source"] for cell in cells]
    made: list[bytes] = []
    document.observe(lambda event: made.append(event.update))
    lengths, at, source = [len(one) for one in sources], 0, 0
    for _ in range(edits):
        if chance.random() < 0.02:  # the cursor goes elsewhere
            source = chance.randrange(len(sources))
            at = chance.randint(0, lengths[source])
        if at and chance.random() < 0.12:
            del sources[source][at - 1 : at]
            at, lengths[source] = at - 1, lengths[source] - 1
        else:
            sources[source].insert(at, chance.choice("abcdefghij \n"))
            at, lengths[source] = at + 1, lengths[source] + 1
        yield from made
        made.clear()


async def validation(quick: bool) -> list[Measure]:
    """A key read, applied to the copy on which it is judged, and judged."""
    first = notebooks.seed(notebook())
    document = RoomDocument(Past(first, [Row(0, 0, "service", "template", first)]))
    found = []
    for update in writing(first, 20 if quick else KEYS):
        before = time.perf_counter()
        outcome = document.receive(update, AUTHOR)
        found.append(1000 * (time.perf_counter() - before))
        assert isinstance(outcome, Taken), outcome
        document.settle()
    return [alone("validation", "ms a key", found, VALIDATION_BAR)]


async def long_room(quick: bool) -> list[Measure]:
    """From the log on disk until the room's document is there, with the snapshots that were kept on the way."""
    edits = 3 * snapshots.EVERY if quick else EDITS
    with tempfile.TemporaryDirectory(prefix="gr-", dir=ON_DISK) as place:
        store = Store(f"sqlite:///{Path(place) / 'long.sqlite'}")
        try:
            await _write(store, edits)
            found = [await _open(store, edits) for _ in range(1 if quick else 5)]
        finally:
            store.close()
    return [alone("long-room", f"s, {edits:,} edits", found, OPEN_BAR)]


async def _write(store: Store, edits: int) -> None:
    """A log of so many edits, and the snapshot that the room would have kept: nearly `EVERY` rows behind the end."""
    migrate(store.engine)
    await store.run(lambda connection: connection.execute(insert(tables.template_version), _VERSION) and None)
    await store.run(lambda connection: connection.execute(insert(tables.session), _SESSION) and None)
    first = notebooks.seed(notebook())
    rows = [Row(0, 0, "service", "template", first)]
    rows += (Row(seq, seq * 50, AUTHOR, "page", data) for seq, data in enumerate(writing(first, edits), 1))
    await store.run(lambda connection: many.add(connection, tables.room_update, list(_values(rows))))
    count = len(rows) - snapshots.EVERY + 1
    document = await asyncio.to_thread(RoomDocument, Past(first, rows[:count]))
    await UpdateLog(store, ROOM).keep(document.snapshot(count, 0), 0)


def _values(rows: Iterable[Row]) -> Iterator[tuple[object, ...]]:
    return ((ROOM, row.seq, row.at, row.author, row.connection, row.data) for row in rows)


async def _open(store: Store, edits: int) -> float:
    before = time.perf_counter()
    past = await UpdateLog(store, ROOM).open(lambda: b"", 0)
    document = RoomDocument(past)
    took = time.perf_counter() - before
    assert past.count == edits + 1, past.count
    assert document.durable.get_state() == document.ahead.doc.get_state()
    return took


_VERSION = {"id": "v", "template": "t", "title": "", "content": "", "author": AUTHOR, "created": 0, "chosen": 0}
_SESSION = {"id": ROOM, "title": "", "candidate": "", "state": "live", "template_version": "v", "policy": "{}"} | {
    "duration": 14_400.0,
    "author": AUTHOR,
    "created": 0,
}
