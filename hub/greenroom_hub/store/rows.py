"""Many rows in one statement.

`executemany` gives up the interpreter's lock for each row, and in a busy process has to wait for it as often; one
statement with all the rows does so once.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain

from sqlalchemy import Connection, Table

# Values in one statement: SQLite takes 32,766, PostgreSQL 65,535. More make no statement any faster.
MOST_VALUES = 6000


def add(connection: Connection, table: Table, rows: Sequence[tuple[object, ...]]) -> None:
    """Inserts rows, each a value for every column in the table's order."""
    _write(connection, table, rows, "")


def put(connection: Connection, table: Table, rows: Sequence[tuple[object, ...]]) -> None:
    """Inserts rows, or puts them in the place of those with the same primary key."""
    key = [one.name for one in table.primary_key]
    rest = ", ".join(f"{one.name} = excluded.{one.name}" for one in table.columns if one.name not in key)
    _write(connection, table, rows, f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {rest}")


def _write(connection: Connection, table: Table, rows: Sequence[tuple[object, ...]], end: str) -> None:
    columns = len(table.columns)
    most = MOST_VALUES // columns
    for start in range(0, len(rows), most):
        some = rows[start : start + most]
        text = _statement(table, len(some), "?" if connection.dialect.name == "sqlite" else "%s")
        connection.exec_driver_sql(text + end, tuple(chain.from_iterable(some)))


@lru_cache(maxsize=512)
def _statement(table: Table, count: int, mark: str) -> str:
    names = [one.name for one in table.columns]
    row = f"({', '.join(mark for _ in names)})"
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES {', '.join([row] * count)}"  # noqa: S608 - names of ours
