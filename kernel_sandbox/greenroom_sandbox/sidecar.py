"""The agent in the kernels' container: its first process, and the only one there that is not a candidate's.

`python -m greenroom_sandbox.sidecar ORDERS`, as JSON. Started under the seccomp filter that kernels inherit. It has the
kernels' uid; Landlock keeps their signals and their hands away from it, and as process 1 of its container it cannot be
killed from inside. What it says is believed no more than what a kernel says.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import shutil
import signal
import sys
from dataclasses import replace
from pathlib import Path

import msgspec

from greenroom_sandbox import cgroup, containers, launch, processes
from greenroom_sandbox.bubblewrap import Command
from greenroom_sandbox.desk import Desk
from greenroom_sandbox.kernels import ENVIRONMENT, MAIN, Kernels
from greenroom_sandbox.policy import ENVIRONMENT as EVERYBODYS
from greenroom_sandbox.policy import HOME, KERNELS, Policy

SOCKETS, DESK = Path("/run/k"), Path("/run/agent")
SHARED = (Path("/tmp"), Path("/dev/shm"))
SWEEP = 0.5  # seconds between two looks for processes that nobody minds


class Orders(msgspec.Struct, frozen=True):
    """What the agent is started with. `memory` in MiB."""

    memory: int
    processes: int
    guest_uid: int
    service_uid: int


class Wards:
    """Where kernels run beside the agent: each below a parent that ends what it leaves."""

    def __init__(self) -> None:
        self.own_group = cgroup.Cgroup.own()

    def command(self, policy: Policy, name: str, folder: Path) -> Command:  # noqa: ARG002 - its folder says it
        """What starts one kernel."""
        orders = containers.kernel_orders(policy, str(folder))
        words = [
            containers.PYTHON,
            "-I",
            "-S",
            containers.LAUNCH,
            launch.packed(orders).hex(),
            "--",
            containers.KERNEL_PYTHON,
        ]
        words += [f"{containers.BESIDE}/{MAIN}", str(folder / "connection.json")]
        return Command(words, environment={**EVERYBODYS, **ENVIRONMENT})

    def tidy(self) -> None:
        """Empty what all kernels of the container can write to."""
        for place in SHARED:
            for found in place.iterdir():
                if found.is_dir() and not found.is_symlink():
                    shutil.rmtree(found, ignore_errors=True)
                else:
                    found.unlink(missing_ok=True)


async def sweep(kernels: Kernels) -> None:
    """Kill and collect, for ever, what came to process 1 because its own parent is gone."""
    while True:
        minded = {kernel.process.pid for kernel in kernels.running.values()}
        for pid in processes.descendants(os.getpid())[1:]:
            if pid not in minded and processes.parent(pid) == os.getpid() and not await _just_started(kernels, pid):
                processes.kill(pid)
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, os.WNOHANG)  # noqa: ASYNC222 - returns at once
        await asyncio.sleep(SWEEP)


async def _just_started(kernels: Kernels, pid: int) -> bool:
    """Whether a child is a kernel's that was started while we looked."""
    async with kernels.starting:
        return pid in {kernel.process.pid for kernel in kernels.running.values()}


async def serve(orders: Orders) -> None:
    """Be the agent until the guest is gone."""
    kernels = Kernels(
        policy=replace(KERNELS, memory=orders.memory, processes=orders.processes),
        place=Wards(),
        work=Path(HOME),
        sockets=SOCKETS,
        uid=None,
    )
    desk = Desk(kernels, HOME, None)
    await desk.listen(DESK, guest=orders.guest_uid, service=orders.service_uid, mode=0o666)
    watching = [asyncio.create_task(kernels.watch_work()), asyncio.create_task(sweep(kernels))]
    gone = asyncio.create_task(desk.guest_gone.wait())
    await asyncio.wait((gone, *watching), return_when=asyncio.FIRST_COMPLETED)


def main() -> None:
    """Read the orders and serve."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)  # undumpable: kernels, of the same uid, see nothing of ours in /proc
    asyncio.run(serve(msgspec.json.decode(sys.argv[1], type=Orders)))
    os._exit(0)  # what still runs ends with process 1


if __name__ == "__main__":
    main()
