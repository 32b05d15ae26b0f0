"""`greenroom serve`: the parent of every process, from start to a clean end."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ctypes
import errno
import fcntl
import json
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from greenroom_sandbox import host, machine
from tornado.httpclient import AsyncHTTPClient
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from greenroom_hub.ports import Ports
from greenroom_hub.secrets import Secrets
from greenroom_hub.settings import CHECKOUT, PREFIX, Greenroom

READY = 60.0  # seconds until every process answers; measured: 6
PATIENCE = 8.0  # seconds a process has to end before it is killed
AGAIN = 5  # starts of one process within a minute; more is no accident, and everything ends
LONGEST_SOCKET = 107  # bytes of a unix socket's path
DISK_NEEDED = 200 * 2**20


class CannotServe(Exception):  # noqa: N818 - no error of ours: what the machine or the settings lack
    """What was found, and what to do."""


@dataclass(frozen=True, slots=True)
class Program:
    """One child: its command line, what it gets in its environment, and the address that shows it is up."""

    name: str
    argv: list[str]
    environment: Mapping[str, str]
    up: str
    code: int = 200  # the proxy's API answers 403 to whoever has no token, and is up


def load(file: Path) -> Greenroom:
    """The settings in a configuration file, read as JupyterHub reads it."""
    if not file.exists():
        raise CannotServe(f"the configuration file {file} does not exist; name another with --config")
    config: Config = PyFileConfigLoader(file.name, path=str(file.parent)).load_config()
    return Greenroom(config=config)


# Before anything is started


def check(settings: Greenroom) -> None:
    """Refuse what would fail later. `CannotServe` with what to do."""
    if problems := machine.check():
        raise CannotServe("\n".join(problems))
    if settings.backend != "embedded":
        raise CannotServe(f"the backend {settings.backend!r} is not built yet; only 'embedded' is")
    _check_port(settings)
    _check_tls(settings)
    longest = len(str(settings.runtime_folder / "s-0123456789" / "agent" / "service.sock").encode())
    if longest > LONGEST_SOCKET:
        raise CannotServe(
            f"sockets below {settings.runtime_folder} would have paths over 107 bytes: set GREENROOM_RUNTIME"
        )
    if (free := shutil.disk_usage(settings.data_folder).free) < DISK_NEEDED:
        raise CannotServe(
            f"{free >> 20} MiB are free at {settings.data_folder}; 200 are needed. Make room and try again"
        )


def _check_port(settings: Greenroom) -> None:
    try:
        socket.create_server((settings.bind, settings.port)).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CannotServe(
                f"port {settings.port} on {settings.bind} is in use by another program. "
                f"Stop it, or take another port: `GREENROOM_PORT={settings.port + 1} make serve`"
            ) from None
        raise CannotServe(f"cannot listen on {settings.bind}:{settings.port}: {error.strerror}") from None


def _check_tls(settings: Greenroom) -> None:
    for file in filter(None, settings.tls.split(":")):
        if not os.access(file, os.R_OK):
            raise CannotServe(f"the certificate or key {file} cannot be read; `tls` is CERTIFICATE:KEY")


@contextlib.contextmanager
def alone(data: Path) -> Iterator[None]:
    """Hold the data folder: two parents on one folder would end each other's sessions."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (data / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise CannotServe(
                f"another Greenroom (process {lock.read().strip()}) uses {data}. Stop that one first"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def programs(settings: Greenroom, config: Path, ports: Ports, secrets: Secrets) -> list[Program]:
    """The children, in the order they start."""
    shared = {**os.environ, **ports.environment()}
    bin_folder = Path(sys.executable).parent
    shared["PATH"] = f"{bin_folder}{os.pathsep}{shared.get('PATH', '/usr/bin:/bin')}"
    proxy = [str(CHECKOUT / "labextension" / "node_modules" / ".bin" / "configurable-http-proxy")]
    proxy += [
        "--ip",
        settings.bind,
        "--port",
        str(settings.port),
        "--api-ip",
        "127.0.0.1",
        "--api-port",
        str(ports.proxy_api),
    ]
    proxy += [
        "--default-target",
        f"http://127.0.0.1:{ports.hub}",
        "--error-target",
        f"http://127.0.0.1:{ports.hub}/hub/error",
    ]
    if settings.tls:
        certificate, key = settings.tls.split(":")
        proxy += ["--ssl-cert", certificate, "--ssl-key", key]
    local = "http://127.0.0.1"
    service = [sys.executable, "-m", "greenroom_hub.service", "--config", str(config), "--port", str(ports.service)]
    runner = [sys.executable, "-m", "greenroom_hub.cli", "runner", "--port", str(ports.runner)]
    # As much as a policy may grant (policy.Limits.run_seconds); the gateway sends what the session's policy does grant.
    runner += ["--run-timeout", "300000", "--run-cpu-time", "300000"]
    hub = [sys.executable, "-m", "jupyterhub", "-f", str(config)]
    proxied = {**shared, "CONFIGPROXY_AUTH_TOKEN": secrets.proxy_token}
    # The hub is up when a browser reaches the service: it makes that route last, and only if the service is there.
    host_name = "127.0.0.1" if settings.bind in {"", "0.0.0.0", "::"} else settings.bind  # noqa: S104 - compared only
    public = f"{'https' if settings.tls else 'http'}://{host_name}:{settings.port}{PREFIX}health"
    return [
        Program("proxy", proxy, proxied, f"{local}:{ports.proxy_api}/api/routes", 403),
        Program("runner", runner, shared, f"{local}:{ports.runner}/api/v2/runtimes"),
        Program("service", service, shared, f"{local}:{ports.service}{PREFIX}health"),
        Program("hub", hub, shared, public),
    ]


