"""One run at the far end: as a whole by POST, or as it goes on by websocket, with what a person says to it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from greenroom_sandbox import conversation
from greenroom_sandbox.client import Piston, Refused, Unreachable
from greenroom_sandbox.conversation import Begun, Conversation, Data, Ended, Lost, Problem, Waiting

from greenroom_hub.forwarded import Exit, Failed, Input, Output, Queued, Reading, RunChunk, RunRequest, Sizes, read

UNREACHABLE = "The machine that runs programs cannot be reached. Ask your interviewer."
Inputs = asyncio.Queue[Input]


@dataclass(frozen=True, slots=True)
class Order:
    """A run that was let in. `output` in bytes of each stream, `patience` in seconds for all of it."""

    session: str
    request: RunRequest
    body: dict[str, object]
    output: int
    actor: str
    patience: float
    inputs: Inputs = field(default_factory=asyncio.Queue)


async def whole(piston: Piston, order: Order, tell: Callable[[RunChunk], None], sizes: Sizes) -> Exit | Failed:
    """Run it and tell all at its end: the way for a Piston that is not ours, whose websocket knows no end of input."""
    try:
        reply = await piston.execute(order.body, order.patience)
    except Refused as refused:
        return Failed(f"The program was not taken: {refused}")
    outputs, end = read(reply, order.output)
    for one in outputs:
        sizes.cut(one.stream, one.text)
        tell(one)
    return end


async def as_it_goes(piston: Piston, order: Order, tell: Callable[[RunChunk], None], sizes: Sizes) -> Exit | Failed:
    """Run it and tell what it prints as it does. Leaving ends it. Unreachable when the far end breaks off."""
    init = {**order.body, "details": True, "asks": order.request.interactive}
    try:
        async with asyncio.timeout(order.patience), piston.connect(init) as talk:
            feeding = asyncio.create_task(_feed(talk, order))
            try:
                return await _hear(aiter(talk), tell, sizes)
            finally:
                feeding.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await feeding
    except TimeoutError:
        raise Unreachable(f"Piston at {piston.url} did not end a job in {order.patience:.0f} s.") from None
    except Lost as lost:
        raise Unreachable(f"Piston at {piston.url} broke off: {lost}.") from None


async def _feed(talk: Conversation, order: Order) -> None:
    if not order.request.interactive:
        return await talk.say(type="eof")
    while True:
        said = await order.inputs.get()
        if said.stdin:
            await talk.say(type="data", stream="stdin", data=said.stdin)
        if said.signal:
            await talk.say(type="signal", signal=said.signal)
        if said.eof:
            await talk.say(type="eof")


async def _hear(talk: AsyncIterator[object], tell: Callable[[RunChunk], None], sizes: Sizes) -> Exit | Failed:
    stage, end = "run", None
    async for said in talk:
        match said:
            case Waiting(position):
                tell(Queued(position))
            case conversation.Reading():
                tell(Reading())
            case Begun(name):
                stage = name
            case Data(stream, text):
                if shown := sizes.cut(stream, text):
                    tell(Output(stage, stream, shown))
                if len(shown) < len(text):  # the real one has no cap here
                    return Exit(stage, None, "SIGKILL", "OL", "output cut", None)
            case Ended():
                end = _exit(said)
            case Problem(message):
                return Failed(f"The program was not taken: {message}")
    if end is None:
        raise Lost("it closed the connection before the program ended")
    return end


def _exit(said: Ended) -> Exit:
    """How it ended. A Piston that is not ours says only code and signal."""
    status = said.status or ("SG" if said.signal else "RE" if said.code else None)
    wall = None if said.wall_time is None else round(said.wall_time)
    return Exit(said.stage, said.code, said.signal, status, said.message, wall)
