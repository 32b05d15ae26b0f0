"""Machines that lack something, for real: each command says what it found and what to do, and starts nothing."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[1]
SERVE = (sys.executable, "-m", "greenroom_hub.cli", "serve", "--demo")
# A mount of one's own: root makes one, others need a user namespace for it.
OWN_MOUNTS = ("unshare", "--mount", *(() if os.geteuid() == 0 else ("--map-root-user",)))


def said(*words: str | Path, fails: bool = True, **environment: str) -> str:
    """What a program prints that must not start."""
    done = subprocess.run(
        [str(word) for word in words],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode != 0) is fails, done.stdout + done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout in which nothing is set up."""
    shutil.copy(TOP / "install.py", tmp_path)
    return tmp_path


def with_full_disk(at: Path, megabytes: int, *command: str | Path) -> tuple[str, ...]:
    """A command, run where `at` is a disk of its own with so much room."""
    script = 'mount -t tmpfs -o size=$0m tmpfs "$1" && shift && exec "$@"'
    return (*OWN_MOUNTS, "sh", "-c", script, str(megabytes), str(at), *map(str, command))


def test_a_port_in_use_is_named_with_another_to_take(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        text = said(*SERVE, GREENROOM_DATA=str(tmp_path / "data"), GREENROOM_PORT=str(port))
    assert f"port {port} on 127.0.0.1 is in use by another program" in text
    assert f"GREENROOM_PORT={port + 1} make serve" in text


def test_a_disk_without_room_for_data_is_named(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    text = said(*with_full_disk(data, 50, *SERVE), GREENROOM_DATA=str(data), GREENROOM_PORT="0")
    assert re.search(rf"\d\d MiB are free at {data}; 200 are needed. Make room and try again", text), text


def test_a_disk_without_room_for_the_set_up_is_named(tmp_path: Path) -> None:
    script = 'cp "$0" "$1" && exec python3 "$1/install.py" run'
    place = tmp_path / "checkout"
    place.mkdir()
    text = said(*with_full_disk(place, 100, "sh", "-c", script, TOP / "install.py", place))
    assert f"0.1 GB are free on the disk of {place}; 4 GB are needed. Make room and try again." in text


@pytest.mark.parametrize(
    ("node", "words"),
    [
        ("echo v18.20.4", "node 20 or newer is needed; {node} is v18.20.4. Install a newer node and try again."),
        ("", "node was not found. Install node 20 or newer"),
    ],
    ids=["old", "none"],
)
def test_a_node_that_is_old_or_missing_is_named(checkout: Path, node: str, words: str) -> None:
    programs = checkout / "bin"
    programs.mkdir()
    if node:
        (programs / "node").write_text(f"#!/bin/sh\n{node}\n")
        (programs / "node").chmod(0o755)
    assert words.format(node=programs / "node") in said(sys.executable, checkout / "install.py", PATH=str(programs))


def test_a_machine_without_user_namespaces_is_told_how_to_have_them(tmp_path: Path) -> None:
    """Asked within a user namespace that allows no other one in it, as on a machine that has them switched off."""
    unshared, mapped = os.pipe(), os.pipe()
    answer = tmp_path / "answer"
    child = os.fork()
    if child == 0:
        try:
            assert ctypes.CDLL(None).unshare(0x10000000) == 0  # CLONE_NEWUSER
            os.write(unshared[1], b"x")
            os.read(mapped[0], 1)
            Path("/proc/sys/user/max_user_namespaces").write_text("0")
            os.dup2(os.open(answer, os.O_WRONLY | os.O_CREAT, 0o600), 1)
            ask = "from greenroom_sandbox import machine; print(*machine.check(), sep='\\n')"
            os.execv(sys.executable, [sys.executable, "-c", ask])  # an ordinary user from here on
        finally:
            os._exit(1)
    os.read(unshared[0], 1)
    Path(f"/proc/{child}/uid_map").write_text(f"1000 {os.getuid()} 1")
    os.write(mapped[1], b"x")
    assert os.waitpid(child, 0)[1] == 0
    assert "bwrap cannot make a box" in answer.read_text()
    assert "sysctl kernel.unprivileged_userns_clone=1 user.max_user_namespaces=15000" in answer.read_text()
    assert "or run as root" in answer.read_text()
