"""The life of a session: one table."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from greenroom_proctor.words import Action, State

TRANSITIONS: Mapping[tuple[State, Action], State] = MappingProxyType(
    {
        (State.DRAFT, Action.SCHEDULE): State.SCHEDULED,
        (State.DRAFT, Action.CANCEL): State.CANCELLED,
        (State.SCHEDULED, Action.ARRIVE): State.LOBBY,
        (State.SCHEDULED, Action.EXTEND): State.SCHEDULED,
        (State.SCHEDULED, Action.CANCEL): State.CANCELLED,
        (State.SCHEDULED, Action.MISS): State.NO_SHOW,
        (State.LOBBY, Action.OPEN): State.LIVE,
        (State.LOBBY, Action.EXTEND): State.LOBBY,
        (State.LOBBY, Action.CANCEL): State.CANCELLED,
        (State.LOBBY, Action.MISS): State.NO_SHOW,  # arrived, and was gone when the door should have opened
        (State.LIVE, Action.PAUSE): State.PAUSED,
        (State.LIVE, Action.EXTEND): State.LIVE,
        (State.LIVE, Action.SUBMIT): State.SUBMITTED,
        (State.LIVE, Action.EXPIRE): State.EXPIRED,
        (State.LIVE, Action.TERMINATE): State.TERMINATED,
        (State.PAUSED, Action.RESUME): State.LIVE,
        (State.PAUSED, Action.EXTEND): State.PAUSED,
        (State.PAUSED, Action.SUBMIT): State.SUBMITTED,
        (State.PAUSED, Action.TERMINATE): State.TERMINATED,
        (State.SUBMITTED, Action.REVIEW): State.REVIEW,
        (State.EXPIRED, Action.REVIEW): State.REVIEW,
        (State.TERMINATED, Action.REVIEW): State.REVIEW,
        (State.REVIEW, Action.DECIDE): State.FINAL,
        (State.FINAL, Action.APPEAL): State.APPEAL,
        (State.APPEAL, Action.DECIDE): State.FINAL,
    }
)

BEFORE = frozenset({State.DRAFT, State.SCHEDULED, State.LOBBY})
DURING = frozenset({State.LIVE, State.PAUSED})
# Something was handed in, or taken in when the time ran out or somebody ended it.
HANDED_IN = frozenset({State.SUBMITTED, State.EXPIRED, State.TERMINATED, State.REVIEW, State.FINAL, State.APPEAL})
OVER = frozenset(State) - BEFORE - DURING

_PHRASES = {
    Action.ARRIVE: "arrive in",
    Action.TERMINATE: "end",
    Action.EXPIRE: "let time run out for",
    Action.MISS: "mark as missed",
    Action.DECIDE: "decide on",
    Action.APPEAL: "appeal in",
}
_ADJECTIVES = {
    State.DRAFT: "a draft",
    State.LOBBY: "in the lobby",
    State.REVIEW: "in review",
    State.APPEAL: "under appeal",
    State.NO_SHOW: "a no-show",
}


class Refusal(ValueError):  # noqa: N818 - a refusal is an answer, not a fault
    """An action that the session's state does not allow."""

    def __init__(self, state: State, action: Action) -> None:
        super().__init__(
            f"cannot {_PHRASES.get(action, action.value)} a session that is {_ADJECTIVES.get(state, state.value)}"
        )
        self.state = state
        self.action = action


def step(state: State, action: Action) -> State:
    """The state that `action` leads to. Refusal when there is none."""
    try:
        return TRANSITIONS[state, action]
    except KeyError:
        raise Refusal(state, action) from None


def allowed(state: State) -> frozenset[Action]:
    """What can be done to a session in this state."""
    return frozenset(action for before, action in TRANSITIONS if before is state)
