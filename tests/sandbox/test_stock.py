"""Boxes made beforehand: used once, of the kinds that were taken last, made while nothing runs."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest
from greenroom_sandbox import box, processes
from greenroom_sandbox.box import Result
from greenroom_sandbox.policy import Policy
from greenroom_sandbox.stock import Stock

POLICY = Policy(wall=60, cpu=60)


@dataclass
class Place:
    busy: bool = False

    def __post_init__(self) -> None:
        self.stock = Stock(2, lambda: self.busy)

    async def filled(self) -> set[int]:
        """The processes of what stands ready."""
        self.stock.fill()
        await self.stock.filled()
        return {ready.process.pid for ready in self.stock.ready}

    async def run(self, code: str, policy: Policy = POLICY) -> Result:
        return await box.run(policy, ["/usr/bin/python3", "-c", code], make=self.stock.take)


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    made = Place()
    yield made
    await made.stock.close()


async def test_a_box_is_used_once_and_the_next_one_knows_nothing_of_it(place: Place) -> None:
    await place.run("print()")
    first = await place.filled()
    assert len(first) == 1
    left = "open('left', 'w').write('x'); open('/tmp/left', 'w').write('x'); open('/dev/shm/left', 'w').write('x')"
    assert (await place.run(left)).exit_code == 0
    second = await place.filled()
    assert len(second) == 2
    assert not first & second
    for _ in range(2):
        found = await place.run("import os; print(os.listdir(), os.listdir('/tmp'), os.listdir('/dev/shm'))")
        assert found.stdout == b"[] [] []\n"


async def test_limits_come_with_the_program_or_make_a_box_of_another_kind(place: Place) -> None:
    await place.run("print()")
    ready = await place.filled()
    asks = "import resource as r; print(r.getrlimit(r.RLIMIT_NOFILE)[0])"
    assert (await place.run(asks, replace(POLICY, open_files=77))).stdout == b"77\n"
    assert not ready & {one.process.pid for one in place.stock.ready}
    ready = await place.filled()
    assert (await place.run("print(7)", replace(POLICY, memory=64))).stdout == b"7\n"
    assert ready == {one.process.pid for one in place.stock.ready}  # of another kind: none of these was taken


async def test_nothing_is_made_while_something_runs_and_what_is_not_wanted_any_more_goes(place: Place) -> None:
    place.busy = True
    await place.run("print()")
    assert await place.filled() == set()
    place.busy = False
    old = await place.filled()
    assert len(old) == 1
    for _ in range(2):
        await place.run("print()", replace(POLICY, memory=64))
    new = await place.filled()
    assert len(new) == 2
    assert not old & new


async def test_a_box_that_was_killed_meanwhile_is_replaced(place: Place) -> None:
    await place.run("print()")
    (pid,) = await place.filled()
    (ready,) = place.stock.ready
    ready.kill()
    await ready.process.wait()
    assert (await place.run("print(1)")).stdout == b"1\n"
    assert pid not in await place.filled()


async def test_closing_leaves_no_process(place: Place) -> None:
    before = set(processes.descendants(os.getpid()))  # a Docker of other tests, too
    await place.run("print()")
    assert await place.filled()
    await place.stock.close()
    assert set(processes.descendants(os.getpid())) <= before


async def test_what_a_job_needs_reaches_a_box_that_was_made_before(place: Place) -> None:
    await place.run("print()")
    await place.filled()
    code = "import os, sys; print(open('a/b.txt').read(), os.environ['WORD'], sys.stdin.read())"
    files = {"a/b.txt": b"x" * 50_000, "unread": b"x" * 200_000}
    found = await box.run(
        POLICY,
        ["/usr/bin/python3", "-c", code],
        files=files,
        env={"WORD": "given"},
        stdin=b"told",
        make=place.stock.take,
    )
    assert found.stdout == b"x" * 50_000 + b" given told\n"
