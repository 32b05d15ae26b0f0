"""The wire of a real service over real websockets: durable before acknowledged, warned before flagged, rebuilt after."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
from greenroom_hub import admission, wire
from greenroom_hub.house import House
from greenroom_hub.policy import Policy, Use
from greenroom_hub.ports import Ports
from greenroom_hub.service import build
from greenroom_hub.settings import PREFIX
from greenroom_proctor.words import Action, Excuse, Seat, Signal
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, websocket_connect

BROWSER = "a1b2c3d4e5f6a7b8"


class Moment:
    """A clock that goes when it is told to."""

    def __init__(self, house: House) -> None:
        self.at = house.wires.now()
        self.rule(house)

    def rule(self, house: House) -> None:
        """Every part of this house reads this clock."""
        house.wires.admission.now = house.wires.standings.now = self
        house.wires.now = house.record._now = house.sessions._now = house.wires.incidents._now = self

    def __call__(self) -> int:
        return self.at


@dataclass
class Page:
    """The far end of one wire."""

    socket: WebSocketClientConnection
    welcome: dict[str, Any] = field(default_factory=dict)
    n: int = 0

    async def say(self, **message: Any) -> None:
        await self.socket.write_message(msgspec.json.encode(message).decode())

    async def hear(self, type: str) -> dict[str, Any]:
        """The next message of a type."""
        async with asyncio.timeout(20):
            while (text := await self.socket.read_message()) is not None:
                said: dict[str, Any] = msgspec.json.decode(text)
                if said["type"] == type:
                    return said
        raise AssertionError(f"the wire was closed ({self.socket.close_code}) before a message '{type}'")

    async def closed(self) -> int | None:
        """The code with which the wire is closed."""
        async with asyncio.timeout(20):
            while await self.socket.read_message() is not None:
                pass
        return self.socket.close_code

    async def observe(
        self, kind: str, start: float, end: float | None, *, n: int = 0, id: str = "aaaaaaaa", signal: str = ""
    ) -> None:
        self.n = n or self.n + 1
        signals = {
            "face_absent": "face",
            "tab_hidden": "visibility",
            "focus_lost": "focus",
            "fullscreen_left": "fullscreen",
        }
        seen = {"id": id, "kind": kind, "start": start, "end": end, "confidence": 0.9, "quality": 0.8}
        await self.say(type="observe", n=self.n, observation=seen | {"signal": signal or signals[kind]})


@dataclass
class Hall:
    """A session of a place, its clock, and whoever is on its wire."""

    place: Any
    session: str
    moment: Moment

    async def dial(self, cookie: str) -> Page:
        url = f"{self.place.url.replace('http', 'ws')}{PREFIX}api/v1/sessions/{self.session}/wire"
        headers = {"Cookie": f"greenroom={cookie}", "Origin": self.place.url}
        return Page(await websocket_connect(HTTPRequest(url, headers=headers)))

    async def join(self, cookie: str, browser: str = BROWSER, clock: float = 100.0) -> Page:
        page = await self.dial(cookie)
        await page.say(type="hello", browser=browser, clock=clock)
        page.welcome = await page.hear("welcome")
        return page

    async def candidate(self, browser: str = BROWSER, clock: float = 100.0) -> Page:
        return await self.join((await self.place.candidate(self.session)).cookie, browser, clock)

    async def staff(self, name: str = "ada") -> Page:
        return await self.join((await self.place.staff(name)).cookie, "0" * 16)

    async def act(self, *actions: Action) -> None:
        for action in actions:
            await self.place.house.sessions.act(self.session, action, "ada")

    async def events(self, type: str) -> list[dict[str, Any]]:
        found = await self.place.house.record.events(self.session)
        return [event.body for event in found if event.type == type]

    async def gone(self) -> None:
        """The service has seen that the candidate's page is gone."""
        async with asyncio.timeout(60):
            while not await self.events("connection.closed"):
                await asyncio.sleep(0.02)

    async def later(self, seconds: float) -> None:
        """Time goes on, a second at a time, as the service looks."""
        for _ in range(round(seconds)):
            self.moment.at += 1000
            await self.place.house.wires.look()


