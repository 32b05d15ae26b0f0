"""Who may write in the notebook and run its cells: one table of seats and states."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from greenroom_proctor.words import Seat, State

from greenroom_hub.life import HANDED_IN

WRITES: Mapping[Seat, frozenset[State]] = MappingProxyType(
    {
        Seat.CANDIDATE: frozenset({State.LIVE}),
        Seat.INTERVIEWER: frozenset({State.SCHEDULED, State.LOBBY, State.LIVE, State.PAUSED}),
        Seat.OBSERVER: frozenset(),
    }
)

# When a seat may be in the room at all. The candidate comes when the door opens, and reads on after the end.
ENTERS: Mapping[Seat, frozenset[State]] = MappingProxyType(
    {
        Seat.CANDIDATE: frozenset({State.LIVE, State.PAUSED}) | HANDED_IN,
        Seat.INTERVIEWER: frozenset({State.SCHEDULED, State.LOBBY, State.LIVE, State.PAUSED}) | HANDED_IN,
        Seat.OBSERVER: frozenset({State.LOBBY, State.LIVE, State.PAUSED}) | HANDED_IN,
    }
)

# The kernel is there while somebody may run a cell.
HAS_KERNEL = frozenset({State.LOBBY, State.LIVE, State.PAUSED})

_WHY = {
    State.SCHEDULED: "the session has not begun",
    State.LOBBY: "the door is not open yet",
    State.PAUSED: "the session is paused",
}


def writes(seat: Seat, state: State) -> bool:
    """Whether a seat may write now."""
    return state in WRITES[seat]


def why_not(seat: Seat, state: State) -> str:
    """Why a seat may not write now, for a person."""
    if seat is Seat.OBSERVER:
        return "observers look on and change nothing"
    return _WHY.get(state, "the session is over")
