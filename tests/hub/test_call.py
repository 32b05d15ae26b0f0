"""The call's socket of a real service: who may do what when, what the record has of it, and who is told what."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, get_args

import msgspec
import pytest
from greenroom_hub.calls import calls, socket
from greenroom_hub.calls.relays import HOURS, addresses, relays
from greenroom_hub.policy import Policy
from greenroom_hub.settings import PREFIX, Greenroom
from greenroom_proctor.call import FromCaller
from greenroom_proctor.words import Action, Seat, State
from hub.test_seat_table import WAYS
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, websocket_connect

ON = {"camera": True, "microphone": True, "screen": False, "pictures": True}
OFF = ON | {"camera": False}


@dataclass
class Page:
    """The far end of one call's socket, and all it was told."""

    socket: WebSocketClientConnection
    name: str
    heard: list[dict[str, Any]] = field(default_factory=list)

    async def say(self, type: str, **more: Any) -> None:
        await self.socket.write_message(msgspec.json.encode({"type": type, **more}).decode())

    async def hear(self, type: str, **like: Any) -> dict[str, Any]:
        """The next message of a type that has these values."""
        async with asyncio.timeout(30):
            while (text := await self.socket.read_message()) is not None:
                said: dict[str, Any] = msgspec.json.decode(text)
                self.heard.append(said)
                if said["type"] == type and like.items() <= said.items():
                    return said
        raise AssertionError(f"closed with {self.socket.close_code} before a message '{type}'")

    async def peers(self, *pages: str) -> dict[str, Any]:
        """What it is told once these are whom it is connected with."""
        while True:
            said = await self.hear("peers")
            if [one["page"] for one in said["peers"]] == list(pages):
                return said

    async def closed(self) -> int | None:
        async with asyncio.timeout(30):
            while await self.socket.read_message() is not None:
                pass
        return self.socket.close_code

    async def drop(self) -> None:
        """The network is gone: no goodbye."""
        assert self.socket.protocol is not None
        assert self.socket.protocol.stream is not None
        self.socket.protocol.stream.close()


@dataclass
class Stage:
    """A session in which a call may be held."""

    place: Any
    session: str
    cookies: dict[str, str] = field(default_factory=dict)

    async def dial(self, name: str, what: str = "call") -> WebSocketClientConnection:
        if name not in self.cookies and name == "jo":
            self.cookies[name] = (await self.place.candidate(self.session)).cookie
        elif name not in self.cookies:
            self.cookies[name] = (await self.place.staff(name)).cookie
            seat = Seat.OBSERVER if name == "olga" else Seat.INTERVIEWER
            await self.place.house.seats.put(self.session, name, seat)
        url = f"{self.place.url.replace('http', 'ws')}{PREFIX}api/v1/sessions/{self.session}/{what}"
        headers = {"Cookie": f"greenroom={self.cookies[name]}", "Origin": self.place.url}
        return await websocket_connect(HTTPRequest(url, headers=headers))

    async def come(self, name: str, page: str = "") -> Page:
        """Somebody connects; the page's id is made of the name."""
        made = Page(await self.dial(name), (page or name).ljust(16, "0"))
        await made.say("hello", page=made.name)
        await made.hear("welcome")
        return made

    async def join(self, name: str, *others: Page, showing: Any = ON) -> Page:
        """Somebody comes into the call of these others."""
        page = await self.come(name)
        await page.say("join", showing=showing)
        await page.peers(*(one.name for one in others))
        return page

    async def wire(self, name: str) -> Page:
        """Somebody's wire, which they have on every page."""
        page = Page(await self.dial(name, "wire"), name)
        await page.say("hello", browser=name.ljust(16, "0"), clock=1.0)
        await page.hear("welcome")
        return page

    async def facts(self) -> list[tuple[str, str, Any]]:
        """Of the call, as the record has them: whose doing, what, and what of it."""
        found = await self.place.house.record.events(self.session)
        shown = {"call.viewed": ("person", "what", "look", "on"), "call.answered": ("allowed", "standing")}
        rows = [(one, [one.body[name] for name in shown.get(one.type, ())]) for one in found if "call." in one.type]
        return [(one.actor, one.type.removeprefix("call."), tuple(what) or None) for one, what in rows]


@pytest.fixture
async def stage(place: Any) -> AsyncIterator[Stage]:
    made = Stage(place, (await place.session()).id)
    for action in (Action.ARRIVE, Action.OPEN):
        await place.house.sessions.act(made.session, action, "ada")
    yield made
    await place.house.calls.stop()
    await place.house.wires.stop()