@pytest.fixture
async def hall(place: Any) -> AsyncIterator[Hall]:
    moment = Moment(place.house)
    signals = dict.fromkeys((Signal.FACE, Signal.CAMERA, Signal.VISIBILITY), Use.ON) | {Signal.FOCUS: Use.INFORM}
    made = Hall(place, (await place.session(policy=Policy(signals=signals))).id, moment)
    await made.act(Action.ARRIVE, Action.OPEN)
    moment.at += 60_000
    yield made
    await place.house.wires.stop()


async def test_hello_is_answered_with_all_a_page_needs(hall: Hall) -> None:
    page = await hall.candidate()
    _, head = await hall.place.house.record.newest(hall.session)
    assert page.welcome["you"] == {"name": hall.session, "display_name": "Jo Doe", "seat": "candidate"}
    assert (page.welcome["state"], page.welcome["acknowledged"], page.welcome["incidents"]) == ("live", 0, [])
    assert page.welcome["clock"]["running"]
    assert len(page.welcome["head"]) == len(head) == 64


async def test_both_sides_are_told_who_is_here(hall: Hall) -> None:
    ada = await hall.staff()
    cleo = await hall.candidate()
    assert {one["seat"] for one in cleo.welcome["people"]} == {"candidate", "interviewer"}
    while {one["seat"] for one in (await ada.hear("people"))["people"]} != {"candidate", "interviewer"}:
        pass
    cleo.socket.close()
    while {one["seat"] for one in (await ada.hear("people"))["people"]} != {"interviewer"}:
        pass


async def test_an_acknowledged_observation_is_durable_and_dated_by_the_service(hall: Hall) -> None:
    page = await hall.candidate(clock=100.0)
    at = hall.moment.at
    await page.observe("face_absent", 90, 95)
    said = await page.hear("acknowledged")
    (body,) = await hall.events("observation")
    assert (said["n"], body["n"], body["browser"], body["kind"]) == (1, 1, BROWSER, "face_absent")
    assert (body["start"], body["end"]) == (at - 10_000, at - 5_000)
    assert said["head"] == (await hall.place.house.record.newest(hall.session))[1]


