"""What a candidate's server costs: ours, which only hosts kernels, beside a stock single-user server."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import tornado.web
from greenroom_sandbox import processes

from greenroom_hub.bench import stock
from greenroom_hub.bench.child import ON_DISK, free_port, running
from greenroom_hub.bench.hosting import guest
from greenroom_hub.bench.measure import Measure, compared

ROUNDS = 5
SETTLED = 2.0  # seconds after the first answer: what a start leaves to be done is done, and counted
BAR = 1.0  # of issue 2: below the peer's
PEER = "jupyterhub-singleuser 6.1.1 with JupyterLab 4.6.6, without collaboration"
_PREFIX = "/user/bench/"


class _Hub(tornado.web.RequestHandler):
    """As much of a hub as a single-user server talks to before anybody signs in."""

    def get(self, *_: str) -> None:
        """The hub's version."""
        self.set_header("X-JupyterHub-Version", "6.1.1")
        self.finish({"version": "6.1.1"})

    def post(self, *_: str) -> None:
        """Notes of activity."""


def cost(pid: int) -> tuple[float, float]:
    """Processor seconds so far, and private memory now in MB, of a process and all below it."""
    seconds, _ = processes.usage(pid)
    private = 0
    for one in processes.descendants(pid):
        lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
        private += sum(int(line.split()[1]) for line in lines if line.startswith(("Private_Clean:", "Private_Dirty:")))
    return seconds, private * 1024 / 1e6


@asynccontextmanager
async def single_user(folder: Path) -> AsyncIterator[int]:
    """A stock single-user server that answers; its pid."""
    hub, port, api = tornado.web.Application([(r"/hub/api(.*)", _Hub)]), free_port(), free_port()
    listening = hub.listen(api, "127.0.0.1")
    config = folder / "config"
    config.mkdir(parents=True)
    off = ", ".join(f'"{name}": false' for name in ("jupyter_server_ydoc", "jupyter_server_fileid"))
    (config / "jupyter_server_config.json").write_text(f'{{"ServerApp": {{"jpserver_extensions": {{{off}}}}}}}')
    environment = {
        **stock.apart(folder),
        "JUPYTERHUB_API_TOKEN": "bench",
        "JUPYTERHUB_API_URL": f"http://127.0.0.1:{api}/hub/api",
        "JUPYTERHUB_ACTIVITY_URL": f"http://127.0.0.1:{api}/hub/api/users/bench/activity",
        "JUPYTERHUB_BASE_URL": "/",
        "JUPYTERHUB_CLIENT_ID": "jupyterhub-user-bench",
        "JUPYTERHUB_HOST": "",
        "JUPYTERHUB_OAUTH_CALLBACK_URL": f"{_PREFIX}oauth_callback",
        "JUPYTERHUB_SERVER_NAME": "",
        "JUPYTERHUB_SERVICE_PREFIX": _PREFIX,
        "JUPYTERHUB_SERVICE_URL": f"http://127.0.0.1:{port}{_PREFIX}",
        "JUPYTERHUB_USER": "bench",
    }
    argv = [str(stock.ENVIRONMENT / "bin" / "jupyterhub-singleuser"), "--allow-root", f"--ServerApp.root_dir={folder}"]
    try:
        async with running(argv, environment, folder / "single-user.log") as process:
            await stock.answers(f"http://127.0.0.1:{port}{_PREFIX}api")
            yield process.pid
    finally:
        listening.stop()
        await listening.close_all_connections()


async def guests(quick: bool) -> list[Measure]:
    """Processor time of a start, and private memory of a server that waits; each a fresh one in turn."""
    stock.check()
    seconds, memory = [], []
    settled = 0.0 if quick else SETTLED
    for _ in range(1 if quick else ROUNDS):
        with tempfile.TemporaryDirectory(prefix="gr-", dir=ON_DISK) as place:
            async with guest(Path(place) / "ours") as hosted:
                await asyncio.sleep(settled)
                ours = cost(hosted.agent.pid)
            async with single_user(Path(place) / "stock") as pid:
                await asyncio.sleep(settled)
                theirs = cost(pid)
        seconds.append((ours[0], theirs[0]))
        memory.append((ours[1], theirs[1]))
    return [
        compared("guest-start", "CPU s", seconds, PEER, BAR),
        compared("guest-idle-memory", "MB private", memory, PEER, BAR),
    ]
