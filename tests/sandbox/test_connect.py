"""The runner's websocket, with real boxes: input and its end, signals, caps, and who may say what."""

from __future__ import annotations

import asyncio
import json
import os
from typing import Any

import pytest
from greenroom_sandbox.connect import UNREAD
from greenroom_sandbox.queue import Queue
from sandbox.test_connect_recorded import opened
from sandbox.test_runner import Far, far
from sandbox.test_runner_recorded import PATIENT
from tornado.websocket import WebSocketClientConnection

__all__ = ["far"]


class Talk:
    """A client's side of one job."""

    def __init__(self, connection: WebSocketClientConnection) -> None:
        self.connection = connection

    async def send(self, **message: object) -> None:
        await self.connection.write_message(json.dumps(message))

    async def hear(self) -> Any:
        text = await asyncio.wait_for(self.connection.read_message(), 60)
        return None if text is None else json.loads(text)

    async def output(self, word: str) -> None:
        """Wait until the program has printed a word."""
        heard = ""
        while word not in heard:
            message = await self.hear()
            assert message is not None, heard
            heard += message.get("data", "")

    async def end(self) -> list[Any]:
        """All that is still said."""
        said = []
        while (message := await self.hear()) is not None:
            said.append(message)
        return said


async def begun(far: Far, language: str, source: str, **more: object) -> Talk:
    far.runner.limits = PATIENT
    talk = Talk(await opened(far))
    await talk.send(type="init", language=language, version="*", files=[{"content": source}], **more)
    return talk


def text(said: list[Any], stream: str = "stdout") -> str:
    return "".join(one["data"] for one in said if one.get("stream") == stream)


async def test_the_end_of_standard_input_can_be_said(far: Far) -> None:
    talk = await begun(far, "python", "import sys; print(sys.stdin.read().upper())", stdin="one")
    await talk.send(type="data", stream="stdin", data="two\N{EURO SIGN}")
    await talk.send(type="eof")
    await talk.send(type="data", stream="stdin", data="too late")
    said = await talk.end()
    assert text(said) == "ONE\nTWO\N{EURO SIGN}\n"
    assert said[-1] == {"type": "exit", "stage": "run", "code": 0, "signal": None}


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGUSR1", "SIGHUP"])
async def test_a_signal_reaches_the_program(far: Far, name: str) -> None:
    source = (
        "import signal,sys,time\n"
        f"signal.signal(signal.{name}, lambda n, f: sys.exit(print('caught', n)))\n"
        "print('go', flush=True)\nwhile True: time.sleep(.01)"
    )
    talk = await begun(far, "python", source)
    await talk.output("go")
    await talk.send(type="signal", signal=name)
    said = await talk.end()
    assert text(said).startswith("caught ")
    assert said[-1]["code"] == 0


async def test_a_signal_reaches_a_shell_s_children_too(far: Far) -> None:
    talk = await begun(far, "bash", "echo go; sleep 2.625; echo slept")
    await talk.output("go")
    await talk.send(type="signal", signal="SIGTERM")
    said = await talk.end()
    assert (text(said), said[-1]["signal"]) == ("", "SIGTERM")


async def test_a_signal_that_is_none_ends_the_connection(far: Far) -> None:
    talk = await begun(far, "bash", "echo go; sleep 2")
    await talk.output("go")
    await talk.send(type="signal", signal="SIGNONE")
    await talk.end()
    assert (talk.connection.close_code, talk.connection.close_reason) == (4005, "Invalid signal")


@pytest.mark.parametrize(
    "message", [{"type": "data", "stream": "stdin", "data": "x"}, {"type": "signal", "signal": "SIGKILL"}]
)
async def test_nothing_is_taken_before_the_init_message(far: Far, message: dict[str, object]) -> None:
    talk = Talk(await opened(far))
    await talk.send(**message)
    assert await talk.end() == []
    assert (talk.connection.close_code, talk.connection.close_reason) == (4003, "Not yet initialized")


