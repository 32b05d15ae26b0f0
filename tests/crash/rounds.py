"""Rounds of random faults with two writers and an observer, each compared with the log: `make crash`.

What is cut: connections, the service, the guest, its kernel, the proxy, a tab. What is bent: delays, slices, frames
sent twice and in the wrong order, a disk that takes its time. JupyterHub is not in these rounds: a room does not need
it (see tests/hub/test_signin.py and tests/e2e/test_serve.py for its death).
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import json
import os
import random
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from crash.cutter import Cutter
from crash.tab import Tab
from greenroom_hub.room.runs import CUT_OFF, GONE, RESUMED
from greenroom_hub.room.values import canonical, plain
from greenroom_hub.settings import PREFIX
from pycrdt import Array, Doc
from room import staging
from room.staging import JupyterGuest, jupyter_guest

PATIENCE = 120.0  # seconds for everything to be well again after a fault, on a machine that does much else
HERE = Path(__file__).parent.parent
NOTES = (RESUMED, CUT_OFF, GONE)
LINES = 12  # that a run prints


class Rounds:
    """A room with three people in it, and what can happen to it."""

    def __init__(self, folder: Path, rng: random.Random) -> None:
        self.folder, self.rng = folder, rng
        self.cutter = Cutter(rng)
        self.session = ""
        self.cookies: dict[str, str] = {}
        self.tabs: dict[str, Tab] = {}
        self.lost: list[str] = []  # tokens of tabs that were closed before they were saved
        self.said: list[str] = []  # tokens that were saved
        self.requests = 0
        self.faults: list[str] = []
        self.number = 0
        self.guests = 0  # that died
        self.ran = False  # whether a run was asked for in this round
        self.broken = False  # whether a kernel was lost in this round
        self.log: Doc[Any] = Doc()
        self._seen = -1
        self.happened: collections.Counter[str] = collections.Counter()

    # The processes

    async def serve(self) -> None:
        """Starts the service, and lets the proxy find it."""
        assert self.host.stdin is not None
        assert self.host.stdout is not None
        self.host.stdin.write(f"{self.guest.url} {self.session}\n".encode())
        line = await self.host.stdout.readline()
        assert line, (self.folder / "service.log").read_text()[-3000:]
        told = json.loads(line)
        self.service_pid = int(told["pid"])
        self.session, self.cutter.target = told["session"], told["port"]
        self.cookies = self.cookies or told["cookies"]

    async def _start_host(self) -> None:
        words = (sys.executable, "-m", "crash.host", str(self.folder / "house"))
        pipe, environment = (
            asyncio.subprocess.PIPE,
            {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), *sys.path])},
        )
        with Path(os.environ.get("GREENROOM_CRASH_LOG") or self.folder / "service.log").open("ab") as log:
            self.host = await asyncio.create_subprocess_exec(
                *words, cwd=HERE, env=environment, stdin=pipe, stdout=pipe, stderr=log
            )

    @asynccontextmanager
    async def staged(self) -> AsyncIterator[None]:
        """Everything runs."""
        await self.cutter.start()
        staging.PATIENCE = PATIENCE  # a guest starts slowly beside everything else
        await self._start_guest()
        try:
            await self._start_host()
            await self.serve()
            for name in ("cleo", "iva", "ole"):
                self.open(name)
            yield
        finally:
            for tab in self.tabs.values():
                await tab.close()
            os.kill(self.service_pid, signal.SIGKILL)
            self.host.kill()
            await self.host.wait()
            self.cutter.stop()
            self._kill_guest()

    def open(self, name: str) -> None:
        """Somebody opens a tab."""
        url = f"ws://127.0.0.1:{{}}{PREFIX}room/{self.session}/document"
        self.tabs[name] = Tab(lambda: url.format(self.cutter.port), self.cookies[name], self.rng)

    # Faults

    async def cut(self) -> None:
        self.cutter.cut()

    async def proxy(self) -> None:
        """The proxy is gone for a while, and every connection with it."""
        self.cutter.closed = True
        self.cutter.cut()
        await asyncio.sleep(self.rng.random())
        self.cutter.closed = False

    async def service(self) -> None:
        os.kill(self.service_pid, signal.SIGKILL)
        self.cutter.cut()
        await self.serve()

    async def kernel(self) -> None:
        self.broken = True
        for pid in _children(self.guest.process.pid):
            os.kill(pid, signal.SIGKILL)

    async def guest_dies(self) -> None:
        """The guest is killed with its kernel and started again where it was, as the hub does."""
        self.broken = True
        self._kill_guest()
        self.guests += 1
        await self._start_guest(int(self.guest.url.rsplit(":", 1)[1]))

    async def _start_guest(self, port: int = 0) -> None:
        # Held for as long as it runs: a context that nobody holds is closed by the collector, and its process with it
        self.hosting = jupyter_guest(self.folder / f"guest{self.guests}", port)
        self.guest: JupyterGuest = await self.hosting.__aenter__()

    def _kill_guest(self) -> None:
        children = _children(self.guest.process.pid)
        self.guest.process.kill()
        self.guest.process.wait()
        for pid in children:
            os.kill(pid, signal.SIGKILL)

    async def tab(self) -> None:
        """A tab is closed with what it had not saved, and opened anew."""
        name = self.rng.choice(["cleo", "iva", "ole"])
        old = self.tabs[name]
        await old.close()
        self._take_in(old)
        self.lost += [token.text for token in old.tokens if not token.saved]
        self.open(name)

    async def slow_disk(self) -> None:
        (self.folder / "house" / "slow").touch()

    async def slow_lines(self) -> None:
        self.cutter.delay, self.cutter.slices = 0.02, True

    async def doubles(self) -> None:
        for tab in self.tabs.values():
            tab.doubles = True

    async def swaps(self) -> None:
        for tab in self.tabs.values():
            tab.swaps = True

    def heal(self) -> None:
        """The faults that last are over."""
        (self.folder / "house" / "slow").unlink(missing_ok=True)
        self.cutter.delay, self.cutter.slices, self.cutter.closed = 0.0, False, False
        for tab in self.tabs.values():
            tab.doubles = tab.swaps = False
            tab.release()

    # A round

    async def round(self, named: list[str] | None = None) -> list[str]:
        """One round; returns the faults it had: those that are named, or some by chance."""
        self.number += 1
        self.broken = self.ran = False
        faults = named or self.rng.sample(list(FAULTS), counts=list(FAULTS.values()), k=self.rng.choice([1, 1, 2, 3]))
        self.faults = faults
        typing = [asyncio.create_task(self._type(name)) for name in ("cleo", "iva")]
        if self.rng.random() < 0.6:
            self._run()
        for fault in faults:
            await asyncio.sleep(self.rng.random() * 0.1)
            await getattr(self, fault)()
            self.happened[fault] += 1
        await asyncio.gather(*typing)
        self.heal()
        await self._until(lambda: all(tab.settled for tab in self.tabs.values()), "everybody saved")
        await self._until(self._all_idle, "every run over")
        await self._until(self._all_equal, "everybody equal to the log")
        self._check()
        return faults

    async def _type(self, name: str) -> None:
        for count in range(self.rng.randrange(3, 12)):
            tab = self.tabs[name]
            if len(tab.cells) >= 3:  # a tab that was just opened has nothing to type in yet
                tab.type(self.rng.choice(["task", "note"]), f"<{name[0]}{self.number}.{count}>")
            await asyncio.sleep(self.rng.random() * 0.03)

    def _run(self) -> None:
        tab = self.tabs[self.rng.choice(["cleo", "iva"])]
        if not tab.synced or len(tab.cells) < 3:
            return
        self.requests += 1
        source = tab.cell("loop")["source"]
        with tab.doc.transaction():
            source.clear()
            source.insert(0, _loop(self.number))
        tab.run("loop", self.requests)
        self.ran = True

    def _all_idle(self) -> bool:
        return all(cell.get("execution_state") in {None, "idle"} for tab in self.tabs.values() for cell in tab.cells)

    def _all_equal(self) -> bool:
        self._read_log()
        expected = canonical(self.log.get("cells", type=Array).to_py())
        return all(canonical(tab.cells.to_py()) == expected for tab in self.tabs.values())

    def _read_log(self) -> None:
        database = sqlite3.connect(f"file:{self.folder / 'house' / 'greenroom.sqlite'}?mode=ro", uri=True)
        query = "SELECT seq, data FROM room_update WHERE room = ? AND seq > ? ORDER BY seq"
        for seq, data in database.execute(query, (self.session, self._seen)):
            assert seq == self._seen + 1, f"the log goes from {self._seen} to {seq}"
            self.log.apply_update(data)
            self._seen = seq
        database.close()

    def _take_in(self, tab: Tab) -> None:
        self.said += [token.text for token in tab.tokens if token.saved]
        assert not tab.refused, tab.refused

    def _check(self) -> None:
        """Nothing that was acknowledged is lost, and nothing is doubled."""
        for tab in self.tabs.values():
            self._take_in(tab)
            tab.tokens.clear()
        held = {cell["id"]: cell for cell in plain(self.log.get("cells", type=Array).to_py())}
        text = held["task"]["source"] + held["note"]["source"]
        found = collections.Counter(part + ">" for part in text.split(">") if part)
        assert [token for token in self.said if found[token] != 1] == [], "acknowledged, and lost or doubled"
        assert [token for token in self.lost if found[token] > 1] == [], "doubled"
        if self.ran:
            self._check_run(held["loop"])

    def _check_run(self, cell: Any) -> None:
        printed = "".join(output.get("text", "") for output in cell["outputs"])
        noted = [note for note in NOTES if note in printed]
        lines = [line for line in printed.splitlines() if line.startswith("line ")]
        if not any(line.startswith(f"line {self.number}.") for line in lines):
            return  # the connection was cut before the command was heard, or the kernel before it printed
        wanted = [f"line {self.number}.{i}" for i in range(LINES)]
        assert len(set(lines)) == len(lines), f"an output is doubled: {lines}"
        assert [line for line in wanted if line in lines] == lines, f"outputs out of order: {lines}"
        ended = any(output["output_type"] == "error" for output in cell["outputs"])
        if cell["execution_count"] is not None and not noted and not ended and not self.broken:
            assert lines == wanted, f"outputs are missing, and nothing says so: {printed!r}"

    async def _until(self, so: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not so():
            if time.monotonic() > deadline:
                raise AssertionError(
                    f"round {self.number} with {self.faults}: not {what} after {PATIENCE:.0f} s: {self._state()}"
                )
            await asyncio.sleep(0.05)

    def _state(self) -> dict[str, Any]:
        return {
            name: (tab.synced, tab.refused, tab.heard, [t for t in tab.tokens if not t.saved], plain(tab.cells.to_py()))
            for name, tab in self.tabs.items()
        } | {"log": plain(self.log.get("cells", type=Array).to_py())}


# How often each happens, beside the others
FAULTS = {
    "cut": 6, "proxy": 2, "service": 3, "kernel": 2, "guest_dies": 1, "tab": 3,
    "slow_disk": 3, "slow_lines": 3, "doubles": 3, "swaps": 3,
}  # fmt: skip


def _loop(number: int) -> str:
    return f"import time\nfor i in range({LINES}):\n    print(f'line {number}.{{i}}', flush=True)\n    time.sleep(0.02)"


def _children(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(words[1]) == pid and words[0] != "Z":
            found.append(int(stat.parent.name))
    return found


async def play(folder: Path, seed: int, rounds: int, tell: Callable[[str], None] = print) -> Rounds:
    """So many rounds from a seed."""
    made = Rounds(folder, random.Random(seed))
    async with made.staged():
        await made._until(lambda: all(len(tab.cells) >= 3 for tab in made.tabs.values()), "everybody there")
        for _ in range(rounds):
            began = time.monotonic()
            faults = await made.round()
            tell(f"seed {seed} round {made.number}: {', '.join(faults)} ({time.monotonic() - began:.1f} s)")
    return made


def main() -> None:
    """`make crash`: prints each seed, and each round's faults."""
    words = argparse.ArgumentParser(description=main.__doc__)
    words.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    words.add_argument("--rounds", type=int, default=300)
    found = words.parse_args()
    print(f"seed {found.seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        tell = lambda text: print(text, flush=True)  # noqa: E731 - as it happens
        made = asyncio.run(play(Path(folder), found.seed, found.rounds, tell))
    print(f"{made.number} rounds with {dict(made.happened)}: {len(made.said)} acknowledged edits, none lost or doubled")


if __name__ == "__main__":
    main()
