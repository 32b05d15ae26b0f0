"""Observations that come at once: one commit, one acknowledgement, each stored once and judged by the last word."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from greenroom_hub.store import tables
from greenroom_proctor import chain
from hub.test_wire import Hall, hall

__all__ = ["hall"]


async def until(found: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not found():
            await asyncio.sleep(0.005)


async def test_what_was_kept_while_offline_is_stored_at_once_and_acknowledged_by_its_last_number(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await hall.candidate()
    intake, came = hall.place.house.wires.intake, list[int]()
    put = intake.put

    def counting(wire: Any, session: Any, report: Any) -> None:
        came.append(report.n)
        put(wire, session, report)

    monkeypatch.setattr(intake, "put", counting)
    busy, on = threading.Event(), threading.Event()

    def wait(_: Any) -> None:
        busy.set()
        on.wait(30)

    commits: list[int] = []
    sa.event.listen(hall.place.house.store.engine, "commit", lambda _: commits.append(1))
    waiting = hall.place.house.store.run(wait)  # the disk is slow; meanwhile everything comes
    task = asyncio.ensure_future(waiting)
    for number in range(40):
        await page.observe("focus_lost", number, number + 0.5, id=f"aaaaaa{number:02}")
    await until(lambda: len(came) == 40)
    on.set()
    await task
    numbers = [(await page.hear("acknowledged"))["n"]]
    while numbers[-1] < 40:
        numbers.append((await page.hear("acknowledged"))["n"])
    assert len(numbers) <= 3
    assert len(commits) <= 4
    events = await hall.place.house.record.events(hall.session)
    assert [event.body["n"] for event in events if event.type == "observation"] == list(range(1, 41))
    assert chain.check(events, await hall.place.house.record.checkpoints(hall.session)) is None


async def test_a_stretch_that_came_late_and_has_ended_is_not_taken_to_go_on(hall: Hall) -> None:
    page = await hall.candidate(clock=100.0)
    wires = hall.place.house.wires
    turn = wires.incidents._dockets[hall.session].turn
    await turn.acquire()
    await page.observe("focus_lost", 1, 1.5, id="bbbbbbbb")  # is stored first, and alone
    await until(lambda: wires.intake._current)
    await page.observe("tab_hidden", 40, None)
    await page.observe("tab_hidden", 40, 40.5)
    await until(lambda: len(wires.intake._came) == 2)
    turn.release()
    while (await page.hear("acknowledged"))["n"] < 3:
        pass
    assert [event["end"] is None for event in await hall.events("observation")] == [False, True, False]
    await hall.later(2)
    assert await hall.events("incident.warning") == []


async def test_what_cannot_be_stored_is_sent_again_and_stored_once(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    page = await hall.candidate()
    incidents = hall.place.house.wires.incidents

    def full(*_: Any) -> Any:
        raise OSError("no space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(incidents, "_store_all", full)
        await page.observe("focus_lost", 10, 11)
        assert await page.closed() == 1013
    again = await hall.candidate()
    assert again.welcome["acknowledged"] == 0
    for _ in range(2):
        await again.observe("focus_lost", 10, 11, n=1)
        assert (await again.hear("acknowledged"))["n"] == 1
    assert len(await hall.events("observation")) == 1


async def test_a_browser_that_leaves_with_its_last_word_is_not_taken_to_go_on(hall: Hall) -> None:
    page = await hall.candidate()
    await page.observe("tab_hidden", 100, None)
    page.socket.close()
    async with asyncio.timeout(60):
        while not await hall.events("observation.left"):
            pass
    assert hall.place.house.wires.incidents._dockets[hall.session].going_on == {}


async def test_the_last_number_of_a_browser_is_kept(hall: Hall) -> None:
    page = await hall.candidate()
    for n in (1, 2):
        await page.observe("focus_lost", n, n + 0.5, n=n, id=f"aaaaaaa{n}")
        await page.hear("acknowledged")
    table = tables.received
    rows = await hall.place.house.store.run(lambda c: c.execute(sa.select(table.c.session, table.c.n)).all())
    assert [tuple(row) for row in rows] == [(hall.session, 2)]
