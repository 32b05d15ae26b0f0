"""A guest of a bench's own, without a hub."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from greenroom_sandbox import host
from greenroom_sandbox.agent import Orders

from greenroom_hub.guests import Guests
from greenroom_hub.settings import CHECKOUT, Greenroom
from greenroom_hub.spawner import guest_token

ENVIRONMENT = CHECKOUT / ".venv" / "environments" / "default"
SESSION = "s-benchbench"
START = 60  # seconds it has to answer


@dataclass(frozen=True, slots=True)
class Hosted:
    """A guest that answers: the way to it, and its agent, the parent of all its processes."""

    guests: Guests
    agent: host.Host


@asynccontextmanager
async def guest(folder: Path) -> AsyncIterator[Hosted]:
    """A guest, started here as the spawner would."""
    settings, token = Greenroom(data=str(folder / "data"), runtime=str(folder / "run")), secrets.token_hex()
    orders = Orders(
        session=SESSION,
        token=guest_token(token, SESSION),
        runtime=str(settings.runtime_folder / SESSION),
        work=str(folder / "work"),
        environment=str(ENVIRONMENT),
        memory=settings.kernel_memory,
        processes=settings.kernel_processes,
    )
    guests = Guests(settings, "http://127.0.0.1:9", token)
    agent = await host.start(orders, folder / "agent.log")
    try:
        async with asyncio.timeout(START):
            while not await guests.answers(SESSION):  # noqa: ASYNC110 - another process's event
                await asyncio.sleep(0.02)
        yield Hosted(guests, agent)
    finally:
        await asyncio.to_thread(host.stop, agent)
