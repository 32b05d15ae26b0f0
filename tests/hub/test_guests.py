"""Guests through a real hub and its proxy: started, used, adopted after the hub's restart, stopped."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from greenroom_hub import serve
from greenroom_hub.guests import GuestError, Guests
from greenroom_hub.pairs import Pairs
from greenroom_hub.ports import Ports
from greenroom_hub.secrets import Secrets
from greenroom_hub.settings import Greenroom
from greenroom_sandbox import containers
from tornado.httpclient import AsyncHTTPClient, HTTPClientError

TOP = Path(__file__).resolve().parents[2]
SESSION = "s-qwertzuiop"

CONFIG = """
import os
from greenroom_hub.pairs import Pairs
from greenroom_hub.ports import Ports
from greenroom_hub.proxy import GuestlessProxy
from greenroom_hub.secrets import Secrets
from greenroom_hub.settings import Greenroom
from greenroom_hub.docker_spawner import PairSpawner
from greenroom_hub.spawner import BubblewrapSpawner
c = get_config()
greenroom, ports = Greenroom(), Ports.from_environment()
secrets = Secrets.of(greenroom.data_folder)
c.JupyterHub.bind_url = f"http://127.0.0.1:{greenroom.port}"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{ports.hub}"
c.JupyterHub.proxy_class = GuestlessProxy
c.GuestlessProxy.api_url = f"http://127.0.0.1:{ports.proxy_api}"
c.GuestlessProxy.auth_token = secrets.proxy_token
c.GuestlessProxy.command = [os.environ["PROXY"]]
c.JupyterHub.authenticator_class = "null"
c.JupyterHub.spawner_class = {"embedded": BubblewrapSpawner, "docker": PairSpawner}[greenroom.backend]
c.JupyterHub.db_url = f"sqlite:///{greenroom.data_folder}/hub.sqlite"
c.JupyterHub.cookie_secret_file = f"{greenroom.data_folder}/cookie"
c.JupyterHub.cleanup_servers = False
c.JupyterHub.services = [{"name": "greenroom", "api_token": secrets.service_token}]
c.JupyterHub.load_roles = [{"name": "greenroom", "scopes": ["admin:users", "admin:servers"], "services": ["greenroom"]}]
"""


class Hub:
    """A running JupyterHub."""

    def __init__(self, data: Path, backend: str) -> None:
        self.data, self.ports = data, Ports.free()
        self.settings = Greenroom(
            data=str(data), port=Ports.free().service, runtime=str(data / "run"), backend=backend, kernel_memory=300
        )
        (data / "config.py").write_text(CONFIG)
        self.url = f"http://127.0.0.1:{self.ports.hub}/hub/api"
        self.guests = Guests(self.settings, self.url, Secrets.of(data).service_token)

    async def start(self) -> None:
        environment = {
            **os.environ,
            **self.ports.environment(),
            "GREENROOM_DATA": str(self.data),
            "GREENROOM_BACKEND": self.settings.backend,
            "GREENROOM_KERNEL_MEMORY": "300",
            "GREENROOM_RUNTIME": self.settings.runtime,
            "GREENROOM_PORT": str(self.settings.port),
            "PROXY": str(TOP / "labextension/node_modules/.bin/configurable-http-proxy"),
        }
        with (self.data / "hub.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "jupyterhub", "-f", str(self.data / "config.py")),
                env=environment,
                stdout=log,
                stderr=log,
                cwd=self.data,
            )
        async with asyncio.timeout(60):
            while True:
                try:
                    await AsyncHTTPClient().fetch(f"{self.url}/")
                    return
                except OSError:
                    await asyncio.sleep(0.1)

    async def stop(self) -> None:
        self.process.terminate()
        await self.process.wait()

    async def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()


@pytest.fixture(params=["embedded", "docker"])
async def hub(request: pytest.FixtureRequest) -> AsyncIterator[Hub]:
    if request.param == "docker":
        request.getfixturevalue("docker")
    with tempfile.TemporaryDirectory(prefix="grhub-") as place:
        made = Hub(Path(place), request.param)
        await made.start()
        try:
            yield made
        finally:
            print((made.data / "hub.log").read_text()[-3_000:])
            if made.process.returncode is None:
                await made.stop()
            serve.sweep(made.settings)


async def test_a_guest_is_started_used_and_stopped(hub: Hub) -> None:
    await asyncio.gather(hub.guests.start(SESSION), hub.guests.start(SESSION))
    assert await hub.guests.fetch(SESSION, "GET", "api/kernels") == []
    await hub.guests.put_files(SESSION, {"data.csv": b"a\n1\n"})
    assert await hub.guests.collect_files(SESSION) == {"data.csv": b"a\n1\n"}

    with pytest.raises(HTTPClientError) as nothing:  # no browser reaches it
        await AsyncHTTPClient().fetch(
            f"http://127.0.0.1:{hub.settings.port}/user/{SESSION}/api/kernels", follow_redirects=False
        )
    assert nothing.value.code in {302, 403, 404, 424}

    await hub.guests.stop(SESSION)
    async with asyncio.timeout(20):
        while (hub.settings.runtime_folder / SESSION).exists():
            await asyncio.sleep(0.05)
    with pytest.raises(GuestError, match="is not there"):
        await hub.guests.collect_files(SESSION)
    assert (hub.data / "work" / SESSION / "data.csv").read_bytes() == b"a\n1\n"


async def test_a_killed_hub_adopts_the_guest_again(hub: Hub) -> None:
    await hub.guests.start(SESSION)
    kernel = await hub.guests.fetch(SESSION, "POST", "api/kernels", {"name": "python3"})
    await hub.kill()
    assert (await hub.guests.fetch(SESSION, "GET", "api/kernels"))[0]["id"] == kernel["id"]
    await hub.start()
    await hub.guests.start(SESSION)
    assert (await hub.guests.fetch(SESSION, "GET", "api/kernels"))[0]["id"] == kernel["id"]
    await hub.guests.stop(SESSION)
    async with asyncio.timeout(20):
        while (hub.settings.runtime_folder / SESSION).exists():
            await asyncio.sleep(0.05)


async def test_a_guest_whose_kernels_crash_as_a_whole_comes_back(hub: Hub) -> None:
    await hub.guests.start(SESSION)
    await hub.guests.put_files(SESSION, {"data.csv": b"a\n1\n"})
    if hub.settings.backend == "docker":
        Pairs(hub.settings.house).client.kill(containers.name(hub.settings.house, SESSION, "kernels"))
    else:
        pid = (hub.settings.runtime_folder / SESSION / "agent" / "pid").read_text().split()[0]
        os.kill(int(pid), signal.SIGKILL)
    async with asyncio.timeout(30):
        while await hub.guests.answers(SESSION):
            await asyncio.sleep(0.05)
    await hub.guests.start(SESSION)
    assert await hub.guests.fetch(SESSION, "GET", "api/kernels") == []
    assert await hub.guests.collect_files(SESSION) == {"data.csv": b"a\n1\n"}
    await hub.guests.stop(SESSION)


async def test_only_sessions_have_guests(hub: Hub) -> None:
    with pytest.raises(GuestError):
        await hub.guests.start("alice")
