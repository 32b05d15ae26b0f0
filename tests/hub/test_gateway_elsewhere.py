"""The gateway before a Piston that is not ours: one that replays what a real one was recorded to answer, faults too."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
import tornado.web
from greenroom_hub.forwarded import Begun, Exit, Failed, Input, Output, RunChunk, RunRequest
from greenroom_hub.gateway import Gateway
from greenroom_hub.settings import Greenroom
from hub.test_gateway import Place, place, printed
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.websocket import WebSocketHandler

__all__ = ["place"]

RECORDINGS = Path(__file__).parents[1] / "resources" / "piston"


def recorded(name: str) -> Any:
    return json.loads((RECORDINGS / f"{name}.json").read_text())


def whole(value: Any) -> Any:
    """Long strings were clipped to their two ends."""
    if isinstance(value, dict):
        if value.get("$clipped"):
            return value["head"] + "x" * (value["len"] - len(value["head"]) - len(value["tail"])) + value["tail"]
        return {key: whole(one) for key, one in value.items()}
    return value


class _Replay(tornado.web.RequestHandler):
    """GET / and the runtimes as recorded; POST answers with the recording that the program names."""

    asked: ClassVar[list[Any]] = []

    def get(self) -> None:
        self._send("runtimes" if self.request.path.endswith("runtimes") else "root")

    def post(self) -> None:
        body = json.loads(self.request.body)
        over = next((key for key, value in body.items() if value == 2**53 - 1), None)
        if over is not None:
            self.set_status(400)
            self.finish({"message": f"{over} cannot exceed the configured limit of 3000"})
            return
        self.asked.append(body)
        self._send(body["files"][0]["content"])

    def _send(self, name: str) -> None:
        response = recorded(name)["response"]
        self.set_status(response["status"])
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(whole(response["body"])))


class _Talk(WebSocketHandler):
    """A recorded conversation, or one without end; what a client says is heard, and, as in the real one, changes nothing."""

    heard: ClassVar[list[Any]] = []

    async def on_message(self, message: str | bytes) -> None:
        said = json.loads(message)
        self.heard.append(said)
        if said["type"] != "init":
            return
        name = said["files"][0]["content"]
        await self.write_message(json.dumps({"type": "runtime", "language": "python", "version": "3.11.2"}))
        if name == "endless":
            await self.write_message(json.dumps({"type": "stage", "stage": "run"}))
            while self.ws_connection is not None:
                await self.write_message(json.dumps({"type": "data", "stream": "stdout", "data": "x" * 9999}))
        elif name == "nonsense":
            await self.write_message("<html>")
        else:
            for step in recorded(name)["transcript"]:
                if step.get("dir") == "server" and "msg" in step:
                    await self.write_message(json.dumps(step["msg"]))
            self.close(4999, "Job Completed")


@pytest.fixture
async def elsewhere(place: Place) -> AsyncIterator[Place]:
    routes: list[Any] = [("/api/v2/connect", _Talk), ("/.*", _Replay)]
    server = HTTPServer(tornado.web.Application(routes))
    sockets = bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
    place.gateway = Gateway(Greenroom(piston_url=url), "", place.record, place.sessions, lambda: place.clock[0])
    await place.gateway.check()
    _Replay.asked.clear()
    _Talk.heard.clear()
    yield place
    server.stop()
    await server.close_all_connections()


async def ended(elsewhere: Place, name: str, **more: Any) -> list[RunChunk]:
    return await elsewhere.run("python", name, **more)


async def test_its_answers_are_told(elsewhere: Place) -> None:
    chunks = await ended(elsewhere, "exit-7")
    assert isinstance(chunks[-1], Exit)
    assert (chunks[-1].code, chunks[-1].status) == (7, "RE")
    body = _Replay.asked[-1]
    assert {body[name] for name in ("run_timeout", "run_cpu_time")} == {2000}
    assert all(body[name] > 0 for name in body if name.endswith(("_timeout", "_time", "_limit")))


@pytest.mark.parametrize(
    ("name", "status"),
    [("mem-1gb-64m", "RE"), ("out-100mb", "OL"), ("inf-loop", "TO"), ("compile-error", "RE"), ("c-segv", "RE")],
)
async def test_how_a_program_ended_there_is_passed_on(elsewhere: Place, name: str, status: str) -> None:
    end = (await ended(elsewhere, name))[-1]
    assert isinstance(end, Exit)
    assert end.status == status


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("lang-unknown", "The program was not taken: cobol-* runtime is unknown"),
        ("bad-json", "The program was not taken: Piston answered 400"),
        ("file-null", "The program was not taken: Piston answered 400"),
        ("file-traversal", "The machine that runs programs cannot be reached. Ask your interviewer."),
        ("notfound", "The machine that runs programs cannot be reached. Ask your interviewer."),
    ],
)
async def test_its_faults_are_told_in_a_sentence_and_no_stack_trace(elsewhere: Place, name: str, why: str) -> None:
    assert (await ended(elsewhere, name))[-1] == Failed(why)
    assert elsewhere.record.runs[-1]["status"] == "not run"


async def test_an_interactive_run_goes_by_its_websocket(elsewhere: Place) -> None:
    chunks = elsewhere.gateway.run(elsewhere.session, RunRequest("python", "ws-stdin", interactive=True), "kernel")
    begun = await anext(chunks)
    assert isinstance(begun, Begun)
    elsewhere.gateway.say(elsewhere.session, begun.run, Input("Ada\n"))
    rest = [chunk async for chunk in chunks]
    assert printed(rest) == {("run", "stdout"): "name? hello Ada\n"}
    assert isinstance(rest[-1], Exit)
    assert (rest[-1].code, rest[-1].status) == (0, None)


async def test_its_websocket_without_a_cap_is_cut_by_the_gateway(elsewhere: Place) -> None:
    async with asyncio.timeout(60):
        chunks = await ended(elsewhere, "endless", interactive=True)
    end = chunks[-1]
    assert isinstance(end, Exit)
    assert (end.status, end.message) == ("OL", "output cut")
    assert sum(len(one.text) for one in chunks if isinstance(one, Output)) == 1_000_000
    assert elsewhere.record.runs[-1]["stdout_bytes"] == 1_000_000


async def test_what_is_no_conversation_is_told_in_a_sentence(elsewhere: Place) -> None:
    chunks = await ended(elsewhere, "nonsense", interactive=True)
    assert chunks[-1] == Failed("The machine that runs programs cannot be reached. Ask your interviewer.")
