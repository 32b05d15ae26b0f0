"""The kernels of one session: each an ipykernel in a box of its own, under one set of limits."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from greenroom_sandbox import bubblewrap, cgroup, processes
from greenroom_sandbox.bubblewrap import Bind
from greenroom_sandbox.policy import Policy

MAIN = "/run/kernel_main.py"
MAGICS = "/run/cell_magics.py"  # beside MAIN, whose folder Python imports from
PLACE = "/run/k"  # where a kernel and the guest both see the kernels' sockets
MOST = 3  # a session has one kernel; a restart may overlap, and a wrapper kernel may stand beside it
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


@dataclass(slots=True)
class Kernel:
    """A kernel that was started. `ended` is its exit code: 137 when it was killed, for want of memory for instance."""

    process: asyncio.subprocess.Process
    folder: Path
    group: cgroup.Cgroup | None

    @property
    def ended(self) -> int | None:
        return self.process.returncode


@dataclass(slots=True)
class Kernels:
    """Starts, signals and ends kernels. `work` is their home folder, `sockets` holds one folder per kernel."""

    policy: Policy
    environment: Path  # a virtual environment with ipykernel
    work: Path
    sockets: Path
    door: Path | None
    uid: int | None
    running: dict[str, Kernel] = field(default_factory=dict)
    _killed_before: int = 0

    async def start(self, name: str, connection: Connection) -> None:
        """Start a kernel in a fresh folder. RuntimeError when there are too many."""
        await self.end(name)
        if len(self.running) >= MOST:
            raise RuntimeError(f"refused to start kernel {name}: this session has {MOST} already")
        folder = self._folder(name, connection)
        group = None
        if os.geteuid() == 0:
            group = cgroup.Cgroup.make(f"kernel-{name[:8]}", self.policy.memory, self.policy.processes)
        box = bubblewrap.command(
            self.policy,
            [str(self.environment / "bin" / "python"), MAIN, f"{PLACE}/{name}/connection.json"],
            uid=self.uid,
            env=_ENVIRONMENT,
            binds=self._binds(name, folder),
            folder=self.work,
            umask=0,  # the guest, of another uid, must be able to use the sockets; nobody else can reach them
        )
        try:
            process = await asyncio.create_subprocess_exec(
                *box.argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                pass_fds=box.descriptors,
                env={},
                preexec_fn=group.enter if group else None,
            )
        finally:
            box.close()
        self.running[name] = Kernel(process, folder, group)

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

    def _binds(self, name: str, folder: Path) -> list[Bind]:
        binds = [Bind(folder, f"{PLACE}/{name}", writable=True, sockets=True)]
        beside = Path(__file__)
        binds.append(Bind(beside.with_name("kernel_main.py"), MAIN))
        binds.append(Bind(beside.with_name("cell_magics.py"), MAGICS))
        if self.door is not None:
            binds.append(Bind(self.door, "/run/greenroom"))
        return binds

    def signal(self, name: str, number: int) -> None:
        """Interrupt, or kill, a kernel. LookupError when it is not running; ValueError for other signals."""
        if number not in SIGNALS:
            raise ValueError(f"signal {number} was refused; {sorted(int(one) for one in SIGNALS)} are possible")
        kernel = self.running[name]
        if kernel.ended is not None:
            return
        if number != signal.SIGINT:
            self._kill(kernel)
        elif (inner := processes.innermost(kernel.process.pid)) is not None:
            os.kill(inner, signal.SIGINT)

    @staticmethod
    def _kill(kernel: Kernel) -> None:
        if kernel.group is not None:
            kernel.group.kill()
        for pid in processes.descendants(kernel.process.pid):
            processes.kill(pid)

    async def wait(self, name: str) -> int:
        """Wait for a kernel's end and return its exit code."""
        return await self.running[name].process.wait()

    def out_of_memory(self, name: str) -> bool:
        """Whether the kernel was killed because its memory was used up."""
        group = self.running[name].group
        return group is not None and group.out_of_memory

    @property
    def killed_for_memory(self) -> int:
        """How many kernels were killed because their memory was used up, those that are gone counted in."""
        return self._killed_before + sum(self.out_of_memory(name) for name in self.running)

    async def end(self, name: str) -> None:
        """Kill a kernel and remove what was its own; the work folder stays."""
        if name not in self.running:
            return
        self._killed_before += self.out_of_memory(name)
        kernel = self.running.pop(name)
        self._kill(kernel)
        await kernel.process.wait()
        if kernel.group is not None:
            await asyncio.to_thread(kernel.group.remove)
        shutil.rmtree(kernel.folder, ignore_errors=True)

    async def end_all(self) -> None:
        """Kill every kernel."""
        for name in list(self.running):
            await self.end(name)


_ENVIRONMENT: Mapping[str, str] = {
    "IPYTHONDIR": "/tmp/ipython",
    "MPLCONFIGDIR": "/tmp/matplotlib",
    "JUPYTER_RUNTIME_DIR": "/tmp/jupyter",
    "OMP_NUM_THREADS": "2",  # numerical libraries otherwise start a thread per core of the machine
    "OPENBLAS_NUM_THREADS": "2",
}


def interpreter_folders(environment: Path) -> tuple[str, ...]:
    """What a virtual environment needs to be seen: itself and the Python it was made from."""
    settings = (environment / "pyvenv.cfg").read_text().splitlines()
    home = next(line.split("=", 1)[1].strip() for line in settings if line.startswith("home"))
    base = str(Path(home).resolve().parent)
    return (str(environment), *([] if base == "/usr" else [base]))
