"""What a real Piston said over its websocket, beside ours: the same, or better as docs/piston.md names it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from greenroom_sandbox.piston import Limits
from sandbox.test_runner import Far, far
from sandbox.test_runner_recorded import PATIENT
from tornado.websocket import WebSocketClientConnection, websocket_connect

__all__ = ["far"]

RECORDINGS = Path(__file__).parents[1] / "resources" / "piston"
SAME = [
    "badtype",
    "compile",
    "eof",
    "hello",
    "noinit",
    "signal",
    "stdin",
    "stream",
    "timeout",
    "unknown",
]
RUNTIME = {"type": "runtime", "language": "python"}
RUN = {"type": "stage", "stage": "run"}
# What ours says instead, and the close code. The words of a parser vary as versions do.
BETTER: dict[str, tuple[list[dict[str, Any]], int]] = {
    "badjson": ([{"type": "error"}], 4002),
    "compile-error": (
        [
            {"type": "runtime", "language": "c"},
            {"type": "stage", "stage": "compile"},
            {
                "type": "data",
                "stream": "stderr",
                "data": "main.c:1:10: error: expected declaration specifiers or \N{LEFT SINGLE QUOTATION MARK}..."
                "\N{RIGHT SINGLE QUOTATION MARK} before \N{LEFT SINGLE QUOTATION MARK}{\N{RIGHT SINGLE QUOTATION MARK} token"
                "\n    1 | int main({\n      |          ^\n",
            },
            {"type": "exit", "stage": "compile", "code": 1, "signal": None},
        ],
        4999,
    ),
    "stdin-init": (
        [
            RUNTIME,
            RUN,
            {"type": "data", "stream": "stdout", "data": "upfront\n\n"},
            {"type": "exit", "stage": "run", "code": 0, "signal": None},
        ],
        4999,
    ),
    "stdout-write": ([RUNTIME, RUN], 4004),
    "twice": ([RUNTIME, RUN], 4000),
}
ELSEWHERE = {"disconnect"}


def _recorded(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((RECORDINGS / f"ws-{name}.json").read_text())["transcript"]
    return found


async def opened(far: Far) -> WebSocketClientConnection:
    """A websocket to the runner."""
    return await websocket_connect(f"ws://127.0.0.1:{far.port}/api/v2/connect")


async def _until(connection: WebSocketClientConnection, said: list[dict[str, Any]], count: int) -> None:
    while len(said) < count and (text := await connection.read_message()) is not None:
        said.append(json.loads(text))


async def _replayed(far: Far, name: str) -> tuple[list[dict[str, Any]], int | None]:
    """The client's part of a recording, each message after what the real one had said before it."""
    if name not in {"eof", "timeout"}:
        far.runner.limits = PATIENT
    connection, said, before = await opened(far), list[dict[str, Any]](), 0
    for step in _recorded(name):
        if step.get("dir") == "server" and "msg" in step:
            before += 1
        elif step.get("dir") == "client":
            await _until(connection, said, before)
            message = step["msg"]
            await connection.write_message(message if isinstance(message, str) else json.dumps(message))
    await _until(connection, said, 10_000)
    return said, connection.close_code


def _masked(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: value for key, value in message.items() if key != "version"} for message in messages]


@pytest.mark.parametrize("name", SAME)
async def test_ours_says_what_was_recorded(far: Far, name: str) -> None:
    recording = _recorded(name)
    said, code = await _replayed(far, name)
    wanted = [step["msg"] for step in recording if step.get("dir") == "server" and "msg" in step]
    assert _joined(_masked(said)) == _joined(_masked(wanted))
    assert code == recording[-1]["close_code"]


def _joined(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Neighbouring pieces of one stream as one: where output is cut is the pipe's affair."""
    found: list[dict[str, Any]] = []
    for message in messages:
        if found and message.get("stream") is not None and found[-1].get("stream") == message["stream"]:
            found[-1] = {**message, "data": found[-1]["data"] + message["data"]}
        else:
            found.append(message)
    return found


@pytest.mark.parametrize("name", sorted(BETTER))
async def test_ours_says_it_better(far: Far, name: str) -> None:
    said, code = await _replayed(far, name)
    wanted, wanted_code = BETTER[name]
    said = _masked(said)
    if name in {"stdout-write", "twice"}:  # how far the job came before it was ended
        said, wanted = said[:2], wanted[: len(said)]
    shown = [{key: one[key] for key in want} for one, want in zip(said, wanted, strict=True)]
    assert (shown, code) == (wanted, wanted_code)


async def test_a_client_that_leaves_ends_its_job(far: Far) -> None:
    far.runner.limits = Limits(run_timeout=600_000)
    connection = await opened(far)
    said = json.dumps(_recorded("disconnect")[0]["msg"])
    for_ever = said.replace("range(28)", "range(10**6)")
    assert for_ever != said
    await connection.write_message(for_ever)
    assert [json.loads(str(await connection.read_message()))["type"] for _ in range(2)] == ["runtime", "stage"]
    connection.close()
    await asyncio.wait_for(far.runner.queue.empty(), 60)


def test_each_recording_is_used_and_each_better_answer_is_documented() -> None:
    found = {path.stem.removeprefix("ws-") for path in RECORDINGS.glob("ws-*.json")}
    assert found == {*SAME, *BETTER, *ELSEWHERE}
    page = (Path(__file__).parents[2] / "docs" / "piston.md").read_text()
    assert [name for name in (*BETTER, *ELSEWHERE) if f"`ws-{name}`" not in page] == []
