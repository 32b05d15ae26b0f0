"""The notebook of a room: created once, durable before it is shown, guarded."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from greenroom_hub.room import frames
from greenroom_hub.room.room import Member
from greenroom_hub.room.rooms import Rooms
from greenroom_hub.room.update_log import UpdateLog
from greenroom_hub.room.values import canonical
from greenroom_hub.store.database import Store
from greenroom_proctor.words import Action
from pycrdt import Doc, Map
from room.staging import NoGuests, Page, Stage, stage, until


async def same(*pages: Page) -> None:
    """Waits until all pages show the same notebook."""
    await until(lambda: len({canonical(page.cells.to_py()) for page in pages}) == 1, "convergence")


async def test_two_writers_converge(quiet: Stage) -> None:
    cleo, iva = await quiet.page("cleo"), await quiet.page("iva")
    for letter in "abcdef":
        cleo.type("one", letter)
        iva.type("one", letter.upper(), at=0)
        await asyncio.sleep(0)
    await until(lambda: len(cleo.source("one")) == len(iva.source("one")) == 12)
    await same(cleo, iva)
    assert sorted(cleo.source("one")) == sorted("abcdefABCDEF")


async def test_a_late_joiner_gets_what_was_written(quiet: Stage) -> None:
    cleo = await quiet.page("cleo")
    cleo.type("one", "x = 1")
    await cleo.saved()
    iva = await quiet.page("iva")
    assert iva.source("one") == "x = 1"


async def test_two_who_open_at_once_create_one_notebook(quiet: Stage) -> None:
    house = quiet.house
    others = [
        Rooms(
            house.settings,
            house.store,
            journal=house.record,
            sessions=house.sessions,
            guests=NoGuests(),
            now=lambda: 1,
        )
        for _ in range(4)
    ]
    opened = await asyncio.gather(*(rooms.open(quiet.session) for rooms in others for _ in range(2)))
    rows = await UpdateLog(house.store, quiet.session).rows()
    assert [row.author for row in rows] == ["service"]
    assert all(len(room.document.ahead.shape) == 3 for room in opened)
    for rooms in others:
        await rooms.close()


async def test_the_log_alone_makes_the_same_notebook_again(quiet: Stage) -> None:
    cleo, iva = await quiet.page("cleo"), await quiet.page("iva")
    cleo.type("one", "a")
    iva.insert(3, id="three", source="b")
    iva.move("two", 0)
    cleo.type("one", "é😀")
    await same(cleo, iva)
    before, count, print_ = await quiet.house.rooms.notebook(quiet.session)
    quiet.house.rooms._rooms.clear()  # the service is gone, and another one starts on its disk
    again, count_again, print_again = await quiet.house.rooms.notebook(quiet.session)
    assert (again, count_again, print_again) == (before, count, print_)
    assert count == 1 + 4
    log = await UpdateLog(quiet.house.store, quiet.session).rows()
    assert [row.author for row in log[1:]] == [quiet.session, "iva", "iva", quiet.session]


async def test_a_hole_is_asked_for_and_nothing_of_it_is_kept(quiet: Stage) -> None:
    iva = await quiet.page("iva")
    lost: list[bytes] = []
    iva.send = lost.append  # type: ignore[method-assign,assignment]
    iva.type("one", "first ")
    del iva.send
    iva.type("one", "second")
    cleo = await quiet.page("cleo")
    await until(lambda: cleo.source("one") == "first second", "the resync")
    room = await quiet.house.rooms.open(quiet.session)
    assert str(room.document.ahead.cells[1]["source"]) == "first second"


class SlowStore(Store):
    """A store that commits when it is told to."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.gate = asyncio.Event()
        self.gate.set()

    async def run(self, work: Any) -> Any:
        await self.gate.wait()
        return await super().run(work)

    async def share(self, work: Any, item: Any) -> Any:
        await self.gate.wait()
        return await super().share(work, item)


async def test_an_update_is_durable_before_anybody_else_sees_it(tmp_path: Path) -> None:
    store = SlowStore(f"sqlite:///{tmp_path / 'slow.sqlite'}")
    async with stage(tmp_path / "house", NoGuests(), store) as slow:
        await slow.begin()
        cleo, iva = await slow.page("cleo"), await slow.page("iva")
        late = await slow.page("iva", read=False)
        before = len(cleo.told("saved"))
        store.gate.clear()
        cleo.type("one", "secret")
        room = await slow.house.rooms.open(slow.session)
        await until(lambda: room._waiting, "the update")
        late.start()
        await until(lambda: late.synced)
        iva.send(bytes((frames.QUERY_AWARENESS,)))
        await until(lambda: iva.frames[-1][0] == frames.AWARENESS)
        assert iva.source("one") == late.source("one") == ""
        assert len(cleo.told("saved")) == before
        store.gate.set()
        await until(lambda: iva.source("one") == late.source("one") == "secret")
        await until(lambda: len(cleo.told("saved")) > before)


