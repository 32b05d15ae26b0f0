"""Raw frames from a seat that may write: refused and resynchronised, the room goes on, the attempt is a fact."""

from __future__ import annotations

import os
import random
from contextlib import suppress
from typing import Any

import pytest
from greenroom_hub.room import frames, wire_format
from greenroom_hub.room.awareness import Known
from greenroom_hub.room.channels import WIDGET_CONTROL, WRITERS, permitted
from greenroom_hub.room.lib0 import Malformed, block, uint
from greenroom_hub.room.rights import writes
from greenroom_hub.room.room import Member, Room
from greenroom_hub.room.update_log import UpdateLog
from greenroom_hub.room.values import canonical
from greenroom_proctor.words import Seat
from pycrdt import Array, Doc, Map, Text
from room.staging import Page, Stage, until

ROUNDS = int(os.environ.get("GREENROOM_FUZZ", "25"))  # seeds; each sends some 60 frames, most of them mutated
TREES = 200  # of lists in each other: more than Python and Rust nest


def deep(depth: int) -> Any:
    value: Any = 1.0
    for _ in range(depth):
        value = [value]
    return value


def bulk(page: Page) -> None:
    page.send(frames.update(b"x" * (20 << 20)))


def many_mebibytes(page: Page) -> None:
    page.type("one", "x" * (2 << 20))


def foreign_client(page: Page) -> None:
    """In the name of a client that the service used."""
    victim = min(frames.state_vector(page.doc.get_state()))
    page.send(_of(victim, page.doc, lambda doc: doc.get("cells", type=Array)[1]["source"].insert(0, "not mine")))


def _of(client: int, doc: Doc[Any], work: Any) -> bytes:
    other: Doc[Any] = Doc(client_id=client)
    other.apply_update(doc.get_update())
    before = other.get_state()
    work(other)
    return frames.update(other.get_update(before))


def no_structure(page: Page) -> None:
    with page.doc.transaction():
        page.cells.clear()
        del page.meta["metadata"]


def metadata_replaced(page: Page) -> None:
    page.meta["metadata"] = "a text"


def nbformat_changed(page: Page) -> None:
    page.meta["nbformat"] = 3.0


def a_number_as_cell(page: Page) -> None:
    page.cells.append(7.0)


def a_list_as_cell(page: Page) -> None:
    page.cells.append(Array([1.0]))


def a_plain_source(page: Page) -> None:
    page.cells.append(Map({"id": "p", "cell_type": "code", "source": "plain", "metadata": Map({}), "outputs": Array()}))


def a_text_as_id(page: Page) -> None:
    made = {"id": Text("p"), "cell_type": "code", "source": Text(""), "metadata": Map({}), "outputs": Array()}
    page.cells.append(Map(made))


def plain_outputs(page: Page) -> None:
    made = {"id": "p", "cell_type": "code", "source": Text(""), "metadata": Map({}), "outputs": []}
    page.cells.append(Map(made))


def bytes_in_metadata(page: Page) -> None:
    page.cell("one")["metadata"]["tags"] = b"\x00\xff"


def not_a_number(page: Page) -> None:
    page.cell("one")["metadata"]["tags"] = [float("nan")]


def deep_metadata(page: Page) -> None:
    page.cell("one")["metadata"]["tags"] = deep(TREES)


def deep_shared(page: Page) -> None:
    held: Array[Any] = Array([1.0])
    for _ in range(TREES):
        held = Array([held])
    page.cell("one")["metadata"]["tags"] = held


def an_embedded_picture(page: Page) -> None:
    page.cell("one")["source"].insert_embed(0, {"image": "x"})


def bold_code(page: Page) -> None:
    page.cell("one")["source"].insert(0, "bold", {"bold": True})


def the_same_id_in_two_cells(page: Page) -> None:
    with page.doc.transaction():
        page.insert(0, id="twice")
        page.insert(0, id="twice")


def an_endless_id(page: Page) -> None:
    page.insert(0, id="i" * 100_000)


FORGERIES = [
    foreign_client, no_structure, metadata_replaced, nbformat_changed, a_number_as_cell, a_list_as_cell,
    a_plain_source, a_text_as_id, plain_outputs, bytes_in_metadata, not_a_number, deep_metadata,
    deep_shared, an_embedded_picture, bold_code, the_same_id_in_two_cells, an_endless_id, many_mebibytes, bulk,
]  # fmt: skip


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
async def test_it_is_refused_the_room_goes_on_and_the_attempt_is_a_fact(quiet: Stage, forge: Any) -> None:
    cleo, iva, ole = [await quiet.page(name) for name in ("cleo", "iva", "ole")]
    before = await quiet.notebook()
    forge(cleo)
    await until(lambda: cleo.told("document_refused") or cleo.closed, "the refusal")
    iva.type("two", "on we go")
    again = await quiet.page("cleo")
    await until(lambda: again.source("two") == ole.source("two") == "on we go")
    before["cells"][2]["source"] = "on we go"
    assert await quiet.notebook() == before
    await until(lambda: not quiet.house.rooms._facts)
    events = await quiet.house.record.events(quiet.session)
    assert [event.actor for event in events if event.type == "change_refused"] == [quiet.session]


