"""Who may be in a call, and who may look: one table of seats and states, narrowed by the session's policy."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from greenroom_proctor.words import Seat, State

from greenroom_hub.sessions import Session

# Staff may meet before the door opens; the candidate is in the room only while it is open.
CALLS: Mapping[Seat, frozenset[State]] = MappingProxyType(
    {
        Seat.CANDIDATE: frozenset({State.LIVE, State.PAUSED}),
        Seat.INTERVIEWER: frozenset({State.LOBBY, State.LIVE, State.PAUSED}),
        Seat.OBSERVER: frozenset({State.LOBBY, State.LIVE, State.PAUSED}),
    }
)


def why_not(session: Session, seat: Seat) -> str | None:
    """Why a seat may not join the call, for a person; None when it may."""
    if session.state not in CALLS[seat]:
        return f"the session is {session.state}"
    if not session.policy.call:
        return "this session has no call"
    if seat is Seat.OBSERVER and not session.policy.observers_call:
        return "observers are not in the call of this session"
    return None


def why_no_look(session: Session, seat: Seat) -> str | None:
    """Why a seat may not ask to see the candidate, for a person; None when it may."""
    if seat is Seat.CANDIDATE:
        return "only staff look"
    if session.state not in CALLS[Seat.CANDIDATE]:
        return f"the session is {session.state}"
    if not session.policy.looks:
        return "in this session nobody looks through the candidate's camera"
    return None
