"""REST: a session's invitations."""

from __future__ import annotations

from typing import Any, ClassVar

from greenroom_hub import life
from greenroom_hub.invitations import Invitation
from greenroom_hub.web.access import Access
from greenroom_hub.web.api.shapes import InvitationLink, InvitationView, NewInvitation
from greenroom_hub.web.denied import Denied
from greenroom_hub.web.handler import Handler
from greenroom_hub.web.operation import Operation
from greenroom_hub.web.paths import ONE


class InvitationsHandler(Handler):
    """The links of one session's candidate."""

    access: ClassVar = {"GET": Access.STEER, "POST": Access.STEER}
    operations: ClassVar = {
        "GET": Operation("A session's invitations", list[InvitationView]),
        "POST": Operation("Make an invitation link", InvitationLink, NewInvitation, 201),
    }

    async def get(self, session: str) -> None:
        """The list, oldest first."""
        self.answer([_view(one) for one in await self.house.invitations.list(session)])

    async def post(self, session: str) -> None:
        """A new link. It works until it expires or is revoked; the newest device that opens it has the seat."""
        assert self.session is not None
        if self.session.state in life.OVER:
            raise Denied(409, f"cannot invite to a session that is {self.session.state}")
        new = self.body(NewInvitation) if self.request.body else NewInvitation()
        token, made = await self.house.invitations.make(session, self.who.name, new.hours)
        body = {"invitation": made.id, "expires": made.expires}
        await self.house.record.append(session, "invitation.made", body, actor=self.who.name)
        url = f"{self.house.settings.url}/hub/invitation#{token}"
        self.answer(InvitationLink(**_fields(made), url=url), 201)


class InvitationHandler(Handler):
    """One link."""

    access: ClassVar = {"DELETE": Access.STEER}
    operations: ClassVar = {"DELETE": Operation("Take an invitation back; who is in already stays in", status=204)}

    async def delete(self, session: str, id: str) -> None:
        """Makes it useless."""
        await self.house.invitations.revoke(session, id)
        await self.house.record.append(session, "invitation.revoked", {"invitation": id}, actor=self.who.name)
        self.set_status(204)


def _fields(invitation: Invitation) -> dict[str, Any]:
    return {name: getattr(invitation, name) for name in InvitationView.__struct_fields__}


def _view(invitation: Invitation) -> InvitationView:
    return InvitationView(**_fields(invitation))


routes = [
    (f"{ONE}/invitations", InvitationsHandler),
    (f"{ONE}/invitations/(?P<id>[0-9a-f]{{10}})", InvitationHandler),
]
