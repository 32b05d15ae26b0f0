"""The shapes of the REST API."""

from __future__ import annotations

from typing import Annotated, Any

from greenroom_proctor.messages import Clock, Milliseconds
from greenroom_proctor.words import Action, Role, Seat, State
from msgspec import Meta, Struct

from greenroom_hub.grading.checks import Checks, HiddenFile
from greenroom_hub.policy import Policy
from greenroom_hub.templates import Criterion

Name = Annotated[str, Meta(min_length=1, max_length=200)]
PersonName = Annotated[str, Meta(min_length=1, max_length=255)]
TemplateName = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9_-]{0,79}$")]
# A day: longer than any sitting, and short enough for every timer.
Duration = Annotated[float, Meta(ge=60, le=86_400)]


class _Body(Struct, frozen=True, forbid_unknown_fields=True):
    pass


class NewTemplate(_Body, frozen=True):
    """A notebook (nbformat 4, as JSON) with data files (base64) and what its sessions start with.

    `hidden`: files (base64) for the checks and the solution; nobody but staff ever gets them.
    """

    name: TemplateName
    notebook: dict[str, Any]
    files: dict[str, bytes] = {}
    title: Name | None = None
    description: Annotated[str, Meta(max_length=2000)] = ""
    duration: Duration = 3600.0
    environment: Annotated[str, Meta(pattern="^[a-z0-9-]{1,40}$")] = "default"
    policy: Policy = Policy()
    checks: Checks = Checks()
    rubric: Annotated[tuple[Criterion, ...], Meta(max_length=12)] = ()
    solution: HiddenFile | None = None
    brief: HiddenFile | None = None
    tasks: Annotated[tuple[HiddenFile, ...], Meta(max_length=12)] = ()
    hidden: dict[str, bytes] = {}


class TemplateView(Struct, frozen=True):
    """The current version of a template."""

    name: str
    version: str
    title: str
    description: str
    duration: float
    environment: str
    policy: Policy
    files: list[str]
    author: str
    created: Milliseconds


class TemplateContent(TemplateView, frozen=True):
    """A version with its notebook, and what is for staff alone: rubric, solution, what to look for, further tasks."""

    notebook: dict[str, Any]
    rubric: tuple[Criterion, ...] = ()
    solution: str | None = None
    brief: str | None = None
    tasks: tuple[str, ...] = ()


class NewSession(_Body, frozen=True):
    """One sitting. What is left out comes from the template."""

    template: TemplateName
    candidate: Name
    title: Name | None = None
    duration: Duration | None = None
    interviewers: Annotated[tuple[PersonName, ...], Meta(max_length=20)] = ()
    policy: Policy | None = None


class SessionView(Struct, frozen=True):
    """A session as it stands at `now`. `actions` is what its state allows; `seats` is told to staff only."""

    id: str
    title: str
    candidate: str
    state: State
    clock: Clock
    now: Milliseconds
    actions: list[Action]
    policy: Policy
    template: str
    template_version: str
    created: Milliseconds
    seat: Seat | None
    seats: dict[str, Seat]


class Reason(_Body, frozen=True):
    """Why, for the record. Read by people."""

    reason: Annotated[str, Meta(max_length=500)] = ""


class Extension(_Body, frozen=True):
    """Extra time in seconds, with its reason."""

    seconds: Annotated[float, Meta(ge=-86_400, le=86_400)]
    reason: Annotated[str, Meta(max_length=500)] = ""


class NewInvitation(_Body, frozen=True):
    """A link for the candidate. `hours`: how long it works; left out, as long as the house's setting says."""

    hours: Annotated[float, Meta(gt=0, le=8760)] | None = None


class InvitationView(Struct, frozen=True):
    """A candidate's link, without what makes it work."""

    id: str
    author: str
    created: Milliseconds
    expires: Milliseconds
    revoked: Milliseconds | None
    redeemed: Milliseconds | None
    times: int


class InvitationLink(InvitationView, frozen=True):
    """A new link. `url` is shown this once and kept nowhere."""

    url: str


class SeatGiven(_Body, frozen=True):
    """A seat for a member of staff."""

    seat: Seat


class SeatView(Struct, frozen=True):
    """Who is what in a session."""

    person: str
    display_name: str
    seat: Seat


class PersonView(Struct, frozen=True):
    """A member of staff."""

    name: str
    display_name: str
    role: Role


class NewPerson(_Body, frozen=True):
    """What an admin says of a member of staff."""

    display_name: Name
    role: Role = Role.INTERVIEWER


class StaffLink(Struct, frozen=True):
    """A link that signs one person in, once. Shown this once and kept nowhere."""

    url: str


class ConsentGiven(_Body, frozen=True):
    """The candidate's answer to what is recorded, with the version of the wording they read."""

    wording: Annotated[str, Meta(pattern="^[A-Za-z0-9._-]{1,40}$")]
    accepted: bool


class ConsentView(Struct, frozen=True):
    """The candidate's last answer, if there is one."""

    wording: str | None
    accepted: bool | None
    at: Milliseconds | None


class EventView(Struct, frozen=True):
    """A fact in the record, with the hash that chains it to the one before."""

    seq: int
    at: Milliseconds
    type: str
    actor: str
    body: dict[str, Any]
    previous: str
    hash: str