async def test_what_each_sees_of_whom_is_in_the_record_before_they_are_connected(stage: Stage) -> None:
    ada = await stage.join("ada")
    jo = await stage.join("jo", ada, showing=OFF)
    assert await stage.facts() == [
        ("ada", "joined", None),
        ("candidate", "joined", None),
        ("candidate", "viewed", ("ada", "camera", False, True)),
    ]
    await jo.say("show", showing=ON)
    (peer,) = (await ada.peers(jo.name))["peers"]
    assert (peer["page"], peer["bond"], peer["seat"], peer["polite"]) == (jo.name, "talk", "candidate", True)
    while not peer["showing"]["camera"]:
        (peer,) = (await ada.peers(jo.name))["peers"]
    assert (await stage.facts())[-1] == ("ada", "viewed", ("candidate", "camera", False, True))
    await jo.say("leave")
    await ada.peers()
    assert set((await stage.facts())[-3:]) == {
        ("candidate", "left", None),
        ("candidate", "viewed", ("ada", "camera", False, False)),
        ("ada", "viewed", ("candidate", "camera", False, False)),
    }


async def test_a_message_reaches_whom_it_is_for_and_nobody_else(stage: Stage) -> None:
    ada, offer = await stage.join("ada"), {"kind": "offer", "text": "v=0"}
    jo, ben = await stage.join("jo", ada), await stage.come("ben")
    await jo.say("describe", to=ada.name, **offer)
    assert await ada.hear("describe") == {"type": "describe", "by": jo.name, **offer}
    await jo.say("reach", to=ada.name, path="candidate:1", mid="0", line=0)
    assert (await ada.hear("reach"))["path"] == "candidate:1"
    await ben.say("describe", to=ada.name, **offer)  # not in the call: nobody's peer
    await jo.say("describe", to=ben.name, **offer)
    await jo.say("describe", to="nobody".ljust(16, "0"), **offer)
    await ben.say("join", showing=OFF)
    await ben.peers(ada.name, jo.name)
    assert [one for one in ben.heard if one["type"] == "describe"] == []
    await ada.peers(jo.name, ben.name)
    assert len([one for one in ada.heard if one["type"] == "describe"]) == 1


async def test_whoever_connects_again_is_where_they_were(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = await stage.join("ada")
    jo = await stage.join("jo", ada)
    await ada.peers(jo.name)
    await jo.drop()
    again = await stage.come("jo")
    await again.say("join", showing=ON)
    (peer,) = (await ada.peers(jo.name))["peers"]
    assert peer["times"] == 2
    assert [what for _, what, _ in await stage.facts()].count("joined") == 2
    monkeypatch.setattr(calls, "GRACE", 0.01)
    await again.drop()
    await ada.peers()
    assert ("candidate", "left", None) in await stage.facts()


async def test_a_page_that_says_goodbye_is_gone_at_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "GRACE", 3600)
    ada = await stage.join("ada")
    jo = await stage.join("jo", ada)
    await ada.peers(jo.name)
    jo.socket.close(1001)
    await ada.peers()


async def test_nobody_takes_another_s_place(stage: Stage) -> None:
    ada = await stage.join("ada")
    thief = Page(await stage.dial("ben"), ada.name)
    await thief.say("hello", page=ada.name)
    assert await thief.closed() == socket.MALFORMED
    jo = await stage.join("jo", ada)
    await jo.say("describe", to=ada.name, kind="offer", text="v=0")
    assert (await ada.hear("describe"))["by"] == jo.name


async def test_a_look_is_asked_for_answered_seen_and_over(stage: Stage) -> None:
    candidate = await stage.wire("jo")
    ada = await stage.come("ada")
    await ada.say("look")
    asked = await candidate.hear("call")
    (look,) = asked["looks"]
    assert (look["name"], look["begun"], asked["members"]) == ("ada", False, [])
    jo = await stage.come("jo")
    await jo.say("answer", look=look["id"], allowed=True, standing=False)
    (peer,) = (await jo.peers(ada.name))["peers"]
    assert (peer["bond"], peer["polite"], peer["display_name"]) == ("looks", False, "Ada")
    told = await ada.peers(jo.name)
    assert (told["peers"][0]["bond"], told["joined"], told["look"]) == ("seen", False, look["id"])
    assert (await candidate.hear("call"))["looks"][0]["begun"]
    await jo.say("end", look=look["id"])
    await ada.peers()
    assert await stage.facts() == [
        ("ada", "asked", None),
        ("candidate", "answered", (True, False)),
        ("ada", "viewed", ("candidate", "camera", True, True)),
        ("ada", "viewed", ("candidate", "camera", True, False)),
    ]


