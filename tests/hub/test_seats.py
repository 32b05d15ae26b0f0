"""Seats given, changed, taken away and moved: what it does to REST, pages and every open websocket."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from greenroom_hub.room import frames
from greenroom_hub.settings import PREFIX
from greenroom_proctor.words import Action, Seat
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

PATIENCE = 60.0  # seconds until a test gives up; what is waited for comes at once


async def room(place: Any) -> str:
    """A live session with two interviewers and two observers beside its author."""
    session = await place.session("eve")
    for name, seat in (("iris", Seat.INTERVIEWER), ("ivan", Seat.INTERVIEWER), ("olga", Seat.OBSERVER)):
        await place.staff(name)
        await place.house.seats.put(session.id, name, seat)
    await place.staff("otto")
    await place.house.seats.put(session.id, "otto", Seat.OBSERVER)
    for action in (Action.ARRIVE, Action.OPEN):
        await place.house.sessions.act(session.id, action, "eve")
    return str(session.id)


async def sockets(place: Any, session: str, browser: Any) -> list[WebSocketClientConnection]:
    """Every websocket that a page of the room opens."""
    kernel = (await place.house.rooms.open(session)).kernel.link.id
    below = f"{PREFIX}room/{session}"
    paths = {
        f"{below}/document": None,
        f"{below}/presence": None,
        f"{below}/api/events/subscribe": None,
        f"{below}/api/kernels/{kernel}/channels?session_id=page": ["v1.kernel.websocket.jupyter.org"],
        f"{PREFIX}api/v1/sessions/{session}/wire": None,
    }
    headers = {"Cookie": f"greenroom={browser.cookie}", "Origin": browser.url}
    return [
        await websocket_connect(
            HTTPRequest(browser.url.replace("http", "ws", 1) + path, headers=headers), subprotocols=words
        )
        for path, words in paths.items()
    ]


async def closed(opened: Sequence[WebSocketClientConnection]) -> set[tuple[int | None, str | None]]:
    """With what they were closed, once all are."""

    async def end(socket: WebSocketClientConnection) -> None:
        while await socket.read_message() is not None:
            pass

    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*map(end, opened))
    return {(socket.close_code, socket.close_reason) for socket in opened}


async def open_still(place: Any, session: str, opened: Sequence[WebSocketClientConnection]) -> None:
    """The document still answers, and none of the others is closed."""
    await opened[0].write_message(frames.ask_state(b"\0"), binary=True)
    async with asyncio.timeout(PATIENCE):
        while (heard := await opened[0].read_message()) is not None and bytes(heard[:2]) != b"\0\1":  # type: ignore[arg-type]
            pass
    assert [socket.close_code for socket in opened] == [None] * len(opened)


async def test_a_seat_taken_away_ends_rest_pages_and_every_websocket_of_that_person(place: Any) -> None:
    session, eve = await room(place), await place.staff("eve")
    people = {name: await place.staff(name) for name in ("iris", "ivan", "olga", "otto")}
    opened = {name: await sockets(place, session, browser) for name, browser in people.items()}
    for gone in ("ivan", "otto"):
        assert (await eve.ask("DELETE", f"sessions/{session}/seats/{gone}")).code == 204
        assert await closed(opened[gone]) == {(4401, "seat taken away")}
        for path in (
            f"{PREFIX}api/v1/sessions/{session}",
            f"{PREFIX}room/{session}/lab",
            f"{PREFIX}sessions/{session}",
        ):
            assert (await people[gone].ask("GET", path)).code == 403, path
    for stays in ("iris", "olga"):
        await open_still(place, session, opened[stays])
    told = [(e.body["person"], e.actor) for e in await place.house.record.events(session) if e.type == "seat.taken"]
    assert told == [("ivan", "eve"), ("otto", "eve")]


async def test_a_seat_that_changes_ends_what_was_open_and_begins_anew(place: Any) -> None:
    session, eve, iris = await room(place), await place.staff("eve"), await place.staff("iris")
    opened = await sockets(place, session, iris)
    assert (await eve.ask("PUT", f"sessions/{session}/seats/iris", {"seat": "observer"})).code == 200
    assert await closed(opened) == {(4401, "seat changed")}
    assert (await iris.ask("POST", f"sessions/{session}/pause")).code == 403
    assert (await iris.json("GET", f"sessions/{session}"))["seat"] == "observer"
    assert (await eve.ask("PUT", f"sessions/{session}/seats/iris", {"seat": "interviewer"})).code == 200
    assert (await iris.ask("POST", f"sessions/{session}/pause")).code == 200


async def test_a_seat_given_opens_the_door_at_once(place: Any) -> None:
    session, eve, new = await room(place), await place.staff("eve"), await place.staff("nina")
    assert (await new.ask("GET", f"{PREFIX}room/{session}/lab")).code == 403
    assert (await eve.ask("PUT", f"sessions/{session}/seats/nina", {"seat": "observer"})).code == 200
    assert (await new.ask("GET", f"{PREFIX}room/{session}/lab")).code == 200
    await open_still(place, session, await sockets(place, session, new))


async def test_a_second_device_moves_the_seat_and_the_first_ones_link_moves_it_back(place: Any) -> None:
    session = await room(place)
    eve = await place.staff("eve")
    token, _ = await place.house.invitations.make(session, "eve")
    hub = {"Authorization": f"Bearer {place.secrets.service_token}"}

    async def redeem() -> Any:
        answer = await place.stranger().ask("POST", f"{PREFIX}internal/redeem", {"token": token}, hub)
        assert answer.code == 200
        return await place.candidate(session)

    first = await redeem()
    at_first = await sockets(place, session, first)
    second = await redeem()
    assert await closed(at_first) == {(4401, "moved")}
    assert (await first.ask("GET", f"sessions/{session}")).code == 401
    at_second = await sockets(place, session, second)
    await open_still(place, session, at_second)
    again = await redeem()  # the first device opens its link once more
    assert await closed(at_second) == {(4401, "moved")}
    await open_still(place, session, await sockets(place, session, again))
    told = [e for e in await eve.json("GET", f"sessions/{session}/timeline") if e["type"] == "invitation.redeemed"]
    assert [event["body"]["moved"] for event in told] == [False, True, True], "the staff's side reads it, too"


async def test_the_end_of_a_login_ends_every_websocket(place: Any) -> None:
    session, iris = await room(place), await place.staff("iris")
    opened = await sockets(place, session, iris)
    assert (await iris.ask("POST", f"{PREFIX}logout")).code == 303
    assert await closed(opened) == {(4401, "signed out")}
