"""A box that is ready: made, and waiting for what to run."""

from __future__ import annotations

import asyncio
import contextlib
import os
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from greenroom_sandbox import bubblewrap, cgroup, processes, uids
from greenroom_sandbox.policy import Policy


@dataclass(slots=True)
class Ready:
    """A box that was made and waits for what to run, once. It must be run, or thrown away."""

    policy: Policy
    uid: int | None
    folder: Path | None
    process: asyncio.subprocess.Process
    group: cgroup.Cgroup | None
    orders: BinaryIO
    report: int
    writes: int  # the report's other end, as the launcher has it
    held: contextlib.ExitStack

    @property
    def alive(self) -> bool:
        """Whether it still waits."""
        return self.process.returncode is None

    @property
    def spent(self) -> float:
        """Processor seconds since it was made, where they are counted."""
        return (self.group.cpu_seconds or 0.0) if self.group else 0.0

    async def throw_away(self) -> None:
        """End it and leave nothing behind."""
        self.kill()
        await self.process.wait()
        await self.clear_away()

    def kill(self) -> None:
        """Kill everything in it."""
        if self.group is not None:
            self.group.kill()
        for pid in processes.descendants(self.process.pid):
            processes.kill(pid)

    async def clear_away(self) -> None:
        """Remove what it had, now that its process has ended."""
        await asyncio.to_thread(self.held.close)


async def made(policy: Policy, folder: Path | None = None) -> Ready:
    """A fresh box with the limits of `policy` that hold for all it will contain."""
    with contextlib.ExitStack() as stack:
        uid = stack.enter_context(uids.claim())
        group = cgroup.Cgroup.make(uuid.uuid4().hex[:12], policy.memory, policy.processes) if _counts() else None
        if group is not None:
            stack.callback(group.remove)
        (waits, gives), (report, writes) = os.pipe(), os.pipe()
        orders = stack.enter_context(os.fdopen(gives, "wb"))
        stack.callback(os.close, report)
        box = bubblewrap.waiting(policy, uid=uid, folder=folder, at=waits)
        box.descriptors += [waits, writes]
        if folder is not None and uid is not None:
            os.chown(folder, uid, uid)
        try:
            process = await asyncio.create_subprocess_exec(
                *box.argv,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                pass_fds=box.descriptors,
                env={},
                preexec_fn=group.enter if group else None,
            )
        finally:
            box.close()
        return Ready(policy, uid, folder, process, group, orders, report, writes, stack.pop_all())


def _counts() -> bool:
    return os.geteuid() == 0  # then it is required: Cgroup.make refuses where there can be none