async def test_nothing_is_acknowledged_that_the_store_did_not_take(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    page = await hall.candidate()
    await asyncio.gather(*hall.place.house.wires._facts)

    async def full(*_: Any) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(hall.place.house.store, "run", full)
        await page.observe("face_absent", 90, 95)
        with pytest.raises(AssertionError, match="the wire was closed"):
            await page.hear("acknowledged")
    again = await hall.candidate()
    assert again.welcome["acknowledged"] == 0


async def test_what_is_sent_again_is_acknowledged_and_not_kept_twice(hall: Hall) -> None:
    page = await hall.candidate()
    await page.observe("face_absent", 90, 91, n=1)
    await page.hear("acknowledged")
    again = await hall.candidate()
    assert again.welcome["acknowledged"] == 1
    await again.observe("face_absent", 90, 91, n=1)
    assert (await again.hear("acknowledged"))["n"] == 1
    assert len(await hall.events("observation")) == 1


async def test_two_pages_number_their_observations_apart(hall: Hall) -> None:
    one, two = await hall.candidate(), await hall.candidate(browser="b" * 16)
    for page, id in ((one, "aaaaaaaa"), (two, "bbbbbbbb")):
        await page.observe("face_absent", 90, 91, n=1, id=id)
        await page.hear("acknowledged")
    assert {body["browser"] for body in await hall.events("observation")} == {BROWSER, "b" * 16}


@pytest.mark.parametrize("kind", ["face_absent", "tab_hidden"])
async def test_a_warning_is_seen_by_the_candidate_and_by_staff(hall: Hall, kind: str) -> None:
    cleo, ada = await hall.candidate(), await hall.staff()
    await cleo.observe(kind, 99.5, None)
    await cleo.hear("acknowledged")
    await hall.later(5)
    told = (await cleo.hear("incident"))["incident"]
    assert (told["level"], told["kind"], told["seconds"]) == ("warning", kind, None)
    assert told["text"].endswith(".")
    shown = [(await ada.hear("incident"))["incident"] for _ in range(2)]
    assert [one["level"] for one in shown] == ["noted", "warning"]
    assert [body["kind"] for body in await hall.events("incident.warning")] == [kind]


async def test_what_goes_on_after_a_warning_is_flagged(hall: Hall) -> None:
    cleo = await hall.candidate()
    await cleo.observe("face_absent", 99, None)
    await cleo.hear("acknowledged")
    for _ in range(8):
        await hall.later(5)
        await cleo.say(type="beat", camera=True, visible=True)
        await cleo.observe("face_absent", 99, None)  # whose answer says that the beat was heard
        await cleo.hear("acknowledged")
    assert len(await hall.events("incident.warning")) == len(await hall.events("incident.flag")) == 1


async def test_a_glance_is_noted_before_both_and_nobody_is_warned(hall: Hall) -> None:
    cleo, ada = await hall.candidate(), await hall.staff()
    await cleo.observe("face_absent", 98, 99.5)
    await cleo.hear("acknowledged")
    assert (await ada.hear("incident"))["incident"]["level"] == "noted"
    (shown,) = (await hall.candidate()).welcome["incidents"]
    assert shown["level"] == "noted"
    assert "Please" not in shown["text"]
    assert await hall.events("incident.warning") == []


async def test_a_signal_that_only_informs_warns_nobody(hall: Hall) -> None:
    cleo = await hall.candidate()
    await cleo.observe("focus_lost", 10, 90)
    await cleo.hear("acknowledged")
    assert len(await hall.events("observation")) == 1
    assert await hall.events("incident.warning") == []


@pytest.mark.parametrize(
    ("kind", "signal", "why"),
    [
        ("fullscreen_left", "", "no signal fullscreen"),
        ("face_absent", "gaze", "belongs to the signal face"),
        ("sneezed", "face", "not understood"),
    ],
)
async def test_it_is_refused_by_its_number(hall: Hall, kind: str, signal: str, why: str) -> None:
    page = await hall.candidate()
    await page.observe(kind, 1, 2, signal=signal)
    said = await page.hear("refused")
    assert said["n"] == 1
    assert why in said["why"]
    assert await hall.events("observation") == []


async def test_staff_report_nothing(hall: Hall) -> None:
    ada = await hall.staff()
    await ada.observe("face_absent", 1, 2)
    assert "only the candidate's browser" in (await ada.hear("refused"))["why"]


async def test_an_observer_sees_incidents_and_reports_none(hall: Hall) -> None:
    olga = await hall.place.staff("olga")
    await hall.place.house.seats.put(hall.session, "olga", Seat.OBSERVER)
    page = await hall.join(olga.cookie, "0" * 16)
    cleo = await hall.candidate()
    await cleo.observe("face_absent", 90, 99)
    assert (await page.hear("incident"))["incident"]["level"] == "warning"
    await page.observe("face_absent", 1, 2)
    await page.hear("refused")


async def test_a_silent_browser_is_not_taken_to_go_on(hall: Hall) -> None:
    cleo, ada = await hall.candidate(), await hall.staff()
    await cleo.observe("face_absent", 99, None)
    await cleo.hear("acknowledged")
    heard = hall.moment.at
    await hall.later(wire.SILENT // 1000 + 1)
    (left,) = await hall.events("observation.left")
    assert left == {"browser": BROWSER, "heard": heard}
    await hall.later(120)
    assert await hall.events("incident.flag") == []
    last = await ada.hear("incident")
    while last["incident"]["seconds"] is None:
        last = await ada.hear("incident")
    assert last["incident"]["seconds"] == 1.0


async def test_a_browser_that_is_gone_leaves_nothing_going_on(hall: Hall) -> None:
    cleo, ada = await hall.candidate(), await hall.staff()
    await cleo.observe("face_absent", 99, None)
    await cleo.hear("acknowledged")
    cleo.socket.close()
    while len((await ada.hear("people"))["people"]) != 1:
        pass
    await asyncio.gather(*hall.place.house.wires._facts)
    assert [body["browser"] for body in await hall.events("connection.closed")] == [BROWSER]
    assert len(await hall.events("observation.left")) == 1


async def test_what_still_lasts_when_a_browser_is_back_goes_on(hall: Hall) -> None:
    cleo, ada = await hall.candidate(), await hall.staff()
    await cleo.observe("face_absent", 99, None)
    await cleo.hear("acknowledged")
    cleo.socket.close()
    while len((await ada.hear("people"))["people"]) != 1:
        pass
    await asyncio.gather(*hall.place.house.wires._facts)
    await hall.later(10)
    assert await hall.events("incident.warning") == []
    back = await hall.candidate(clock=110.0)
    await back.observe("face_absent", 99, None, n=2)
    await back.hear("acknowledged")
    await hall.later(1)
    assert len(await hall.events("incident.warning")) == 1


async def test_a_pause_excuses_what_goes_on(hall: Hall) -> None:
    cleo = await hall.candidate()
    await cleo.observe("face_absent", 99, None)
    await cleo.hear("acknowledged")
    await hall.act(Action.PAUSE)
    assert (await cleo.hear("session"))["state"] == "paused"
    await hall.later(20)
    assert await hall.events("incident.warning") == []


async def test_what_waited_in_an_offline_browser_is_kept_after_the_end_and_warns_nobody(hall: Hall) -> None:
    await hall.act(Action.SUBMIT)
    cleo = await hall.candidate()
    await cleo.observe("face_absent", 50, 90)
    await cleo.hear("acknowledged")
    assert len(await hall.events("observation")) == 1
    assert await hall.events("incident.warning") == []


async def test_a_date_in_the_future_or_before_the_session_is_brought_back_into_it(hall: Hall) -> None:
    session = await hall.place.house.sessions.get(hall.session)
    page = await hall.candidate(clock=604_000)
    await page.observe("face_absent", 0, 604_800)
    await page.hear("acknowledged")
    (body,) = await hall.events("observation")
    assert (body["start"], body["end"]) == (session.created, hall.moment.at)


async def test_after_a_restart_the_incidents_are_what_they_were(hall: Hall) -> None:
    cleo, ada = await hall.candidate(), await hall.staff()
    stretches = [("aaaaaaaa", 45.0, 46.0), ("bbbbbbbb", 60.0, 66.0), ("cccccccc", 110.0, None)]
    for id, start, end in stretches:
        await cleo.observe("face_absent", start, end, id=id)
        await cleo.hear("acknowledged")
        hall.moment.at += 15_000
    await hall.act(Action.PAUSE, Action.RESUME)
    house = hall.place.house
    await house.wires.stop()
    before = {seat: await house.wires.incidents.shown(hall.session, seat) for seat in Seat}
    again = build(house.settings, Ports(1, 1, 1, 1))
    hall.moment.rule(again)
    try:
        for _ in range(2):
            assert {seat: await again.wires.incidents.shown(hall.session, seat) for seat in Seat} == before
        assert [len(before[seat]) for seat in (Seat.CANDIDATE, Seat.INTERVIEWER)] == [3, 3]
    finally:
        again.store.close()
    assert ada.welcome["incidents"] == []


async def test_what_a_killed_service_had_not_heard_the_end_of_ended_with_the_last_word(hall: Hall) -> None:
    cleo = await hall.candidate()
    await cleo.observe("face_absent", 99, None)
    await cleo.hear("acknowledged")
    said = hall.moment.at
    hall.moment.at += 600_000
    again = build(hall.place.house.settings, Ports(1, 1, 1, 1))  # the old one left no word
    hall.moment.rule(again)
    try:
        (shown,) = await again.wires.incidents.shown(hall.session, Seat.INTERVIEWER)
        assert (shown.level, shown.seconds) == ("noted", 1.0)
    finally:
        again.store.close()
    assert await hall.events("observation.left") == [{"browser": BROWSER, "heard": said}]


@pytest.mark.parametrize(
    "message",
    [
        "{",
        '{"type": "observe"}',
        '{"type": "hello", "browser": "x", "clock": 1}',
        '{"type": "beat", "camera": true, "visible": true}',
        '{"type": "hello", "browser": "' + "a" * 5000,
    ],
)
async def test_what_makes_no_sense_ends_this_wire_and_no_other(hall: Hall, message: str) -> None:
    other = await hall.candidate()
    page = await hall.dial((await hall.place.candidate(hall.session)).cookie)
    await page.socket.write_message(message)
    assert await page.closed() == wire.MALFORMED
    await other.observe("face_absent", 90, 91)
    await other.hear("acknowledged")


async def test_a_flood_waits_and_loses_nothing(hall: Hall) -> None:
    page = await hall.candidate()
    for n in range(1, wire.BURST + 5):
        await page.observe("face_absent", n, n + 0.5, n=n, id=f"flood{n:04}")
    while (await page.hear("acknowledged"))["n"] != wire.BURST + 4:
        pass
    assert [body["n"] for body in await hall.events("observation")] == list(range(1, wire.BURST + 5))


async def test_a_service_that_stops_asks_pages_to_come_back(hall: Hall) -> None:
    page = await hall.candidate()
    await hall.place.house.wires.stop()
    assert await page.closed() == wire.RESTARTING
    assert len(await hall.events("connection.closed")) == 1


async def test_a_stranger_has_no_wire(hall: Hall) -> None:
    with pytest.raises(HTTPClientError, match=r"40[13]"):
        await hall.dial("nobody")
    eve = await hall.place.staff("eve")
    with pytest.raises(HTTPClientError, match=r"40[34]"):
        await hall.dial(eve.cookie)


async def test_what_began_while_the_network_was_gone_is_excused_and_stays_so(hall: Hall) -> None:
    cleo = await hall.candidate(clock=100.0)
    await cleo.observe("face_absent", 90, 91)
    await cleo.hear("acknowledged")
    cleo.socket.close()
    await hall.gone()
    await hall.later(60)
    back = await hall.candidate(clock=160.0)
    await back.observe("tab_hidden", 120, 140, n=2, id="bbbbbbbb")  # in the gap
    await back.hear("acknowledged")
    await back.observe("face_absent", 160, None, n=3, id="cccccccc")  # as it comes back
    await back.hear("acknowledged")
    await hall.later(8)
    assert await hall.events("incident.warning") == []
    excused = await hall.events("incident.excused")
    assert [(one["id"], one["because"]) for one in excused] == [("bbbbbbbb", "reconnect"), ("cccccccc", "reconnect")]
    await hall.later(12)  # it goes on, long after: that is judged
    assert [one["id"] for one in await hall.events("incident.warning")] == ["cccccccc.after"]
    await hall.place.house.wires.stop()
    before = await hall.place.house.wires.incidents.shown(hall.session, Seat.INTERVIEWER)
    assert [one.excused for one in before] == [None, Excuse.RECONNECT, Excuse.RECONNECT, None]
    again = build(hall.place.house.settings, Ports(1, 1, 1, 1))
    hall.moment.rule(again)
    try:
        assert await again.wires.incidents.shown(hall.session, Seat.INTERVIEWER) == before
    finally:
        again.store.close()


async def test_a_connection_that_hangs_while_its_browser_is_back_was_a_gap_too(hall: Hall) -> None:
    await hall.candidate(clock=100.0)
    hall.moment.at += 20_000
    back = await hall.candidate(clock=120.0)
    await back.observe("tab_hidden", 105, 118, id="bbbbbbbb")
    await back.hear("acknowledged")
    assert [one["because"] for one in await hall.events("incident.excused")] == ["reconnect"]
    assert await hall.events("incident.warning") == []


async def test_where_a_candidate_was_asked_to_look_counts_for_nothing(hall: Hall) -> None:
    cleo, ada = await hall.candidate(), await hall.place.staff("ada")
    until = (await ada.json("POST", f"sessions/{hall.session}/elsewhere", {"seconds": 30}))["until"]
    assert (await cleo.hear("elsewhere"))["until"] == until == hall.moment.at + 30_000
    assert (await hall.candidate(browser="c" * 16)).welcome["elsewhere"] == until
    await cleo.observe("tab_hidden", 99, None)
    await cleo.hear("acknowledged")
    await hall.later(20)
    assert await hall.events("incident.warning") == []
    assert [one["because"] for one in await hall.events("incident.excused")] == ["request"]
    await cleo.say(type="beat", camera=True, visible=False)
    await cleo.observe("face_absent", 110, 119, id="bbbbbbbb")  # nobody asked for that
    await cleo.hear("acknowledged")
    assert [one["id"] for one in await hall.events("incident.warning")] == ["bbbbbbbb"]
    await hall.later(15)
    assert [one["id"] for one in await hall.events("incident.warning")] == ["bbbbbbbb", "aaaaaaaa.after"]


async def test_quiet_and_gone_are_two_things_and_staff_are_told_which(hall: Hall) -> None:
    ada = await hall.staff()
    assert ada.welcome["candidate"] is None
    cleo = await hall.candidate()
    assert cleo.welcome["candidate"] is None  # it is about them, and they know
    assert (await ada.hear("candidate"))["standing"]["presence"] == "here"
    heard = hall.moment.at
    await hall.later(13)
    assert (await ada.hear("candidate"))["standing"] == {"presence": "quiet", "heard": heard}
    await cleo.say(type="beat", camera=True, visible=True)
    await cleo.observe("face_absent", 98, 99)  # whose answer says that the beat was heard
    await cleo.hear("acknowledged")
    await hall.later(1)
    assert (await ada.hear("candidate"))["standing"]["presence"] == "here"
    cleo.socket.close()
    assert (await ada.hear("candidate"))["standing"]["presence"] == "gone"
    assert (await hall.staff()).welcome["candidate"]["presence"] == "gone"


async def test_one_page_too_many_is_told_so_and_another_persons_is_not(hall: Hall) -> None:
    cookie = (await hall.place.candidate(hall.session)).cookie
    pages = [await hall.join(cookie, f"{number:016}") for number in range(admission.PAGES)]
    assert await (await hall.dial(cookie)).closed() == admission.TOO_MANY
    assert (await hall.staff()).welcome["you"]["seat"] == "interviewer"
    pages[0].socket.close()
    await hall.gone()
    await hall.join(cookie, "f" * 16)


async def test_a_session_that_says_too_much_is_closed_with_a_code_and_another_one_goes_on(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "PER_MINUTE", 10)
    other = Hall(hall.place, (await hall.place.session()).id, hall.moment)
    await other.act(Action.ARRIVE, Action.OPEN)
    pages = [await hall.candidate(browser=letter * 16) for letter in "ab"]
    calm = await other.candidate()
    for page in pages * 5:  # with two hellos, two more than ten
        with contextlib.suppress(WebSocketClosedError):
            await page.say(type="beat", camera=True, visible=True)
    closed, _ = await asyncio.wait(
        [asyncio.create_task(page.closed()) for page in pages], return_when="FIRST_COMPLETED"
    )
    assert {task.result() for task in closed} == {admission.TOO_MANY}
    await calm.observe("face_absent", 90, 91)
    await calm.hear("acknowledged")
    hall.moment.at += admission.MINUTE
    back = await hall.candidate(browser="c" * 16)
    await back.observe("face_absent", 90, 91)
    await back.hear("acknowledged")
