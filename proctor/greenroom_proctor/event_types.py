"""Every type of event in the record, and what its body holds. A fact of another form is refused, not kept.

An event lives as long as the record: a type may get a further optional field, and anything else is a new type. In a
body stand numbers, known words, names of accounts and hashes; what says more about a person is committed to by
`private` (see `chain.commitment`) and kept apart. docs/events.md is written from this file:
`python -m greenroom_proctor.events_page`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from greenroom_proctor.words import Action, Answer, Excuse, Kind, Meter, Picture, Seat, Signal, State

_Browser = Annotated[str, Meta(description="the random id of one page of one browser")]
_At = Annotated[int, Meta(description="milliseconds since the epoch, by the service's clock")]
_Invitation = Annotated[str, Meta(description="the link's id, not the link")]
_Person = Annotated[str, Meta(description="the account's name")]
_Led = Annotated[State, Meta(description="the state it led to")]
_Reason = Annotated[str | UnsetType | None, Meta(description="what whoever did it wrote beside it")]
_Case = Annotated[str, Meta(description="the id of the incident's first observation")]


class Body(Struct, frozen=True, forbid_unknown_fields=True):
    """What one type of event holds."""


class SessionCreated(Body, frozen=True, tag="session.created"):
    """The session was made. Its title and the candidate's name are private."""

    template: Annotated[str, Meta(description="SHA-256 of the template's content")]
    policy: Annotated[
        dict[str, Any],
        Meta(description="the whole policy, as the candidate reads it; reasons of accommodations are private"),
    ]


class Extended(Body, frozen=True, tag="session.extend"):
    """Extra time was given, or some taken back."""

    state: _Led
    seconds: Annotated[float, Meta(description="how much; negative when some was taken back")]
    reason: _Reason = UNSET


def _acted(action: Action) -> type[Body]:
    fields: list[tuple[str, Any] | tuple[str, Any, Any]] = [("state", _Led), ("reason", _Reason, UNSET)]
    about = f"The action '{action}' moved the session on."
    made = msgspec.defstruct(
        f"Session{action.title()}",
        fields,
        bases=(Body,),
        namespace={"__doc__": about},
        frozen=True,
        forbid_unknown_fields=True,
        tag=f"session.{action}",
    )
    assert issubclass(made, Body)
    return made


class InvitationMade(Body, frozen=True, tag="invitation.made"):
    """A link for the candidate was made."""

    invitation: _Invitation
    expires: _At


class InvitationRevoked(Body, frozen=True, tag="invitation.revoked"):
    """A link was made useless."""

    invitation: _Invitation


class InvitationRedeemed(Body, frozen=True, tag="invitation.redeemed"):
    """The candidate came in by a link."""

    invitation: _Invitation
    times: Annotated[int, Meta(description="how often it has been used by now")]
    moved: Annotated[bool, Meta(description="whether the seat moved here from another device")]


class SeatGiven(Body, frozen=True, tag="seat.given"):
    """Somebody got a seat, or another one."""

    person: _Person
    seat: Annotated[Seat, Meta(description="which one")]


class SeatTaken(Body, frozen=True, tag="seat.taken"):
    """Somebody has no seat any more."""

    person: _Person


class ConsentGiven(Body, frozen=True, tag="consent.given"):
    """The candidate answered what is recorded."""

    wording: Annotated[str, Meta(description="the version of the text")]
    accepted: Annotated[bool, Meta(description="yes, or no")]


class FilesPlaced(Body, frozen=True, tag="files.placed"):
    """The template's files were put into the work folder."""

    files: Annotated[list[str], Meta(description="their names")]


class ConnectionOpened(Body, frozen=True, tag="connection.opened"):
    """A page of the candidate's was connected."""

    browser: _Browser


class ConnectionClosed(Body, frozen=True, tag="connection.closed"):
    """A page of the candidate's was gone: closed, or without network."""

    browser: _Browser
    heard: Annotated[int, Meta(description="when its last message came, milliseconds since the epoch")]


class Observed(Body, frozen=True, tag="observation"):
    """A browser reported that a signal was off. Sent when it begins, and with the same id when it has ended."""

    browser: _Browser
    n: Annotated[int, Meta(description="the number of the message, counted by that page")]
    id: Annotated[str, Meta(description="the same while it lasts and when it ends")]
    signal: Annotated[Signal, Meta(description="the source")]
    kind: Annotated[Kind, Meta(description="what it saw")]
    start: _At
    end: Annotated[int | None, Meta(description="as `start`; null while it goes on")]
    confidence: Annotated[float, Meta(description="0 to 1: the share of readings that say so")]
    quality: Annotated[float, Meta(description="0 to 1: how far those readings can be trusted")]
    size: Annotated[int | UnsetType, Meta(description="characters that came in at once; never the text")] = UNSET
    by: Annotated[Meter | UnsetType, Meta(description="what measured it")] = UNSET


class ObservationsLeft(Body, frozen=True, tag="observation.left"):
    """A page was gone or silent: what it reported as going on is taken to have ended when it was last heard."""

    browser: _Browser
    heard: Annotated[int, Meta(description="when that was, milliseconds since the epoch")]


