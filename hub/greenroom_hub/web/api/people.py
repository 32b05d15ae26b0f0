"""REST: the members of staff, and the links that sign them in where no provider does."""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import unquote

from greenroom_hub.settings import PREFIX
from greenroom_hub.web.access import Access
from greenroom_hub.web.api.shapes import NewPerson, PersonView, StaffLink
from greenroom_hub.web.handler import Handler
from greenroom_hub.web.operation import Operation
from greenroom_hub.web.paths import API

# What JupyterHub takes for a user's name here; "s-…" is a session's and refused.
_NAME = "(?P<name>(?!s-)[a-z0-9%@._+-]{1,255})"


class PeopleHandler(Handler):
    """Everybody of the organisation."""

    access: ClassVar = {"GET": Access.STAFF}
    operations: ClassVar = {"GET": Operation("The members of staff", list[PersonView])}

    async def get(self) -> None:
        """By name."""
        people = await self.house.people.list()
        self.answer([PersonView(one.name, one.display_name, one.role) for one in people])


class PersonHandler(Handler):
    """One member of staff."""

    access: ClassVar = {"PUT": Access.ADMIN}
    operations: ClassVar = {
        "PUT": Operation("Make somebody a member of staff, or change their role", PersonView, NewPerson)
    }

    async def put(self, name: str) -> None:
        """The person, from now on."""
        new = self.body(NewPerson)
        one = await self.house.people.put(unquote(name), new.display_name, new.role)
        self.answer(PersonView(one.name, one.display_name, one.role))


class StaffLinkHandler(Handler):
    """A link that signs somebody in."""

    access: ClassVar = {"POST": Access.ADMIN}
    operations: ClassVar = {
        "POST": Operation("Make a link that signs a member of staff in, once", StaffLink, status=201)
    }

    async def post(self, name: str) -> None:
        """The link."""
        person = await self.house.people.get(unquote(name))
        token = await self.house.invitations.make_staff_link(person.name, PREFIX)
        self.answer(StaffLink(f"{self.house.settings.url}/hub/staff-link#{token}"), 201)


routes = [
    (f"{API}/people", PeopleHandler),
    (f"{API}/people/{_NAME}", PersonHandler),
    (f"{API}/people/{_NAME}/link", StaffLinkHandler),
]
