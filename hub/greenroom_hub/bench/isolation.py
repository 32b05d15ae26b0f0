"""What isolation costs: a kernel's start and its work beside one in no box, a pair of containers beside a plain one."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from docker.errors import NotFound
from greenroom_sandbox import containers

from greenroom_hub import docker_spawner
from greenroom_hub.bench import kernels
from greenroom_hub.bench.child import ON_DISK
from greenroom_hub.bench.dockerd import docker
from greenroom_hub.bench.hosting import SESSION, guest
from greenroom_hub.bench.kernels import Ear
from greenroom_hub.bench.measure import Measure, compared
from greenroom_hub.guests import Guests
from greenroom_hub.pairs import Pairs
from greenroom_hub.room.kernel_link import KernelLink
from greenroom_hub.settings import Greenroom
from greenroom_hub.spawner import guest_token

STARTS, JOBS, SPAWNS = 10, 15, 7
START_BAR, JOB_BAR, SPAWN_BAR = 1.2, 1.05, 1.3  # of issue 4
LATE = 120.0  # seconds for a container to answer

JOB = """
import numpy as np, pandas as pd
random = np.random.default_rng(1)
table = pd.DataFrame({"group": random.integers(0, 500, 400_000), "value": random.normal(size=400_000)})
told = table.groupby("group").value.agg(["mean", "std", "max"]).sort_values("mean")
matrix = random.normal(size=(500, 500))
for _ in range(8): matrix = matrix @ matrix.T; matrix /= np.abs(matrix).max()
values = np.linalg.svd(matrix, compute_uv=False)
table.sort_values("value").head(50_000).to_csv("/tmp/job.csv"); read = pd.read_csv("/tmp/job.csv")
"""


@asynccontextmanager
async def _linked(guests: Guests) -> AsyncIterator[tuple[KernelLink, Ear]]:
    """A fresh kernel of ours that answers, and is gone afterwards."""
    ear = Ear()
    link = KernelLink(SESSION, guests, ear)
    try:
        await link.ready()
        yield link, ear
    finally:
        await link.close()
        for one in await guests.fetch(SESSION, "GET", "api/kernels"):
            await guests.fetch(SESSION, "DELETE", f"api/kernels/{one['id']}")


async def _our_start(guests: Guests) -> float:
    before = time.perf_counter()
    async with _linked(guests) as (link, ear):
        await kernels.our_run(link, ear, "1+1")
        return time.perf_counter() - before


async def _stock_start() -> float:
    before = time.perf_counter()
    async with kernels.stock() as client:
        await kernels.stock_run(client, "1+1")
        return time.perf_counter() - before


async def kernel_start(quick: bool) -> list[Measure]:
    """From asking for a kernel until it has answered `1+1`."""
    with tempfile.TemporaryDirectory(prefix="gr-", dir=ON_DISK) as place:
        async with guest(Path(place)) as hosted:
            rounds = []
            for number in range(2 if quick else STARTS + 1):
                pair = (await _our_start(hosted.guests), await _stock_start())
                if number:  # the first round warms both up
                    rounds.append(pair)
    return [compared("kernel_start", "s", rounds, "ipykernel in no box", START_BAR)]


async def numpy(quick: bool) -> list[Measure]:
    """A job of numpy and pandas: grouping, sorting, multiplying, decomposing, a file."""
    with tempfile.TemporaryDirectory(prefix="gr-", dir=ON_DISK) as place:
        async with guest(Path(place)) as hosted, _linked(hosted.guests) as (link, ear), kernels.stock() as client:
            rounds = []
            # As many threads for both: a sandboxed kernel is told how many, or each library starts one per core.
            await kernels.stock_run(
                client, "import os; os.environ |= {'OMP_NUM_THREADS': '2', 'OPENBLAS_NUM_THREADS': '2'}"
            )
            for number in range(2 if quick else JOBS + 1):
                if number % 2:  # who goes first has the machine's caches to warm
                    pair = (await kernels.our_run(link, ear, JOB), await kernels.stock_run(client, JOB))
                else:
                    theirs = await kernels.stock_run(client, JOB)
                    pair = (await kernels.our_run(link, ear, JOB), theirs)
                if number:
                    rounds.append(pair)
    return [compared("numpy", "s", rounds, "ipykernel in no box", JOB_BAR)]


class _Spawns:
    """Both ways to start a server in Docker, until it answers over its socket."""

    def __init__(self, folder: Path) -> None:
        self.settings = Greenroom(data=str(folder / "data"), runtime=str(folder / "run"))
        self.pairs = Pairs(self.settings.house)
        self.token = secrets.token_hex()
        self.guests = Guests(self.settings, "http://127.0.0.1:9", self.token)

    async def _answer(self) -> None:
        async with asyncio.timeout(LATE):
            while not await self.guests.answers(SESSION):  # noqa: ASYNC110 - another process's event
                await asyncio.sleep(0.02)

    def _make(self) -> None:
        with self.pairs.uids() as (guest_uid, kernel_uid):
            self.pairs.create(
                docker_spawner.pair(self.settings, SESSION, guest_uid, kernel_uid), guest_token(self.token, SESSION)
            )
        self.pairs.begin(SESSION)

    async def ours(self) -> float:
        """The guest's container and the kernels', hardened."""
        before = time.perf_counter()
        await asyncio.to_thread(self._make)
        await self._answer()
        took = time.perf_counter() - before
        await asyncio.to_thread(self.pairs.remove, SESSION, self.settings.runtime_folder / SESSION)
        return took

    async def plain(self) -> float:
        """One container with the same server, as DockerSpawner makes it, and not even a network to set up."""
        folder = self.settings.runtime_folder / SESSION / "guest"
        folder.mkdir(parents=True)
        shape = containers.guest(docker_spawner.pair(self.settings, SESSION, 0, 0))
        code = "import sys; from greenroom_sandbox.guest_main import ServerApp, arguments\n"
        code += "ServerApp.launch_instance(argv=arguments(*sys.argv[1:]))"
        command = [containers.SERVER_PYTHON, "-c", code, SESSION, guest_token(self.token, SESSION)]
        client, before = self.pairs.client, time.perf_counter()
        host = {"NetworkMode": "none", "Binds": [f"{folder}:/run/guest"]}
        with contextlib.suppress(NotFound):  # what DockerSpawner asks first
            client.inspect_container(shape.name)
        await asyncio.to_thread(client.inspect_image, shape.image)
        await asyncio.to_thread(
            client.create_container,
            image=shape.image, command=command, name=shape.name, environment=shape.environment, host_config=host,
        )  # fmt: skip
        await asyncio.to_thread(client.start, shape.name)
        await self._answer()
        took = time.perf_counter() - before
        await asyncio.to_thread(client.remove_container, shape.name, force=True)
        await asyncio.to_thread(self.pairs.remove, SESSION, folder.parent)
        return took


async def spawn(quick: bool) -> list[Measure]:
    """A candidate's containers, warm, until the server answers."""
    with docker(), tempfile.TemporaryDirectory(prefix="gr-", dir=ON_DISK) as place:
        both, rounds = _Spawns(Path(place)), []
        for number in range(2 if quick else SPAWNS + 1):
            pair = (await both.ours(), await both.plain())
            if number:
                rounds.append(pair)
    return [compared("spawn", "s", rounds, "DockerSpawner's one container, not hardened", SPAWN_BAR)]