class Warned(Body, frozen=True, tag="incident.warning"):
    """A rule picked observations up, and the candidate was told."""

    id: _Case
    signal: Annotated[Signal, Meta(description="the source")]
    kind: Annotated[Kind, Meta(description="what it saw")]
    count: Annotated[int, Meta(description="how many observations belong to it so far")]
    rules: Annotated[int, Meta(description="the version of the table of rules")]


class Flagged(Warned, frozen=True, tag="incident.flag"):
    """An incident went on after the warning, or came too often, and the interviewers were told."""


class Excused(Body, frozen=True, tag="incident.excused"):
    """An incident has an explanation: it counts for nothing in the score. What an interviewer wrote is private."""

    id: _Case
    signal: Annotated[Signal, Meta(description="the source")]
    kind: Annotated[Kind, Meta(description="what it saw")]
    because: Annotated[Excuse, Meta(description="what explains it")]


class Calibrated(Body, frozen=True, tag="calibration"):
    """The calibration by which the candidate's page judges: medians while they looked at the screen."""

    yaw: Annotated[float, Meta(description="the head's turn, degrees")]
    pitch: Annotated[float, Meta(description="the head's nod, degrees")]
    gaze: Annotated[float, Meta(description="the eyes' turn, degrees")]
    ear: Annotated[float, Meta(description="how far the eyelids are open")]
    luma: Annotated[float | None, Meta(description="the picture's brightness, 0 to 255")]
    std: Annotated[float | None, Meta(description="its contrast, 0 to 255")]
    widening: Annotated[float, Meta(description="by how many degrees the limits sideways are wider")]


class ElsewhereAsked(Body, frozen=True, tag="elsewhere.asked"):
    """An interviewer asked the candidate to look elsewhere: where they look counts for nothing for a while."""

    seconds: Annotated[int, Meta(description="how long")]
    until: _At


class Noted(Body, frozen=True, tag="incident.note"):
    """The candidate wrote a note beside an incident. The text is private."""

    id: _Case
    answer: Annotated[Answer, Meta(description="what it was, in a word")]


class NotesWaived(Body, frozen=True, tag="notes.waived"):
    """The candidate said that there is nothing to add: the window for notes is closed."""


class NotesRead(Body, frozen=True, tag="notes.read"):
    """A member of staff read the notes after the window was closed; only then the score opens to them."""

    person: _Person
    notes: Annotated[int, Meta(description="how many there were")]


class Ran(Body, frozen=True, tag="run"):
    """A cell was run in the session's kernel."""

    cell: Annotated[str, Meta(description="the cell's id; its source stands in the document's log")]
    status: Annotated[str, Meta(description="ok, error, aborted, refused or gone")]
    milliseconds: Annotated[int, Meta(description="how long it took")]


class RanElsewhere(Body, frozen=True, tag="run.elsewhere"):
    """A program was run by a runner, through the gateway. Sizes and a hash; the text stands in the document's log."""

    language: Annotated[str, Meta(description="the runtime's name")]
    version: Annotated[str, Meta(description="the version that was asked for")]
    source_sha256: Annotated[str, Meta(description="of the program's text")]
    source_bytes: Annotated[int, Meta(description="its size")]
    stdin_bytes: Annotated[int, Meta(description="the size of its input")]
    files: Annotated[int, Meta(description="how many files went with it")]
    stage: Annotated[str, Meta(description="how far it came: compile, run, or none")]
    code: Annotated[int | None, Meta(description="its exit code")]
    signal: Annotated[str | None, Meta(description="the signal that ended it")]
    status: Annotated[str | None, Meta(description="the runner's word for how it ended")]
    message: Annotated[str | None, Meta(description="the runner's sentence for it")]
    wall_ms: Annotated[int | None, Meta(description="how long it took, milliseconds")]
    stdout_bytes: Annotated[int, Meta(description="the size of its output")]
    stderr_bytes: Annotated[int, Meta(description="the size of its error output")]


class CheckBegun(Body, frozen=True, tag="check.begun"):
    """The candidate pressed "Check": a try at a hidden check began."""

    check: Annotated[str, Meta(description="its name")]
    number: Annotated[int, Meta(description="which try it is")]
    notebook: Annotated[str, Meta(description="SHA-256 of the code cells that are checked")]


class CheckEnded(Body, frozen=True, tag="check.ended"):
    """A try at a hidden check ended. No case and no answer stands here."""

    check: Annotated[str, Meta(description="its name")]
    number: Annotated[int, Meta(description="which try it was")]
    passed: Annotated[int | None, Meta(description="how many cases passed; null when it broke, and is no try then")]
    total: Annotated[int, Meta(description="of how many")]


class Graded(Body, frozen=True, tag="submission.graded"):
    """The submission was graded by its hidden checks, and the grade signed."""

    notebook: Annotated[str, Meta(description="SHA-256 of the notebook as it was handed in")]
    grade: Annotated[str, Meta(description="SHA-256 of the signed grade")]
    passed: Annotated[int, Meta(description="how many cases passed, of all checks")]
    total: Annotated[int, Meta(description="of how many")]


