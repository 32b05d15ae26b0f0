"""The kernels of one session: each an ipykernel in a place of its own, under one set of limits."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import msgspec

from greenroom_sandbox import cgroup, processes, quota
from greenroom_sandbox.bubblewrap import Command
from greenroom_sandbox.policy import MIB, Policy
from greenroom_sandbox.quota import Usage

MAIN = "kernel_main.py"
# Beside each other, in the folder that a kernel's Python imports from.
FILES = (MAIN, "cell_magics.py", "check_button.py", "languages.py", "wrapper_kernel.py")
PLACE = "/run/k"  # where a kernel and the guest both see the kernels' sockets
MOST = 3  # a session has one kernel; a restart may overlap, and a wrapper kernel may stand beside it
REMEMBERED = 100  # exit codes of kernels that are gone
LOOK_AT_WORK = 0.5  # seconds between two looks at the work folder: a disk writes a few hundred MiB in that time
LOOK_AT_MEMORY = 0.05
SIGNALS = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGKILL})


class Connection(msgspec.Struct, frozen=True):
    """Jupyter's connection info, as far as a kernel over unix sockets needs it."""

    key: str
    signature_scheme: str
    shell_port: int
    iopub_port: int
    stdin_port: int
    control_port: int
    hb_port: int
    kernel_name: str = ""


class Reason(StrEnum):
    """Why a kernel was killed, when its limits were the reason."""

    MEMORY = "memory"
    DISK = "disk"


class Place(Protocol):
    """Where kernels run: boxes on this machine, or beside the agent in a container."""

    @property
    def own_group(self) -> cgroup.Cgroup | None:
        """Where kernels share the agent's control group, that one: it is only looked at."""

    def command(self, policy: Policy, name: str, folder: Path) -> Command:
        """What starts a kernel, whose sockets lie in `folder`."""

    def tidy(self) -> None:
        """Remove what kernels that ended have left outside their home; none runs."""


@dataclass(slots=True)
class Kernel:
    """A kernel that was started. `allowed` is what the work folder may hold while it runs.

    `kills`: how many processes had been killed for memory in its group before.
    """

    process: asyncio.subprocess.Process
    folder: Path
    group: cgroup.Cgroup | None
    allowed: Usage
    warded: bool  # its parent stays, and ends whatever it leaves
    kills: int = 0
    killed: Reason | None = None

    @property
    def ended(self) -> int | None:
        """Its exit code; None while it runs."""
        return self.process.returncode

    @property
    def reason(self) -> Reason | None:
        """Which limit killed it."""
        if self.killed is None and self.group is not None and self.group.kills > self.kills:
            # In a group that several share, one that runs on was not the one that was killed.
            self.killed = None if self.warded and self.ended is None else Reason.MEMORY
        return self.killed

    def kill(self) -> None:
        """Kill everything in its place."""
        if self.group is not None and not self.warded:
            self.group.kill()
        if self.ended is None:
            inner = processes.innermost(self.process.pid) if self.warded else None
            for pid in [inner] if inner else processes.descendants(self.process.pid):
                processes.kill(pid)


