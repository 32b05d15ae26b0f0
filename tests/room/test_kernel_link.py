"""What becomes of runs and answers when the link to the kernel is lost at the worst moment: a guest that is scripted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from greenroom_hub.room import frames
from greenroom_hub.room.kernel_link import Unreachable
from greenroom_hub.room.wire_format import Message
from room.scripted_guest import Connection, ScriptedGuest
from room.staging import Stage, stage, until


@asynccontextmanager
async def a_room(folder: Path, guest: ScriptedGuest) -> AsyncIterator[Stage]:
    async with stage(folder / "house", guest) as made:
        await made.begin()
        yield made


async def test_a_run_that_meets_the_end_of_the_link_waits_for_the_next_one(tmp_path: Path) -> None:
    def then(line: Connection, message: Message) -> None:
        if line is guest.connections[0]:
            line.close()  # it answers, and is gone before anybody who waited for that has their turn
        elif message.kind == "execute_request":
            line.finish(message)

    guest = ScriptedGuest(then)
    async with a_room(tmp_path, guest) as made:
        cleo = await made.page("cleo")
        run = asyncio.create_task(cleo.run("one", "1"))
        await until(lambda: cleo.sent >= 2 and cleo.told("kernel"), "the command")
        guest.there.set()
        assert await run == "ok"
        assert [len(line.got("execute_request")) for line in guest.connections] == [0, 1]


async def test_an_answer_while_the_link_is_lost_leaves_the_question_open(tmp_path: Path) -> None:
    def then(line: Connection, message: Message) -> None:
        if message.kind == "execute_request":
            line.say("stdin", "input_request", {"prompt": "Who? ", "password": False}, message)
        elif message.kind == "input_reply":
            line.finish(guest.connections[0].got("execute_request")[0])

    guest = ScriptedGuest(then)
    guest.there.set()
    async with a_room(tmp_path, guest) as made:
        cleo = await made.page("cleo")
        run = asyncio.create_task(cleo.run("one", "input('Who? ')"))
        ask = (await until(lambda: cleo.told("ask"), "the question"))[0]
        link = (await made.house.rooms.open(made.session)).kernel.link
        guest.there.clear()
        guest.connections[0].close()
        await until(lambda: not link.connected, "the end of the link")
        cleo.command(type="reply", prompt=ask["prompt"], value="early")
        before = len(cleo.frames)
        cleo.send(frames.ask_state(cleo.doc.get_state()))
        await until(lambda: len(cleo.frames) > before, "an answer to what was said after it")
        assert cleo.told("ask") == [ask], "nobody heard the answer, so the question stands"
        with pytest.raises(Unreachable, match="input_reply was not sent"):
            link.ask("stdin", "input_reply", {})
        guest.busy = True  # with the question
        guest.there.set()
        await until(lambda: link.connected, "the next link")
        cleo.command(type="reply", prompt=ask["prompt"], value="late")
        assert await run == "ok"
        assert [reply.content["value"] for reply in guest.connections[1].got("input_reply")] == ["late"]


async def test_a_kernel_that_is_dead_or_another_languages_is_not_taken(tmp_path: Path) -> None:
    def then(line: Connection, message: Message) -> None:
        if message.kind == "execute_request":
            line.finish(message)

    guest = ScriptedGuest(then)
    guest.there.set()
    guest.kernels = [
        {"id": "dead", "name": "python3", "execution_state": "dead"},
        {"id": "bash", "name": "bash", "execution_state": "idle"},
    ]
    async with a_room(tmp_path, guest) as made:
        cleo = await made.page("cleo")
        assert await cleo.run("one", "1") == "ok"
        assert guest.paths == ["GET /api/kernels", "POST /api/kernels", "/api/kernels/made-2/channels"]


async def test_a_room_that_broke_leaves_the_kernel_to_the_next_one(tmp_path: Path) -> None:
    def then(line: Connection, message: Message) -> None:
        if message.kind == "execute_request" and line is not guest.connections[0]:
            line.finish(message)

    guest = ScriptedGuest(then)
    guest.there.set()
    async with a_room(tmp_path, guest) as made:
        cleo = await made.page("cleo")
        cleo.command(type="run", cell="one", request=1)
        await until(lambda: guest.connections and guest.connections[0].got("execute_request"), "the run")
        (await made.house.rooms.open(made.session))._break()
        await until(lambda: guest.connections[0].over, "the end of the first link")
        again = await made.page("cleo")
        assert await again.run("two", "1") == "ok"
        assert len(guest.connections) == 2
