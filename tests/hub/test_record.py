"""The record: chained, signed now and then, personal payloads apart, and one commit with what a fact is about."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from greenroom_hub.life import Refusal
from greenroom_hub.record import Record
from greenroom_hub.store import tables
from greenroom_hub.store.database import Store
from greenroom_hub.store.schema import migrate
from greenroom_proctor import chain
from greenroom_proctor.chain import Event
from greenroom_proctor.words import Action, State
from sqlalchemy import Connection

SESSION = "s-abcdefghjk"
KEY = Ed25519PrivateKey.generate()


def begin(connection: Connection) -> None:
    version = {"id": "v", "template": "t", "title": "", "content": "", "author": "", "created": 1, "chosen": 1}
    connection.execute(tables.template_version.insert().values(version))
    session = {"id": SESSION, "title": "", "candidate": "", "state": "live", "template_version": "v"}
    connection.execute(tables.session.insert().values(**session, policy="{}", duration=1, author="ada", created=1))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    made = Store(f"sqlite:///{tmp_path / 'test.sqlite'}")
    migrate(made.engine)
    await made.run(begin)
    yield made
    made.close()


async def add(record: Record, number: int = 0, **more: Any) -> Event:
    return await record.append(SESSION, "seat.taken", {"person": f"p{number}"}, actor="ada", **more)


async def test_what_was_appended_is_a_chain_and_is_signed_every_fifty_events(store: Store) -> None:
    record = Record(store, KEY)
    for number in range(chain.EVERY + 1):
        await add(record, number)
    events, checkpoints = await record.events(SESSION), await record.checkpoints(SESSION)
    assert chain.check(events, checkpoints, KEY.public_key()) is None
    assert [one.seq for one in checkpoints] == [chain.EVERY]
    assert record.head(SESSION) == events[-1].hash


async def test_a_clock_that_was_set_back_does_not_turn_the_chain_back(store: Store) -> None:
    times = iter([2_000, 1_000])
    record = Record(store, KEY, lambda: next(times))
    assert [(await add(record)).at for _ in range(2)] == [2_000, 2_000]


async def test_an_event_of_another_form_is_refused_and_leaves_nothing(store: Store) -> None:
    record = Record(store, KEY)
    with pytest.raises(ValueError, match="unknown field"):
        await record.append(SESSION, "seat.taken", {"person": "ada", "mood": "bad"}, actor="ada")
    assert await record.events(SESSION) == []


async def test_a_private_payload_can_be_erased_and_the_chain_stays_whole(store: Store) -> None:
    record = Record(store, KEY)
    event = await add(record, private={"name": "Jo Doe"})
    kept = await store.run(lambda connection: connection.execute(sa.select(tables.payload)).one())
    assert event.body["private"] == chain.commitment(kept.salt, {"name": "Jo Doe"})
    await store.run(lambda connection: connection.execute(sa.delete(tables.payload)) and None)
    events = await record.events(SESSION)
    assert chain.check(events) is None
    assert "Jo Doe" not in str(events)


@pytest.mark.parametrize("where", ["body", "within"])
async def test_what_fails_together_with_a_fact_leaves_neither(store: Store, where: str) -> None:
    record = Record(store, KEY)

    def rename(connection: Connection, _: object = None) -> dict[str, Any]:
        connection.execute(tables.session.update().values(title="changed"))
        raise KeyError("on purpose")

    fact = record.append(SESSION, "seat.taken", rename, actor="ada") if where == "body" else add(record, within=rename)
    with pytest.raises(KeyError):
        await fact
    assert await record.events(SESSION) == []
    assert await store.run(lambda connection: connection.execute(sa.select(tables.session.c.title)).scalar()) == ""


async def test_a_listener_hears_what_is_durable_until_it_stops(store: Store) -> None:
    record, heard = Record(store, KEY), list[int]()
    stop = record.listen(SESSION, lambda event: heard.append(event.seq))
    await add(record)
    stop()
    await add(record)
    assert heard == [1]


async def test_a_listener_that_fails_undoes_nothing(store: Store) -> None:
    record = Record(store, KEY)

    def fails(_: Event) -> None:
        raise KeyError("on purpose")

    record.listen(SESSION, fails)
    assert (await add(record)).seq == 1


async def test_sealing_twice_signs_once(store: Store) -> None:
    record = Record(store, KEY)
    event = await add(record, within=record.seal)
    await store.run(lambda connection: record.seal(connection, event))
    assert [one.seq for one in await record.checkpoints(SESSION)] == [1]


async def test_a_session_moves_on_together_with_its_fact(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    session = (await place.session()).id
    before = await place.house.record.events(session)

    def full(*_: Any) -> Event:
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(place.house.record, "_link", full)
        with pytest.raises(OSError, match="no space"):
            await place.house.sessions.act(session, Action.ARRIVE, "ada")
    assert (await place.house.sessions.get(session)).state is State.SCHEDULED
    which = sa.select(tables.session.c.state).where(tables.session.c.id == session)
    assert await place.house.store.run(lambda connection: connection.execute(which).scalar()) == "scheduled"
    assert await place.house.record.events(session) == before


async def test_a_refused_action_is_no_fact(place: Any) -> None:
    session = (await place.session()).id
    before = await place.house.record.events(session)
    with pytest.raises(Refusal):
        await place.house.sessions.act(session, Action.RESUME, "ada")
    assert await place.house.record.events(session) == before
