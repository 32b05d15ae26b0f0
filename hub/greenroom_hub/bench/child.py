"""A program that a bench starts and ends."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

PATIENCE = 30.0  # seconds a program has to end

# Programs of a bench write here and not on a tmpfs, which would make every disk free.
ON_DISK = "/var/tmp"  # noqa: S108 - only TemporaryDirectory, which is nobody else's, is made in it


@asynccontextmanager
async def running(
    argv: Sequence[str | Path], environment: Mapping[str, str], log: Path, *, talks: bool = False
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The program, ended by Ctrl-C's signal afterwards. What it says goes to `log`; with `talks`, to its `stdout`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as said:
        process = await asyncio.create_subprocess_exec(
            *argv,
            env={**os.environ, **environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE if talks else said,
            stderr=asyncio.subprocess.STDOUT,
            cwd=log.parent,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT if talks else signal.SIGTERM)
        try:
            await asyncio.wait_for(process.communicate(), PATIENCE)
        except TimeoutError:
            process.kill()
            await process.wait()


def free_port() -> int:
    """A loopback port nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        return int(held.getsockname()[1])