@dataclass(slots=True)
class Kernels:
    """Starts, signals and ends kernels. `work` is their home folder, `sockets` holds one folder per kernel."""

    policy: Policy
    place: Place
    work: Path
    sockets: Path
    uid: int | None
    group: cgroup.Cgroup | None = None  # whose limits hold for all of them together
    given: int = 0  # bytes the service put into the work folder: they are not the candidate's
    running: dict[str, Kernel] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)  # of those that were cleared away
    killed: Counter[Reason] = field(default_factory=Counter)  # of those that were cleared away
    starting: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def start(self, name: str, connection: Connection) -> None:
        """Start a kernel in a fresh folder. RuntimeError when there are too many."""
        async with self.starting:  # one after the other, or as many as are asked for at once would be too many
            for gone in [one for one, kernel in self.running.items() if one == name or kernel.ended is not None]:
                await self.end(gone)
            if len(self.running) >= MOST:
                raise RuntimeError(f"refused to start kernel {name}: this session has {MOST} already")
            await self._start(name, connection)

    async def _start(self, name: str, connection: Connection) -> None:
        if not self.running:
            await asyncio.to_thread(self.place.tidy)
        folder = self._folder(name, connection)
        allowed = self.limit.or_what_is_there(await asyncio.to_thread(quota.used, str(self.work)))
        own = self.place.own_group
        group = own
        if self.group is not None:
            group = cgroup.Cgroup.make(f"kernel-{name}", self.policy.memory, self.policy.processes, self.group)
        started = self.place.command(self.policy, name, folder)
        try:
            process = await asyncio.create_subprocess_exec(
                *started.argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                pass_fds=started.descriptors,
                env=dict(started.environment),
                preexec_fn=group.enter if group is not None and own is None else None,
            )
        finally:
            started.close()
        kills = group.kills if group else 0
        self.running[name] = Kernel(process, folder, group, allowed, own is not None, kills)

    def _folder(self, name: str, connection: Connection) -> Path:
        folder = self.sockets / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o711)
        info = {**msgspec.to_builtins(connection), "transport": "ipc", "ip": f"{PLACE}/{name}/s"}
        (folder / "connection.json").write_text(json.dumps(info))
        (folder / "connection.json").chmod(0o644)
        if self.uid is not None:
            os.chown(folder, self.uid, self.uid)
        return folder

    def signal(self, name: str, number: int) -> None:
        """Interrupt, or kill, a kernel, if it runs. ValueError for other signals."""
        if number not in SIGNALS:
            raise ValueError(f"signal {number} was refused; {sorted(int(one) for one in SIGNALS)} are possible")
        kernel = self.running.get(name)
        if kernel is None or kernel.ended is not None:
            return
        if number != signal.SIGINT:
            kernel.kill()
        elif (inner := processes.innermost(kernel.process.pid)) is not None:
            with contextlib.suppress(ProcessLookupError):  # it ended in this moment
                os.kill(inner, signal.SIGINT)

    def code(self, name: str) -> int | None:
        """A kernel's exit code; None while it runs. LookupError when there never was one of this name."""
        return self.running[name].ended if name in self.running else self.codes[name]

    async def wait(self, name: str) -> int:
        """Wait for a kernel's end and return its exit code."""
        return await self.running[name].process.wait() if name in self.running else self.codes[name]

    def killed_for(self, reason: Reason) -> int:
        """How many kernels a limit has killed so far."""
        return self.killed[reason] + sum(kernel.reason is reason for kernel in self.running.values())

    async def end(self, name: str) -> None:
        """Kill a kernel and remove what was its own; the work folder stays."""
        if name not in self.running:
            return
        kernel = self.running[name]
        kernel.kill()
        self.codes[name] = await kernel.process.wait()
        if kernel.reason is not None:
            self.killed[kernel.reason] += 1
        del self.running[name]
        while len(self.codes) > REMEMBERED:
            del self.codes[next(iter(self.codes))]
        if kernel.group is not None and not kernel.warded:
            await asyncio.to_thread(kernel.group.remove)
        shutil.rmtree(kernel.folder, ignore_errors=True)

    async def end_all(self) -> None:
        """Kill every kernel."""
        async with self.starting:
            for name in list(self.running):
                await self.end(name)

    @property
    def limit(self) -> Usage:
        """What the work folder may hold."""
        base = quota.limit(self.policy.disk)
        return Usage(base.size + self.given, base.entries)

    async def watch_work(self) -> None:
        """Kill what fills the work folder, for ever. A folder on disk has no quota of its own."""
        while True:
            begun = time.monotonic()
            found = await asyncio.to_thread(quota.used, str(self.work))
            for kernel in self.running.values():
                if kernel.ended is None and found.over(kernel.allowed):
                    kernel.killed = Reason.DISK
                    kernel.kill()
            # Counting many files takes its time: never more than a twentieth of a processor.
            await asyncio.sleep(max(LOOK_AT_WORK, 20 * (time.monotonic() - begun)))

    async def watch_memory(self) -> None:
        """Where no control group does it: kill the largest kernel when all together use too much, for ever."""
        while self.group is None and self.place.own_group is None:
            alive = [kernel for kernel in self.running.values() if kernel.ended is None]
            sizes = [(await asyncio.to_thread(processes.usage, one.process.pid))[1] for one in alive]
            if sum(sizes) > self.policy.memory * MIB:
                largest = alive[sizes.index(max(sizes))]
                largest.killed = Reason.MEMORY
                largest.kill()
            await asyncio.sleep(LOOK_AT_MEMORY)


ENVIRONMENT: Mapping[str, str] = {
    "IPYTHONDIR": "/tmp/ipython",
    "MPLCONFIGDIR": "/tmp/matplotlib",
    "JUPYTER_RUNTIME_DIR": "/tmp/jupyter",
    "OMP_NUM_THREADS": "2",  # numerical libraries otherwise start a thread per core of the machine
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # the debugger otherwise warns in the first cell's output
    "OPENBLAS_NUM_THREADS": "2",
}