class BrokenStore(Store):
    """A store whose disk is full now and then."""

    full = False

    async def run(self, work: Any) -> Any:
        if self.full:
            raise OSError("no space left on device")
        return await super().run(work)

    async def share(self, work: Any, item: Any) -> Any:
        if self.full:
            raise OSError("no space left on device")
        return await super().share(work, item)


async def test_a_full_disk_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    store = BrokenStore(f"sqlite:///{tmp_path / 'full.sqlite'}")
    async with stage(tmp_path / "house", NoGuests(), store) as full:
        await full.begin()
        cookie = await full.cookie("cleo")
        cleo = await full.page("cleo")
        cleo.type("one", "kept ")
        await cleo.saved()
        store.full = True
        cleo.type("one", "and this")
        await until(lambda: cleo.closed, "the close")
        assert cleo.closed == (1013, "the last changes could not be written; they will be sent again")
        store.full = False
        again = await full.page("cleo")
        assert again.source("one") == "kept "
        again.send(frames.update(cleo.doc.get_update()))
        iva = await full.page("iva")
        await until(lambda: iva.source("one") == "kept and this")
        assert cookie


def _forge_output(page: Page) -> None:
    page.cell("one")["outputs"].append(Map({"output_type": "stream", "name": "stdout", "text": "42"}))


def _forge_count(page: Page) -> None:
    page.cell("one")["execution_count"] = 7.0


def _forge_state(page: Page) -> None:
    page.cell("one")["execution_state"] = "running"


def _insert_with_output(page: Page) -> None:
    page.insert(1, id="forged", outputs=[{"output_type": "stream", "name": "stdout", "text": "42"}])


def _type_in_locked(page: Page) -> None:
    page.type("task", "!")


def _delete_locked(page: Page) -> None:
    del page.cells[0]


def _unlock(page: Page) -> None:
    del page.cell("task")["metadata"]["greenroom"]


def _lock(page: Page) -> None:
    page.cell("one")["metadata"]["greenroom"] = {"locked": True, "points": 100}


def _trust(page: Page) -> None:
    page.cell("one")["metadata"]["trusted"] = True


def _kernelspec(page: Page) -> None:
    page.meta["metadata"]["kernelspec"] = {"name": "bash", "display_name": "x"}


def _foreign_root(page: Page) -> None:
    page.doc.get("hidden", type=Map)["x"] = 1.0


def _replace_source(page: Page) -> None:
    page.cell("one")["source"] = "no text type any more"


def _same_id_twice(page: Page) -> None:
    page.insert(1, id="two")


def _move_locked_and_change(page: Page) -> None:
    with page.doc.transaction():
        del page.cells[0]
        page.insert(2, id="task", cell_type="markdown", source="# Easier task", metadata={"editable": False})


FORGERIES = [
    _forge_output,
    _forge_count,
    _forge_state,
    _insert_with_output,
    _type_in_locked,
    _delete_locked,
    _unlock,
    _lock,
    _trust,
    _kernelspec,
    _foreign_root,
    _replace_source,
    _same_id_twice,
    _move_locked_and_change,
]


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__.strip("_"))
async def test_what_a_writer_may_not_change_is_refused_and_the_room_goes_on(quiet: Stage, forge: Any) -> None:
    cleo, iva = await quiet.page("cleo"), await quiet.page("iva")
    before = await quiet.notebook()
    forge(cleo)
    await until(lambda: cleo.told("document_refused"), "the refusal")
    iva.type("two", "on we go")
    again = await quiet.page("cleo")
    await until(lambda: again.source("two") == "on we go")
    before["cells"][2]["source"] = "on we go"
    assert await quiet.notebook() == before
    assert not iva.told("document_refused")
    events = await quiet.house.record.events(quiet.session)
    assert [event.actor for event in events if event.type == "change_refused"] == [quiet.session]


async def test_what_a_refused_page_builds_upon_it_is_dropped(quiet: Stage) -> None:
    cleo, iva = await quiet.page("cleo"), await quiet.page("iva")
    for forge in (_forge_count, _foreign_root):
        page = await quiet.page("cleo")
        forge(page)
        page.type("one", "built upon it")
        await page.refused()
    cleo.type("one", "honest")
    await until(lambda: iva.source("one"))
    assert (await quiet.notebook())["cells"][1]["source"] == "honest"


