"""The database: one writer thread, many works per commit, each work undone alone when it fails."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.pool import QueuePool, StaticPool

T = TypeVar("T")
I = TypeVar("I")  # noqa: E741 - an item

# Measured: batches of 100 to 1000 reach 23k-69k rows a second; a larger one only makes the first work wait longer.
BATCH = 256


# What is done alike for many: a result for each item, in order. An exception in a result's place is that item's error.
Shared = Callable[[Connection, Sequence[I]], Sequence[T | Exception]]


@dataclass(slots=True)
class _Job:
    """Something to do: a work of its own, or an item of a work that it shares with others."""

    work: Callable[[Connection], Any] | None
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    shared: Shared[Any, Any] | None = None
    item: Any = None
    result: Any = None
    error: Exception | None = None

    def perform(self, connection: Connection) -> None:
        """Does it. Raises what the work raises."""
        if self.work is not None:
            self.result = self.work(connection)
        elif self.shared is not None:
            self.take(self.shared(connection, [self.item])[0])

    def take(self, result: Any) -> None:  # noqa: ANN401 - whatever the work returns
        """The result of a shared work."""
        if isinstance(result, Exception):
            self.error = result
        else:
            self.result = result

    def deliver(self) -> None:
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


class Store:
    """The one way to the database. `run` returns when what it did is on disk.

    All works run one after another in one thread, so a work sees no other half done. A work that raises is rolled back
    alone; the others of its batch are committed.
    """

    def __init__(self, url: str | URL) -> None:
        self.engine = engine(url)
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._write, name="store", daemon=True)
        self._thread.start()

    async def run(self, work: Callable[[Connection], T]) -> T:
        """The result of `work`, durable. What it raises is raised here, and nothing it did stays."""
        if self._closed:
            raise RuntimeError("the store is closed and takes no more work")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._jobs.put(_Job(work, loop, future))
        return await future

    async def share(self, work: Shared[I, T], item: I) -> T:
        """The result of `work` for this item, durable. Items that were handed in one after another are done at once:
        `work`, the same function for all, is called with all of them. When it raises, each is tried alone."""
        if self._closed:
            raise RuntimeError("the store is closed and takes no more work")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._jobs.put(_Job(None, loop, future, work, item))
        return await future

    def close(self) -> None:
        """Ends after the works that were handed in before."""
        if self._closed:
            return
        self._closed = True
        self._jobs.put(None)
        self._thread.join()
        self.engine.dispose()

    def _write(self) -> None:
        going_on = True
        while going_on:
            batch, going_on = self._next_batch()
            if batch:
                self._commit(batch)
                _deliver(batch)

    def _next_batch(self) -> tuple[list[_Job], bool]:
        batch: list[_Job] = []
        job = self._jobs.get()
        while job is not None:
            batch.append(job)
            if len(batch) == BATCH:
                return batch, True
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return batch, True
        return batch, False

    def _commit(self, batch: list[_Job]) -> None:
        try:
            with self.engine.begin() as connection:
                if len(batch) == 1:  # undone as a whole, without a savepoint: 1.0 ms of processor for a key, not 1.3
                    batch[0].perform(connection)
                else:
                    for group in _groups(batch):
                        _perform(connection, group)
        except Exception as error:  # noqa: BLE001 - whatever kept the commit from happening is everybody's error
            for job in batch:
                job.error = job.error or error


def _groups(batch: Sequence[_Job]) -> Iterator[list[_Job]]:
    """What is done at once, in order: a work of its own alone; between two of those, all items of a shared work."""
    sharing: dict[Shared[Any, Any], list[_Job]] = {}
    for job in batch:
        if job.shared is not None:
            sharing.setdefault(job.shared, []).append(job)
            continue
        yield from sharing.values()
        sharing = {}
        yield [job]
    yield from sharing.values()


def _perform(connection: Connection, jobs: list[_Job]) -> None:
    savepoint = connection.begin_nested()
    try:
        if (shared := jobs[0].shared) is None or len(jobs) == 1:
            jobs[0].perform(connection)
        else:
            for job, result in zip(jobs, shared(connection, [job.item for job in jobs]), strict=True):
                job.take(result)
    except Exception as error:  # noqa: BLE001 - the work's own error goes back to whoever asked for the work
        savepoint.rollback()
        if len(jobs) == 1:
            jobs[0].error = error
            return
        for job in jobs:
            job.result = job.error = None
            _perform(connection, [job])
    else:
        savepoint.commit()


def _deliver(batch: list[_Job]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
    for job in batch:
        by_loop.setdefault(job.loop, []).append(job)
    for loop, jobs in by_loop.items():
        try:
            loop.call_soon_threadsafe(_deliver_all, jobs)
        except RuntimeError:  # the loop is closed: nobody waits any more, and the work is done
            continue


def _deliver_all(jobs: list[_Job]) -> None:
    for job in jobs:
        job.deliver()


def engine(url: str | URL) -> Engine:
    """An engine on SQLite (WAL, every commit synced) or PostgreSQL."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed)
    if parsed.get_backend_name() == "postgresql":
        return create_engine(parsed, pool_size=1, max_overflow=0, pool_pre_ping=True)
    raise ValueError(
        f"database_url: {parsed.get_backend_name()} is not supported; use sqlite:///FILE or postgresql+psycopg://…"
    )


def _sqlite(url: URL) -> Engine:
    in_memory = url.database in {None, "", ":memory:"}
    if not in_memory and url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    made = create_engine(
        url,
        # Kept open: closing SQLite's last connection folds the log into the database, several syncs where one is due.
        poolclass=StaticPool if in_memory else QueuePool,
        connect_args={"check_same_thread": False, "timeout": 30},
    )

    @event.listens_for(made, "connect")
    def _prepare(raw: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own connection
        raw.isolation_level = None  # we begin transactions ourselves: the driver's own way breaks savepoints
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(made, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return made