async def test_output_is_kept_up_to_the_cap_and_the_reason_is_said(far: Far) -> None:
    said = await (await begun(far, "python", "while True: print('x' * 999)")).end()
    assert len(text(said)) == far.runner.output
    assert (said[-1]["status"], said[-1]["message"]) == ("OL", "stdout length exceeded")
    said = await (await begun(far, "bash", "while true; do echo error >&2; done")).end()
    assert len(text(said, "stderr")) == far.runner.output
    assert said[-1]["status"] == "EL"


@pytest.mark.skipif(os.geteuid() != 0, reason="without a control group the program itself is told: no more memory")
async def test_out_of_memory_is_named(far: Far) -> None:
    said = await (await begun(far, "python", "x = 'x' * 10**9", run_memory_limit=64_000_000)).end()
    assert (said[-1]["status"], said[-1]["message"]) == ("ML", "memory limit exceeded")


async def test_more_is_told_to_who_asks_for_it(far: Far) -> None:
    said = await (await begun(far, "bash", "exit 3", details=True)).end()
    assert {key: said[-1][key] for key in ("code", "status", "message")} == {
        "code": 3,
        "status": "RE",
        "message": "Exited with error status 3",
    }
    assert said[-1]["wall_time"] > 0


async def test_a_character_is_never_cut_in_two(far: Far) -> None:
    source = "import os,time\nfor b in '\N{EURO SIGN}'.encode(): os.write(1, bytes([b])); time.sleep(.05)\nos.write(1, b'\\xe2')"
    said = await (await begun(far, "python", source)).end()
    assert text(said) == "\N{EURO SIGN}\N{REPLACEMENT CHARACTER}"


async def test_input_that_nobody_reads_is_bounded(far: Far) -> None:
    talk = await begun(far, "bash", "echo go; sleep 3")
    await talk.output("go")
    for _ in range(UNREAD // 60_000 + 3):
        await talk.send(type="data", stream="stdin", data="x" * 60_000)
    said = await talk.end()
    assert said[-1] == {"type": "error", "message": f"more than {UNREAD} bytes of standard input wait to be read"}
    assert talk.connection.close_code == 4002


async def test_a_message_that_is_too_long_ends_the_connection(far: Far) -> None:
    talk = await begun(far, "bash", "#" + "x" * 110_000)
    assert await talk.end() == []
    assert talk.connection.close_code in {1006, 1009}


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ("[1]", "a message must be a JSON object"),
        ('{"type": "init"}', "language is required as a string"),
        (
            '{"type": "init", "language": "bash", "version": "*", "files": [{"content": ""}], "run_timeout": 0}',
            "run_timeout must be at least 1",
        ),
    ],
)
async def test_what_is_wrong_is_said_in_words(far: Far, sent: str, message: str) -> None:
    talk = Talk(await opened(far))
    await talk.connection.write_message(sent)
    said = await talk.end()
    assert said[0]["message"].startswith(message)
    assert talk.connection.close_code == 4002


async def test_a_job_that_waits_is_told_its_place(far: Far) -> None:
    far.runner.queue = Queue(1, waiting=1)
    first = await begun(far, "bash", "echo go; read x")
    await first.output("go")
    second = await begun(far, "bash", "echo second")
    assert await second.hear() == {"type": "queued", "position": 1}
    third = await begun(far, "bash", "echo third")
    assert (await third.end())[0]["message"] == "1 jobs run and 1 wait, as many as may; try again in a moment"
    await first.send(type="eof")
    assert text(await second.end()) == "second\n"


async def test_there_is_nothing_but_a_websocket_at_its_address(far: Far) -> None:
    response = await far.fetch("GET", "/api/v2/connect")
    assert (response.code, json.loads(response.body)) == (404, {"message": "Not Found"})


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_packages_cannot_be_touched(far: Far, method: str) -> None:
    body = b"{}" if method == "POST" else None
    response = await far.fetch(method, "/api/v2/packages", body)
    assert (response.code, json.loads(response.body)) == (404, {"message": "Not Found"})
