"""A control group: limits on memory and processes for everything in a box, on cgroup v1 and v2."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from greenroom_sandbox import processes
from greenroom_sandbox.policy import SHARE

ROOT = Path("/sys/fs/cgroup")
PREFIX = "greenroom-"
KINDS = ("memory", "pids", "cpu", "cpuacct")  # version 1: each a hierarchy of its own, some under two names
TOGETHER = "greenroom"  # the group of all boxes of this machine
SHARES, WEIGHT = str(int(SHARE * 1024)), str(int(SHARE * 100))  # everybody else has 1024 or 100, by version


def _version() -> int:
    if os.access(ROOT / "memory", os.W_OK) and os.access(ROOT / "pids", os.W_OK):
        return 1
    controllers = ROOT / "cgroup.controllers"
    if controllers.exists() and os.access(ROOT, os.W_OK) and {"memory", "pids"} <= set(controllers.read_text().split()):
        return 2
    return 0


@dataclass(frozen=True, slots=True)
class Cgroup:
    """One group; on v1 it is a folder in each of several hierarchies."""

    folders: tuple[Path, ...]

    @classmethod
    def make(cls, name: str, memory: int, processes: int, within: Cgroup | None = None) -> Cgroup:
        """A new group: `memory` in MiB without swap; `processes` counts threads. OSError where there can be none.

        `within`: a group whose limits hold for all its groups together, and which holds no process itself.
        """
        version = _version()
        if version == 0:
            raise OSError(f"there can be no control group below {ROOT}: memory and pids are needed, writable")
        size = str(memory * 2**20)
        if version == 1:
            values = {"memory.limit_in_bytes": size, "memory.memsw.limit_in_bytes": size}
        else:
            # A box dies as a whole; several boxes together do not.
            values = {"memory.max": size, "memory.swap.max": "0", "memory.oom.group": "1"}
            for folder in within.folders if within else ():
                _hand_down(folder)
                (folder / "memory.oom.group").write_text("0")
        group = cls(tuple(folder / name for folder in within.folders) if within else _folders(version, name))
        for folder in group.folders:
            _make(folder)
        for file, value in {**values, "pids.max": str(processes)}.items():
            group._write(file, value)
        return group

    def _write(self, file: str, value: str) -> None:
        for folder in self.folders:
            if (folder / file).exists():
                (folder / file).write_text(value)

    def _read(self, *files: str) -> str | None:
        for folder in self.folders:
            for file in files:
                if (folder / file).exists():
                    return (folder / file).read_text()
        return None

    def enter(self) -> None:
        """Move this process in; called in the child between fork and exec."""
        for folder in self.folders:
            (folder / "cgroup.procs").write_text(str(os.getpid()))

    @property
    def processes(self) -> set[int]:
        """The pids in the group and in the groups within it."""
        found: set[int] = set()
        for folder in self.folders:
            for file in folder.rglob("cgroup.procs"):
                found |= {int(pid) for pid in file.read_text().split()}
        return found

    @classmethod
    def own(cls) -> Cgroup | None:
        """The group this process is in, as a container shows it to the processes in it; None where it shows none."""
        places = [place for place in (ROOT / "memory", ROOT) if (place / "memory.oom_control").exists()]
        places += [ROOT] if (ROOT / "memory.events").exists() else []
        return cls(tuple(places)) if places else None

    @property
    def kills(self) -> int:
        """How many processes the kernel has killed here because the memory was used up."""
        text = self._read("memory.events", "memory.oom_control") or ""
        counts = dict(line.split() for line in text.splitlines() if len(line.split()) == 2)
        return int(counts.get("oom_kill", "0"))

    @property
    def out_of_memory(self) -> bool:
        """Whether it has killed any."""
        return self.kills > 0

    @property
    def peak_memory(self) -> int | None:
        """The most memory used at once, in bytes."""
        text = self._read("memory.peak", "memory.max_usage_in_bytes")
        return int(text) if text else None

    @property
    def cpu_seconds(self) -> float | None:
        """The processor time of everything that was in the group."""
        text = self._read("cpuacct.usage")
        if text:
            return int(text) / 1e9
        stat = self._read("cpu.stat") or ""
        return next((int(line.split()[1]) / 1e6 for line in stat.splitlines() if line.startswith("usage_usec")), None)

    def kill(self) -> None:
        """Kill everything in the group, also what is just being born."""
        self._write("cgroup.kill", "1")
        for _ in range(50):
            pids = self.processes
            if not pids:
                return
            for pid in pids:
                _kill(pid)
            time.sleep(0.002)

    def remove(self) -> None:
        """Remove the group; whatever is still in it is killed. A dead process leaves its group a moment later."""
        for _ in range(100):
            self.kill()
            if all(_removed(folder) for folder in self.folders):
                for folder in self.folders:
                    if folder.parent.name == TOGETHER:
                        with contextlib.suppress(OSError):  # others are in there
                            folder.parent.rmdir()
                return
            time.sleep(0.01)


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _removed(folder: Path) -> bool:
    try:
        for within in folder.iterdir():
            if within.is_dir():
                within.rmdir()
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _folders(version: int, name: str) -> tuple[Path, ...]:
    owner = os.getpid()
    name = f"{PREFIX}{owner}-{processes.born(owner)}-{name}"
    if version == 2:
        return (ROOT / TOGETHER / name,)
    places = dict.fromkeys((ROOT / kind).resolve() for kind in KINDS)
    shared = {place: place / TOGETHER if (place / "cpu.shares").exists() else place for place in places}
    return tuple(shared[place] / name for place in places if place.is_dir())


def _make(folder: Path) -> None:
    """The group's folder, and before it the one of all boxes together, which goes with the last of them."""
    while True:
        if folder.parent.name == TOGETHER:
            _share(folder.parent)
        try:
            return folder.mkdir()
        except FileNotFoundError:  # the last of the others has just gone
            continue


def _share(together: Path) -> None:
    with contextlib.suppress(FileExistsError):
        together.mkdir()
    with contextlib.suppress(FileNotFoundError):
        if (together / "cgroup.subtree_control").exists():
            _hand_down(ROOT)
            _hand_down(together)
        for file, value in (("cpu.shares", SHARES), ("cpu.weight", WEIGHT)):
            if (together / file).exists():
                (together / file).write_text(value)


def _hand_down(folder: Path) -> None:
    """Version 2: let the groups within have limits. Processor time is shared out where the machine allows it."""
    (folder / "cgroup.subtree_control").write_text("+memory +pids")
    with contextlib.suppress(OSError):
        (folder / "cgroup.subtree_control").write_text("+cpu")


def try_out() -> str | None:
    """Why no group with limits can be made here; None when one can."""
    try:
        Cgroup.make("trial", 1, 1).remove()
    except OSError as error:
        return str(error)
    return None


def sweep() -> None:
    """Remove the groups of owners that are gone."""
    found: dict[str, list[Path]] = {}
    places = [ROOT, *(ROOT / kind for kind in KINDS)]
    for place in (*places, *(place / TOGETHER for place in places)):
        for folder in place.glob(f"{PREFIX}*-*-*"):
            found.setdefault(folder.name, []).append(folder)
    for name, folders in found.items():
        owner, born, _ = name.removeprefix(PREFIX).split("-", 2)
        if str(processes.born(int(owner))) != born:
            Cgroup(tuple(folders)).remove()
