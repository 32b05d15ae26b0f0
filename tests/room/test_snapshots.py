"""Snapshots: a long room opens from one, and nothing else about it changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from greenroom_hub.room import frames, snapshots
from greenroom_hub.room.snapshots import Past, Snapshot
from greenroom_hub.store import tables
from pycrdt import Doc
from room.staging import Page, Stage, until
from sqlalchemy import Connection, select, update


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("greenroom_hub.room.room.EVERY", 5)


async def typed(stage: Stage, keys: int = 12) -> Page:
    """The candidate's page, after some keys that are durable one by one."""
    cleo = await stage.page("cleo")
    for number in range(keys):
        before = len(cleo.told("saved"))
        cleo.type("one", f"{number} ")
        await until(lambda before=before: len(cleo.told("saved")) > before, "the save")  # type: ignore[misc]
    return cleo


async def past(stage: Stage) -> Past:
    """What the room would be made from now."""
    found: Past | None = await stage.house.store.run(lambda connection: snapshots.past(connection, stage.session))
    assert found is not None
    return found


async def reopened(stage: Stage) -> Any:
    """The room as another service finds it on this disk."""
    stage.house.rooms._rooms.clear()
    return await stage.house.rooms.open(stage.session)


async def test_a_room_opens_from_the_snapshot_and_the_rows_after_it(quiet: Stage) -> None:
    await typed(quiet)
    before = await quiet.house.rooms.notebook(quiet.session)
    found = await past(quiet)
    assert found.snapshot is not None
    assert (found.count, found.snapshot.count) == (13, 10)
    assert [row.seq for row in found.rows] == [10, 11, 12]
    room = await reopened(quiet)
    assert (await quiet.house.rooms.notebook(quiet.session)) == before
    assert room.document.ahead.doc.get_state() == room.document.durable.get_state()
    assert room.document.notebook() == before[0]


async def test_the_log_keeps_every_row(quiet: Stage) -> None:
    await typed(quiet)
    rows = await quiet.house.store.run(lambda connection: snapshots.rows(connection, quiet.session))
    document: Doc[Any] = Doc()
    for row in rows:
        document.apply_update(row.data)
    assert [row.seq for row in rows] == list(range(13))
    assert document.get_state() == (await reopened(quiet)).document.durable.get_state()


async def test_who_wrote_before_is_known_after(quiet: Stage) -> None:
    cleo = await typed(quiet)
    room = await reopened(quiet)
    assert room.document.owners[cleo.doc.client_id] == quiet.session
    iva = await quiet.page("iva")
    cleo.type("one", "in cleo's name")
    iva.send(frames.update(cleo.doc.get_update(iva.doc.get_state())))
    assert "somebody else's name" in await iva.refused()


async def test_what_people_wrote_is_counted_once(quiet: Stage) -> None:
    await typed(quiet)
    room = await quiet.house.rooms.open(quiet.session)
    assert (await reopened(quiet))._written == room._written > 0


def _nonsense(_: Snapshot) -> bytes:
    return b"\xc1 no msgpack"


def _of_another_version(one: Snapshot) -> bytes:
    return msgspec.msgpack.encode(msgspec.structs.replace(one, version=0, update=frames.NOTHING))


def _of_a_longer_log(one: Snapshot) -> bytes:
    return msgspec.msgpack.encode(msgspec.structs.replace(one, count=1000, update=frames.NOTHING))


@pytest.mark.parametrize("spoil", [_nonsense, _of_another_version, _of_a_longer_log])
async def test_a_snapshot_that_does_not_fit_is_passed_over(quiet: Stage, spoil: Any) -> None:
    await typed(quiet)
    before = await quiet.house.rooms.notebook(quiet.session)

    def work(connection: Connection) -> None:
        table = tables.room_snapshot
        data = connection.execute(select(table.c.data)).scalar_one()
        connection.execute(update(table).values(data=spoil(msgspec.msgpack.decode(data, type=Snapshot))))

    await quiet.house.store.run(work)
    assert (await past(quiet)).snapshot is None
    await reopened(quiet)
    assert (await quiet.house.rooms.notebook(quiet.session)) == before


async def test_a_room_without_a_snapshot_gets_one_when_it_is_opened(quiet: Stage) -> None:
    await typed(quiet)
    await quiet.house.store.run(lambda connection: connection.execute(tables.room_snapshot.delete()) and None)
    found = await past(quiet)
    assert replace(found, snapshot=None) == found
    await reopened(quiet)
    again = (await past(quiet)).snapshot
    assert again is not None
    assert again.count == 13
