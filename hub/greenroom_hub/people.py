"""Members of staff, and who somebody is in a request."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from greenroom_proctor.messages import Milliseconds
from greenroom_proctor.words import Role
from sqlalchemy import Connection

from greenroom_hub.moment import Now
from greenroom_hub.store import tables
from greenroom_hub.store.database import Store


@dataclass(frozen=True, slots=True)
class Who:
    """Who is asking. `role` is set for staff, `session` for a candidate; neither for a stranger."""

    name: str = ""
    display_name: str = ""
    role: Role | None = None
    session: str | None = None
    login: int | None = None
    service: bool = False

    @property
    def known(self) -> bool:
        """Whether somebody is signed in."""
        return self.role is not None or self.session is not None


STRANGER = Who()
HUB = Who(name="jupyterhub", display_name="JupyterHub", service=True)


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff."""

    name: str
    display_name: str
    role: Role
    first_seen: Milliseconds
    last_seen: Milliseconds | None


class People:
    """Everybody of the organisation who was seen or named."""

    def __init__(self, store: Store, now: Now) -> None:
        self._store = store
        self._now = now
        self._known: dict[str, Person] = {}

    async def get(self, name: str) -> Person:
        """One person. LookupError when nobody has this name."""
        if name not in self._known:
            row = await self._store.run(lambda connection: _row(connection, name))
            if row is None:
                raise LookupError(f"nobody here is called {name!r}; they are known once they have signed in")
            self._known[name] = row
        return self._known[name]

    async def list(self) -> list[Person]:
        """Everybody, by name."""
        query = sa.select(tables.person).order_by(tables.person.c.name)
        return await self._store.run(lambda connection: [_person(row) for row in connection.execute(query)])

    async def put(self, name: str, display_name: str, role: Role) -> Person:
        """Makes somebody a member of staff, or changes their role."""
        at = self._now()

        def work(connection: Connection) -> Person:
            before = _row(connection, name)
            if before is None:
                values = {"name": name, "display_name": display_name, "role": role, "first_seen": at}
                connection.execute(tables.person.insert().values(values))
            else:
                change = tables.person.update().where(tables.person.c.name == name)
                connection.execute(change.values(display_name=display_name, role=role))
            after = _row(connection, name)
            assert after is not None
            return after

        person = await self._store.run(work)
        self._known[name] = person
        return person

    async def seen(self, name: str, display_name: str, *, admin: bool) -> Person:
        """Somebody signed in. A new person is an interviewer, or an admin of the hub; a role given here stays."""
        try:
            role = (await self.get(name)).role
        except LookupError:
            role = Role.ADMIN if admin else Role.INTERVIEWER
        await self.put(name, display_name, role)
        at = self._now()
        change = tables.person.update().where(tables.person.c.name == name).values(last_seen=at)
        await self._store.run(lambda connection: connection.execute(change) and None)
        self._known.pop(name, None)
        return await self.get(name)


def _row(connection: Connection, name: str) -> Person | None:
    row = connection.execute(sa.select(tables.person).where(tables.person.c.name == name)).one_or_none()
    return None if row is None else _person(row)


def _person(row: sa.Row[tuple[object, ...]]) -> Person:
    values = dict(row._mapping)
    return Person(**{**values, "role": Role(values["role"])})
