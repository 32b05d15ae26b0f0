"""What every test can have: a Docker with the image in it, the machine's own or one that is started for the tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[1]
START = 60  # seconds a Docker has to start; measured: 1


def _answers(environment: dict[str, str]) -> bool:
    return subprocess.run(["docker", "version"], env=environment, capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="session")
def docker() -> Iterator[str]:
    """A Docker's name for the image of this checkout. `DOCKER_HOST` is set while the tests run."""
    patch = pytest.MonkeyPatch()
    started = None
    folder = Path(tempfile.mkdtemp(prefix="gr-docker-", dir="/run"))
    try:
        if not _answers(dict(os.environ)):
            patch.setenv("DOCKER_HOST", f"unix://{folder}/docker.sock")
            started = _start(folder)
        build = (sys.executable, str(TOP / "kernel_sandbox" / "image" / "build.py"))
        yield subprocess.run(build, capture_output=True, text=True, check=True).stdout.strip()
    finally:
        if started is not None:
            started.terminate()
            started.wait()
        patch.undo()
        shutil.rmtree(folder)


def _start(folder: Path) -> subprocess.Popen[bytes]:
    """Debian's dockerd, without networks: sessions have none. Its images stay for the next time."""
    words = [
        "dockerd",
        "--host",
        f"unix://{folder}/docker.sock",
        "--exec-root",
        folder / "exec",
        "--pidfile",
        folder / "pid",
    ]
    words += ["--data-root", TOP / ".venv" / "docker", "--bridge=none", "--iptables=false", "--ip6tables=false"]
    words += ["--exec-opt", "native.cgroupdriver=cgroupfs"]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen([str(word) for word in words], stdout=log, stderr=log, start_new_session=True)
    deadline = time.monotonic() + START
    while not _answers(dict(os.environ)):
        assert process.poll() is None, (folder / "log").read_text()[-2_000:]
        assert time.monotonic() < deadline, (folder / "log").read_text()[-2_000:]
        time.sleep(0.1)
    return process
