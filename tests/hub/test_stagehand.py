"""Behind the scenes: the guest comes in time with its files, and at the end everything is taken in, come what may."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from greenroom_hub import stagehand
from greenroom_hub.guests import GuestError
from greenroom_hub.stagehand import Stagehand
from greenroom_proctor.words import Action


class Guests:
    """The far end: what was asked of guests, and as many failures as wished before it works."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.failures = 0
        self.running: set[str] = set()

    def left(self) -> set[str]:
        return set(self.running)

    async def start(self, session: str) -> None:
        self.asked.append("start")
        if self.failures:
            self.failures -= 1
            raise GuestError("not now")
        self.running.add(session)

    async def stop(self, session: str) -> None:
        self.asked.append("stop")
        self.running.discard(session)

    async def put_files(self, session: str, files: Mapping[str, bytes]) -> None:
        self.asked.append("put " + " ".join(files))

    async def collect_files(self, session: str) -> dict[str, bytes]:
        self.asked.append("collect")
        return {"out.csv": b"1\n"}


@pytest.fixture
async def guests(place: Any, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Guests]:
    made = Guests()
    monkeypatch.setattr(stagehand, "PAUSES", (0, 0, 0))
    place.house.guests = made
    monkeypatch.setattr(place.house.submissions, "_guests", made)
    yield made
    await place.house.rooms.close()


async def act(place: Any, session: str, *actions: Action) -> None:
    for action in actions:
        await place.house.sessions.act(session, action, "ada")


async def test_files_are_placed_once(place: Any, guests: Guests) -> None:
    session, hand = (await place.session()).id, Stagehand(place.house)
    await act(place, session, Action.ARRIVE)
    await hand.stop()
    assert guests.asked[:2] == ["start", "put data.csv"]
    again = Stagehand(place.house)  # as after a restart
    await again.catch_up()
    await again.stop()
    assert [asked for asked in guests.asked if asked.startswith("put")] == ["put data.csv"]
    assert guests.asked.count("start") == 2


async def test_a_guest_that_fails_is_started_again(place: Any, guests: Guests) -> None:
    guests.failures = 2
    session, hand = (await place.session()).id, Stagehand(place.house)
    await act(place, session, Action.ARRIVE)
    await hand.stop()
    assert guests.asked.count("start") == 3
    assert "put data.csv" in guests.asked


@pytest.mark.parametrize("end", [Action.SUBMIT, Action.TERMINATE])
async def test_whoever_ends_it_waits_until_all_is_taken_in(place: Any, guests: Guests, end: Action) -> None:
    session, hand = (await place.session()).id, Stagehand(place.house)
    await act(place, session, Action.ARRIVE, Action.OPEN, end)
    receipt = await place.house.submissions.get(session)
    assert [part.name for part in receipt.parts][1:] == ["files/out.csv"]
    await hand.stop()
    assert guests.asked[-2:] == ["collect", "stop"]


async def test_what_ended_while_the_service_was_down_is_taken_in_at_its_start(place: Any, guests: Guests) -> None:
    session = (await place.session()).id
    await act(place, session, Action.ARRIVE, Action.OPEN, Action.EXPIRE)
    assert await place.house.submissions.get(session) is None
    hand = Stagehand(place.house)
    await hand.catch_up()
    await hand.stop()
    assert await place.house.submissions.get(session) is not None


async def test_a_guest_left_by_a_service_that_died_before_it_stopped_it_is_stopped(place: Any, guests: Guests) -> None:
    session = (await place.session()).id
    await act(place, session, Action.ARRIVE, Action.OPEN, Action.EXPIRE)
    guests.running.add(session)
    await place.house.submissions.freeze(session)  # and here the service died
    for _ in range(2):
        hand = Stagehand(place.house)
        await hand.catch_up()
        await hand.stop()
    assert guests.asked == ["collect", "stop"]


async def test_a_guest_of_a_session_that_goes_on_is_not_stopped(place: Any, guests: Guests) -> None:
    session, hand = (await place.session()).id, Stagehand(place.house)
    await act(place, session, Action.ARRIVE, Action.OPEN)
    await hand.catch_up()
    await hand.stop()
    assert "stop" not in guests.asked
    assert guests.running == {session}


async def test_a_lost_guest_keeps_no_notebook_from_being_taken_in(place: Any, guests: Guests) -> None:
    session, hand = (await place.session()).id, Stagehand(place.house)
    await act(place, session, Action.ARRIVE, Action.OPEN)
    await hand.stop()
    guests.failures = 99
    await act(place, session, Action.SUBMIT)
    assert await place.house.submissions.get(session) is not None


async def test_a_session_that_is_called_off_lets_its_guest_go(place: Any, guests: Guests) -> None:
    session, hand = (await place.session()).id, Stagehand(place.house)
    await act(place, session, Action.ARRIVE, Action.CANCEL)
    await hand.stop()
    assert guests.asked[-1] == "stop"
    assert await place.house.submissions.get(session) is None
