"""The stages of a job: compile, then run, each in a fresh box under its own limits."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import stat
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from greenroom_sandbox import box
from greenroom_sandbox.box import Make, Result, Status
from greenroom_sandbox.jobs import Job
from greenroom_sandbox.piston import Reply, Stage
from greenroom_sandbox.policy import MIB, Policy

_PREFIX = "greenroom-runner-"


@dataclass(frozen=True, slots=True)
class Line:
    """A job's line to its client while it runs: what is heard from the client, and what is told as it happens."""

    cancel: asyncio.Event
    stdin: AsyncIterator[bytes] | None = None  # None: the job's own
    signals: asyncio.Queue[int] | None = None
    stage: Callable[[str], None] = lambda _name: None
    data: Callable[[str, bytes], None] = lambda _stream, _data: None
    exit: Callable[[str, Stage], None] = lambda _name, _stage: None
    reading: Callable[[], None] | None = None


async def execute(job: Job, work: Path, output: int, line: Line, make: Make | None = None) -> Reply:
    """Compile where the language wants it, then run. `work` is a folder for what is compiled; nothing stays in it.

    `make`: where the box of a program comes from that needs nothing compiled.
    """
    info = job.runtime.info
    if job.runtime.compile is None:
        ran = await _stage(job, _policy(job, "run", output), _run_words(job, ""), line, make=make)
        return Reply(run=ran, language=info.language, version=info.version)
    built = Path(tempfile.mkdtemp(prefix="job-", dir=work))
    try:
        words = job.runtime.compile(job.runtime.programs, job.program, str(built), job.args)
        compiled = await _stage(job, _policy(job, "compile", output), words, line, built)
        if compiled.status is not None:
            return Reply(compile=compiled, run=compiled, language=info.language, version=info.version)
        await asyncio.to_thread(_hand_over, built)
        ran = await _stage(job, _policy(job, "run", output, str(built)), _run_words(job, str(built)), line)
        return Reply(compile=compiled, run=ran, language=info.language, version=info.version)
    finally:
        await asyncio.to_thread(shutil.rmtree, built, ignore_errors=True)


def _run_words(job: Job, built: str) -> list[str]:
    return job.runtime.run(job.runtime.programs, job.program, built, job.args)


def _policy(job: Job, stage: str, output: int, *more: str) -> Policy:
    def limit(name: str) -> int:
        return int(getattr(job.limits, f"{stage}_{name}"))

    return Policy(
        wall=limit("timeout") / 1000,
        cpu=limit("cpu_time") / 1000,
        memory=max(1, limit("memory_limit") // MIB),
        output=output,
        read_only=(*job.runtime.reads, *more),
    )


async def _stage(
    job: Job, policy: Policy, words: list[str], line: Line, folder: Path | None = None, make: Make | None = None
) -> Stage:
    """One box. Its home is a tmpfs, except while compiling: then it is `folder`, for what is built to stay."""
    arrived, name = bytearray(), "compile" if folder else "run"

    def heard(stream: str, data: bytes) -> None:
        arrived.extend(data)
        line.data(stream, data)

    line.stage(name)
    result = await box.run(
        policy,
        words,
        files=job.files,
        stdin=None if folder else line.stdin or job.stdin,
        env={"PISTON_LANGUAGE": job.runtime.info.language},
        folder=folder,
        on_output=heard,
        cancel=line.cancel,
        signals=line.signals,
        on_reading=None if folder else line.reading,
        make=make,
    )
    stage = described(result, policy, bytes(arrived))
    line.exit(name, stage)
    return stage


def described(result: Result, policy: Policy, arrived: bytes) -> Stage:
    """A box's result in Piston's words."""
    status, message = _outcome(result, policy)
    ended = result.status in {Status.OK, Status.ERROR}
    killed = (
        None if ended else signal.SIGKILL if result.status is not Status.SIGNAL else result.signal or signal.SIGKILL
    )
    return Stage(
        stdout=result.stdout.decode(errors="replace"),
        stderr=result.stderr.decode(errors="replace"),
        output=arrived.decode(errors="replace"),
        code=result.exit_code if ended else None,
        signal=None if killed is None else _signal_name(killed),
        message=message,
        status=status,
        cpu_time=round(result.cpu_seconds * 1000),
        wall_time=round(result.wall_seconds * 1000),
        memory=result.memory_bytes,
    )


def _outcome(result: Result, policy: Policy) -> tuple[str | None, str | None]:
    match result.status:
        case Status.OK:
            return None, None
        case Status.ERROR:
            return "RE", f"Exited with error status {result.exit_code}"
        case Status.SIGNAL:
            return "SG", f"Caught fatal signal {result.signal or int(signal.SIGKILL)}"
        case Status.MEMORY:
            return "ML", "memory limit exceeded"
        case Status.TIME:
            wall = policy.wall is not None and result.wall_seconds >= policy.wall
            return "TO", "Time limit exceeded (wall clock)" if wall else "Time limit exceeded"
        case Status.OUTPUT:
            full = len(result.stdout) >= policy.output
            return ("OL", "stdout length exceeded") if full else ("EL", "stderr length exceeded")


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"SIG{number}"


def _hand_over(built: Path) -> None:
    """Let the next box, of another uid, read what was built. The box that made it has ended; what is neither a file nor
    a folder is removed."""
    for folder, folders, names in os.walk(built, followlinks=False):
        for name in (*folders, *names):
            place = Path(folder) / name
            mode = place.lstat().st_mode
            if stat.S_ISDIR(mode) or stat.S_ISREG(mode):
                handle = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
                os.fchmod(handle, 0o755)
                os.close(handle)
            else:
                place.unlink()
    built.chmod(0o755)


def folder_for_work() -> Path:
    """Where compiled programs live while they run: in memory where possible; not below a box's own /tmp."""
    for place in ("/run" if os.geteuid() == 0 else os.environ.get("XDG_RUNTIME_DIR", ""), "/dev/shm", "/var/tmp"):
        if place and os.access(place, os.W_OK):
            _sweep(Path(place))
            made = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=place))
            made.chmod(0o711)
            return made
    raise OSError(
        "no folder for compiled programs: /run, /dev/shm and /var/tmp cannot be written. Make one of them writable."
    )


def _sweep(place: Path) -> None:
    """Remove the folders of runners that were killed and are no more."""
    for folder in place.glob(f"{_PREFIX}*-*"):
        pid = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists() and folder.lstat().st_uid == os.geteuid():
            shutil.rmtree(folder, ignore_errors=True)