async def test_a_look_that_is_refused_shows_nothing(stage: Stage) -> None:
    candidate, ada = await stage.wire("jo"), await stage.come("ada")
    await ada.say("look")
    (look,) = (await candidate.hear("call"))["looks"]
    jo = await stage.come("jo")
    await ada.say("answer", look=look["id"], allowed=True, standing=True)
    assert "only the candidate answers" in (await ada.hear("refused"))["why"]
    await jo.say("answer", look=look["id"], allowed=False, standing=False)
    assert (await ada.hear("peers", look=None))["peers"] == []
    await jo.say("answer", look=look["id"], allowed=True, standing=False)  # too late: there is none any more
    await jo.say("look")
    assert "only staff look" in (await jo.hear("refused"))["why"]
    assert [what for _, what, _ in await stage.facts()] == ["asked", "answered"]


async def test_a_fifth_person_is_told_that_the_call_is_full(stage: Stage) -> None:
    inside: list[Page] = []
    for name in ("ada", "jo", "ben", "cleo"):
        inside.append(await stage.join(name, *inside))
    dora = await stage.come("dora")
    await dora.say("join", showing=ON)
    assert (await dora.hear("refused"))["why"] == "there are 4 people in the call already"


async def test_the_end_of_the_session_is_the_end_of_its_call(stage: Stage) -> None:
    ada = await stage.join("ada")
    jo = await stage.join("jo", ada)
    await ada.peers(jo.name)
    await stage.place.house.sessions.act(stage.session, Action.TERMINATE, "ada")
    assert not (await ada.hear("peers", joined=False))["peers"]
    await jo.say("join", showing=ON)
    assert (await jo.hear("refused"))["why"] == "the session is terminated"
    assert [what for _, what, _ in await stage.facts()].count("left") == 2


async def test_a_seat_that_is_taken_away_ends_the_call_for_it(stage: Stage) -> None:
    ada = await stage.join("ada")
    ben = await stage.join("ben", ada)
    await ada.peers(ben.name)
    await stage.place.house.seats.remove(stage.session, "ben")
    await ada.peers()
    assert await ben.closed() == 4401


# Who may do it: seats × states × policies. `join` and `look` are refused with a sentence, and open to none besides
MAY: dict[str, dict[str, frozenset[State]]] = {
    "join": {"jo": frozenset({State.LIVE, State.PAUSED}), "ada": frozenset({State.LOBBY, State.LIVE, State.PAUSED})},
    "look": dict.fromkeys(("ada", "olga"), frozenset({State.LIVE, State.PAUSED})),
}


@pytest.mark.parametrize("state", [State.LOBBY, State.LIVE, State.PAUSED])
async def test_who_may_join_and_who_may_look(place: Any, state: State) -> None:
    stage = Stage(place, (await place.session("ada", draft=True)).id)
    for action in WAYS[state]:
        await place.house.sessions.act(stage.session, action, "ada")
    for name in ("jo", "ada", "olga"):
        if name == "jo" and state is State.LOBBY:
            continue  # not even connected, as tests/hub/seat_table.py says
        page = await stage.come(name)
        (welcome,) = page.heard
        assert (welcome["why_not"] is None) is (state in MAY["join"].get(name, ())), (name, state)
        assert (welcome["why_no_look"] is None) is (state in MAY["look"].get(name, ())), (name, state)
        await page.say("join", showing=ON)
        await page.say("leave")
        heard = await page.hear("peers", joined=True) if welcome["why_not"] is None else await page.hear("refused")
        assert heard.get("why") == welcome["why_not"]
        await page.say("look")
        wanted = welcome["why_no_look"] or "the candidate is not connected"
        assert (await page.hear("refused"))["why"] == wanted
    await place.house.calls.stop()


