"""Who is in which circle, and requests made on somebody else's page. Every address × person × state: see seat_table."""

from __future__ import annotations

from typing import Any

import pytest
from greenroom_hub import life
from greenroom_hub.people import HUB, STRANGER, Who
from greenroom_hub.service import routes
from greenroom_hub.settings import PREFIX
from greenroom_hub.store import tables
from greenroom_hub.web.access import MEANING, RULES, Access, may
from greenroom_hub.web.origin import ours
from greenroom_proctor.words import Action, Role, Seat, State

CANDIDATE = Who("s-aaaaaaaaaa", "Jo", session="s-aaaaaaaaaa")
STAFF = Who("ada", "Ada", role=Role.INTERVIEWER)
ADMIN = Who("root", "Root", role=Role.ADMIN)

# Each circle, and everybody who is in it.
PEOPLE = {
    "stranger": (STRANGER, None),
    "hub": (HUB, None),
    "candidate": (CANDIDATE, Seat.CANDIDATE),
    "other candidate": (CANDIDATE, None),
    "interviewer": (STAFF, Seat.INTERVIEWER),
    "observer": (STAFF, Seat.OBSERVER),
    "other staff": (STAFF, None),
    "admin": (ADMIN, None),
}
EVERYBODY = set(PEOPLE)
CIRCLES = {
    Access.ANYONE: EVERYBODY,
    Access.KNOWN: EVERYBODY - {"stranger", "hub"},
    Access.STAFF: {"interviewer", "observer", "other staff", "admin"},
    Access.ADMIN: {"admin"},
    Access.SERVICE: {"hub"},
    Access.CANDIDATE: {"candidate"},
    Access.SEATED: {"candidate", "interviewer", "observer"},
    Access.LOOK: {"candidate", "interviewer", "observer", "admin"},
    Access.WRITER: {"candidate", "interviewer"},
    Access.INTERVIEWER: {"interviewer"},
    Access.PANEL: {"interviewer", "observer", "admin"},
    Access.STEER: {"interviewer", "admin"},
}


@pytest.mark.parametrize("access", Access)
def test_a_circle_has_these_people_and_nobody_else(access: Access) -> None:
    assert {name for name, (who, seat) in PEOPLE.items() if may(access, who, seat)} == CIRCLES[access]


def test_every_circle_has_a_rule_and_a_meaning() -> None:
    assert set(RULES) == set(MEANING) == set(Access)


def test_every_route_says_who_may_call_it() -> None:
    verbs = ("get", "post", "put", "delete", "patch")
    for pattern, handler, *_ in routes():
        assert handler.access, f"{pattern} names nobody"
        own = {verb.upper() for verb in verbs if getattr(handler, verb) is not handler._unimplemented_method}
        base = {"GET"} if hasattr(handler, "ws_connection") or "HEAD" in handler.access else set()
        assert own - set(handler.access) <= base, f"{pattern}: {own - set(handler.access)} is served and not named"


def test_what_is_about_a_session_is_never_open_to_strangers() -> None:
    open_to_all = {Access.ANYONE, Access.KNOWN}
    for pattern, handler, *_ in routes():
        if "(?P<session>" in pattern:
            assert not open_to_all & set(handler.access.values()), pattern


STATES: dict[State, list[Action]] = {
    State.SCHEDULED: [],
    State.LOBBY: [Action.ARRIVE],
    State.LIVE: [Action.ARRIVE, Action.OPEN],
    State.PAUSED: [Action.ARRIVE, Action.OPEN, Action.PAUSE],
    State.SUBMITTED: [Action.ARRIVE, Action.OPEN, Action.SUBMIT],
    State.REVIEW: [Action.ARRIVE, Action.OPEN, Action.SUBMIT, Action.REVIEW],
    State.CANCELLED: [Action.CANCEL],
}


@pytest.mark.parametrize("state", STATES)
async def test_an_action_out_of_its_time_is_refused_to_everybody(place: Any, state: State) -> None:
    session = await place.session("ada")
    for action in STATES[state]:
        await place.house.sessions.act(session.id, action, "ada")
    ada, jo = await place.staff("ada"), await place.candidate(session.id)
    words = {
        "open": (Action.OPEN, ada), "pause": (Action.PAUSE, ada), "resume": (Action.RESUME, ada),
        "end": (Action.TERMINATE, ada), "cancel": (Action.CANCEL, ada), "submit": (Action.SUBMIT, jo),
    }  # fmt: skip
    for verb, (action, browser) in words.items():
        if action in life.allowed(state):
            continue
        answer = await browser.ask("POST", f"sessions/{session.id}/{verb}")
        assert answer.code == 409, (verb, answer.body)
    assert (await place.house.sessions.get(session.id)).state is state


async def test_only_the_hub_may_redeem(place: Any) -> None:
    ada = await place.staff("root", Role.ADMIN)
    path = f"{PREFIX}internal/redeem"
    assert (await ada.ask("POST", path, {"token": "x"})).code == 403
    wrong = {"Authorization": "Bearer wrong"}
    assert (await place.stranger().ask("POST", path, {"token": "x"}, headers=wrong)).code == 401
    right = {"Authorization": f"Bearer {place.secrets.service_token}"}
    answer = await place.stranger().ask("POST", path, {"token": "x"}, headers=right)
    assert (answer.code, b"not an invitation of this server" in answer.body) == (403, True)


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"Origin": "https://rooms.example.org"}, True),
        ({"Origin": "http://127.0.0.1:8000"}, True),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "http://rooms.example.org"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": ""}, False),
        ({"Origin": "file://127.0.0.1:8000"}, False),
        ({}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-origin"}, False),
        ({"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"}, False),
    ],
)
def test_a_change_comes_from_our_page_or_from_a_script(headers: dict[str, str], allowed: bool) -> None:
    assert ours(headers, "127.0.0.1:8000", "https://rooms.example.org") is allowed


async def test_somebody_elses_page_changes_nothing(place: Any) -> None:
    session = await place.session("ada")
    ada = await place.staff("ada")
    answer = await ada.ask("POST", f"sessions/{session.id}/cancel", headers={"Origin": "https://evil.example"})
    assert answer.code == 403
    assert (await place.house.sessions.get(session.id)).state is State.SCHEDULED


async def test_somebody_elses_page_opens_no_socket(place: Any) -> None:
    session = await place.session("ada")
    ada = await place.staff("ada")
    upgrade = {
        "Origin": "https://evil.example", "Upgrade": "websocket", "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }  # fmt: skip
    assert (await ada.ask("GET", f"sessions/{session.id}/wire", headers=upgrade)).code == 403


async def test_a_login_that_ended_opens_nothing(place: Any) -> None:
    session = await place.session("ada")
    jo = await place.candidate(session.id)
    assert (await jo.ask("GET", f"sessions/{session.id}")).code == 200
    assert await place.house.logins.end_candidate(session.id, "moved") == 1
    assert (await jo.ask("GET", f"sessions/{session.id}")).code == 401


async def test_no_secret_is_in_the_database(place: Any) -> None:
    session = await place.session("ada")
    jo = await place.candidate(session.id)
    token, _ = await place.house.invitations.make(session.id, "ada")
    link = await place.house.invitations.make_staff_link("ada", PREFIX)
    rows = await place.house.store.run(
        lambda connection: str([connection.execute(t.select()).all() for t in tables.metadata.sorted_tables])
    )
    assert all(secret not in rows for secret in (jo.cookie, token, link))
