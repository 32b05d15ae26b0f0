"""What becomes of every message on the wire: messages × seats × states, over real websockets with each seat's cookie."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import msgspec
import pytest
from greenroom_proctor.messages import FromBrowser
from greenroom_proctor.words import Role, Seat, State
from hub.test_seat_table import WAYS
from hub.test_wire import Hall, Moment, Page

BROWSER = "0123456789abcdef"
SEATS = {Seat.CANDIDATE: "", Seat.INTERVIEWER: "iris", Seat.OBSERVER: "olga"}
# What a browser noticed is taken from its candidate, and for a while after the end: it may have waited offline
TAKEN: Mapping[str, frozenset[State]] = {
    "observe": frozenset({State.LOBBY, State.LIVE, State.PAUSED, State.SUBMITTED, State.EXPIRED, State.TERMINATED}),
}
EVERYBODY = ("hello", "beat")
SEEN = {"id": "aaaaaaaa", "signal": "face", "kind": "face_absent", "start": 1.0, "end": 2.0}
MESSAGES: dict[str, Any] = {
    "beat": {"type": "beat", "camera": True, "visible": True},
    "observe": {"type": "observe", "n": 1, "observation": SEEN | {"confidence": 0.9, "quality": 0.9}},
}
# What no honest page says: the connection that said it ends
NONSENSE: dict[str, str | bytes] = {
    "welcome": '{"type": "welcome"}',
    "unknown": '{"type": "grade", "points": 100}',
    "another hello": '{"type": "hello", "browser": "0123456789abcdef", "clock": 1.0}',
    "a list": "[]",
    "deep": "[" * 2000,
    "no JSON": "{",
    "bytes": b"\xff\xfe\x00",
    "huge": '{"type": "beat", "camera": true, "visible": ' + " " * 5000 + "true}",
}


def test_every_message_is_in_the_table() -> None:
    tags = {str(one.__struct_config__.tag) for one in get_args(FromBrowser)}
    assert tags == {*EVERYBODY, *TAKEN}, "say in tests/hub/test_wire_table.py who may say it when"


async def _hall(place: Any, state: State) -> tuple[Hall, dict[Seat, Any]]:
    made = await place.session("eve", draft=True)
    browsers = {Seat.CANDIDATE: await place.candidate(made.id)}
    for seat in (Seat.INTERVIEWER, Seat.OBSERVER):
        browsers[seat] = await place.staff(SEATS[seat], Role.INTERVIEWER)
        await place.house.seats.put(made.id, SEATS[seat], seat)
    for action in WAYS[state]:
        await place.house.sessions.act(made.id, action, "eve")
    return Hall(place, made.id, Moment(place.house)), browsers


async def _still_there(page: Page) -> None:
    """Another observation is answered, whatever the answer is: the wire lives, and what came before it was read."""
    await page.say(type="observe", n=99, observation=MESSAGES["observe"]["observation"] | {"signal": "gaze"})
    assert (await page.hear("refused"))["n"] == 99


@pytest.mark.parametrize("state", State)
async def test_messages(place: Any, state: State) -> None:
    hall, browsers = await _hall(place, state)
    for seat, browser in browsers.items():
        page = await hall.join(browser.cookie, BROWSER)
        assert page.welcome["you"]["seat"] == seat
        before = await place.house.record.events(hall.session)
        await page.say(**MESSAGES["observe"])
        taken = seat is Seat.CANDIDATE and state in TAKEN["observe"]
        assert (await page.hear("acknowledged" if taken else "refused"))["n"] == 1, (seat, state)
        kept = await place.house.record.events(hall.session, before[-1].seq)
        assert ("observation" in str([event.type for event in kept])) is taken, (seat, state, kept)
        await page.say(**MESSAGES["beat"])
        await _still_there(page)
        page.socket.close()


@pytest.mark.parametrize("nonsense", NONSENSE)
async def test_nonsense_ends_that_connection_and_no_other(place: Any, nonsense: str) -> None:
    hall, browsers = await _hall(place, State.LIVE)
    other = await hall.join(browsers[Seat.INTERVIEWER].cookie, "f" * 16)
    for browser in browsers.values():
        page = await hall.join(browser.cookie, BROWSER)
        said = NONSENSE[nonsense]
        await page.socket.write_message(said, binary=isinstance(said, bytes))
        assert await page.closed() == 4007
        await _still_there(other)


async def test_whoever_does_not_say_hello_first_is_told_nothing(place: Any) -> None:
    hall, browsers = await _hall(place, State.LIVE)
    page = await hall.dial(browsers[Seat.CANDIDATE].cookie)
    await page.socket.write_message(msgspec.json.encode(MESSAGES["beat"]).decode())
    assert await page.closed() == 4007