@pytest.mark.parametrize(
    ("policy", "name", "join", "look"),
    [
        (Policy(call=False), "ada", "this session has no call", None),
        (Policy(looks=False), "ada", None, "in this session nobody looks through the candidate's camera"),
        (Policy(), "olga", "observers are not in the call of this session", None),
        (Policy(observers_call=True), "olga", None, None),
    ],
)
async def test_the_policy_narrows_it(place: Any, policy: Policy, name: str, join: str | None, look: str | None) -> None:
    stage = Stage(place, (await place.session(policy=policy)).id)
    for action in (Action.ARRIVE, Action.OPEN):
        await place.house.sessions.act(stage.session, action, "ada")
    (welcome,) = (await stage.come(name)).heard
    assert (welcome["why_not"], welcome["why_no_look"]) == (join, look)
    await place.house.calls.stop()


SAMPLES: dict[str, dict[str, Any]] = {
    "hello": {"page": "a" * 16},
    "join": {"showing": ON},
    "show": {"showing": ON},
    "leave": {},
    "look": {},
    "answer": {"look": "a" * 16, "allowed": True, "standing": True},
    "end": {"look": "a" * 16},
    "describe": {"to": "a" * 16, "kind": "offer", "text": "v=0"},
    "reach": {"to": "a" * 16, "path": "", "mid": None, "line": None},
}
NONSENSE: dict[str, str | bytes] = {
    "an answer of ours": '{"type": "peers", "peers": [], "joined": true, "look": null}',
    "another hello": '{"type": "hello", "page": "aaaaaaaaaaaaaaaa"}',
    "a list": "[]",
    "bytes": b"\xff\xfe",
    "a long text": msgspec.json.encode({"type": "describe", **SAMPLES["describe"], "text": "x" * 40_000}).decode(),
    "a field more": '{"type": "leave", "why": "x"}',
}


@pytest.mark.parametrize("nonsense", NONSENSE)
async def test_nonsense_ends_that_connection_and_no_other(stage: Stage, nonsense: str) -> None:
    ada, jo = await stage.come("ada"), await stage.come("jo")
    said = NONSENSE[nonsense]
    await jo.socket.write_message(said, binary=isinstance(said, bytes))
    assert await jo.closed() == socket.MALFORMED
    await ada.say("join", showing=ON)
    await ada.peers()


async def test_whoever_does_not_say_hello_first_is_told_nothing(stage: Stage) -> None:
    assert {str(one.__struct_config__.tag) for one in get_args(FromCaller)} == set(SAMPLES)
    for type, sample in SAMPLES.items():
        if type != "hello":
            page = Page(await stage.dial("jo"), "")
            await page.say(type, **sample)
            assert await page.closed() == socket.MALFORMED, type


async def test_a_flood_ends_its_own_connection(stage: Stage) -> None:
    ada, jo = await stage.join("ada"), await stage.come("jo")
    with contextlib.suppress(WebSocketClosedError):
        for _ in range(socket.BURST * 3):
            await jo.say("describe", to=ada.name, kind="offer", text="v=0")
    assert await jo.closed() == socket.FLOOD
    await ada.say("show", showing=OFF)
    ben = await stage.come("ben")
    await ben.say("join", showing=OFF)
    await ben.peers(ada.name)


async def test_whoever_switches_on_and_off_all_the_time_is_refused(stage: Stage) -> None:
    ada = await stage.join("ada")
    for n in range(calls.MOVES + 1):
        await ada.say("show", showing=ON if n % 2 else OFF)
    assert "60 times within a minute" in (await ada.hear("refused"))["why"]


def test_a_password_is_the_one_that_the_relay_computes() -> None:
    settings = Greenroom(turn_urls="turn:a:3478?transport=udp, turns:a:5349,stun:a:3478", turn_secret="s3cret")
    stun, turn = relays(settings, "ada", 1000.0)
    assert (stun.urls, stun.username, stun.credential) == (["stun:a:3478"], None, None)
    assert turn.urls == ["turn:a:3478?transport=udp", "turns:a:5349"]
    assert turn.username == f"{1000 + HOURS * 3600}:ada"
    proof = hmac.new(b"s3cret", turn.username.encode(), hashlib.sha1).digest()
    assert turn.credential == base64.b64encode(proof).decode()
    assert relays(Greenroom(), "ada", 1000.0) == []


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"turn_urls": "http://a"}, "'http://a' is no address of a relay; write turn:HOST:PORT"),
        ({"turn_urls": "turn:a"}, "turn_secret is not; set it to the static-auth-secret"),
        ({"turn_only": True, "turn_urls": "stun:a"}, "turn_urls names no relay"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused_at_the_start(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why.replace("(", r"\(")):
        addresses(Greenroom(**wrong))
