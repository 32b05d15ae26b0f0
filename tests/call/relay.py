"""A real coturn on loopback, with the secret that the service knows as well."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tornado.testing import bind_unused_port

SECRET = "a secret of relay and service"


@dataclass
class Relay:
    """One that runs."""

    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"turn:127.0.0.1:{self.port}?transport=udp"

    async def refused(self) -> bool:
        """Whether it turned somebody's password down: it knows the name and not the password."""
        return "check_stun_auth" in self.log.read_text()


@asynccontextmanager
async def relay(folder: Path) -> AsyncIterator[Relay]:
    """Starts it, waits until it answers, and ends it."""
    socket, port = bind_unused_port()
    socket.close()
    log = folder / "coturn.log"
    words = ["--no-cli", "--no-tls", "--no-dtls", "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1"]
    words += ["--allow-loopback-peers", "--use-auth-secret", f"--static-auth-secret={SECRET}", "--realm=greenroom"]
    words += [f"--listening-port={port}", "--log-file=stdout", "--simple-log", "--fingerprint", "-v", "-n"]
    words += [f"--userdb={folder / 'turndb'}", f"--pidfile={folder / 'turnserver.pid'}"]
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec("turnserver", *words, stdout=out, stderr=out)
    try:
        async with asyncio.timeout(60):
            while not await _answers(port):
                assert process.returncode is None, log.read_text()
                await asyncio.sleep(0.05)
        yield Relay(port, log)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _answers(port: int) -> bool:
    """Whether it listens. It takes TCP on the same port."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
