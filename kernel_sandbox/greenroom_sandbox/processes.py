"""Processes of this machine, seen through /proc."""

from __future__ import annotations

import contextlib
import os
import platform
import signal
from pathlib import Path


def descendants(pid: int) -> list[int]:
    """A process and all its children's children, itself first."""
    found, todo = [], [pid]
    while todo:
        one = todo.pop()
        found.append(one)
        with contextlib.suppress(OSError):
            todo += [int(child) for child in Path(f"/proc/{one}/task/{one}/children").read_text().split()]
    return found


def usage(pid: int) -> tuple[float, int]:
    """Processor seconds and bytes of memory (each process's own and its share of what it shares) of a process tree."""
    ticks, memory = 0, 0
    for one in descendants(pid):
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()
            ticks += sum(int(n) for n in fields[11:15])
            rollup = Path(f"/proc/{one}/smaps_rollup").read_text()
            memory += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) * 1024
    return ticks / os.sysconf("SC_CLK_TCK"), memory


def parent(pid: int) -> int | None:
    """A process's parent; None when there is no such process."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    except OSError:
        return None


def kill(pid: int) -> None:
    """Kill a process that may be gone already."""
    send(pid, signal.SIGKILL)


def innermost(pid: int) -> int | None:
    """The first process in a box that is neither bubblewrap nor a launcher that stays: the one an interrupt is for."""
    for one in descendants(pid):
        with contextlib.suppress(OSError):
            if Path(f"/proc/{one}/comm").read_text().strip() not in {"bwrap", "warden"}:
                return one
    return None


def program(pid: int) -> list[int]:
    """The processes of a supervised box that are the program's: all but bubblewrap and the launcher."""
    launcher = innermost(pid)
    return [] if launcher is None else descendants(launcher)[1:]


# The number of read(2), which a program that waits for input stands in.
_READ = {"x86_64": "0", "aarch64": "63"}.get(platform.machine())


def reading(pid: int) -> str:
    """Whether the program of a supervised box waits for its standard input: a word for this wait, or nothing.

    The word has the process's switches in it, so that the next wait is another one. A program that waits by select or
    epoll is not seen.
    """
    for one in program(pid):
        with contextlib.suppress(OSError, ValueError):
            call = Path(f"/proc/{one}/syscall").read_text().split()
            if len(call) > 1 and call[0] == _READ and int(call[1], 16) == 0:
                status = Path(f"/proc/{one}/status").read_text()
                switches = next(line for line in status.splitlines() if line.startswith("voluntary"))
                return f"{one} {switches}"
    return ""


def send(pid: int, number: int) -> None:
    """Send a signal to a process that may be gone already."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def born(pid: int) -> int | None:
    """When a process started, in clock ticks since boot; None when there is none, or only its remains."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[19])
