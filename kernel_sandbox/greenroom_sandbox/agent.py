"""The agent: one process per session, outside every box. It starts the guest and kernels, and hands files in and out.

`python -m greenroom_sandbox.agent`, its orders as one JSON line on standard input. It distrusts whoever asks: a kernel
may have taken the guest over. SIGTERM ends everything it started.
"""

from __future__ import annotations

import asyncio
import base64
import ctypes
import functools
import json
import os
import shutil
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import msgspec

from greenroom_sandbox import bubblewrap, cgroup, files, processes, uids
from greenroom_sandbox.bubblewrap import Bind
from greenroom_sandbox.kernels import PLACE, Connection, Kernels, Reason, interpreter_folders
from greenroom_sandbox.policy import MIB, Policy

HERE = Path(__file__).parent
LINE = 128 * MIB  # the longest line: files in base64; the guest's own lines are held to 64 KiB
GUEST_LINE = 64 * 1024


class Orders(msgspec.Struct, frozen=True):
    """What the agent is started with."""

    session: str
    token: str  # the guest's, for the service alone
    runtime: str  # the session's folder of sockets
    work: str
    environment: str  # the kernels' virtual environment
    memory: int  # MiB
    processes: int


class _Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the guest may ask about a kernel."""

    ask: str
    kernel: str
    connection: Connection | None = None
    signal: int | None = None


def kernel_policy(orders: Orders) -> Policy:
    """The limits of a session's kernels: they live as long as the session, so no time limit."""
    return Policy(
        wall=None,
        cpu=None,
        memory=orders.memory,
        processes=orders.processes,
        open_files=1024,
        file_size=256 * MIB,
        disk=512,
        read_only=interpreter_folders(Path(orders.environment)),
    )


GUEST_POLICY = Policy(wall=None, cpu=None, memory=512, processes=64, open_files=1024, file_size=16 * MIB, disk=16)


class Agent:
    """One session's agent."""

    def __init__(self, orders: Orders, kernel_uid: int | None, guest_uid: int | None) -> None:
        self.orders = orders
        self.runtime = Path(orders.runtime)
        self.kernel_uid, self.guest_uid = kernel_uid, guest_uid
        self.guest: asyncio.subprocess.Process | None = None
        self.guest_group: cgroup.Cgroup | None = None
        self.kernels = Kernels(
            policy=kernel_policy(orders),
            environment=Path(orders.environment),
            work=Path(orders.work),
            sockets=self.runtime / "k",
            door=self.runtime / "door",
            uid=kernel_uid,
        )

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
        for name, answer, longest, owner in (
            ("guest.sock", self.for_guest, GUEST_LINE, self.guest_uid),
            ("service.sock", self.for_service, LINE, None),
        ):
            path = self.runtime / "agent" / name
            path.unlink(missing_ok=True)
            await asyncio.start_unix_server(functools.partial(_converse, answer), path, limit=longest)
            path.chmod(0o600)
            if owner is not None:
                os.chown(path, owner, owner)

    async def start_guest(self) -> None:
        """Start the guest in its box."""
        (self.runtime / "guest" / "guest.sock").unlink(missing_ok=True)
        prefix = (*interpreter_folders(Path(sys.prefix)), str(HERE.parent))
        if os.geteuid() == 0:
            self.guest_group = cgroup.Cgroup.make("guest", GUEST_POLICY.memory, GUEST_POLICY.processes)
        box = bubblewrap.command(
            replace(GUEST_POLICY, read_only=prefix),
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

    async def for_guest(self, line: bytes) -> dict[str, object]:
        """Answer the guest."""
        question = msgspec.json.decode(line, type=_Question)
        name = question.kernel
        if len(name) != 36 or set(name) - set("0123456789abcdef-"):
            raise ValueError(f"the kernel id {name[:40]!r} was refused; it is a lower-case UUID")
        if question.ask == "start" and question.connection is not None:
            await self.kernels.start(name, question.connection)
            return {"started": True}
        if name not in self.kernels.running and name not in self.kernels.codes:
            raise ValueError(f"there is no kernel {name}")
        if question.ask == "poll":
            return {"code": self.kernels.code(name)}
        if question.ask == "wait":
            return {"code": await self.kernels.wait(name)}
        if question.ask == "signal" and question.signal is not None:
            self.kernels.signal(name, question.signal)
            return {"signalled": True}
        raise ValueError(f"{question.ask!r} was refused; start, poll, wait and signal are known")

    async def for_service(self, line: bytes) -> dict[str, object]:
        """Answer the service: put files into the work folder, collect them, tell why a kernel ended."""
        question = json.loads(line)
        if question["ask"] == "put":
            content = {name: base64.b64decode(data) for name, data in question["files"].items()}
            await asyncio.to_thread(files.put, self.orders.work, content, self.kernel_uid)
            self.kernels.given += sum(map(len, content.values()))
            return {"put": len(content)}
        if question["ask"] == "collect":
            found = await asyncio.to_thread(files.collect, self.orders.work, question["limit"])
            return {"files": {name: base64.b64encode(data).decode() for name, data in found.items()}}
        if question["ask"] == "state":
            return {
                "kernels": {name: [one.ended, one.reason] for name, one in self.kernels.running.items()},
                **{f"killed_for_{reason}": self.kernels.killed_for(reason) for reason in Reason},
            }
        raise ValueError(f"{question['ask']!r} was refused; put, collect and state are known")

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


async def _converse(
    answer: Callable[[bytes], Awaitable[dict[str, object]]],
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    """One question, one answer. Whatever is wrong with the question becomes words, never the agent's end."""
    try:
        said = await answer(await asyncio.wait_for(reader.readline(), 60))
    except (ValueError, KeyError, TypeError, AttributeError, RuntimeError, OSError, msgspec.MsgspecError) as error:
        said = {"error": str(error) or type(error).__name__}
    except files.TooMuch as error:
        said = {"error": str(error), "too_much": True}
    try:
        writer.write(json.dumps(said).encode() + b"\n")
        await writer.drain()
        writer.close()
    except OSError:
        return


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
