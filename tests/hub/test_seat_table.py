"""The table of addresses × people × states, against the real service: each person comes with their own cookie."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from greenroom_hub.house import House
from greenroom_hub.identity import STAFF_SCOPE, Hub
from greenroom_hub.room.lab_static import STATIC
from greenroom_hub.service import routes
from greenroom_hub.settings import PREFIX
from greenroom_proctor.words import Action, Role, Seat, State
from hub.seat_table import PEOPLE, TABLE, Row
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler
from tornado.websocket import websocket_connect

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
KERNEL = "01234567-0123-0123-0123-0123456789ab"

# How each state is come to from the draft
WAYS: dict[State, list[Action]] = {
    State.DRAFT: [],
    State.SCHEDULED: [Action.SCHEDULE],
    State.LOBBY: [Action.SCHEDULE, Action.ARRIVE],
    State.LIVE: [Action.SCHEDULE, Action.ARRIVE, Action.OPEN],
    State.PAUSED: [Action.SCHEDULE, Action.ARRIVE, Action.OPEN, Action.PAUSE],
    State.SUBMITTED: [Action.SCHEDULE, Action.ARRIVE, Action.OPEN, Action.SUBMIT],
    State.EXPIRED: [Action.SCHEDULE, Action.ARRIVE, Action.OPEN, Action.EXPIRE],
    State.TERMINATED: [Action.SCHEDULE, Action.ARRIVE, Action.OPEN, Action.TERMINATE],
    State.REVIEW: [Action.SCHEDULE, Action.ARRIVE, Action.OPEN, Action.SUBMIT, Action.REVIEW],
    State.FINAL: [Action.SCHEDULE, Action.ARRIVE, Action.OPEN, Action.SUBMIT, Action.REVIEW, Action.DECIDE],
    State.APPEAL: [
        Action.SCHEDULE, Action.ARRIVE, Action.OPEN, Action.SUBMIT, Action.REVIEW, Action.DECIDE, Action.APPEAL,
    ],
    State.CANCELLED: [Action.CANCEL],
    State.NO_SHOW: [Action.SCHEDULE, Action.MISS],
}  # fmt: skip


class HubUser(RequestHandler):
    """JupyterHub's answer to "whose token is this": the far end."""

    def get(self) -> None:
        name = self.request.headers.get("Authorization", "").removeprefix("token ").removeprefix("of-")
        scopes = [STAFF_SCOPE] if name == "tess" else [f"access:servers!user={name}"]
        self.write({"kind": "user", "name": name, "admin": False, "scopes": scopes, "session_id": None})


@pytest.fixture
async def hub(place: Any) -> AsyncIterator[None]:
    """A hub at the far end, so that tokens are looked at as they are in earnest."""
    socket, port = bind_unused_port()
    server = HTTPServer(Application([("/hub/api/user", HubUser)]))
    server.add_socket(socket)
    place.application.settings["hub"] = Hub(f"http://127.0.0.1:{port}", "service", place.house.people)
    yield
    server.stop()
    await server.close_all_connections()


def address(row: Row, session: str) -> str:
    """The row's address in one session."""
    static = STATIC.removeprefix(PREFIX) + next(
        pattern.removeprefix(STATIC).partition("/")[0] for pattern, *_ in routes() if pattern.startswith(STATIC)
    )
    return PREFIX + row.path.format(session=session, kernel=KERNEL, lab_static=f"{static}/")


def served(path: str) -> str:
    """The pattern that serves a path: the first, as tornado takes it."""
    return next((pattern for pattern, *_ in routes() if re.fullmatch(pattern, path)), "")


def test_every_address_is_in_the_table_and_nothing_else() -> None:
    named = {(row.method, served(address(row, "s-aaaaaaaaaa"))) for row in TABLE}
    exist = {(method, pattern) for pattern, handler, *_ in routes() for method in handler.access}
    assert named - exist == set(), "rows that nothing serves"
    assert exist - named == set(), "served, and not in tests/hub/seat_table.py: say there who may call it"
    assert set(WAYS) == set(State)


