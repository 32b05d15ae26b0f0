"""Starts a session's guest for the hub: bubblewrap on this machine, no network, no port."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from greenroom_sandbox import host
from greenroom_sandbox.agent import Orders
from jupyterhub.spawner import Spawner

from greenroom_hub.secrets import Secrets
from greenroom_hub.settings import Greenroom

SESSION = re.compile(r"s-[a-z0-9]{10}")


def guest_token(service_token: str, session: str) -> str:
    """The token of a session's guest. The spawner and the service both compute it, so it travels nowhere."""
    return hmac.new(service_token.encode(), f"guest:{session}".encode(), hashlib.sha256).hexdigest()


class BubblewrapSpawner(Spawner):
    """One agent per session, with a guest in a box."""

    running: host.Host | None = None

    def load_state(self, state: dict[str, Any]) -> None:
        """Find the agent again after the hub's restart."""
        super().load_state(state)
        if "pid" in state:
            self.running = host.Host(state["pid"], state["born"])

    def get_state(self) -> dict[str, Any]:
        """What to remember over the hub's restart."""
        state: dict[str, Any] = super().get_state()
        if self.running is not None:
            state |= {"pid": self.running.pid, "born": self.running.born}
        return state

    def clear_state(self) -> None:
        """Forget the agent."""
        super().clear_state()
        self.running = None

    async def start(self) -> str:
        """Start the agent and return the URL of the guest's socket."""
        session = self.user.name
        if not SESSION.fullmatch(session):
            raise ValueError(f"refused to start a server for {session!r}: only sessions have one")
        settings = Greenroom(config=self.config)
        orders = Orders(
            session=session,
            token=guest_token(Secrets.of(settings.data_folder).service_token, session),
            runtime=str(settings.runtime_folder / session),
            work=str(settings.data_folder / "work" / session),
            environment=str(Path(sys.prefix) / "environments" / "default"),
            memory=settings.kernel_memory,
            processes=settings.kernel_processes,
        )
        settings.runtime_folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        await asyncio.to_thread(host.clear, Path(orders.runtime))
        self.running = await host.start(orders, settings.data_folder / "log" / f"{session}.log")
        socket = Path(orders.runtime) / "guest" / "guest.sock"
        # The hub's start_timeout bounds it.
        while self.running.alive and not socket.exists():  # noqa: ASYNC110 - another process's event
            await asyncio.sleep(0.02)
        if not self.running.alive:
            raise RuntimeError(f"the guest of {session} ended at once; log/{session}.log in the data folder says why")
        return f"http+unix://{quote(str(socket), safe='')}"

    async def progress(self) -> AsyncIterator[dict[str, Any]]:
        """What people read while they wait."""
        yield {"progress": 20, "message": "Making the sandbox"}
        while self.running is None:  # noqa: ASYNC110 - set by start(), which the hub runs beside this
            await asyncio.sleep(0.05)
        yield {"progress": 60, "message": "Starting Python in it"}

    async def poll(self) -> int | None:
        """None while the agent runs."""
        return None if self.running is not None and self.running.alive else 0

    async def stop(self, now: bool = False) -> None:  # noqa: ARG002 - the hub's signature; a box always ends at once
        """End the guest, its kernels, their folders and control groups. The work folder stays."""
        if self.running is not None:
            await asyncio.to_thread(host.stop, self.running)
        await asyncio.to_thread(host.clear, Greenroom(config=self.config).runtime_folder / self.user.name)
