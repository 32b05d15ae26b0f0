"""What travels on the wire between a browser and the service. The TypeScript types are generated from this file.

A browser's messages carry numbers and short known words only: there is no field a picture or a text could hide in.
Times in observations are seconds on the browser's monotonic clock since it first opened the wire; the service turns
them into UTC with its own clock. Every other time is milliseconds since the epoch, UTC, by the service's clock.
"""

from typing import Annotated

from msgspec import Meta, Struct

from greenroom_proctor.call import Look, Member, Showing  # noqa: F401 - Showing is part of a member
from greenroom_proctor.words import Excuse, Kind, Level, Meter, Presence, Seat, Signal, State

Seconds = Annotated[float, Meta(ge=0, le=604_800)]  # a week: a laptop that slept over a weekend still reports
Share = Annotated[float, Meta(ge=0, le=1)]
Sequence = Annotated[int, Meta(ge=1, le=2**31)]
Milliseconds = int


class Observation(Struct, frozen=True, forbid_unknown_fields=True):
    """A stretch in which a signal was off. `end` is absent while it goes on; `id` stays the same when it ends. `size`:
    the characters that came in at once, for the kinds of the clipboard; never the text itself. `by`: what measured it.
    """

    id: Annotated[str, Meta(pattern="^[a-z0-9]{8,16}$")]
    signal: Signal
    kind: Kind
    start: Seconds
    end: Seconds | None
    confidence: Share
    quality: Share
    size: Annotated[int, Meta(ge=1, le=10_000_000)] | None = None
    by: Meter | None = None


# Browser to service


class Hello(Struct, frozen=True, forbid_unknown_fields=True, tag="hello"):
    """The first message on every connection. `browser` is a random id kept with the unacknowledged messages; `clock`
    is the browser's monotonic clock now, in seconds, so that buffered observations can be placed in time."""

    browser: Annotated[str, Meta(pattern="^[a-z0-9]{16}$")]
    clock: Seconds


class Observe(Struct, frozen=True, forbid_unknown_fields=True, tag="observe"):
    """One observation, numbered per browser; sent again until it is acknowledged."""

    n: Sequence
    observation: Observation


class Beat(Struct, frozen=True, forbid_unknown_fields=True, tag="beat"):
    """A heartbeat: the page is open and its signals are running. Tells "gone" from "quiet"."""

    camera: bool
    visible: bool


FromBrowser = Hello | Observe | Beat


# Service to browser


class Clock(Struct, frozen=True):
    """The time left. While `running`, it ends at `ends_at`; otherwise `left` seconds remain and stand still."""

    duration: float
    left: float
    running: bool
    ends_at: Milliseconds | None


class Person(Struct, frozen=True):
    """Somebody who is connected now."""

    name: str
    display_name: str
    seat: Seat


class Incident(Struct, frozen=True):
    """Observations that a rule picked up and grouped. `text` is the sentence a person reads; `seconds` is null while
    the last of its `count` stretches goes on. `excused`: why it counts for nothing, if it does."""

    id: str
    signal: Signal
    kind: Kind
    level: Level
    at: Milliseconds
    seconds: float | None
    count: int
    text: str
    excused: Excuse | None = None


class Standing(Struct, frozen=True):
    """How the candidate's page stands. `heard`: when its last sign of life came, for one that is quiet or gone."""

    presence: Presence
    heard: Milliseconds | None = None


class Welcome(Struct, frozen=True, tag="welcome"):
    """The answer to hello: who the service takes this browser for, and the last number it has stored from it.
    `elsewhere`: until when an interviewer has asked the candidate to look elsewhere. `candidate`: how their page
    stands; told to staff, once it has been here."""

    you: Person
    state: State
    clock: Clock
    now: Milliseconds
    acknowledged: int
    head: str
    people: list[Person]
    incidents: list[Incident]
    elsewhere: Milliseconds | None = None
    candidate: Standing | None = None


