"""The queue before the boxes."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from greenroom_sandbox.queue import Full, Queue


async def test_positions_move_up_and_each_gets_its_turn() -> None:
    queue = Queue(1, waiting=3)
    said: dict[str, list[int]] = {name: [] for name in "bcd"}
    order: list[str] = []

    async def wait(name: str) -> None:
        async with queue.turn(said[name].append):
            order.append(name)

    async with AsyncExitStack() as stack:
        await stack.enter_async_context(queue.turn())
        tasks = [asyncio.create_task(wait(name)) for name in "bcd"]
        while len(queue.line) < 3:
            await asyncio.sleep(0)
        with pytest.raises(Full, match="1 jobs run and 3 wait"):
            await queue.turn().__aenter__()
    await asyncio.gather(*tasks)
    assert order == ["b", "c", "d"]
    assert said == {"b": [1], "c": [2, 1], "d": [3, 2, 1]}
    await asyncio.wait_for(queue.empty(), 1)


async def test_one_who_leaves_the_line_frees_the_place_behind() -> None:
    queue = Queue(1)
    inside = queue.turn()
    await inside.__aenter__()
    heard: list[int] = []
    turns = [queue.turn(), queue.turn(heard.append)]
    waiting = [asyncio.create_task(turn.__aenter__()) for turn in turns]
    while len(queue.line) < 2:
        await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.wait(waiting[:1])
    assert heard == [2, 1]
    await inside.__aexit__(None, None, None)
    await asyncio.wait_for(waiting[1], 1)
    assert (queue.inside, list(queue.line)) == (1, [])


async def test_a_turn_given_in_the_moment_of_leaving_is_not_lost() -> None:
    queue = Queue(1)
    inside = queue.turn()
    await inside.__aenter__()
    waiting = asyncio.create_task(queue.turn().__aenter__())
    while not queue.line:
        await asyncio.sleep(0)
    leaving = asyncio.create_task(inside.__aexit__(None, None, None))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting, leaving])
    assert queue.inside == 0
    async with queue.turn():
        assert queue.inside == 1