# While it runs


class Family:
    """The children: started in order, started again when one ends, ended in the reverse order."""

    def __init__(self, data: Path, say: Callable[[str], None]) -> None:
        self.log, self.say = data / "log", say
        self.running: dict[str, asyncio.subprocess.Process] = {}
        self.watching: set[asyncio.Task[None]] = set()
        self.failed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.first_line: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def start(self, program: Program) -> None:
        """Start one, and wait until it answers."""
        await self._spawn(program)
        task = asyncio.create_task(self._watch(program))
        self.watching.add(task)
        client, deadline = AsyncHTTPClient(), time.monotonic() + READY
        while time.monotonic() < deadline:
            if self.failed.done():
                raise CannotServe(self.failed.result())
            try:
                # Our own certificate may be one that this machine does not know; nothing is sent but this question.
                how = {"validate_cert": False, "follow_redirects": False, "request_timeout": 2}
                answer = await client.fetch(program.up, raise_error=False, **how)
                if answer.code == program.code:
                    return
            except OSError:
                pass
            await asyncio.sleep(0.05)
        raise CannotServe(f"the {program.name} did not answer in {READY:.0f} s; {self.log / program.name}.log says why")

    async def _spawn(self, program: Program) -> None:
        self.log.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.log / f"{program.name}.log").open("ab") as said:
            talks = program.name == "service"  # its first line tells the links of the demo
            self.running[program.name] = await asyncio.create_subprocess_exec(
                *program.argv,
                env=program.environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE if talks else said,
                stderr=said,
                cwd=CHECKOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )

    async def _watch(self, program: Program) -> None:
        """Start it again when it ends by itself."""
        starts: list[float] = []
        while True:
            process = self.running[program.name]
            if process.stdout is not None:
                line = await process.stdout.readline()
                if not self.first_line.done():
                    self.first_line.set_result(line)
                await process.stdout.read()
            code = await process.wait()
            starts = [one for one in starts if time.monotonic() - one < 60] + [time.monotonic()]
            if len(starts) >= AGAIN:
                if not self.failed.done():
                    self.failed.set_result(f"the {program.name} keeps ending; {self.log / program.name}.log says why")
                return
            self.say(f"The {program.name} ended with exit code {code}; starting it again.")
            await self._spawn(program)

    async def end(self) -> None:
        """End all, the last started first."""
        for task in self.watching:
            task.cancel()
        await asyncio.gather(*self.watching, return_exceptions=True)
        for process in reversed(self.running.values()):
            if process.returncode is None:
                process.terminate()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(process.wait(), PATIENCE)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGTERM, 0, 0, 0)  # PR_SET_PDEATHSIG: also when the parent is killed


async def serve(settings: Greenroom, config: Path) -> int:
    """Run until told to stop."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    say = _say
    await asyncio.to_thread(host.sweep, settings.runtime_folder)
    secrets, ports = Secrets.of(settings.data_folder), Ports.free()
    family = Family(settings.data_folder, say)
    try:
        for program in programs(settings, config, ports, secrets):
            starting = asyncio.create_task(family.start(program))
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait((starting, stopping), return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            if stop.is_set():
                starting.cancel()
                return 0
            starting.result()
        for sentence in machine.weaker():
            say(sentence)
        announce(settings, json.loads(await asyncio.wait_for(family.first_line, READY)))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait((stopping, family.failed), return_when=asyncio.FIRST_COMPLETED)
        if family.failed.done():
            raise CannotServe(family.failed.result())
        say("Stopping.")
        return 0
    finally:
        await family.end()
        await asyncio.to_thread(host.sweep, settings.runtime_folder)


def announce(settings: Greenroom, ready: Mapping[str, object]) -> None:
    """Say where it runs, and the links of the demo."""
    _say(f"Greenroom runs at {settings.url}{PREFIX}")
    links = ready.get("links")
    if isinstance(links, dict):
        for who, link in links.items():
            _say(f"  {who + ':':<14}{link}")
        _say("Open them in two browsers, or one in a private window. Ctrl-C stops everything.")


def _say(text: str) -> None:
    print(f"greenroom: {text}", flush=True)


def main(argv: list[str]) -> int:
    """Start the hub, the service, the proxy and the runner; stop them all on Ctrl-C."""
    parser = argparse.ArgumentParser(prog="greenroom serve", description=main.__doc__)
    parser.add_argument(
        "--config", type=Path, default=CHECKOUT / "jupyterhub_config.py", help="the settings (default: %(default)s)"
    )
    parser.add_argument(
        "--demo", action="store_true", help="make a demo organisation and one session, and print its links"
    )
    words = parser.parse_args(argv)
    if words.demo:
        os.environ["GREENROOM_DEMO"] = "true"
    try:
        settings = load(words.config)
        with alone(settings.data_folder):
            check(settings)
            return asyncio.run(serve(settings, words.config.resolve()))
    except CannotServe as reason:
        print(f"greenroom: cannot start: {reason}", file=sys.stderr)
        return 1
    except OSError as reason:
        hint = " Make room and try again." if reason.errno == errno.ENOSPC else ""
        print(f"greenroom: cannot start: {reason}.{hint}", file=sys.stderr)
        return 1
