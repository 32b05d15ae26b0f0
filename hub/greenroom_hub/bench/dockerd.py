"""A Docker for benches and tests: the machine's own, or one that is started for them and ended again."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from greenroom_hub.bench.measure import CannotMeasure
from greenroom_hub.family import die_with_parent
from greenroom_hub.settings import CHECKOUT

START = 60.0  # seconds a Docker has to start; measured: 1
BUILD = CHECKOUT / "kernel_sandbox" / "image" / "build.py"


@contextmanager
def docker() -> Iterator[str]:
    """A Docker that has the image of this checkout, whose id it is. DOCKER_HOST says where while the block runs."""
    before, process = os.environ.get("DOCKER_HOST"), None
    folder = Path(tempfile.mkdtemp(prefix="gr-docker-", dir="/run" if os.geteuid() == 0 else None))
    try:
        if not _answers():
            os.environ["DOCKER_HOST"] = f"unix://{folder}/docker.sock"
            process = _start(folder)
        done = subprocess.run([sys.executable, str(BUILD)], stdout=subprocess.PIPE, text=True, check=True)
        yield done.stdout.strip()
    finally:
        if process is not None:
            process.terminate()
            process.wait()
        os.environ.pop("DOCKER_HOST", None)
        if before is not None:
            os.environ["DOCKER_HOST"] = before
        shutil.rmtree(folder)


def _answers() -> bool:
    return subprocess.run(["docker", "version"], capture_output=True, check=False).returncode == 0


def _start(folder: Path) -> subprocess.Popen[bytes]:
    """Debian's dockerd, without networks: sessions have none. Its images stay for the next time."""
    if shutil.which("dockerd") is None or os.geteuid() != 0:
        raise CannotMeasure("Docker does not answer, and cannot be started here. As root: apt install docker.io")
    words: list[str | Path] = ["dockerd", "--host", f"unix://{folder}/docker.sock", "--exec-root", folder / "exec"]
    words += ["--pidfile", folder / "pid", "--data-root", Path(sys.prefix) / "docker"]
    words += ["--bridge=none", "--iptables=false", "--ip6tables=false", "--exec-opt", "native.cgroupdriver=cgroupfs"]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [str(word) for word in words],
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - one call, no lock
        )
    deadline = time.monotonic() + START
    while not _answers():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise CannotMeasure(f"dockerd did not start: {(folder / 'log').read_text()[-2_000:]}")
        time.sleep(0.1)
    return process
