"""The gateway before a real runner, with real sessions."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from collections import deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from greenroom_hub.forwarded import Begun, Exit, Failed, Input, Output, Queued, RunChunk, RunRequest, read
from greenroom_hub.gateway import UNREAD, Gateway, Refusal
from greenroom_hub.people import People
from greenroom_hub.policy import Limits, Policy
from greenroom_hub.record import Record
from greenroom_hub.seats import Seats
from greenroom_hub.sessions import Sessions
from greenroom_hub.settings import Greenroom
from greenroom_hub.store.database import Store
from greenroom_hub.store.schema import migrate
from greenroom_hub.templates import Sidecar, Templates
from greenroom_proctor.words import Action, Role
from greenroom_sandbox import runtimes, stages
from greenroom_sandbox.client import Piston, Unreachable
from greenroom_sandbox.jobs import Job
from greenroom_sandbox.piston import Reply, Stage
from greenroom_sandbox.queue import Queue
from greenroom_sandbox.runner import Runner

NOTEBOOK = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {},
    "cells": [{"cell_type": "code", "id": "a", "metadata": {}, "source": "1", "outputs": [], "execution_count": None}],
}


@dataclass
class Kept:
    """A record in memory: what was appended."""

    events: list[tuple[str, str, Mapping[str, Any], str]] = field(default_factory=list)

    async def append(
        self, session: str, type: str, body: Mapping[str, Any], *, private: Mapping[str, Any] | None = None, actor: str
    ) -> object:
        self.events.append((session, type, body, actor))
        return None

    @property
    def runs(self) -> list[Mapping[str, Any]]:
        return [body for _, type, body, _ in self.events if type == "run.elsewhere"]


@dataclass
class Place:
    """A gateway, its runner and a session that is live."""

    gateway: Gateway
    runner: Runner
    record: Kept
    sessions: Sessions
    session: str
    clock: list[float]

    async def run(self, language: str = "bash", source: str = "echo hi", **more: Any) -> list[RunChunk]:
        request = RunRequest(language, source, **more)
        return [chunk async for chunk in self.gateway.run(self.session, request, "kernel")]

    async def refused(self, language: str = "bash", **more: Any) -> tuple[int, str]:
        with pytest.raises(Refusal) as caught:
            await self.run(language, **more)
        return caught.value.status, str(caught.value)


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    store, moment = Store(f"sqlite:///{tmp_path}/g.sqlite"), lambda: 1_800_000_000_000
    migrate(store.engine)
    templates, record = Templates(store, moment), Kept()
    real = Record(store, Ed25519PrivateKey.generate(), moment)
    sessions = Sessions(store, moment, templates, Seats(store, moment), real)
    await People(store, moment).put("ada", "Ada", Role.ADMIN)
    policy = Policy(languages=("python", "bash", "c"), limits=Limits(run_seconds=2))
    template = await templates.put("task", NOTEBOOK, {}, Sidecar(), "ada")
    session = await sessions.create(title="Task", candidate="Kim", template=template, author="ada", policy=policy)
    for action in (Action.ARRIVE, Action.OPEN):
        await sessions.act(session.id, action, "ada")
    work = stages.folder_for_work()
    runner = Runner(runtimes.installed(), work)
    server, port = runner.serve(0)
    clock = [0.0]
    gateway = Gateway(Greenroom(), f"http://127.0.0.1:{port}", record, sessions, lambda: clock[0])
    await gateway.check()
    yield Place(gateway, runner, record, sessions, session.id, clock)
    await asyncio.wait_for(runner.stop(), 60)
    server.stop()
    await server.close_all_connections()
    shutil.rmtree(work)
    store.close()


def printed(chunks: list[RunChunk]) -> dict[tuple[str, str], str]:
    """All text by stage and stream."""
    found: dict[tuple[str, str], str] = {}
    for one in chunks:
        if isinstance(one, Output):
            found[one.stage, one.stream] = found.get((one.stage, one.stream), "") + one.text
    return found


async def test_a_run_comes_back_and_is_written_down(place: Place) -> None:
    source = "echo out $1; echo err >&2; cat; cat data.txt; exit 3"
    chunks = await place.run("sh", source, args=("a b",), stdin="in", files={"data.txt": "d"})
    assert printed(chunks) == {("run", "stdout"): "out a b\nin\nd", ("run", "stderr"): "err\n"}
    end = chunks[-1]
    assert isinstance(end, Exit)
    assert (end.stage, end.code, end.signal, end.status) == ("run", 3, None, "RE")
    session, type, body, actor = place.record.events[-1]
    assert (session, type, actor) == (place.session, "run.elsewhere", "kernel")
    assert body == {
        "language": "bash",
        "version": "*",
        "source_sha256": hashlib.sha256(source.encode()).hexdigest(),
        "source_bytes": len(source),
        "stdin_bytes": 2,
        "files": 1,
        "stage": "run",
        "code": 3,
        "signal": None,
        "status": "RE",
        "message": "Exited with error status 3",
        "wall_ms": end.wall_ms,
        "stdout_bytes": 12,
        "stderr_bytes": 4,
    }


async def test_a_compiler_s_words_are_told_apart_and_once(place: Place) -> None:
    chunks = await place.run("c", "int main({")
    assert [(one.stage, one.stream) for one in chunks if isinstance(one, Output)] == [("compile", "stderr")]
    end = chunks[-1]
    assert isinstance(end, Exit)
    assert (end.stage, end.code) == ("compile", 1)


async def test_the_policy_s_seconds_bind_when_they_are_fewer(place: Place) -> None:
    end = (await place.run("python", "import time; time.sleep(60)"))[-1]
    assert isinstance(end, Exit)
    assert end.status == "TO"
    assert end.wall_ms is not None
    assert 2000 <= end.wall_ms < 2900


async def test_a_language_the_session_does_not_have_is_refused(place: Place) -> None:
    status, why = await place.refused("javascript")
    assert (status, why) == (403, '"javascript" cannot be run here; this session has bash, c, python.')
    assert place.record.runs == []


async def test_a_run_is_refused_unless_the_session_is_live(place: Place) -> None:
    await place.sessions.act(place.session, Action.PAUSE, "ada")
    assert await place.refused() == (409, "Programs run while the session is live; it is paused.")
    await place.sessions.act(place.session, Action.TERMINATE, "ada")
    assert await place.refused() == (409, "Programs run while the session is live; it is terminated.")


async def test_a_session_that_does_not_exist_runs_nothing(place: Place) -> None:
    place.session = "s-0000000000"
    assert (await place.refused())[0] == 404


async def test_the_thirty_first_run_of_a_minute_waits(place: Place) -> None:
    place.gateway._rate._taken[place.session] = deque(float(n) for n in range(30))
    place.clock[0] = 35.0
    assert await place.refused() == (429, "30 runs a minute are the most; the next is possible in 25 s.")
    place.clock[0] = 60.0
    assert isinstance((await place.run())[-1], Exit)


async def test_a_third_run_at_once_is_refused(place: Place) -> None:
    two = [asyncio.create_task(place.run(source="sleep 1")) for _ in range(2)]
    while place.runner.queue.inside < 2:
        await asyncio.sleep(0.01)
    assert await place.refused() == (429, "2 programs run already; wait until one has ended.")
    await asyncio.gather(*two)
    assert isinstance((await place.run())[-1], Exit)


async def test_the_place_in_the_line_is_told(place: Place) -> None:
    place.gateway._queue = Queue(1)
    first = asyncio.create_task(place.run(source="sleep 0.5"))
    while not place.gateway._queue.inside:
        await asyncio.sleep(0.01)
    second = await place.run()
    assert second[0] == Queued(1)
    assert second[1] == Output("run", "stdout", "hi\n")
    assert not any(isinstance(one, Queued) for one in await first)


async def test_leaving_ends_the_run_and_is_written_down(place: Place) -> None:
    async def leave() -> None:
        await place.run(source="sleep 1.9")

    task = asyncio.create_task(leave())
    while not place.runner.queue.inside:
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task])
    await asyncio.wait_for(place.runner.queue.empty(), 1)
    assert [(body["status"], body["message"]) for body in place.record.runs] == [
        ("not run", "The run was left before it ended.")
    ]
    assert place.gateway._busy == {}


async def test_what_a_program_prints_is_told_as_it_prints(place: Place) -> None:
    request = RunRequest("bash", "echo first; read x; echo $x", interactive=True)
    chunks = place.gateway.run(place.session, request, "kernel")
    begun = await anext(chunks)
    assert isinstance(begun, Begun)
    assert await anext(chunks) == Output("run", "stdout", "first\n")
    with pytest.raises(Refusal, match="over"):
        place.gateway.say("s-0000000000", begun.run, Input("of another session\n"))
    place.gateway.say(place.session, begun.run, Input("typed\n"))
    rest = [chunk async for chunk in chunks]
    assert printed(rest) == {("run", "stdout"): "typed\n"}
    with pytest.raises(Refusal, match="over"):
        place.gateway.say(place.session, begun.run, Input("late"))
    assert place.record.runs[-1]["stdout_bytes"] == len("first\ntyped\n")


async def test_the_end_of_input_and_signals_reach_an_interactive_run(place: Place) -> None:
    request = RunRequest("bash", "trap 'echo caught; exit 3' INT; cat; echo end; while :; do :; done", interactive=True)
    chunks = place.gateway.run(place.session, request, "kernel")
    begun = await anext(chunks)
    assert isinstance(begun, Begun)
    place.gateway.say(place.session, begun.run, Input(eof=True))
    assert await anext(chunks) == Output("run", "stdout", "end\n")
    place.gateway.say(place.session, begun.run, Input(signal="SIGINT"))
    rest = [chunk async for chunk in chunks]
    assert printed(rest) == {("run", "stdout"): "caught\n"}
    assert isinstance(rest[-1], Exit)
    assert rest[-1].code == 3


async def test_input_without_end_is_refused_in_words(place: Place) -> None:
    chunks = place.gateway.run(place.session, RunRequest("bash", "sleep 1", interactive=True), "kernel")
    begun = await anext(chunks)
    assert isinstance(begun, Begun)
    for _ in range(UNREAD):
        place.gateway.say(place.session, begun.run, Input("x"))
    with pytest.raises(Refusal, match="much input"):
        place.gateway.say(place.session, begun.run, Input("x"))
    await chunks.aclose()  # type: ignore[attr-defined]


async def test_all_six_limits_are_sent_and_none_is_zero(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    read = place.runner.read

    def heard(body: bytes) -> Job:
        sent.append(msgspec.json.decode(body))
        return read(body)

    monkeypatch.setattr(place.runner, "read", heard)
    server, port = place.runner.serve(0)
    place.gateway._piston = Piston(f"http://127.0.0.1:{port}")
    await place.run()
    server.stop()
    limits = {name: sent[0][name] for name in msgspec.structs.asdict(place.runner.limits)}
    assert len(limits) == 6
    assert all(limit > 0 for limit in limits.values())
    assert limits["run_timeout"] == limits["run_cpu_time"] == 2000


async def test_what_the_runner_refuses_is_passed_on(place: Place) -> None:
    end = (await place.run("bash", version="<1"))[-1]
    assert end == Failed("The program was not taken: bash-<1 runtime is unknown")


async def test_too_much_to_send_is_refused_before_it_is_sent(place: Place) -> None:
    status, why = await place.refused(source="x" * 60_000, stdin="y" * 60_000)
    assert status == 413
    assert "98304 is the most" in why


async def test_a_file_cannot_take_the_program_s_name(place: Place) -> None:
    assert (await place.refused(files={"main.sh": ""}))[0] == 400


async def test_a_piston_that_goes_away_is_told_in_plain_words(place: Place) -> None:
    place.gateway._piston = Piston("http://127.0.0.1:9")  # nobody listens there
    assert (await place.run())[-1] == Failed("The machine that runs programs cannot be reached. Ask your interviewer.")
    assert place.record.runs[-1]["status"] == "not run"


def test_output_is_cut_at_the_policy_s_cap() -> None:
    stage = Stage("ä" * 10, "", "", 0, None, None, None)
    outputs, end = read(Reply(run=stage, language="x", version="1"), 5)
    assert outputs == [Output("run", "stdout", "ää")]
    assert (end.status, end.message) == ("OL", "output cut")


def test_a_request_is_known_fields_of_known_sizes() -> None:
    for wrong in (
        b'{"language": "bash"}',
        b'{"language": "bash", "source": "", "run_timeout": 0}',
        b'{"language": "' + b"x" * 31 + b'", "source": ""}',
        b'{"language": "bash", "source": "", "args": "a"}',
    ):
        with pytest.raises(msgspec.ValidationError):
            msgspec.json.decode(wrong, type=RunRequest)


# The check at start-up


async def _answering(answer: bytes) -> tuple[asyncio.Server, str]:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    return server, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n[]", "was asked for its runtimes and answered 200 '[]'"),
        (b"HTTP/1.1 200 OK\r\n\r\n<html>", "was asked for its runtimes and answered 200 '<html>'"),
        (b"HTTP/1.1 404 Not Found\r\n\r\n{}", "was asked for its runtimes and answered 404 '{}'"),
        (b"SSH-2.0-OpenSSH\r\n", "did not answer: "),
        (b"", "did not answer: "),
    ],
)
async def test_what_is_no_piston_is_refused_at_the_start(answer: bytes, words: str) -> None:
    server, url = await _answering(answer)
    async with server:
        with pytest.raises(Unreachable) as caught:
            await Gateway(Greenroom(piston_url=url), "http://127.0.0.1:1", Kept(), None).check()  # type: ignore[arg-type]
    assert str(caught.value).startswith(f"Piston at {url} {words}")


async def test_nobody_at_the_address_is_said_at_the_start() -> None:
    with pytest.raises(
        Unreachable, match=r"Piston at http://127.0.0.1:9 did not answer: .*Start it, or correct the address"
    ):
        await Gateway(Greenroom(piston_url="http://127.0.0.1:9"), "", Kept(), None).check()  # type: ignore[arg-type]


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="the Piston address 'localhost:2000' was refused"):
        Gateway(Greenroom(piston_url="localhost:2000"), "", Kept(), None)  # type: ignore[arg-type]


async def test_the_configured_limits_of_a_piston_are_found_by_asking(place: Place) -> None:
    found = await place.gateway._piston.configured("bash")
    assert found == place.runner.limits
    place.runner.limits = msgspec.structs.replace(found, run_timeout=1234, compile_memory_limit=10_000_000)
    assert await place.gateway._piston.configured("bash") == place.runner.limits
