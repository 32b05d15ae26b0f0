"""Who may call a route: a word per HTTP method, and one table that says what the word means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType

from greenroom_proctor.words import Role, Seat

from greenroom_hub.people import Who


class Access(StrEnum):
    """A circle of people. Those about a session need a route with a session in it."""

    ANYONE = "anyone"
    KNOWN = "known"
    STAFF = "staff"
    ADMIN = "admin"
    SERVICE = "service"
    CANDIDATE = "candidate"
    SEATED = "seated"
    LOOK = "look"
    WRITER = "writer"
    INTERVIEWER = "interviewer"
    PANEL = "panel"
    STEER = "steer"


_Rule = Callable[[Who, Seat | None], bool]


def _admin(who: Who, _seat: Seat | None) -> bool:
    return who.role is Role.ADMIN


RULES: Mapping[Access, _Rule] = MappingProxyType(
    {
        Access.ANYONE: lambda who, seat: True,  # noqa: ARG005
        Access.KNOWN: lambda who, seat: who.known,  # noqa: ARG005
        Access.STAFF: lambda who, seat: who.role is not None,  # noqa: ARG005
        Access.ADMIN: _admin,
        Access.SERVICE: lambda who, seat: who.service,  # noqa: ARG005
        Access.CANDIDATE: lambda who, seat: seat is Seat.CANDIDATE,  # noqa: ARG005
        Access.SEATED: lambda who, seat: seat is not None,  # noqa: ARG005
        Access.LOOK: lambda who, seat: seat is not None or _admin(who, seat),
        Access.WRITER: lambda who, seat: seat in {Seat.CANDIDATE, Seat.INTERVIEWER},  # noqa: ARG005
        # What they write down in private is theirs: not for those who look on, and not for admins.
        Access.INTERVIEWER: lambda who, seat: seat is Seat.INTERVIEWER,  # noqa: ARG005
        # An admin answers for the house: sees and steers every session, and enters a room only with a seat.
        Access.PANEL: lambda who, seat: seat in {Seat.INTERVIEWER, Seat.OBSERVER} or _admin(who, seat),
        Access.STEER: lambda who, seat: seat is Seat.INTERVIEWER or _admin(who, seat),
    }
)

# What a refusal tells the person.
MEANING: Mapping[Access, str] = MappingProxyType(
    {
        Access.ANYONE: "anyone",
        Access.KNOWN: "people who are signed in",
        Access.STAFF: "staff",
        Access.ADMIN: "admins",
        Access.SERVICE: "JupyterHub itself",
        Access.CANDIDATE: "the session's candidate",
        Access.SEATED: "people with a seat in this session",
        Access.LOOK: "people with a seat in this session, and admins",
        Access.WRITER: "the candidate and the interviewers of this session",
        Access.INTERVIEWER: "the interviewers of this session",
        Access.PANEL: "the interviewers and observers of this session, and admins",
        Access.STEER: "the interviewers of this session, and admins",
    }
)


def may(access: Access, who: Who, seat: Seat | None) -> bool:
    """Whether `who`, in this seat of the route's session, is within the circle."""
    return RULES[access](who, seat)
