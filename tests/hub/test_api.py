"""The REST API, as a data scientist uses it to hold an interview."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from greenroom_hub.consents import WORDING
from greenroom_hub.people import Person
from greenroom_proctor.words import Action, Role, Seat, State

NOTEBOOK: dict[str, Any] = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {},
    "cells": [
        {"cell_type": "markdown", "id": "intro", "metadata": {}, "source": ["# Orders\n", "Look at them."]},
        {"cell_type": "code", "id": "look", "metadata": {}, "source": "1 + 1", "outputs": [], "execution_count": 7},
    ],
}
TEMPLATE = {
    "name": "orders",
    "title": "Orders",
    "notebook": NOTEBOOK,
    "files": {"data/orders.csv": base64.b64encode(b"id\n1\n").decode()},
    "duration": 1800,
}


async def test_a_whole_sitting_by_rest(place: Any) -> None:
    ada = await place.staff("ada")
    template = await ada.json("POST", "templates", TEMPLATE, status=201)
    assert template["files"] == ["data/orders.csv"]
    new = {"template": "orders", "candidate": "Jo Doe", "duration": 2400}
    session = await ada.json("POST", "sessions", new, status=201)
    one = f"sessions/{session['id']}"
    assert (session["state"], session["clock"]["left"], session["seats"]) == ("scheduled", 2400, {"ada": "interviewer"})

    link = await ada.json("POST", f"{one}/invitations", {}, status=201)
    assert link["url"].startswith(f"{place.url}/hub/invitation#")
    listed = await ada.json("GET", f"{one}/invitations")
    assert [(entry["id"], entry["times"]) for entry in listed] == [(link["id"], 0)]
    assert "url" not in listed[0]

    jo = await place.candidate(session["id"])
    assert (await jo.ask("POST", f"{one}/arrive")).code == 409
    await jo.json("POST", f"{one}/consent", {"wording": WORDING, "accepted": True})
    assert (await jo.json("POST", f"{one}/arrive"))["state"] == "lobby"
    assert (await jo.json("POST", f"{one}/arrive"))["state"] == "lobby"

    opened = await ada.json("POST", f"{one}/open")
    assert (opened["state"], opened["clock"]["running"]) == ("live", True)
    assert (await ada.json("POST", f"{one}/pause", {"reason": "fire drill"}))["clock"]["running"] is False
    assert (await ada.json("POST", f"{one}/resume"))["state"] == "live"
    extended = await ada.json("POST", f"{one}/extend", {"seconds": 600, "reason": "fire drill"})
    assert extended["clock"]["duration"] == 3000
    assert (await jo.json("POST", f"{one}/submit"))["state"] == "submitted"

    refused = await ada.json("POST", f"{one}/pause", status=409)
    assert refused["refused"] == "cannot pause a session that is submitted"

    told = [event["type"] for event in await jo.json("GET", f"{one}/timeline")]
    assert told == [
        "session.created", "session.schedule", "invitation.made", "consent.given", "session.arrive", "session.open",
        "session.pause", "session.resume", "session.extend", "session.submit",
    ]  # fmt: skip
    assert len(await ada.json("GET", f"{one}/timeline?after=8")) == 2


async def test_a_session_survives_the_service(place: Any) -> None:
    session = await place.session()
    for action in (Action.ARRIVE, Action.OPEN, Action.PAUSE):
        await place.house.sessions.act(session.id, action, "ada")
    await place.house.sessions.act(session.id, Action.EXTEND, "ada", seconds=60)
    before = await place.house.sessions.get(session.id)
    place.house.sessions._known.clear()
    assert await place.house.sessions.get(session.id) == before


async def test_the_names_in_the_record_can_be_erased(place: Any) -> None:
    session = await place.session(candidate="Jo Secret")
    events = await place.house.record.events(session.id)
    assert "Jo Secret" not in str(events)
    assert "private" in events[0].body


async def test_a_template_is_versioned_by_its_content(place: Any) -> None:
    ada = await place.staff("ada")
    first = await ada.json("POST", "templates", TEMPLATE, status=201)
    assert (await ada.json("POST", "templates", TEMPLATE, status=201))["version"] == first["version"]
    second = await ada.json("POST", "templates", TEMPLATE | {"title": "Orders 2"}, status=201)
    assert second["version"] != first["version"]
    assert (await ada.json("GET", "templates/orders"))["title"] == "Orders 2"
    await ada.json("POST", "templates", TEMPLATE, status=201)
    assert [one["title"] for one in await ada.json("GET", "templates")] == ["Orders"]


async def test_a_template_starts_without_outputs(place: Any) -> None:
    ada = await place.staff("ada")
    await ada.json("POST", "templates", TEMPLATE, status=201)
    cells = (await ada.json("GET", "templates/orders"))["notebook"]["cells"]
    assert cells[0]["source"] == "# Orders\nLook at them."
    assert cells[1]["execution_count"] is None


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"notebook": {**NOTEBOOK, "nbformat": 3}}, "nbformat 4"),
        ({"notebook": {**NOTEBOOK, "cells": []}}, "between 1 and 500 cells"),
        ({"notebook": {**NOTEBOOK, "cells": [7]}}, "cell 1 is a int"),
        (
            {"notebook": {**NOTEBOOK, "cells": [{"cell_type": "pie", "id": "a", "metadata": {}, "source": ""}]}},
            "cells/0",
        ),
        ({"notebook": {**NOTEBOOK, "cells": NOTEBOOK["cells"] * 2}}, "two cells have the id"),
        ({"files": {"../evil": ""}}, "'../evil' is refused"),
        ({"files": {"/etc/passwd": ""}}, "'/etc/passwd' is refused"),
        ({"files": {".bashrc": ""}}, "'.bashrc' is refused"),
        ({"name": "../x"}, "$.name"),
        ({"duration": 1e9}, "$.duration"),
        ({"policy": {"signals": {"gaze": "on"}}}, "the signal 'gaze' needs the signal 'camera'"),
        ({"policy": {"signals": {"mood": "on"}}}, "mood"),
        ({"policy": {"signals": {"face": "on"}}}, "needs the signal 'camera'"),
        ({"surprise": 1}, "surprise"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_wrong_template_is_refused_with_what_is_wrong(place: Any, change: Any, found: str) -> None:
    ada = await place.staff("ada")
    refused = await ada.json("POST", "templates", TEMPLATE | change, status=400)
    assert found in refused["found"], refused


async def test_a_session_needs_a_template_and_people_that_exist(place: Any) -> None:
    ada = await place.staff("ada")
    new = {"template": "none", "candidate": "Jo"}
    assert "no template called 'none'" in (await ada.json("POST", "sessions", new, status=404))["refused"]
    await ada.json("POST", "templates", TEMPLATE, status=201)
    nobody = {"template": "orders", "candidate": "Jo", "interviewers": ["nobody"]}
    assert "nobody here is called" in (await ada.json("POST", "sessions", nobody, status=404))["refused"]


async def test_staff_see_their_own_sessions_and_admins_all(place: Any) -> None:
    session = await place.session("ada")
    ada, bob, root = await place.staff("ada"), await place.staff("bob"), await place.staff("root", Role.ADMIN)
    assert [one["id"] for one in await ada.json("GET", "sessions")] == [session.id]
    assert await bob.json("GET", "sessions") == []
    assert [one["id"] for one in await root.json("GET", "sessions")] == [session.id]


async def test_a_seat_is_given_and_taken_away(place: Any) -> None:
    session = await place.session("ada")
    ada, bob = await place.staff("ada"), await place.staff("bob")
    seat = f"sessions/{session.id}/seats/bob"
    assert (await bob.ask("GET", f"sessions/{session.id}")).code == 403
    await ada.json("PUT", seat, {"seat": "observer"})
    assert (await bob.json("GET", f"sessions/{session.id}"))["seat"] == "observer"
    assert (await bob.ask("POST", f"sessions/{session.id}/cancel")).code == 403
    await ada.json("DELETE", seat, status=204)
    assert (await bob.ask("GET", f"sessions/{session.id}")).code == 403
    assert (await ada.json("PUT", seat, {"seat": "candidate"}, status=400))["found"].startswith("the candidate's seat")
    assert (await ada.ask("DELETE", f"sessions/{session.id}/seats/ada")).code == 409


async def test_a_seat_that_is_taken_away_closes_its_sockets(place: Any) -> None:
    class Socket:
        closed: tuple[int | None, str | None] | None = None

        def close(self, code: int | None = None, reason: str | None = None) -> None:
            self.closed = (code, reason)

    session = await place.session("ada")
    await place.staff("bob")
    await place.house.seats.put(session.id, "bob", Seat.OBSERVER)
    kept, gone = Socket(), Socket()
    place.house.seats.follow(session.id, "ada", kept)
    place.house.seats.follow(session.id, "bob", gone)
    await place.house.seats.remove(session.id, "bob")
    assert gone.closed == (4401, "seat taken away")
    assert kept.closed is None


async def test_a_script_uses_a_token_of_the_hub(place: Any) -> None:
    await place.staff("ada")
    place.hub.scripts["secret"] = Person("ada", "Ada", Role.INTERVIEWER, 0, None)
    script = place.stranger()
    plain = {"Origin": "", "Authorization": "token secret"}
    answer = await script.ask("GET", "sessions", headers=plain)
    assert answer.code == 200
    assert (await script.ask("GET", "sessions", headers={"Authorization": "token other"})).code == 401


async def test_errors_are_pages_for_people_and_json_for_scripts(place: Any) -> None:
    ada = await place.staff("ada")
    missing = "/services/greenroom/sessions/s-aaaaaaaaaa"
    page = await ada.ask("GET", missing, headers={"Accept": "text/html"})
    assert (page.code, page.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert b"there is no session s-aaaaaaaaaa" in page.body
    assert b'data-page="error"' in page.body
    assert (await ada.json("GET", missing, status=404))["refused"] == "there is no session s-aaaaaaaaaa"


async def test_a_stranger_is_sent_to_sign_in_and_a_script_is_told(place: Any) -> None:
    stranger = place.stranger()
    page = await stranger.ask("GET", "/services/greenroom/", headers={"Accept": "text/html"})
    assert (page.code, page.headers["Location"]) == (302, "/services/greenroom/login?next=/services/greenroom/")
    assert (await stranger.json("GET", "sessions", status=401))["refused"] == "Nobody is signed in"


async def test_every_answer_has_the_headers_that_protect(place: Any) -> None:
    for path in ("/services/greenroom/verify", "/services/greenroom/nowhere", "/services/greenroom/static/none"):
        headers = (await place.stranger().ask("GET", path)).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "camera=(self)" in headers["Permissions-Policy"]
        assert "Server" not in headers


async def test_a_page_carries_its_data_and_nothing_gets_out_of_it(place: Any) -> None:
    session = await place.session(title="</body><script>alert('1')</script>\"")
    ada = await place.staff("ada")
    page = await ada.ask("GET", f"/services/greenroom/sessions/{session.id}")
    assert b"<script>alert" not in page.body
    assert b'data-page="session"' in page.body


async def test_the_state_is_what_the_last_action_made(place: Any) -> None:
    session = await place.session()
    assert session.state is State.SCHEDULED
    assert (await place.house.sessions.act(session.id, Action.CANCEL, "ada", reason="ill")).state is State.CANCELLED


async def test_a_part_that_fails_keeps_no_other_from_hearing(place: Any) -> None:
    heard: list[Action] = []

    async def fails(_session: object, _action: Action) -> None:
        raise RuntimeError("on purpose")

    async def hears(_session: object, action: Action) -> None:
        heard.append(action)

    place.house.sessions.on_change(fails)
    place.house.sessions.on_change(hears)
    session = await place.session()
    await place.house.sessions.act(session.id, Action.CANCEL, "ada")
    assert heard == [Action.SCHEDULE, Action.CANCEL]