@dataclass
class Scene:
    """A session in one state, with everybody at the door."""

    session: str
    browsers: dict[str, Any]
    tokens: dict[str, dict[str, str]]

    async def call(self, row: Row, person: str) -> int:
        """The status somebody is answered with; 101 for a websocket that opens."""
        browser, path, token = self.browsers[person], address(row, self.session), self.tokens.get(person, {})
        if not row.socket:
            return int((await browser.ask(row.method, path, row.body, token)).code)
        cookie = {"Cookie": f"greenroom={browser.cookie}", "Origin": browser.url}
        request = HTTPRequest(browser.url.replace("http", "ws", 1) + path, headers=cookie | token)
        try:
            (await websocket_connect(request)).close()
        except HTTPClientError as error:
            return int(error.code)
        return 101


async def scene(place: Any, state: State, other: str) -> Scene:
    """Everybody, and a session that stands in `state`."""
    house: House = place.house
    made = await place.session("eve", draft=True)
    for name, seat in (("iris", Seat.INTERVIEWER), ("olga", Seat.OBSERVER)):
        await place.staff(name)
        await house.seats.put(made.id, name, seat)
    for action in WAYS[state]:
        await house.sessions.act(made.id, action, "eve")
    assert (await house.sessions.get(made.id)).state is state
    browsers = {
        "candidate": await place.candidate(made.id),
        "interviewer": await place.staff("iris"),
        "observer": await place.staff("olga"),
        "admin": await place.staff("root", Role.ADMIN),
        "other staff": await place.staff("otto"),
        "other candidate": await place.candidate(other),
        "guest": place.stranger(),
        "nobody": place.stranger(),
        "hub": place.stranger(),
    }
    service = {"Authorization": f"Bearer {place.secrets.service_token}"}
    return Scene(made.id, browsers, {"guest": {"Authorization": f"token of-{made.id}"}, "hub": service})


def refused(person: str) -> set[int]:
    """Nobody is told to sign in, and who is known is told no."""
    return {401} if person in {"guest", "nobody"} else {401, 403} if person == "hub" else {403}


@pytest.mark.parametrize("state", State)
@pytest.mark.usefixtures("hub")
async def test_the_table(place: Any, state: State) -> None:
    await place.staff("eve")
    other = (await place.session("eve")).id
    one = await scene(place, state, other)
    before = await place.house.record.events(one.session)
    for row in TABLE:
        for person in PEOPLE:
            if person not in row.who:
                code = await one.call(row, person)
                assert code in refused(person), (row.method, row.path, person, code)
    assert await place.house.record.events(one.session) == before, "a refused call left something behind"
    assert (await place.house.sessions.get(one.session)).state is state
    for row in TABLE:
        for person in sorted(row.who):
            expected = row.expected(person, state)
            happens = row.changes and expected < 400
            code = await (await scene(place, state, other) if happens else one).call(row, person)
            assert code == expected, (row.method, row.path, person, code)
    assert (await place.house.sessions.get(one.session)).state is state


async def test_a_method_that_is_not_named_is_served_to_nobody(place: Any) -> None:
    one = await scene(place, State.LIVE, (await place.session("eve")).id)
    for path in sorted({row.path for row in TABLE}):
        for method in METHODS:
            if any((row.method, row.path) == (method, path) for row in TABLE):
                continue
            row = Row(method, path, frozenset())
            pattern = served(address(row, one.session))
            if any(row.method == method and served(address(row, one.session)) == pattern for row in TABLE):
                continue  # the same handler under a longer address
            for person in ("candidate", "interviewer", "hub"):
                code = await one.call(row, person)
                assert code == 405, (method, path, person, code)


async def test_what_is_no_address_is_nothing(place: Any) -> None:
    one = await scene(place, State.LIVE, (await place.session("eve")).id)
    for path in ("../hub/home", "api/v2/sessions", "room/{session}/api/terminals/1", "api/v1/sessions/{session}/x"):
        for person in ("candidate", "interviewer", "nobody"):
            assert await one.call(Row("GET", path, frozenset()), person) == 404, path
