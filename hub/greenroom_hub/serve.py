"""`greenroom serve`: the parent of every process, from start to a clean end."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import errno
import fcntl
import os
import shutil
import signal
import socket
import sys
from collections.abc import Coroutine, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from greenroom_sandbox import host, machine
from tornado.httpclient import HTTPRequest
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from greenroom_hub import certificate, pairs
from greenroom_hub.family import READY, Ended, Family, Program, answers
from greenroom_hub.ports import Ports
from greenroom_hub.secrets import Secrets
from greenroom_hub.settings import CHECKOUT, PREFIX, Greenroom

LONGEST_SOCKET = 107  # bytes of a unix socket's path
DISK_NEEDED = 200 * 2**20


class CannotServe(Exception):  # noqa: N818 - no error of ours: what the machine or the settings lack
    """What was found, and what to do."""


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
    if settings.backend not in {"embedded", "docker"}:
        raise CannotServe(f"the backend {settings.backend!r} is unknown: 'embedded' and 'docker' are known")
    if settings.backend == "docker" and (problems := pairs.check(settings.docker_image, settings.docker_runtime)):
        raise CannotServe("\n".join(problems))
    _check_url(settings)
    _check_port(settings)
    if settings.tls:
        try:
            certificate.check(settings.tls)
        except certificate.Unfit as reason:
            raise CannotServe(str(reason)) from None
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


def _check_url(settings: Greenroom) -> None:
    url = urlsplit(settings.url)
    if url.scheme not in {"http", "https"} or not url.hostname:
        raise CannotServe(f"public_url is {settings.public_url!r}, but must be like https://interviews.example.org")
    if url.path or url.query or url.fragment:
        raise CannotServe(
            f"public_url is {settings.public_url!r}, but Greenroom needs a host name or port of its own, without a "
            f"path: https://interviews.example.org, not https://example.org{url.path or '/…'}"
        )


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
    """The children. The proxy is first: the hub gives it its routes when it starts."""
    shared = {**os.environ, **ports.environment()}
    shared["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{shared.get('PATH', '/usr/bin:/bin')}"
    local, python = "http://127.0.0.1", [sys.executable, "-m"]
    service = [*python, "greenroom_hub.service", "--config", str(config), "--port", str(ports.service)]
    runner = [*python, "greenroom_hub.cli", "runner", "--port", str(ports.runner)]
    # As much as a policy may grant (policy.Limits.run_seconds); the gateway sends what the session's policy does grant.
    runner += ["--run-timeout", "300000", "--run-cpu-time", "300000"]
    hub = f"{local}:{ports.hub}/hub/"
    # A proxy that was started again knows no routes; the hub gives them anew when asked, else within five minutes.
    routes = HTTPRequest(f"{hub}api/proxy", "POST", {"Authorization": f"token {secrets.service_token}"}, body="")
    return [
        _proxy(settings, ports, {**shared, "CONFIGPROXY_AUTH_TOKEN": secrets.proxy_token}, routes),
        Program("runner", runner, shared, f"{local}:{ports.runner}/api/v2/runtimes"),
        Program("service", service, shared, f"{local}:{ports.service}{PREFIX}health", announces=True),
        Program("hub", [*python, "jupyterhub", "-f", str(config)], shared, f"{hub}health"),
    ]


def _proxy(settings: Greenroom, ports: Ports, environment: dict[str, str], routes: HTTPRequest) -> Program:
    hub = f"http://127.0.0.1:{ports.hub}"
    words: dict[str, object] = {
        "--ip": settings.bind,
        "--port": settings.port,
        "--api-ip": "127.0.0.1",
        "--api-port": ports.proxy_api,
        "--default-target": hub,
        "--error-target": f"{hub}/hub/error",
    }
    if settings.tls:
        words["--ssl-cert"], words["--ssl-key"] = settings.tls.split(":")
    if settings.tls and settings.redirect_port:
        words["--redirect-port"] = settings.redirect_port
    argv = [str(CHECKOUT / "labextension" / "node_modules" / ".bin" / "configurable-http-proxy")]
    argv += [str(word) for pair in words.items() for word in pair]
    up = f"http://127.0.0.1:{ports.proxy_api}/api/routes"
    return Program("proxy", argv, environment, up, code=403, again=routes)


# While it runs


async def serve(settings: Greenroom, config: Path) -> int:
    """Run until told to stop. `Ended` when a process does not start or does not stay."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await asyncio.to_thread(sweep, settings)
    family = Family(settings.data_folder / "log", _say)
    try:
        if await _unless(stop, _start(settings, config, family)):
            await _unless(stop, _stay(family))
        _say("Stopping.")
        return 0
    finally:
        await family.end()
        await asyncio.to_thread(sweep, settings)


def sweep(settings: Greenroom) -> None:
    """End every session's guest and kernels, and remove what they leave but their work."""
    if settings.backend == "docker":
        pairs.Pairs(settings.house).sweep(settings.runtime_folder)
    host.sweep(settings.runtime_folder)


async def _unless(stop: asyncio.Event, work: Coroutine[None, None, None]) -> bool:
    """Do the work unless told to stop. Whether it was done."""
    working, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if working.done():
        working.result()
        return True
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    return False


async def _start(settings: Greenroom, config: Path, family: Family) -> None:
    proxy, *others = programs(settings, config, Ports.free(), Secrets.of(settings.data_folder))
    await family.start(proxy)
    await family.start(*others)
    # The hub is up a moment before it has told the proxy the way to the service.
    if not await answers(f"{settings.near}{PREFIX}health"):
        raise Ended(f"the proxy has no way to the service. {settings.data_folder / 'log' / 'hub.log'} says why")
    for sentence in machine.weaker() + (pairs.weaker() if settings.backend == "docker" else []):
        _say(sentence)
    announce(settings, await asyncio.wait_for(family.announced, READY))


async def _stay(family: Family) -> None:
    raise Ended(await family.failed)


def announce(settings: Greenroom, ready: Mapping[str, object]) -> None:
    """Say where it runs, and the links of the demo."""
    _say(f"Greenroom runs at {settings.url}{PREFIX}")
    links = ready.get("links")
    if isinstance(links, dict):
        for who, link in links.items():
            _say(f"  {who + ':':<14}{link}")
        if "candidate" in links:
            _say("Open them in two browsers, or one in a private window. Ctrl-C stops everything.")
        if "admin" in links:
            _say("Whoever opens it is the admin; it works once, within an hour. Ctrl-C stops everything.")


def _say(text: str) -> None:
    with contextlib.suppress(OSError):  # a terminal that was closed is no reason to leave anything running
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
    except Ended as reason:
        print(f"greenroom: stopped, because {reason}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:  # before anything was started
        return 130
    except OSError as reason:
        hint = " Make room and try again." if reason.errno == errno.ENOSPC else ""
        print(f"greenroom: cannot start: {reason}.{hint}", file=sys.stderr)
        return 1