async def test_what_a_writer_may_change_is_taken(quiet: Stage) -> None:
    cleo, iva = await quiet.page("cleo"), await quiet.page("iva")
    cleo.cell("one")["metadata"].update({"tags": ["todo"], "collapsed": True, "jupyter": {"source_hidden": True}})
    cleo.move("task", 2)
    cleo.insert(0, id="new", source="1", metadata={"trusted": True})
    cleo.insert(0, id="note", cell_type="markdown", source="hello")
    cleo.move("one", 0)
    del cleo.cells[3]
    cleo.meta["metadata"]["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cleo.type("new", " + 1")
    await until(lambda: "new" in {cell["id"] for cell in iva.cells} and iva.source("new") == "1 + 1")
    await same(cleo, iva)
    assert not cleo.told("document_refused")


async def test_nobody_writes_in_somebody_elses_name(quiet: Stage) -> None:
    cleo, iva = await quiet.page("cleo"), await quiet.page("iva")
    cleo.type("one", "mine")
    await until(lambda: iva.source("one") == "mine")
    thief: Doc[Any] = Doc(client_id=cleo.doc.client_id)
    thief.apply_update(iva.doc.get_update())
    iva.doc.apply_update(frames.NOTHING)
    state = thief.get_state()
    thief.get("cells", type=type(iva.cells))[1]["source"].insert(0, "not ")
    iva.send(frames.update(thief.get_update(state)))
    await until(lambda: iva.told("document_refused"))
    assert "somebody else's name" in iva.told("document_refused")[0]["why"]
    assert (await quiet.notebook())["cells"][1]["source"] == "mine"


async def test_an_observer_changes_nothing(quiet: Stage) -> None:
    ole, iva = await quiet.page("ole"), await quiet.page("iva")
    before = await quiet.house.rooms.notebook(quiet.session)
    ole.meta["metadata"]["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    ole.meta["metadata"]["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    await until(lambda: ole.told("saved") and ole.told("saved")[-1]["updates"] == 3, "a first sync and two updates")
    assert not ole.told("document_refused"), "what changes nothing is dropped without a word"
    ole.type("one", "hint")
    await until(lambda: ole.told("document_refused"))
    assert ole.told("document_refused")[0]["why"] == (
        "Your last change was not taken: observers look on and change nothing."
    )
    ole.command(type="run", cell="one", request=1)
    assert (await ole.done(1))["status"] == "refused"
    assert await quiet.house.rooms.notebook(quiet.session) == before
    assert iva.source("one") == ""


@pytest.mark.parametrize(
    ("actions", "candidate", "interviewer"),
    [
        ((Action.SCHEDULE,), None, True),
        ((Action.ARRIVE,), None, True),
        ((Action.ARRIVE, Action.OPEN), True, True),
        ((Action.ARRIVE, Action.OPEN, Action.PAUSE), False, True),
        ((Action.ARRIVE, Action.OPEN, Action.SUBMIT), False, False),
    ],
    ids=["scheduled", "lobby", "live", "paused", "submitted"],
)
async def test_who_may_write_when(
    tmp_path: Path, actions: tuple[Action, ...], candidate: bool | None, interviewer: bool
) -> None:
    async with stage(tmp_path / "house", NoGuests()) as made:
        await made.begin(*actions)
        answer = await made.fetch("cleo", "lab/api/workspaces")
        assert answer.code == (409 if candidate is None else 200)
        for name, may in (("cleo", candidate), ("iva", interviewer)):
            if may is None:
                continue
            page = await made.page(name)
            page.type("one", name)
            if may:
                await page.saved()
            else:
                await page.refused()
        written = (await made.notebook())["cells"][1]["source"]
        assert ("cleo" in written, "iva" in written) == (bool(candidate), interviewer)


@pytest.mark.parametrize("typed_too_early", [False, True], ids=["only read", "typed too early"])
async def test_whoever_only_read_at_first_writes_as_soon_as_they_may(quiet: Stage, typed_too_early: bool) -> None:
    """JupyterLab notes facts in a notebook that it opens. Dropped without a word, they must be no hole later."""
    await quiet.house.sessions.act(quiet.session, Action.PAUSE, "iva")
    iva, cleo = await quiet.page("iva"), await quiet.page("cleo")
    for _ in range(3):
        cleo.meta["metadata"]["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    if typed_too_early:
        cleo.type("one", "too early")
        await cleo.refused()
        await cleo.close()
        cleo = await quiet.page("cleo")  # JupyterLab throws the refused notebook away and opens it again
        cleo.meta["metadata"]["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    await quiet.house.sessions.act(quiet.session, Action.RESUME, "iva")
    for letter in "in time":
        cleo.type("one", letter)
    await until(lambda: iva.source("one") == "in time", "what was typed")
    await same(cleo, iva)
    cleo.send(frames.ask_state(cleo.doc.get_state()))
    await until(lambda: cleo.told("saved")[-1]["updates"] == cleo.sent, "all is saved")


async def test_after_the_end_everybody_reads_only_and_the_notebook_stays(quiet: Stage) -> None:
    cleo = await quiet.page("cleo")
    cleo.type("one", "done")
    await quiet.house.sessions.act(quiet.session, Action.SUBMIT, quiet.session)
    before = await quiet.house.rooms.notebook(quiet.session)
    assert before[0]["cells"][1]["source"] == "done"
    cleo.type("one", " late")
    await until(lambda: cleo.told("document_refused"))
    assert await quiet.house.rooms.notebook(quiet.session) == before


async def test_bytes_that_make_no_sense_close_that_page_alone(quiet: Stage) -> None:
    cleo, iva = await quiet.page("cleo"), await quiet.page("iva")
    cleo.send(b"\x00\x02\x05\xff\xff\xff\xff\xff")
    await until(lambda: cleo.closed)
    assert cleo.closed is not None
    assert cleo.closed[0] == 1007
    iva.type("one", "here")
    await until(lambda: iva.told("saved"))


async def test_an_update_over_a_mebibyte_is_refused(quiet: Stage) -> None:
    cleo = await quiet.page("cleo")
    cleo.type("one", "x" * (1 << 20))
    await until(lambda: cleo.told("document_refused"))
    assert (await quiet.notebook())["cells"][1]["source"] == ""


async def test_a_page_that_is_refused_again_and_again_is_closed(quiet: Stage) -> None:
    cleo = await quiet.page("cleo")
    for _ in range(25):
        other: Doc[Any] = Doc()
        other.apply_update(cleo.doc.get_update())
        state = other.get_state()
        other.get("cells", type=type(cleo.cells))[1]["execution_count"] = 1.0
        cleo.send(frames.update(other.get_update(state)))
    await until(lambda: cleo.closed)
    assert cleo.closed == (4408, "too many changes were refused")


async def test_presence_carries_the_logins_name_and_ends_with_the_connection(quiet: Stage) -> None:
    cleo, iva = await quiet.page("cleo"), await quiet.page("iva")
    cleo.say(11, {"user": {"name": "The interviewer", "color": "red"}, "cursors": [1]})
    await until(lambda: 11 in iva.presences and 11 in cleo.presences, "the echo")
    assert iva.presences[11]["user"]["name"] == "Cleo"
    assert iva.presences[11]["cursors"] == [1]
    iva.say(11, {"user": {}, "cursors": "stolen"}, clock=9)
    iva.say(12, {"user": {}})
    await until(lambda: 12 in cleo.presences)
    assert cleo.presences[11]["cursors"] == [1]
    await cleo.close()
    await until(lambda: iva.presences[11] is None)


async def test_losing_the_seat_closes_the_page_at_once(quiet: Stage) -> None:
    ole = await quiet.page("ole")
    await quiet.house.seats.remove(quiet.session, "ole")
    await until(lambda: ole.closed)
    assert ole.closed == (4401, "seat taken away")


async def test_another_sites_page_gets_no_socket(quiet: Stage) -> None:
    from tornado.httpclient import HTTPError, HTTPRequest  # noqa: PLC0415
    from tornado.websocket import websocket_connect  # noqa: PLC0415

    headers = {"Cookie": await quiet.cookie("cleo"), "Origin": "https://elsewhere.example"}
    with pytest.raises(HTTPError, match="403"):
        await websocket_connect(HTTPRequest(f"{quiet.base}/document".replace("http", "ws", 1), headers=headers))


async def test_a_page_that_has_just_gone_keeps_nobody_from_saving(quiet: Stage) -> None:
    cleo, iva = await quiet.page("cleo"), await quiet.page("iva")
    room = await quiet.house.rooms.open(quiet.session)
    gone = next(member for member in room.members if member.author == "iva")
    taken = room.hear

    def cut_and_hear(member: Member, data: bytes) -> None:
        gone.line.ws_connection.stream.close()  # type: ignore[attr-defined]
        gone.line.send(b"")  # in the same turn, in which nobody has been told of it
        taken(member, data)

    room.hear = cut_and_hear  # type: ignore[method-assign]
    cleo.type("one", "x = 1")
    await cleo.saved()
    await iva.task


async def test_a_room_that_cannot_show_what_it_wrote_is_made_anew(quiet: Stage) -> None:
    cleo = await quiet.page("cleo")
    room = await quiet.house.rooms.open(quiet.session)

    def fail(_waiting: object) -> None:
        raise TypeError("as a fault of ours would")

    room._show = fail  # type: ignore[assignment, method-assign]
    cleo.type("one", "x = 1")
    await cleo.task
    assert cleo.closed == (1013, "the last changes could not be written; they will be sent again")
    again = await quiet.page("cleo")
    again.type("one", "; y = 2")
    await again.saved()
    assert again.source("one") == "x = 1; y = 2"
