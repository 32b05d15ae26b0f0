"""Starts a session's guest for the hub in a container, with a second one for its kernels; neither has a network."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

from dockerspawner import DockerSpawner
from greenroom_sandbox import containers
from greenroom_sandbox.containers import Pair
from greenroom_sandbox.policy import GUEST, KERNELS

from greenroom_hub.pairs import Pairs
from greenroom_hub.secrets import Secrets
from greenroom_hub.settings import Greenroom
from greenroom_hub.spawner import SESSION, guest_token


def pair(settings: Greenroom, session: str, guest_uid: int, kernel_uid: int) -> Pair:
    """What a session's containers are made from, under these settings."""
    return Pair(
        session=session,
        house=settings.house,
        runtime=settings.runtime_folder / session,
        work=settings.data_folder / "work" / session,
        guest_uid=guest_uid,
        kernel_uid=kernel_uid,
        service_uid=os.geteuid(),
        image=settings.docker_image,
        oci_runtime=settings.docker_runtime,
        kernels=replace(KERNELS, memory=settings.kernel_memory, processes=settings.kernel_processes),
        guest=GUEST,
    )


class PairSpawner(DockerSpawner):
    """Two containers per session. How they are made is `greenroom_sandbox.containers`; no setting loosens it."""

    _pairs: ClassVar[dict[str, Pairs]] = {}

    @property
    def settings(self) -> Greenroom:
        """The house's settings."""
        return Greenroom(config=self.config)

    @property
    def pairs(self) -> Pairs:
        """The house's pairs, one for all spawners: they claim user ids from each other."""
        house = self.settings.house
        if house not in self._pairs:
            self._pairs[house] = Pairs(house, self.client)
        return self._pairs[house]

    @property
    def runtime(self) -> Path:
        """The session's folder of sockets."""
        return self.settings.runtime_folder / str(self.user.name)

    async def start(self) -> str:
        """Start both and return the URL of the guest's socket."""
        session, settings = self.user.name, self.settings
        if not SESSION.fullmatch(session):
            raise ValueError(f"refused to start a server for {session!r}: only sessions have one")
        self.object_name = containers.name(settings.house, session, "guest")
        await asyncio.to_thread(self._start, session, settings)
        guest = await self.get_object()  # which keeps its id
        socket = self.runtime / "guest" / "guest.sock"
        while guest is not None and not socket.exists():  # the hub's start_timeout bounds it
            if not await asyncio.to_thread(self.pairs.running, session):
                break
            await asyncio.sleep(0.05)
        if not socket.exists():
            raise RuntimeError(f"the containers of {session} ended: {await asyncio.to_thread(self.pairs.why, session)}")
        return f"http+unix://{quote(str(socket), safe='')}"

    def _start(self, session: str, settings: Greenroom) -> None:
        token = guest_token(Secrets.of(settings.data_folder).service_token, session)
        with self.pairs.uids() as (guest_uid, kernel_uid):
            made = pair(settings, session, guest_uid, kernel_uid)
            self.pairs.create(made, token)
        self.pairs.begin(session)

    async def progress(self) -> AsyncIterator[dict[str, Any]]:
        """What people read while they wait."""
        yield {"progress": 20, "message": "Making the containers"}
        while not self.object_id:  # noqa: ASYNC110 - set by start(), which the hub runs beside this
            await asyncio.sleep(0.05)
        yield {"progress": 60, "message": "Starting Python in them"}

    async def poll(self) -> int | None:
        """None while both run."""
        return None if await asyncio.to_thread(self.pairs.running, self.user.name) else 0

    async def stop(self, now: bool = False) -> None:  # noqa: ARG002 - the hub's signature; a container always ends at once
        """End both; the work folder stays."""
        await asyncio.to_thread(self.pairs.remove, self.user.name, self.runtime)
        self.object_id = ""
        self.clear_state()
