"""The door of a room, and `%%piston` through it from a cell in its box."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import stat
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from greenroom_hub.door import BODY, CONNECTIONS, Door
from greenroom_hub.doors import Doors
from greenroom_hub.settings import Greenroom
from greenroom_proctor.words import Action
from hub.test_gateway import Place, place
from sandbox.hosting import House

__all__ = ["place"]


@pytest.fixture
async def path(place: Place) -> AsyncIterator[Path]:
    with tempfile.TemporaryDirectory(prefix="gr-") as folder:
        socket_path = Path(folder) / "door" / "door.sock"
        door = Door(place.gateway, place.session, socket_path, patience=0.5)
        await door.start()
        yield socket_path
        await door.stop()
        assert not socket_path.exists()


async def ask(path: Path, method: str, route: str, body: bytes = b"") -> tuple[int, bytes]:
    reader, writer = await asyncio.open_unix_connection(str(path))
    writer.write(_request(method, route, body))
    answer = await reader.read()
    writer.close()
    head, _, rest = answer.partition(b"\r\n\r\n")
    if b"chunked" in head:
        pieces = rest.split(b"\r\n")
        rest = b"".join(pieces[1::2])
    return int(head.split()[1]), rest


def _request(method: str, route: str, body: bytes) -> bytes:
    return (
        f"{method} {route} HTTP/1.1\r\nHost: door\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        + body
    )


def _run(source: str, language: str = "bash", **more: Any) -> bytes:
    return json.dumps({"language": language, "source": source, **more}).encode()


async def test_a_run_comes_back_line_by_line(path: Path) -> None:
    status, answer = await ask(path, "POST", "/run", _run("echo hi; exit 3"))
    lines = [json.loads(line) for line in answer.splitlines()]
    assert status == 200
    assert lines[0] == {"type": "output", "stage": "run", "stream": "stdout", "text": "hi\n"}
    assert (lines[1]["type"], lines[1]["code"], lines[1]["status"]) == ("exit", 3, "RE")
    assert len(lines) == 2


async def test_everybody_may_connect_whom_the_folder_lets_in(path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o666


async def test_only_the_session_s_languages_are_listed(path: Path) -> None:
    status, answer = await ask(path, "GET", "/run/languages")
    assert (status, {one["language"] for one in json.loads(answer)}) == (200, {"bash", "c", "python"})


@pytest.mark.parametrize(
    ("method", "route"),
    [("GET", "/"), ("GET", "/run"), ("POST", "/api/v2/execute"), ("GET", "/../internal"), ("POST", "/run/languages")],
)
async def test_nothing_else_is_there(path: Path, method: str, route: str) -> None:
    assert await ask(path, method, route) == (404, b'{"message":"There is nothing here."}')


async def test_the_gateway_s_refusals_are_http_s(path: Path, place: Place) -> None:
    status, answer = await ask(path, "POST", "/run", _run("1", "javascript"))
    assert (status, json.loads(answer)["message"][:12]) == (403, '"javascript"')
    await place.sessions.act(place.session, Action.PAUSE, "ada")
    assert (await ask(path, "POST", "/run", _run("echo")))[0] == 409


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"language": 3, "source": ""}', b'{"language": "bash", "source": "", "x": 1}']
)
async def test_a_wrong_request_is_refused_in_words(path: Path, body: bytes) -> None:
    status, answer = await ask(path, "POST", "/run", body)
    assert status == 400
    assert json.loads(answer)["message"].startswith("The request was refused: ")


async def test_a_program_that_is_too_long_is_refused_in_words(path: Path) -> None:
    status, answer = await ask(path, "POST", "/run", _run("x" * 100_000))
    assert status == 413
    assert json.loads(answer)["message"].endswith("bytes together; 98304 is the most.")


async def test_a_body_without_end_is_not_read(path: Path) -> None:
    reader, writer = await asyncio.open_unix_connection(str(path))
    writer.write(f"POST /run HTTP/1.1\r\nHost: x\r\nContent-Length: {BODY + 1}\r\n\r\n".encode())
    assert (await reader.readline()).startswith(b"HTTP/1.1 400")
    writer.close()


async def test_a_ninth_connection_is_closed_and_an_eighth_is_not(path: Path) -> None:
    held = [await asyncio.open_unix_connection(str(path)) for _ in range(CONNECTIONS - 1)]
    for _, writer in held:
        writer.write(b"POST /run HT")
    assert (await ask(path, "GET", "/run/languages"))[0] == 200
    held.append(await asyncio.open_unix_connection(str(path)))
    reader, writer = await asyncio.open_unix_connection(str(path))
    assert await asyncio.wait_for(reader.read(), 5) == b""
    for _, each in (*held, (reader, writer)):
        each.close()


async def test_who_sends_slowly_is_let_go(path: Path) -> None:
    for begun in (b"POST /run HT", b"POST /run HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{"):
        reader, writer = await asyncio.open_unix_connection(str(path))
        writer.write(begun)
        await asyncio.wait_for(reader.read(), 5)
        writer.close()


async def test_who_does_not_read_is_let_go(path: Path, place: Place) -> None:
    place.runner.output = 900_000
    one = socket.socket(socket.AF_UNIX)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    one.setblocking(False)
    await asyncio.get_running_loop().sock_connect(one, str(path))
    await asyncio.get_running_loop().sock_sendall(one, _request("POST", "/run", _run("print('x' * 800_000)", "python")))
    while not place.record.runs:
        await asyncio.sleep(0.01)
    while place.gateway._busy:
        await asyncio.sleep(0.01)
    one.close()


async def test_who_leaves_ends_the_run(path: Path, place: Place) -> None:
    _, writer = await asyncio.open_unix_connection(str(path))
    writer.write(_request("POST", "/run", _run("sleep 1.9")))
    while not place.runner.queue.inside:
        await asyncio.sleep(0.01)
    writer.close()
    await asyncio.wait_for(place.runner.queue.empty(), 1)
    assert place.record.runs[-1]["message"] == "The run was left before it ended."


async def test_the_door_takes_the_place_of_a_dead_one(path: Path, place: Place) -> None:
    second = Door(place.gateway, place.session, path)
    await second.start()
    assert (await ask(path, "GET", "/run/languages"))[0] == 200
    await second.stop()
    path.touch()


async def test_a_cell_runs_a_program_elsewhere(place: Place) -> None:
    with tempfile.TemporaryDirectory(prefix="gr-") as folder:
        house = House(Path(folder) / place.session, Path(folder) / "work")
        door = Door(place.gateway, place.session, house.runtime / "door" / "door.sock")
        await house.start()
        try:
            await door.start()
            kernel = await house.kernel()
            assert (
                await kernel.run('%%piston bash --args "a b" --stdin {1+1}\necho hi $1 $#; cat; echo no >&2')
                == "hi a 2\n2\nno\n"
            )
            assert "python 3." in await kernel.run("%piston")
            assert await kernel.run("%%piston bash\nexit 7") == "RunEnded: the program ended with exit code 7\n"
            said = await kernel.run(
                "open('d.txt', 'w').write('data')\nget_ipython().run_cell_magic('piston', 'bash --file d.txt', 'cat d.txt')"
            )
            assert said == "data"
            said = await kernel.run("%%piston c\nint main({")
            assert said.startswith("— the compiler says —\nmain.c:1:10: error:")
            assert said.endswith("RunEnded: the compilation ended with exit code 1\n")
            assert '"javascript" cannot be run here' in await kernel.run("%%piston javascript\n1")
            assert (await kernel.run("%pip install polars")).startswith(
                "There is no network in this room: polars cannot be installed.\nThese packages are here: numpy "
            )
            assert "There is no network" in await kernel.run("!pip install polars")
            assert await kernel.run("import os; print(os.listdir('/run/greenroom'))") == "['door.sock']\n"
            assert "Error" in await kernel.run("open('/run/greenroom/x', 'w')")
            assert "Error" in await kernel.run("os.unlink('/run/greenroom/door.sock')")
            id = await kernel.begin("%%piston bash\nsleep 1.9")
            while not place.runner.queue.inside:
                await asyncio.sleep(0.01)
            await house.fetch("POST", f"api/kernels/{kernel.id}/interrupt")
            assert "KeyboardInterrupt" in await kernel.until_idle(id)
            await asyncio.wait_for(place.runner.queue.empty(), 1)
        finally:
            await door.stop()
            await house.stop()


async def test_the_doors_follow_their_guests(place: Place) -> None:
    with tempfile.TemporaryDirectory(prefix="gr-") as folder:
        doors = Doors(Greenroom(runtime=folder), place.gateway)
        path = Path(folder) / place.session / "door" / "door.sock"
        await asyncio.gather(doors.open(place.session), doors.open(place.session))
        assert (await ask(path, "GET", "/run/languages"))[0] == 200
        shutil.rmtree(path.parent)  # as a guest's agent leaves it
        await doors.open(place.session)
        assert (await ask(path, "GET", "/run/languages"))[0] == 200
        await doors.close(place.session)
        await doors.close(place.session)
        assert not path.exists()