BAD_BYTES = {
    "a client of 60 bits": frames.update(uint(1) + uint(1) + uint(2**60) + uint(0)),
    "a clock of 60 bits": frames.update(uint(1) + uint(1) + uint(5) + uint(2**60) + b"\x00\x01"),
    "a presence of 60 bits": bytes((1,)) + block(uint(1) + uint(2**60) + uint(1) + block(b"{}")),
    "a presence clock of 60 bits": bytes((1,)) + block(uint(1) + uint(5) + uint(2**60) + block(b"{}")),
    "a state vector without an end": bytes((0, 0)) + block(uint(2**40)),
    "more structs than bytes": frames.update(uint(1) + uint(2**40) + uint(5) + uint(0)),
    "more clients than bytes": frames.update(uint(2**40)),
    "deletions without an end": frames.update(uint(0) + uint(2**40)),
    "a command in a command": bytes((6,)) + block(b'{"type": "run", "cell": {"type": "run"}, "request": 1}'),
    "a deep command": bytes((6,)) + block(b'{"type": "run", "cell": ' + b"[" * 50_000),
    "a negative request": bytes((6,)) + block(b'{"type": "run", "cell": "one", "request": -1}'),
    "no UTF-8": frames.update(b"\x01\x01\x05\x00\x04\x01\x02\xff\xfe\x01\xff\x00"),
    "nothing": b"",
}


@pytest.mark.parametrize("name", BAD_BYTES)
async def test_bytes_that_make_no_sense_are_a_fact(quiet: Stage, name: str) -> None:
    cleo, iva = await quiet.page("cleo"), await quiet.page("iva")
    cleo.send(BAD_BYTES[name])
    await until(lambda: cleo.closed, "the close")
    assert cleo.closed is not None
    assert cleo.closed[0] == 1007
    assert "Traceback" not in str(cleo.closed)
    iva.type("one", "here")
    await until(lambda: iva.told("saved"))
    await until(lambda: not quiet.house.rooms._facts)
    events = [event for event in await quiet.house.record.events(quiet.session) if event.type == "change_refused"]
    assert [str(event.body["why"]).startswith("a message made no sense") for event in events] == [True]


async def test_a_replay_changes_nothing(quiet: Stage) -> None:
    cleo, iva = await quiet.page("cleo"), await quiet.page("iva")
    kept: list[bytes] = []
    cleo.doc.observe(lambda event: kept.append(frames.update(event.update)))
    cleo.type("one", "once")
    await until(lambda: iva.source("one") == "once")
    rows = len(await UpdateLog(quiet.house.store, quiet.session).rows())
    for page in (cleo, iva):
        for frame in kept:
            page.send(frame)
    iva.type("two", "after")
    await until(lambda: cleo.source("two") == "after")
    assert cleo.source("one") == iva.source("one") == "once"
    assert len(await UpdateLog(quiet.house.store, quiet.session).rows()) == rows + 1


async def test_a_flood_of_tiny_messages_is_read_slowly_and_nobody_else_waits(quiet: Stage) -> None:
    cleo, iva, ole = [await quiet.page(name) for name in ("cleo", "iva", "ole")]
    for _ in range(6000):
        cleo.send(bytes((frames.QUERY_AWARENESS,)))
    iva.type("two", "meanwhile")
    await until(lambda: ole.source("two") == "meanwhile")
    room = await quiet.house.rooms.open(quiet.session)
    await until(lambda: room.allowance(quiet.session).take() > 0, "the end of the burst")
    await until(lambda: not quiet.house.rooms._facts)
    events = [event for event in await quiet.house.record.events(quiet.session) if event.type == "change_refused"]
    assert [event.body["why"] for event in events] == [
        "more messages came than a page sends; they are read more slowly"
    ]


async def test_attempts_without_end_do_not_flood_the_record(quiet: Stage) -> None:
    for _ in range(200):
        quiet.house.rooms.refused(quiet.session, "iva", "forged")
    quiet.house.rooms._refusals._now = lambda: 1e9  # a while later
    quiet.house.rooms.refused(quiet.session, "iva", "forged")
    await until(lambda: not quiet.house.rooms._facts)
    why = [e.body["why"] for e in await quiet.house.record.events(quiet.session) if e.type == "change_refused"]
    assert why == ["forged"] * 10 + ["forged (before it, 190 more within a minute)"]


# Fuzz


