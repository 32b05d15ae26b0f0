"""Company in the room: messages and comments through the service, and raised hands."""

from __future__ import annotations

import json
from typing import Any

from greenroom_hub.settings import PREFIX
from room.staging import Stage
from tornado.httpclient import AsyncHTTPClient, HTTPRequest


async def ask(made: Stage, who: str, path: str, body: Any = None) -> Any:
    """A request about the session, in somebody's name."""
    url = f"http://127.0.0.1:{made.port}{PREFIX}api/v1/sessions/{made.session}/{path}"
    headers = {"Cookie": await made.cookie(who), "Content-Type": "application/json"}
    request = HTTPRequest(url, "GET" if body is None else "POST", headers, None if body is None else json.dumps(body))
    return await AsyncHTTPClient().fetch(request, raise_error=False)


async def test_a_remark_is_kept_for_everybody_and_its_words_stay_out_of_the_chain(quiet: Stage) -> None:
    said = {"text": "may I use pandas?", "cell": "two"}
    assert (await ask(quiet, "cleo", "remarks", said)).code == 201
    for who in ("cleo", "iva", "ole"):
        found = json.loads((await ask(quiet, who, "remarks")).body)["remarks"]
        assert [(one["author"], one["cell"], one["text"]) for one in found] == [("Cleo", "two", "may I use pandas?")]
    (event,) = [one for one in await quiet.house.record.events(quiet.session) if one.type == "remark"]
    assert event.body["cell"] == "two"
    assert "pandas" not in str(event)


async def test_a_comment_is_settled_and_opened_again(quiet: Stage) -> None:
    n = json.loads((await ask(quiet, "iva", "remarks", {"text": "why a list?", "cell": "two"})).body)["n"]
    plain = json.loads((await ask(quiet, "iva", "remarks", {"text": "hello"})).body)["n"]
    for resolved, name in ((True, "Cleo"), (True, "Cleo"), (False, None), (True, "Cleo")):
        made = await ask(quiet, "cleo", f"remarks/{n}/resolution", {"resolved": resolved})
        assert json.loads(made.body)["resolved"] == name
        (found, _) = json.loads((await ask(quiet, "iva", "remarks")).body)["remarks"]
        assert (found["text"], found["resolved"]) == ("why a list?", name)
    assert (await ask(quiet, "cleo", f"remarks/{plain}/resolution", {"resolved": True})).code == 404
    assert (await ask(quiet, "ole", f"remarks/{n}/resolution", {"resolved": False})).code == 409
    facts = [one.body["resolved"] for one in await quiet.house.record.events(quiet.session) if "resolved" in one.type]
    assert facts == [True, False, True]


async def test_an_observer_reads_and_says_nothing(quiet: Stage) -> None:
    assert (await ask(quiet, "ole", "remarks", {"text": "x"})).code == 409
    assert (await ask(quiet, "ole", "hand", {"up": True})).code == 403
    assert json.loads((await ask(quiet, "ole", "remarks")).body)["why_not"] == "observers look on in this session"


async def test_a_hand_goes_up_and_down_once(quiet: Stage) -> None:
    for up in (True, True, False):
        assert (await ask(quiet, "cleo", "hand", {"up": up})).code == 204
        hands = json.loads((await ask(quiet, "iva", "remarks")).body)["hands"]
        assert hands == ([quiet.session] if up else [])
    facts = [one.body["up"] for one in await quiet.house.record.events(quiet.session) if one.type == "hand"]
    assert facts == [True, False]