class Acknowledged(Struct, frozen=True, tag="acknowledged"):
    """Everything up to `n` from this browser is durable. `head` is the hash of the newest event in the record."""

    n: int
    head: str


class SessionChanged(Struct, frozen=True, tag="session"):
    """The session's state or clock changed."""

    state: State
    clock: Clock
    now: Milliseconds


class PeopleChanged(Struct, frozen=True, tag="people"):
    """Who is here now."""

    people: list[Person]


class CandidateChanged(Struct, frozen=True, tag="candidate"):
    """The candidate's page is here, quiet or gone. Staff are told."""

    standing: Standing


class IncidentChanged(Struct, frozen=True, tag="incident"):
    """A new incident, or one that grew. Staff get every level; the candidate gets their own."""

    incident: Incident


class ElsewhereAsked(Struct, frozen=True, tag="elsewhere"):
    """An interviewer asked the candidate to look elsewhere: until then it counts for nothing where they look."""

    until: Milliseconds


class Remark(Struct, frozen=True):
    """A message to everybody in the session, or a comment on a cell. `text` is null once it was erased. `resolved`:
    who took the comment for settled; null while it is open."""

    n: int
    at: Milliseconds
    author: str
    seat: Seat
    cell: str | None
    text: str | None
    resolved: str | None


class RemarkMade(Struct, frozen=True, tag="remark"):
    """Somebody said something, or a comment is settled or open again."""

    remark: Remark


class HandsRaised(Struct, frozen=True, tag="hands"):
    """Whose hands are up now, by the names of their accounts."""

    names: list[str]


class TaskAdded(Struct, frozen=True, tag="task"):
    """An interviewer put a further task into the notebook; `cell` is its first one."""

    title: str
    cell: str


class CallChanged(Struct, frozen=True, tag="call"):
    """Who is in the call, and who asks to see the candidate or sees them now."""

    members: list[Member]
    looks: list[Look]


class Refused(Struct, frozen=True, tag="refused"):
    """A message the service did not take, and why. `n` is set when it was a numbered one."""

    why: str
    n: int | None = None


ToBrowser = (
    Welcome
    | Acknowledged
    | SessionChanged
    | PeopleChanged
    | CandidateChanged
    | IncidentChanged
    | RemarkMade
    | HandsRaised
    | ElsewhereAsked
    | TaskAdded
    | CallChanged
    | Refused
)


# On the document's own socket, so that a command cannot overtake the edits before it (service -> browser: frame 5,
# browser -> service: frame 6, each a JSON string after the frame number)


class Run(Struct, frozen=True, forbid_unknown_fields=True, tag="run"):
    """Run the cell with this id; `request` comes back in Done."""

    cell: Annotated[str, Meta(max_length=64)]
    request: Sequence


class Reply(Struct, frozen=True, forbid_unknown_fields=True, tag="reply"):
    """The answer to a cell's input() prompt."""

    prompt: Annotated[str, Meta(max_length=64)]
    value: Annotated[str, Meta(max_length=100_000)]


RoomCommand = Run | Reply


class Done(Struct, frozen=True, tag="done"):
    """A run ended: ok, error, aborted (an earlier cell failed), refused (this seat or state may not run) or gone."""

    request: int
    status: str


class Saved(Struct, frozen=True, tag="saved"):
    """How many of this connection's document updates are durable."""

    updates: int


class Ask(Struct, frozen=True, tag="ask"):
    """A running cell asks for input; `prompt` names the question. Null text: the question is closed."""

    prompt: str
    cell: str
    text: str | None
    password: bool


class KernelNotice(Struct, frozen=True, tag="kernel"):
    """What the kernel is doing: starting, idle, busy, restarting, dead. `text` is a sentence for a person, or empty."""

    status: str
    text: str


class DocumentRefused(Struct, frozen=True, tag="document_refused"):
    """An update was not taken and the page must load the document anew. `why` is a sentence for a person."""

    why: str


RoomNotice = Done | Saved | Ask | KernelNotice | DocumentRefused
