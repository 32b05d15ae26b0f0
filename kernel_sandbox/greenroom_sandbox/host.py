"""A session's host: its agent process, as whoever started it sees it, also after a restart of that one."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import stat
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec

from greenroom_sandbox import cgroup, processes
from greenroom_sandbox.agent import Orders

PATIENCE = 10.0  # seconds an agent has to end its kernels before it is killed


@dataclass(frozen=True, slots=True)
class Host:
    """An agent: its pid, and when it started (clock ticks since boot), so that a pid used again is not taken for it."""

    pid: int
    born: int

    @property
    def alive(self) -> bool:
        """Whether it is still running."""
        return processes.born(self.pid) == self.born


async def start(orders: Orders, log: Path) -> Host:
    """Start an agent, in a process session of its own: a Ctrl-C is not for it. What it says goes to `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as said:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "greenroom_sandbox.agent",
            stdin=asyncio.subprocess.PIPE,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    assert process.stdin is not None
    process.stdin.write(msgspec.json.encode(orders) + b"\n")
    await process.stdin.drain()
    process.stdin.close()
    born = processes.born(process.pid)
    if born is None:
        raise RuntimeError(f"the agent of {orders.session} ended at once; {log} says why")
    return Host(process.pid, born)


def stop(host: Host) -> None:
    """End an agent and everything it started. Blocks until it is gone."""
    if not host.alive:
        return
    tree = processes.descendants(host.pid)
    os.kill(host.pid, signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE
    while host.alive and time.monotonic() < deadline:
        time.sleep(0.02)
    if host.alive:
        for pid in tree:
            processes.kill(pid)
        while host.alive:  # SIGKILL is not asked, only waited for
            time.sleep(0.02)


def clear(folder: Path) -> None:
    """Remove what a session's agent left that was killed: its folder of sockets, and its control groups."""
    if (left := _recorded(folder / "agent" / "pid")) is not None:
        stop(left)
    shutil.rmtree(folder, ignore_errors=True)
    cgroup.sweep()


def _recorded(record: Path) -> Host | None:
    """The agent that wrote this; None when nobody of ours did. In a container's folder a kernel might have."""
    try:
        handle = os.open(record, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with os.fdopen(handle) as file:
        told = os.fstat(handle)
        if told.st_uid != os.geteuid() or not stat.S_ISREG(told.st_mode):
            return None
        pid, born = (int(number) for number in file.read().split())
        return Host(pid, born)


def sweep(runtime: Path) -> None:
    """End every agent recorded below `runtime`, and remove what dead ones left: folders, boxes and control groups."""
    for record in runtime.glob("*/agent/pid"):
        if (left := _recorded(record)) is not None:
            stop(left)
    cgroup.sweep()
    shutil.rmtree(runtime, ignore_errors=True)
