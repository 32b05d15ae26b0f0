"""What an agent in a container may say: a kernel may have taken its place. The service believes none of it unseen."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from greenroom_hub import guests
from greenroom_hub.guests import GuestError, Guests
from greenroom_hub.settings import Greenroom

SESSION = "s-abcdefghjk"


@asynccontextmanager
async def agent(folder: Path, says: bytes | None) -> AsyncIterator[Guests]:
    """An agent that says this to everything; with None, nothing."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        if says is not None:
            writer.write(says)
            writer.close()

    settings = Greenroom(data=str(folder), runtime=str(folder / "run"), files_limit=1)
    place = folder / "run" / SESSION / "agent"
    place.mkdir(parents=True)
    server = await asyncio.start_unix_server(answer, place / "service.sock")
    yield Guests(settings, "http://127.0.0.1:9", "token")
    server.close()


def files(found: dict[str, bytes]) -> bytes:
    encoded = {name: base64.b64encode(content).decode() for name, content in found.items()}
    return json.dumps({"files": encoded}).encode() + b"\n"


SAID = {
    "nothing-at-all": b"",
    "no-json": b"nonsense\n",
    "a-list": b"[]\n",
    "a-number-of-files": b'{"files": 7}\n',
    "no-base64": b'{"files": {"a": "%%%"}}\n',
    "half-a-character": b'{"files": {"\\ud800": ""}}\n',
    "deep": b"[" * 100_000 + b"\n",
    "a-name-that-leaves-the-folder": files({"../evil": b""}),
    "an-absolute-name": files({"/etc/passwd": b""}),
    "a-hidden-name": files({".ssh/config": b""}),
    "a-name-with-line-breaks": files({"a\nb": b""}),
    "a-name-with-nothing-in-it": files({"": b""}),
    "a-deep-name": files({"a/" * 20 + "b": b""}),
    "too-many-files": files({str(n): b"" for n in range(501)}),
    "too-large": files({"large": b"x" * (2 << 20)}),
    "a-refusal-of-megabytes": json.dumps({"error": "x" * (4 << 20)}).encode() + b"\n",
}


@pytest.mark.parametrize("said", SAID.values(), ids=SAID.keys())
async def test_a_lie_is_refused_in_words(tmp_path: Path, said: bytes) -> None:
    async with agent(tmp_path, said) as known:
        with pytest.raises(GuestError) as refused:
            await known.collect_files(SESSION)
    assert len(str(refused.value)) < 1_000


async def test_an_agent_that_never_answers_holds_nobody_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guests, "ANSWER", 0.2)
    async with agent(tmp_path, None) as known:
        with pytest.raises(GuestError, match="did not answer"):
            await known.collect_files(SESSION)


async def test_an_answer_without_an_end_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guests, "LINE", 100_000)
    async with agent(tmp_path, b"x" * 1_000_000) as known:
        with pytest.raises(GuestError, match="did not answer like one"):
            await known.collect_files(SESSION)


async def test_what_is_true_is_taken(tmp_path: Path) -> None:
    async with agent(tmp_path, files({"data/a.csv": b"1", "b": b"2"})) as known:
        assert await known.collect_files(SESSION) == {"data/a.csv": b"1", "b": b"2"}


PLANTED: dict[str, Callable[[Path, Path], object]] = {
    "a-link": lambda place, other: place.symlink_to(other),
    "a-file": lambda place, other: place.write_text("x"),
    "a-folder": lambda place, other: place.mkdir(),
}


@pytest.mark.parametrize("plant", PLANTED.values(), ids=PLANTED.keys())
@pytest.mark.parametrize("name", ["agent/service.sock", "guest/guest.sock"])
async def test_what_lies_in_a_socket_s_place_is_not_followed(
    tmp_path: Path, name: str, plant: Callable[[Path, Path], object]
) -> None:
    """A link to a socket that only root may use would be used with root's rights."""
    asked = asyncio.Event()
    other = await asyncio.start_unix_server(lambda _reader, _writer: asked.set(), tmp_path / "other.sock")
    settings = Greenroom(data=str(tmp_path), runtime=str(tmp_path / "run"))
    known = Guests(settings, "http://127.0.0.1:9", "token")
    place = tmp_path / "run" / SESSION / name
    place.parent.mkdir(parents=True)
    plant(place, tmp_path / "other.sock")
    if name.startswith("agent"):
        with pytest.raises(GuestError, match="is not there"):
            await known.collect_files(SESSION)
    else:
        assert not await known.answers(SESSION)
    await asyncio.sleep(0)
    assert not asked.is_set()
    other.close()
