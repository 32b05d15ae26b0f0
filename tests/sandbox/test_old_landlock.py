"""Older Linuxes, by a launcher that believes in an older Landlock: what replaces the layer, and what refuses to start."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from greenroom_hub import pairs
from greenroom_sandbox import box, bubblewrap, containers, launch, seccomp
from greenroom_sandbox.containers import Container, Pair
from greenroom_sandbox.policy import Policy
from sandbox import hostile_programs
from sandbox.hosting import SESSION, Paired

PYTHON = "/usr/bin/python3"
POLICY = Policy(wall=20, cpu=10, memory=128, processes=32)
ABI = "def landlock_abi() -> int:\n"
# What holds without any Landlock: whatever a kernel makes, nobody but itself follows it.
ITS_OWN = {"own-connection-file", "a-file-among-the-sockets", "hard-link-moved-in", "socket-in-the-home"}
LINKS = {"link-to-secrets", "link-to-settings", "link-moved-in", "pipe-in-the-home", "a-link-among-the-sockets"}


def older(folder: Path, abi: int) -> Path:
    """launch.py on a Linux with this Landlock."""
    text = bubblewrap.LAUNCHER.read_text()
    assert ABI in text
    made = folder / "launch.py"
    made.write_text(text.replace(ABI, f"{ABI}    return {abi}\n"))
    made.chmod(0o644)
    folder.chmod(0o755)
    return made


@pytest.mark.parametrize("abi", range(7))
async def test_a_box_on_an_older_linux_shares_no_links(
    abi: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bubblewrap, "LAUNCHER", older(tmp_path, abi))
    monkeypatch.setattr(seccomp, "landlock_abi", lambda: abi)
    work = tmp_path / "work"
    work.mkdir()
    tries = {name: hostile_programs.IN_A_KERNEL[name] for name in LINKS - {"a-link-among-the-sockets"}}
    ran = await box.run(
        POLICY, [PYTHON, "-c", hostile_programs.everything(tries | hostile_programs.LISTED)], folder=work
    )
    found = hostile_programs.answers(ran.stdout.decode())
    assert {name for name, answer in found.items() if not answer.startswith("closed")} == set()
    honest = await box.run(
        POLICY, [PYTHON, "-c", "open('made', 'w').write('42'); print(open('made').read())"], folder=work
    )
    assert honest.stdout == b"42\n"


@pytest.fixture(params=[0, 2])
async def old(request: pytest.FixtureRequest, docker: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Paired]:
    """A session in containers on a Linux without Landlock, and on Debian 12's own."""
    with tempfile.TemporaryDirectory(prefix="gr-") as place:
        launcher = older(Path(place), request.param)
        made: dict[str, object] = {
            "Type": "bind",
            "Source": str(launcher),
            "Target": containers.LAUNCH,
            "ReadOnly": True,
        }
        kernels = containers.kernels

        def with_launcher(pair: Pair) -> Container:
            one = kernels(pair)
            mounts = one.host["Mounts"]
            assert isinstance(mounts, list)
            return replace(one, host={**one.host, "Mounts": [*mounts, made]})

        monkeypatch.setattr(containers, "kernels", with_launcher)
        paired = Paired(Path(place) / SESSION, Path(place) / "work")
        await paired.start()
        try:
            yield paired
        finally:
            await paired.stop()


async def test_a_container_on_an_older_linux_holds(old: Paired) -> None:
    kernel = await old.kernel()
    tries = hostile_programs.CLOSED | hostile_programs.IN_A_KERNEL
    found = hostile_programs.answers(await kernel.run(hostile_programs.everything(tries)))
    assert {name for name, answer in found.items() if not answer.startswith("closed")} <= ITS_OWN
    assert {name for name, answer in found.items() if answer.startswith("closed")} >= LINKS
    assert await kernel.run("6 * 7") == "42"


async def left_over(old: Paired) -> list[str]:
    return [words for words in await old.processes() if words.startswith("left-over")]


async def test_a_kernel_that_kills_its_parent_ends_with_all_it_started(old: Paired) -> None:
    """Before Landlock kept signals in, it can. The agent, which it cannot, finds what is left."""
    kernel = await old.kernel()
    await kernel.begin(
        "import os, signal\nfor _ in range(5):\n  if os.fork() == 0: os.execv('/usr/bin/sleep', ['left-over', '1000'])\n"
        "os.kill(os.getppid(), signal.SIGKILL)"
    )
    async with asyncio.timeout(60):
        while not await left_over(old):
            await asyncio.sleep(0.01)
        while await left_over(old):
            await asyncio.sleep(0.05)
    fresh = await old.kernel()
    assert await fresh.run("6 * 7") == "42"


def test_what_is_weaker_on_an_older_linux_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "landlock_abi", lambda: 2)
    assert "can end another one of the same candidate" in " ".join(pairs.weaker())
    monkeypatch.setattr(launch, "landlock_abi", lambda: 6)
    assert pairs.weaker() == []


def test_without_its_filter_nothing_is_started() -> None:
    orders: dict[str, object] = {
        "uid": None,
        "home": "/",
        "report": None,
        "rlimits": {},
        "writable": [],
        "shared": [],
        "sockets": [],
    }
    orders["filters"] = dict.fromkeys(("landlock", "without"), "00" * 8)
    words = [sys.executable, "-I", "-S", str(bubblewrap.LAUNCHER), launch.packed(orders).hex(), "--", "echo", "started"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("", 1)
    assert "the seccomp filter was refused" in done.stderr
