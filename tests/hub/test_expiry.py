"""What time does to sessions, on a clock that the test turns."""

from __future__ import annotations

from typing import Any

import pytest
from greenroom_hub.expiry import LOBBY, SCHEDULED, Timekeeper
from greenroom_hub.moment import now
from greenroom_proctor.words import Action, State


class Clock:
    """Time that stands still until it is turned."""

    def __init__(self) -> None:
        self.at = now()

    def __call__(self) -> int:
        return self.at


@pytest.fixture
def clock(place: Any) -> Clock:
    made = Clock()
    place.house.sessions._now = made
    return made


async def look(place: Any, clock: Clock, later: float) -> None:
    clock.at += round(later)
    await Timekeeper(place.house.sessions, place.house.logins, clock).look()


async def live(place: Any) -> str:
    session = await place.session(duration=60.0)
    for action in (Action.ARRIVE, Action.OPEN):
        await place.house.sessions.act(session.id, action, "ada")
    return str(session.id)


async def state(place: Any, session: str) -> State:
    found: State = (await place.house.sessions.get(session)).state
    return found


async def test_a_session_lives_until_its_last_millisecond(place: Any, clock: Clock) -> None:
    session = await live(place)
    await look(place, clock, 59_999)
    assert await state(place, session) is State.LIVE
    await look(place, clock, 1)
    assert await state(place, session) is State.EXPIRED


async def test_a_paused_session_does_not_run_out(place: Any, clock: Clock) -> None:
    session = await live(place)
    await place.house.sessions.act(session, Action.PAUSE, "ada")
    await look(place, clock, 10**9)
    assert await state(place, session) is State.PAUSED
    await place.house.sessions.act(session, Action.RESUME, "ada")
    await look(place, clock, 59_999)
    assert await state(place, session) is State.LIVE


async def test_extra_time_is_waited_for(place: Any, clock: Clock) -> None:
    session = await live(place)
    await place.house.sessions.act(session, Action.EXTEND, "ada", seconds=30)
    await look(place, clock, 60_000)
    assert await state(place, session) is State.LIVE
    await look(place, clock, 30_000)
    assert await state(place, session) is State.EXPIRED


async def test_time_that_ran_out_while_the_service_was_down_has_run_out(place: Any, clock: Clock) -> None:
    session = await live(place)
    place.house.sessions._known.clear()
    await place.house.sessions.list()
    await look(place, clock, 10**9)
    assert await state(place, session) is State.EXPIRED


async def test_a_door_that_nobody_opens_ends_the_wait(place: Any, clock: Clock) -> None:
    session = (await place.session()).id
    await place.house.sessions.act(session, Action.ARRIVE, "candidate")
    await look(place, clock, LOBBY - 1)
    assert await state(place, session) is State.LOBBY
    await look(place, clock, 1)
    assert await state(place, session) is State.CANCELLED


async def test_who_never_comes_is_a_no_show(place: Any, clock: Clock) -> None:
    session = (await place.session()).id
    await look(place, clock, SCHEDULED)
    assert await state(place, session) is State.NO_SHOW


async def test_handing_in_at_the_deadline_counts_once(place: Any, clock: Clock) -> None:
    session = await live(place)
    clock.at += 60_000
    await place.house.sessions.act(session, Action.SUBMIT, "candidate")
    await look(place, clock, 0)
    assert await state(place, session) is State.SUBMITTED
