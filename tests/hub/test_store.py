"""The store on SQLite and on PostgreSQL: durable, each work alone, history that cannot be changed."""

from __future__ import annotations

import asyncio
import functools
import os
import pwd
import subprocess
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from greenroom_hub.store import rows, tables
from greenroom_hub.store.database import Store, engine
from greenroom_hub.store.schema import migrate
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError

BINARIES = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="gr-pg-") as place:  # pytest's own folders are for its user alone
        yield from _postgres(Path(place))


def _postgres(folder: Path) -> Iterator[str]:
    assert BINARIES is not None, "PostgreSQL is not installed: apt-get install postgresql"
    user: str | None = None
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        user = "postgres" if "postgres" in {one.pw_name for one in pwd.getpwall()} else "nobody"
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)

    def run(*words: str) -> None:
        said = subprocess.run(words, user=user, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
        assert said.returncode == 0, said.stdout + said.stderr

    data, log = folder / "data", folder / "log"
    run(str(BINARIES / "initdb"), "-D", str(data), "-U", "greenroom", "-A", "trust", "--no-sync")
    options = f"-k {folder} -c listen_addresses= -c fsync=off"
    run(str(BINARIES / "pg_ctl"), "-D", str(data), "-l", str(log), "-o", options, "-w", "start")
    yield f"postgresql+psycopg://greenroom@/postgres?host={folder}"
    run(str(BINARIES / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop")


@pytest.fixture(params=["sqlite", "postgresql"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    if request.param == "sqlite":
        made = Store(f"sqlite:///{tmp_path / 'test.sqlite'}")
    else:
        made = Store(request.getfixturevalue("postgres"))
        with made.engine.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
    migrate(made.engine)
    yield made
    made.close()


def add(name: str, connection: Connection) -> None:
    values = {"name": name, "display_name": name, "role": "admin", "first_seen": 1}
    connection.execute(tables.person.insert().values(values))


def names(connection: Connection) -> set[str]:
    return set(connection.execute(sa.select(tables.person.c.name)).scalars())


async def test_the_migrations_lead_to_the_tables(store: Store) -> None:
    def differences(connection: Connection) -> object:
        return compare_metadata(MigrationContext.configure(connection), tables.metadata)

    assert await store.run(differences) == []


async def test_migrating_again_changes_nothing(store: Store) -> None:
    await store.run(lambda connection: add("ada", connection))
    migrate(store.engine)
    assert await store.run(names) == {"ada"}


async def test_what_run_returned_is_there_after_the_process(store: Store) -> None:
    await store.run(lambda connection: add("ada", connection))
    other = engine(store.engine.url)
    with other.connect() as connection:
        assert names(connection) == {"ada"}
    other.dispose()


async def test_a_work_that_fails_is_undone_alone(store: Store) -> None:
    def fails(connection: Connection) -> None:
        add("eve", connection)
        raise KeyError("on purpose")

    works: list[Callable[[Connection], None]] = [functools.partial(add, f"p{i}") for i in range(20)]
    results = await asyncio.gather(
        *(store.run(work) for work in [*works[:10], fails, *works[10:]]), return_exceptions=True
    )
    assert isinstance(results[10], KeyError)
    assert await store.run(names) == {f"p{i}" for i in range(20)}


async def test_a_work_that_fails_with_no_other_beside_it_is_undone(store: Store) -> None:
    def fails(connection: Connection) -> None:
        add("eve", connection)
        raise KeyError("on purpose")

    with pytest.raises(KeyError, match="on purpose"):
        await store.run(fails)
    assert await store.run(names) == set()


async def test_a_database_error_is_undone_alone(store: Store) -> None:
    works = [functools.partial(add, name) for name in ("ada", "ada", "bob")]
    results = await asyncio.gather(*map(store.run, works), return_exceptions=True)
    assert [type(one) for one in results] == [type(None), IntegrityError, type(None)]
    assert await store.run(names) == {"ada", "bob"}


async def test_works_run_in_the_order_they_were_handed_in(store: Store) -> None:
    seen: list[int] = []

    def note(i: int, _: Connection) -> None:
        seen.append(i)

    await asyncio.gather(*(store.run(functools.partial(note, i)) for i in range(500)))
    assert seen == list(range(500))


def notes(connection: Connection, items: Sequence[str]) -> list[int | Exception]:
    """Adds people, all of them at once; how many came at once is each one's result."""
    if "trouble" in items:
        add("trouble", connection)
        raise KeyError("on purpose")
    rows.add(connection, tables.person, [(name, name, "admin", 1, None) for name in items if name != "refused"])
    return [ValueError(name) if name == "refused" else len(items) for name in items]


async def held(store: Store) -> Callable[[], None]:
    """Keeps the writer busy, so that what is handed in now comes at once; returns the way to let it go on."""
    busy, on = threading.Event(), threading.Event()

    def wait(_: Connection) -> None:
        busy.set()
        on.wait(30)

    task = asyncio.ensure_future(store.run(wait))
    await asyncio.to_thread(busy.wait, 30)

    def release() -> None:
        on.set()
        assert not task.cancelled()

    return release


async def test_a_shared_work_is_done_for_all_that_wait(store: Store) -> None:
    release = await held(store)
    waiting = [asyncio.ensure_future(store.share(notes, f"p{i}")) for i in range(40)]
    await asyncio.sleep(0)
    release()
    assert await asyncio.gather(*waiting) == [40] * 40
    assert await store.run(names) == {f"p{i}" for i in range(40)}


async def test_a_shared_work_keeps_its_place_among_the_others(store: Store) -> None:
    release = await held(store)
    waiting: list[asyncio.Future[Any]] = [
        asyncio.ensure_future(one)
        for one in (store.share(notes, "ada"), store.share(notes, "bob"), store.run(names), store.share(notes, "eve"))
    ]
    await asyncio.sleep(0)
    release()
    assert await asyncio.gather(*waiting) == [2, 2, {"ada", "bob"}, 1]


async def test_one_item_s_fault_in_a_shared_work_is_nobody_else_s(store: Store) -> None:
    release = await held(store)
    waiting = [asyncio.ensure_future(store.share(notes, name)) for name in ("ada", "trouble", "refused", "bob", "ada")]
    await asyncio.sleep(0)
    release()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(one) for one in results] == [int, KeyError, ValueError, int, IntegrityError]
    assert await store.run(names) == {"ada", "bob"}


async def test_more_rows_than_one_statement_takes_are_all_there(store: Store) -> None:
    many = [(f"p{i}", "P", "admin", 1, None) for i in range(rows.MOST_VALUES)]
    await store.run(lambda connection: rows.add(connection, tables.person, many))
    assert len(await store.run(names)) == rows.MOST_VALUES


async def test_a_cancelled_wait_stops_nobody_else(store: Store) -> None:
    waiting = asyncio.ensure_future(store.run(lambda connection: add("ada", connection)))
    await asyncio.sleep(0)  # the work is handed in
    waiting.cancel()
    await store.run(lambda connection: add("bob", connection))
    assert "bob" in await store.run(names)


@pytest.mark.parametrize("verb", ["UPDATE {} SET at = 0", "DELETE FROM {}"], ids=["changed", "taken away"])
@pytest.mark.parametrize("table", tables.APPEND_ONLY)
async def test_history_cannot_be(store: Store, table: str, verb: str) -> None:
    def begin(connection: Connection) -> None:
        version = {"id": "v", "template": "t", "title": "", "content": "", "author": "", "created": 1, "chosen": 1}
        connection.execute(tables.template_version.insert().values(version))
        session = {"id": "s-1", "title": "", "candidate": "", "state": "draft", "template_version": "v"}
        connection.execute(tables.session.insert().values(**session, policy="{}", duration=1, author="ada", created=1))
        target = tables.metadata.tables[table]
        blank = {
            column.name: {int: 1, str: "x", bytes: b"x", bool: True}[column.type.python_type]
            for column in target.columns
        }
        key = "room" if table == "room_update" else "session"
        connection.execute(target.insert().values({**blank, key: "s-1"}))

    await store.run(begin)
    with pytest.raises(DBAPIError, match="append-only"):
        await store.run(lambda connection: connection.exec_driver_sql(verb.format(table)) and None)


async def test_a_closed_store_takes_no_work(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'test.sqlite'}")
    store.close()
    with pytest.raises(RuntimeError, match="closed"):
        await store.run(lambda _: None)


def test_another_database_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="mysql is not supported"):
        engine("mysql://localhost/x")