class Ear:
    """The far end of a connection in this process: keeps what it is sent."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []

    def send(self, frame: bytes) -> None:
        self.heard.append(frame)

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        return


def honest(doc: Doc[Any], rng: random.Random) -> list[bytes]:
    """Frames as a page sends them, of its own document."""
    sent: list[bytes] = []
    watching = doc.observe(lambda event: sent.append(frames.update(event.update)))
    cells = doc.get("cells", type=Array)
    source = cells[rng.randrange(1, len(cells))]["source"]
    source.insert(rng.randrange(len(source) + 1), rng.choice(["a", "é😀", "print(1)\n"]))
    if rng.random() < 0.3:
        made = {"id": f"c{rng.getrandbits(40)}", "cell_type": "code", "metadata": Map({"tags": ["x"]})}
        cells.append(Map({**made, "source": Text("1"), "outputs": Array(), "execution_count": None}))
    if rng.random() < 0.2 and len(source):
        del source[0:1]
    doc.unobserve(watching)
    sent.append(frames.ask_state(doc.get_state()))
    sent.append(bytes((1,)) + block(uint(1) + uint(doc.client_id) + uint(1) + block(b'{"cursors": []}')))
    sent.append(bytes((6,)) + block(b'{"type": "reply", "prompt": "p", "value": "v"}'))
    return sent


def mutated(frame: bytes, rng: random.Random) -> bytes:
    """One of the ways in which bytes go wrong, or are made to."""
    made = bytearray(frame)
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(made) + 1)
        match rng.randrange(6):
            case 0 if made:
                made[min(at, len(made) - 1)] ^= 1 << rng.randrange(8)
            case 1:
                del made[at : at + rng.randrange(1, 9)]
            case 2:
                made[at:at] = made[: rng.randrange(len(made) + 1)]
            case 3:
                made[at:at] = uint(rng.getrandbits(rng.choice([7, 14, 32, 53, 62])))
            case 4:
                made[at : at + 1] = bytes([rng.choice([0, 1, 117, 118, 122, 127, 128, 255])])
            case _:
                made[at:] = rng.randbytes(rng.randrange(20))
    return bytes(made)


def heard_by(ear: Ear) -> Doc[Any]:
    """What somebody has who only listened: the first sync and every update since."""
    doc: Doc[Any] = Doc()
    for frame in ear.heard:
        if frame[:2] in {b"\0\1", b"\0\2"}:
            doc.apply_update(frames.read(frame).update)  # type: ignore[union-attr]
    return doc


@pytest.mark.parametrize("seed", range(ROUNDS))
async def test_mutated_frames_end_nobody_elses_room(quiet: Stage, seed: int) -> None:
    rng = random.Random(seed)
    room: Room = await quiet.house.rooms.open(quiet.session)
    assert writes(Seat.CANDIDATE, room.state)
    attacker, watcher = Ear(), Ear()
    listening = _member(quiet, "iva", Seat.INTERVIEWER, watcher)
    room.join(listening)
    room.hear(listening, frames.ask_state(b"\0"))
    member = _member(quiet, quiet.session, Seat.CANDIDATE, attacker)
    room.join(member)
    doc: Doc[Any] = Doc()
    doc.apply_update(room.document.durable.get_update())
    for _ in range(12):
        for frame in honest(doc, rng):
            sent = mutated(frame, rng) if rng.random() < 0.7 else frame
            with suppress(Malformed):  # which ends that connection; here it goes on
                room.hear(member, sent)
    await room.settled()
    rows = await UpdateLog(quiet.house.store, quiet.session).rows()
    log: Doc[Any] = Doc()
    for row in rows:
        log.apply_update(row.data)
    expected = canonical(log.get("cells", type=Array).to_py())
    assert canonical(room.document.durable.get("cells", type=Array).to_py()) == expected, seed
    assert canonical(room.document.ahead.cells.to_py()) == expected, seed
    assert canonical(heard_by(watcher).get("cells", type=Array).to_py()) == expected, seed
    assert [cell.id for cell in room.document.ahead.shape] == [cell["id"] for cell in log.get("cells", type=Array)]
    late = await quiet.page("iva")
    late.type("two", "still here")
    await late.saved()


def _member(quiet: Stage, name: str, seat: Seat, ear: Ear) -> Member:
    return Member(f"{name}-{id(ear)}", Known(name, name, seat.value), seat, ear)


WORDS: list[tuple[str, str, dict[str, Any]]] = [
    ("shell", "comm_msg", {"comm_id": "x", "data": {"method": "update", "state": {"value": 1}}}),
    ("shell", "comm_open", {"comm_id": "x", "target_name": WIDGET_CONTROL, "data": {}}),
    ("shell", "complete_request", {"code": "impo", "cursor_pos": 4}),
    ("shell", "comm_info_request", {"target_name": "jupyter.widget"}),
    ("control", "shutdown_request", {"restart": False}),
]
ODD: tuple[Any, ...] = (None, 7, "x", [], [[]], {}, {"a": [1]}, True)


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_mutated_kernel_messages_are_refused_and_nothing_else(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(300):
        channel, kind, content = rng.choice(WORDS)
        content = {**content, rng.choice(["comm_id", "data", "target_name", "code"]): rng.choice(ODD)}
        packed = wire_format.message(channel, kind, content, "me").packed()
        with suppress(Malformed):
            message = wire_format.read(mutated(packed, rng) if rng.random() < 0.6 else packed)
            for writing in (True, False):
                through = permitted(message, writes=writing, control={"x"})
                assert not through or (message.channel == "shell" and message.kind in WRITERS), seed
