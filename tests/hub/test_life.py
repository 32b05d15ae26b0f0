"""The life of a session: every state with every action."""

from __future__ import annotations

import itertools

import pytest
from greenroom_hub.life import BEFORE, DURING, HANDED_IN, OVER, TRANSITIONS, Refusal, allowed, step
from greenroom_proctor.words import Action, State

EVERY = list(itertools.product(State, Action))
ENDS = {State.CANCELLED, State.NO_SHOW}


@pytest.mark.parametrize(("state", "action"), EVERY, ids=str)
def test_an_action_moves_the_session_or_is_refused_in_a_sentence(state: State, action: Action) -> None:
    if (state, action) in TRANSITIONS:
        assert step(state, action) is TRANSITIONS[state, action]
        assert action in allowed(state)
    else:
        with pytest.raises(Refusal, match=r"^cannot .* a session that is "):
            step(state, action)
        assert action not in allowed(state)


def test_the_refusal_reads_as_a_person_says_it() -> None:
    with pytest.raises(Refusal) as refused:
        step(State.SUBMITTED, Action.PAUSE)
    assert str(refused.value) == "cannot pause a session that is submitted"


def test_every_state_can_be_reached_from_a_draft() -> None:
    reached = {State.DRAFT}
    for _ in State:
        reached |= {after for (before, _), after in TRANSITIONS.items() if before in reached}
    assert reached == set(State)


def test_what_never_began_is_never_reviewed() -> None:
    assert all(not allowed(state) for state in ENDS)


def test_nothing_is_handed_in_twice() -> None:
    ways = {Action.SUBMIT, Action.EXPIRE, Action.TERMINATE}
    assert all(not ways & allowed(state) for state in OVER | BEFORE)
    assert all(ways & allowed(state) for state in DURING)
    assert OVER - ENDS == HANDED_IN