class Remarked(Body, frozen=True, tag="remark"):
    """Somebody said something in writing, to everybody or about a cell. The text is private."""

    cell: Annotated[str | None, Meta(description="the id of the cell that a comment is about")]
    seat: Annotated[Seat, Meta(description="where its author sat")]


class RemarkResolved(Body, frozen=True, tag="remark.resolved"):
    """Somebody took a comment on a cell for settled, or opened it again. Their name is private."""

    remark: Annotated[int, Meta(description="the number of the comment's event")]
    resolved: Annotated[bool, Meta(description="settled, or open again")]


class HandRaised(Body, frozen=True, tag="hand"):
    """Somebody raised a hand, or took it down."""

    up: Annotated[bool, Meta(description="up, or down")]


_Page = Annotated[str, Meta(description="the random id of one loading of one page")]
_Look = Annotated[str, Meta(description="the id of the look")]


class CallJoined(Body, frozen=True, tag="call.joined"):
    """Somebody came into the call. A reload leaves it and comes in again."""

    page: _Page


class CallLeft(Body, frozen=True, tag="call.left"):
    """Somebody is not in the call any more."""

    page: _Page


class CallAsked(Body, frozen=True, tag="call.asked"):
    """A member of staff asked to see the candidate's camera without a call."""

    look: _Look


class CallAnswered(Body, frozen=True, tag="call.answered"):
    """The candidate answered that."""

    look: _Look
    allowed: Annotated[bool, Meta(description="yes, or no")]
    standing: Annotated[bool, Meta(description="whether the answer was given before, for every look of the session")]


class CallViewed(Body, frozen=True, tag="call.viewed"):
    """From here on, or no longer, the one whose doing it is is sent somebody's picture. None is kept."""

    person: Annotated[str, Meta(description="who is seen")]
    what: Annotated[Picture, Meta(description="by what")]
    look: Annotated[bool, Meta(description="true for a look, false within the call")]
    on: Annotated[bool, Meta(description="true when it begins, false when it has ended")]


class TaskPushed(Body, frozen=True, tag="task.pushed"):
    """An interviewer put a further task of the template at the end of the notebook."""

    task: Annotated[str, Meta(description="its name in the template")]
    locked: Annotated[list[str], Meta(description="the ids of its cells that nobody may change")]


class CellLocked(Body, frozen=True, tag="cell.locked"):
    """An interviewer locked a cell for everybody, or unlocked it."""

    cell: Annotated[str, Meta(description="the cell's id")]
    locked: Annotated[bool, Meta(description="locked, or unlocked")]


class ScorecardHandedIn(Body, frozen=True, tag="scorecard.handed_in"):
    """An interviewer handed in a scorecard, which stays as it is from then on. What stands on it is not here."""

    person: _Person
    card: Annotated[str, Meta(description="salted SHA-256 of the card: it can be shown later that this was it")]


class ChangeRefused(Body, frozen=True, tag="change_refused"):
    """A change of the document was not taken."""

    why: Annotated[str, Meta(description="the sentence that its author was told")]


class Submission(Body, frozen=True, tag="submission"):
    """The work was frozen and its receipt signed. The chain is signed at this event, too."""

    parts: Annotated[int, Meta(description="how many files, the notebook included")]
    notebook: Annotated[str, Meta(description="SHA-256 of the notebook")]
    document: Annotated[str, Meta(description="SHA-256 of the document's log")]
    complete: Annotated[bool, Meta(description="false when the files that cells wrote could not be collected")]


_ACTIONS: tuple[type[Body], ...] = (*(_acted(action) for action in Action if action is not Action.EXTEND), Extended)
_OTHERS: tuple[type[Body], ...] = (
    InvitationMade,
    InvitationRevoked,
    InvitationRedeemed,
    SeatGiven,
    SeatTaken,
    ConsentGiven,
    FilesPlaced,
    ConnectionOpened,
    ConnectionClosed,
    Observed,
    ObservationsLeft,
    Warned,
    Flagged,
    Excused,
    ElsewhereAsked,
    Calibrated,
    Noted,
    NotesWaived,
    NotesRead,
    Ran,
    RanElsewhere,
    CheckBegun,
    CheckEnded,
    Graded,
    Remarked,
    RemarkResolved,
    HandRaised,
    TaskPushed,
    CellLocked,
    ScorecardHandedIn,
    CallJoined,
    CallLeft,
    CallAsked,
    CallAnswered,
    CallViewed,
    ChangeRefused,
    Submission,
)
_ALL: tuple[type[Body], ...] = (SessionCreated, *_ACTIONS, *_OTHERS)
TYPES: Mapping[str, type[Body]] = {str(one.__struct_config__.tag): one for one in _ALL}


def check(type: str, content: Mapping[str, Any]) -> None:
    """Nothing, for an event as it is described here. ValueError for any other."""
    if (shape := TYPES.get(type)) is None:
        raise ValueError(f"the event '{type}' was refused: no such type stands in greenroom_proctor.event_types")
    try:
        msgspec.convert(msgspec.to_builtins(content), shape)
    except msgspec.ValidationError as error:
        raise ValueError(f"the event '{type}' was refused: {error}") from error
