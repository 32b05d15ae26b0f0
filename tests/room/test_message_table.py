"""The table of messages × seats × states, over real websockets with each seat's own cookie."""

from __future__ import annotations

import asyncio
import typing
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from greenroom_hub.room import frames, wire_format
from greenroom_hub.room.channels import WIDGET_CONTROL, WRITERS
from greenroom_hub.room.kernel_link import Status
from greenroom_hub.room.lib0 import block, uint
from greenroom_hub.room.runs import Ended
from greenroom_hub.room.update_log import Row, UpdateLog
from greenroom_hub.room.wire_format import Message
from greenroom_proctor.messages import Ask, RoomCommand
from greenroom_proctor.words import Action, Seat, State
from pycrdt import Array, Doc, Map, Text
from room.message_table import ENTERS, FRAMES, WORDS, Frame, Word
from room.staging import Channel, NoGuests, Page, Stage, stage, until

NAMES = {Seat.CANDIDATE: "cleo", Seat.INTERVIEWER: "iva", Seat.OBSERVER: "ole"}
WAYS: dict[State, tuple[Action, ...]] = {
    State.SCHEDULED: (),
    State.LOBBY: (Action.ARRIVE,),
    State.LIVE: (Action.ARRIVE, Action.OPEN),
    State.PAUSED: (Action.ARRIVE, Action.OPEN, Action.PAUSE),
    State.SUBMITTED: (Action.ARRIVE, Action.OPEN, Action.SUBMIT),
    State.EXPIRED: (Action.ARRIVE, Action.OPEN, Action.EXPIRE),
    State.TERMINATED: (Action.ARRIVE, Action.OPEN, Action.TERMINATE),
    State.REVIEW: (Action.ARRIVE, Action.OPEN, Action.SUBMIT, Action.REVIEW),
    State.FINAL: (Action.ARRIVE, Action.OPEN, Action.SUBMIT, Action.REVIEW, Action.DECIDE),
    State.APPEAL: (Action.ARRIVE, Action.OPEN, Action.SUBMIT, Action.REVIEW, Action.DECIDE, Action.APPEAL),
}


class Far:
    """The kernel's end of the service's own connection: keeps what reached it."""

    def __init__(self) -> None:
        self.heard: list[Message] = []

    def write_message(self, data: bytes, *, binary: bool) -> asyncio.Future[None]:
        assert binary
        self.heard.append(wire_format.read(data))
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done

    def close(self) -> None:
        return


@pytest.fixture(params=WAYS, ids=str)
async def standing(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[Stage, State, Far]]:
    """A session in one state, whose kernel's far end is in the test's hands."""
    state = typing.cast("State", request.param)
    async with stage(tmp_path / "house", NoGuests()) as made:
        await made.begin(Action.SCHEDULE, *WAYS[state])
        link, far = (await made.house.rooms.open(made.session)).kernel.link, Far()
        if not link._closed:
            link.wake = lambda: None  # type: ignore[method-assign]
            link._socket = typing.cast("Any", far)
            link.status, link.info = Status.IDLE, {"language_info": {}}
            link._ready.set()
        yield made, state, far


def _update(page: Page) -> bytes:
    other: Doc[Any] = Doc()
    other.apply_update(page.doc.get_update())
    before = other.get_state()
    other.get("cells", type=type(page.cells))[1]["source"].insert(0, "typed")
    return other.get_update(before)


SENT: dict[str, Callable[[Page], bytes]] = {
    "update": lambda page: frames.update(_update(page)),
    "step two": lambda page: frames.answer_state(_update(page)),
    "step one": lambda page: frames.ask_state(page.doc.get_state()),
    "presence": lambda page: bytes((1,)) + block(uint(1) + uint(77) + uint(1) + block(b'{"user": {}}')),
    "query presence": lambda page: bytes((3,)),
    "run": lambda page: bytes((6,)) + block(b'{"type": "run", "cell": "one", "request": 9}'),
    "reply": lambda page: bytes((6,)) + block(b'{"type": "reply", "prompt": "p", "value": "v"}'),
    "notice": lambda page: bytes((5,)) + block(b'{"type": "saved", "updates": 9}'),
    "unknown kind": lambda page: bytes((9,)) + block(b"x"),
    "unknown step": lambda page: bytes((0, 7)) + block(b"x"),
    "unknown command": lambda page: bytes((6,)) + block(b'{"type": "shutdown"}'),
    "authentication": lambda page: bytes((2, 0)) + block(b"denied"),
    "half a frame": lambda page: frames.update(_update(page))[:-3],
    "nothing at all": lambda page: b"",
}


