"""The agent: one process per session, outside every box. It starts the guest and kernels, and hands files in and out.

`python -m greenroom_sandbox.agent`, its orders as one JSON line on standard input. It distrusts whoever asks: a kernel
may have taken the guest over. SIGTERM ends everything it started.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import shutil
import signal
import sys
from dataclasses import replace
from pathlib import Path

import msgspec

from greenroom_sandbox import bubblewrap, cgroup, files, processes, uids
from greenroom_sandbox.boxes import Boxes, interpreter_folders
from greenroom_sandbox.bubblewrap import Bind
from greenroom_sandbox.desk import Desk
from greenroom_sandbox.kernels import PLACE, Kernels
from greenroom_sandbox.policy import GUEST, KERNELS

HERE = Path(__file__).parent


class Orders(msgspec.Struct, frozen=True):
    """What the agent is started with."""

    session: str
    token: str  # the guest's, for the service alone
    runtime: str  # the session's folder of sockets
    work: str
    environment: str  # the kernels' virtual environment
    memory: int  # MiB
    processes: int


class Agent:
    """One session's agent."""

    def __init__(self, orders: Orders, kernel_uid: int | None, guest_uid: int | None) -> None:
        self.orders = orders
        self.runtime = Path(orders.runtime)
        self.kernel_uid, self.guest_uid = kernel_uid, guest_uid
        self.guest: asyncio.subprocess.Process | None = None
        self.guest_group: cgroup.Cgroup | None = None
        self.kernels = Kernels(
            policy=replace(KERNELS, memory=orders.memory, processes=orders.processes),
            place=Boxes(Path(orders.environment), Path(orders.work), self.runtime / "door", kernel_uid),
            work=Path(orders.work),
            sockets=self.runtime / "k",
            uid=kernel_uid,
        )
        self.desk = Desk(self.kernels, orders.work, kernel_uid)

    def furnish(self) -> None:
        """Make the folders. The guest's own is the only one the guest can write to."""
        for name in ("guest", "agent", "k", "door"):
            (self.runtime / name).mkdir(mode=0o755, parents=True, exist_ok=True)
        pid = os.getpid()
        (self.runtime / "agent" / "pid").write_text(f"{pid} {processes.born(pid)}")
        work = Path(self.orders.work)
        work.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.kernel_uid is not None and self.guest_uid is not None:
            files.give(str(work), self.kernel_uid)
            os.chown(self.runtime / "guest", self.guest_uid, self.guest_uid)
            self.kernels.group = cgroup.Cgroup.make("kernels", self.orders.memory, self.orders.processes)

    async def listen(self) -> None:
        """Open both sockets. The guest's is bound into its box, the service's into none."""
        await self.desk.listen(self.runtime / "agent")
        if self.guest_uid is not None:
            os.chown(self.runtime / "agent" / "guest.sock", self.guest_uid, self.guest_uid)

    async def start_guest(self) -> None:
        """Start the guest in its box."""
        (self.runtime / "guest" / "guest.sock").unlink(missing_ok=True)
        prefix = (*interpreter_folders(Path(sys.prefix)), str(HERE.parent))
        if os.geteuid() == 0:
            self.guest_group = cgroup.Cgroup.make("guest", GUEST.memory, GUEST.processes)
        box = bubblewrap.command(
            replace(GUEST, read_only=prefix),
            [sys.executable, "-m", "greenroom_sandbox.guest_main", self.orders.session],
            uid=self.guest_uid,
            env=_GUEST_ENVIRONMENT,
            binds=[
                Bind(self.runtime / "guest", "/run/guest", writable=True, sockets=True),
                Bind(self.runtime / "k", PLACE),
                Bind(self.runtime / "agent" / "guest.sock", "/run/agent.sock"),
                Bind(HERE / "kernelspecs", "/run/kernelspecs/kernels"),
            ],
        )
        try:
            self.guest = await asyncio.create_subprocess_exec(
                *box.argv,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                pass_fds=box.descriptors,
                env={},
                preexec_fn=self.guest_group.enter if self.guest_group else None,
            )
        finally:
            box.close()
        assert self.guest.stdin is not None
        self.guest.stdin.write(f"{self.orders.token}\n".encode())
        self.guest.stdin.close()

    async def end(self) -> None:
        """End everything that was started, and leave nothing behind but the work."""
        await self.kernels.end_all()
        if self.guest is not None:
            if self.guest_group is not None:
                self.guest_group.kill()
            for pid in processes.descendants(self.guest.pid):
                processes.kill(pid)
            await self.guest.wait()
        for group in (self.guest_group, self.kernels.group):
            if group is not None:
                group.remove()
        shutil.rmtree(self.runtime, ignore_errors=True)


_GUEST_ENVIRONMENT = {
    "JUPYTER_NO_CONFIG": "1",
    "JUPYTER_PATH": "/run/kernelspecs",
    "JUPYTER_PREFER_ENV_PATH": "0",
    "JUPYTER_DATA_DIR": "/tmp/data",
    "JUPYTER_RUNTIME_DIR": "/tmp/runtime",
    "JUPYTER_PLATFORM_DIRS": "1",
    "PYTHONPATH": str(HERE.parent),
}


async def serve(orders: Orders) -> None:
    """Be the agent until told to end, or until the guest ends."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with uids.claim() as kernel_uid, uids.claim() as guest_uid:
        agent = Agent(orders, kernel_uid, guest_uid)
        agent.furnish()
        try:
            await agent.listen()
            await agent.start_guest()
            assert agent.guest is not None
            ended = asyncio.create_task(agent.guest.wait())
            watching = [asyncio.create_task(agent.kernels.watch_work())]
            if kernel_uid is None:
                watching.append(asyncio.create_task(agent.kernels.watch_memory()))
            stopping = asyncio.create_task(stop.wait())
            # A watch that fails ends the session's code as well: nothing runs unwatched.
            await asyncio.wait((ended, stopping, *watching), return_when=asyncio.FIRST_COMPLETED)
            for task in (stopping, *watching):
                task.cancel()
        finally:
            await agent.end()


def main() -> None:
    """Read the orders and serve."""
    ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)  # undumpable: an ordinary user's kernels have our uid outside their box
    asyncio.run(serve(msgspec.json.decode(sys.stdin.readline(), type=Orders)))


if __name__ == "__main__":
    main()
