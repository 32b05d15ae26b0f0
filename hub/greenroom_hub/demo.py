"""The links of the start: a demo organisation's two, or the admin's own where no provider signs staff in."""

from __future__ import annotations

from dataclasses import dataclass

from greenroom_proctor.words import Role, State

from greenroom_hub.house import House
from greenroom_hub.settings import PREFIX

INTERVIEWER = "interviewer"
ADMIN = "admin"
TEMPLATE = "interview_pandas"
_GOES_ON = frozenset({State.SCHEDULED, State.LOBBY, State.LIVE, State.PAUSED})


@dataclass(frozen=True, slots=True)
class Links:
    """What two people open in two browsers."""

    interviewer: str
    candidate: str


async def make_demo(house: House) -> Links:
    """The links of the demo's session; a session that has ended is followed by another one."""
    await house.people.put(INTERVIEWER, "Demo interviewer", Role.ADMIN)
    session = await _session(house)
    staff = await house.invitations.make_staff_link(INTERVIEWER, f"{PREFIX}sessions/{session}")
    candidate, _ = await house.invitations.make(session, INTERVIEWER)
    return Links(f"{house.settings.url}/hub/staff-link#{staff}", f"{house.settings.url}/hub/invitation#{candidate}")


async def admin_link(house: House) -> str:
    """A link that signs in an admin, who makes those of all others."""
    await house.people.put(ADMIN, "Admin", Role.ADMIN)
    return f"{house.settings.url}/hub/staff-link#{await house.invitations.make_staff_link(ADMIN, PREFIX)}"


async def _session(house: House) -> str:
    for session in await house.sessions.list():
        if session.author == INTERVIEWER and session.state in _GOES_ON:
            return session.id
    templates = {one.template: one for one in await house.templates.list()}
    if not templates:
        raise LookupError("the demo needs a template, and notebooks/ has no notebook")
    template = templates.get(TEMPLATE) or next(iter(templates.values()))
    made = await house.sessions.create(
        title=template.title, candidate="Demo candidate", template=template, author=INTERVIEWER
    )
    return made.id