def test_every_kind_of_frame_and_command_is_in_the_table() -> None:
    assert {row.name for row in FRAMES} == {*SENT, "text"}
    page = blank()
    read = {type(frames.read(SENT[row.name](page))) for row in FRAMES if any(row.taken.values())}
    assert read == set(typing.get_args(frames.Frame))
    tags = {str(one.__struct_config__.tag) for one in typing.get_args(RoomCommand)}
    assert tags <= {row.name for row in FRAMES}, "a command that is not in room/message_table.py"


def test_what_may_reach_the_kernel_is_in_the_table() -> None:
    assert {row.kind.split(" ")[0] for row in WORDS if any(row.reaches.values())} == WRITERS


def blank() -> Page:
    """A page that is connected to nothing."""
    page = Page.__new__(Page)
    page.doc = Doc()
    page.cells = page.doc.get("cells", type=Array)
    page.cells.extend([Map({"source": Text("")}), Map({"source": Text("")})])
    return page


async def _comes_of(row: Frame, page: Page, stage: Stage) -> str:
    """Sends a row's frame from a fresh page and says what came of it."""
    room = await stage.house.rooms.open(stage.session)
    rows, answers = len(await _log(stage)), len(page.frames)
    if row.name == "reply":
        room.kernel.runs._prompt = Ask("p", "one", "?", False), {}
        room.kernel.runs._current = typing.cast("Any", _Run())
    page.socket.write_message("text") if row.name == "text" else page.send(SENT[row.name](page))
    page.send(bytes((frames.SYNC, frames.STEP_ONE)) + block(b"\0"))  # answered at once, after what came before it
    await until(lambda: page.closed or any(f[:2] == b"\0\1" for f in page.frames[answers:]), "an answer")
    happened = {
        "update": len(await _log(stage)) > rows,
        "step two": len(await _log(stage)) > rows,
        "presence": 77 in room.awareness.entries,
        "run": room.kernel.runs._current is not None,
        "reply": room.kernel.runs._prompt is None,
    }.get(row.name, True)
    room.kernel.runs._prompt = None
    if row.name == "run":
        await room.kernel.runs.stop(Ended("error", "Over", "The test is over."))
    elif row.name == "reply":
        room.kernel.runs._current = None
    told = {"closed": page.closed, "refused": page.told("document_refused"), "done": page.told("done")}
    if happened and not told["closed"] and not told["refused"]:
        return "taken"
    return next((word for word, is_so in told.items() if is_so), "nothing")


class _Run:
    id, cell, source, reply = "r", "one", "", None


async def _log(stage: Stage) -> list[Row]:
    await (await stage.house.rooms.open(stage.session)).settled()
    return await UpdateLog(stage.house.store, stage.session).rows()


async def test_frames(standing: tuple[Stage, State, Far]) -> None:
    fresh, state, _ = standing
    for row in FRAMES:
        for seat, name in NAMES.items():
            if state not in ENTERS[seat]:
                continue
            page = await fresh.page(name)
            found = await _comes_of(row, page, fresh)
            assert found == ("taken" if state in row.taken[seat] else row.else_), (row.name, seat, state, found)
            await page.close()


def _content(kind: str) -> dict[str, Any]:
    if kind == "comm_open to ask for widgets":
        return {"comm_id": "c", "target_name": WIDGET_CONTROL, "data": {}}
    return {"comm_id": "x", "target_name": "jupyter.widget", "data": {"method": "update"}, "code": "1", "value": "v"}


async def _word(row: Word, channel: Channel, far: Far) -> str:
    far.heard.clear()
    kind = row.kind.split(" ")[0]
    id_ = channel.send(kind, _content(row.kind), row.channel)
    end = channel.send("connect_request", {})  # refused always, and after what came before it
    last: list[str] = []
    while True:
        message = await channel.find(lambda one: one.kind.endswith("_reply"))
        if message.parent.get("msg_id") == end and row.kind != "connect_request":
            break
        last.append("refused" if message.content.get("status") == "error" else "answered")
        assert message.parent.get("msg_id") in {id_, end}
        if len(last) == 2:
            break
    if any(one.header["msg_id"] == id_ for one in far.heard):
        return "reaches"
    return last[0] if last else "nothing"


async def test_words(standing: tuple[Stage, State, Far]) -> None:
    fresh, state, far = standing
    for seat, name in NAMES.items():
        if state not in ENTERS[seat]:
            continue
        for row in WORDS:
            channel = await fresh.channel(name, client=f"page-{WORDS.index(row)}")
            found = await _word(row, channel, far)
            expected = "reaches" if state in row.reaches[seat] else row.else_
            assert found == expected, (row.kind, row.channel, seat, state, found)
            channel.socket.close()
