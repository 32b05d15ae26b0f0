"""A kernel round trip: over the service's channel (guest, boxes and all) against a stock ipykernel over ZMQ itself."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

from greenroom_hub.bench.child import ON_DISK
from greenroom_hub.bench.hosting import ENVIRONMENT, SESSION, guest
from greenroom_hub.bench.measure import Measure, compared
from greenroom_hub.room.kernel_link import KernelLink, Status
from greenroom_hub.room.wire_format import Message

ROUNDS, RUNS = 7, 40
BAR = 2.5  # of issue 2


class Ear:
    """Hears when a run is over: its reply has come and the kernel is idle again."""

    def __init__(self) -> None:
        self.left: dict[str, set[str]] = {}
        self.done: dict[str, asyncio.Future[None]] = {}

    def expect(self, id: str) -> asyncio.Future[None]:
        """Something to wait for, for the message that was just sent."""
        self.left[id] = {"execute_reply", "idle"}
        self.done[id] = asyncio.get_running_loop().create_future()
        return self.done[id]

    def on_message(self, message: Message) -> None:
        """One message of the kernel."""
        id = str(message.parent.get("msg_id", ""))
        what = str(message.content.get("execution_state", "")) if message.kind == "status" else message.kind
        if id in self.left:
            self.left[id].discard(what)
            if not self.left[id] and not self.done[id].done():
                self.done[id].set_result(None)

    def on_status(self, status: Status) -> None: ...
    def on_lost(self, *, asked: bool) -> None: ...
    def on_info(self, info: Mapping[str, Any]) -> None: ...


@asynccontextmanager
async def stock() -> AsyncIterator[AsyncKernelClient]:
    """An ipykernel of the same environment, as Jupyter starts it."""
    manager = AsyncKernelManager()
    argv = [str(ENVIRONMENT / "bin" / "python"), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    manager._kernel_spec = KernelSpec(argv=argv, display_name="stock", language="python")
    await manager.start_kernel(stderr=asyncio.subprocess.DEVNULL)
    client = manager.client()
    client.start_channels()
    await client.wait_for_ready(timeout=60)
    try:
        yield client
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)


async def stock_run(client: AsyncKernelClient, code: str) -> float:
    """Seconds until a stock kernel has run this."""
    before = time.perf_counter()
    id = client.execute(code)
    while (await client.get_shell_msg())["parent_header"].get("msg_id") != id:
        pass
    while True:
        message = await client.get_iopub_msg()
        if message["parent_header"].get("msg_id") == id and message["content"].get("execution_state") == "idle":
            return time.perf_counter() - before


async def our_run(link: KernelLink, ear: Ear, code: str) -> float:
    """Seconds until ours has."""
    before = time.perf_counter()
    content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
    await ear.expect(link.ask("shell", "execute_request", content))
    return time.perf_counter() - before


async def round_trip(quick: bool) -> list[Measure]:
    """`1+1` until its reply is here and the kernel idle."""
    with tempfile.TemporaryDirectory(prefix="gr-", dir=ON_DISK) as place:
        async with guest(Path(place)) as hosted, stock() as client:
            ear = Ear()
            link = KernelLink(SESSION, hosted.guests, ear)
            await link.ready()
            rounds = []
            for number in range(2 if quick else ROUNDS + 1):
                ours = [await our_run(link, ear, "1+1") for _ in range(2 if quick else RUNS)]
                peer = [await stock_run(client, "1+1") for _ in range(2 if quick else RUNS)]
                if number:  # the first round warms both up
                    rounds.append((1000 * median(ours), 1000 * median(peer)))
            await link.close()
    return [compared("kernel-round-trip", "ms", rounds, "ipykernel over ZMQ, in no box", BAR)]
