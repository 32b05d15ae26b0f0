"""`greenroom runner`: Piston API v2 on loopback, each job in fresh boxes of this machine."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib.metadata
import os
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import tornado.httpserver
import tornado.netutil
import tornado.web

from greenroom_sandbox import jobs, machine, piston, runtimes, stages
from greenroom_sandbox.connect import Connect
from greenroom_sandbox.piston import Limits
from greenroom_sandbox.queue import Full, Queue
from greenroom_sandbox.runtimes import Runtime
from greenroom_sandbox.stock import Stock

BODY = 100 * 1024  # bytes; Piston's own
_DRAIN = 8 * 1024 * 1024  # how much of too long a body is read, so that its sender can read the answer
_PATIENCE = 10.0  # seconds for a request to arrive: it comes from this machine


class Runner:
    """What the handlers share: the runtimes, the configured limits, and the queue. No job sees another."""

    def __init__(
        self,
        known: Sequence[Runtime],
        work: Path,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        output: int = 64 * 1024,
        queue: Queue | None = None,
    ) -> None:
        self.known, self.work, self.limits, self.output = list(known), work, limits, output
        self.queue = queue or Queue(2 * (os.cpu_count() or 1))
        self.stock = Stock(2 * self.queue.places, lambda: self.queue.inside > 0)
        self.cancels: set[asyncio.Event] = set()

    def application(self) -> tornado.web.Application:
        """The routes."""
        routes: list[Any] = [
            (r"/", _Root),
            (piston.RUNTIMES, _Runtimes, {"runner": self}),
            (piston.EXECUTE, _Execute, {"runner": self}),
            (piston.CONNECT, Connect, {"known": self.read, "execute": self.execute}),
        ]
        return tornado.web.Application(
            routes,
            default_handler_class=_NotFound,
            log_function=_silent,
            websocket_max_message_size=BODY,
            websocket_ping_interval=20,  # a client whose machine is gone has left, too
        )

    def serve(self, port: int) -> tuple[tornado.httpserver.HTTPServer, int]:
        """Listen on loopback; port 0 takes a free one. The server and its port."""
        sockets = tornado.netutil.bind_sockets(port, "127.0.0.1")
        server = tornado.httpserver.HTTPServer(
            self.application(), max_body_size=_DRAIN, body_timeout=_PATIENCE, idle_connection_timeout=60
        )
        server.add_sockets(sockets)
        return server, int(sockets[0].getsockname()[1])

    def read(self, body: bytes) -> jobs.Job:
        """The job that is asked for. Refusal when it is none."""
        return jobs.read(body, self.known, self.limits)

    async def execute(
        self, job: jobs.Job, line: stages.Line, position: Callable[[int], None] = lambda _: None
    ) -> piston.Reply:
        """Run a job when its turn comes. Full when too many wait; CancelledError when its client left the line."""
        try:
            async with self.queue.turn(position):
                self.cancels.add(line.cancel)
                try:
                    return await stages.execute(job, self.work, self.output, line, self.stock.take)
                finally:
                    self.cancels.discard(line.cancel)
        finally:
            self.stock.fill()

    async def stop(self) -> None:
        """End every job, and return when nothing is left of any."""
        for cancel in self.cancels:
            cancel.set()
        await self.queue.empty()
        await self.stock.close()


class _Answer(tornado.web.RequestHandler):
    def say(self, status: int, body: object) -> None:
        self.set_status(status)
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(msgspec.json.encode(body))

    def refuse(self, status: int, message: str) -> None:
        self.say(status, {"message": message})

    def write_error(self, status_code: int, **_: object) -> None:
        self.refuse(
            404 if status_code == 405 else status_code, "Not Found" if status_code in {404, 405} else self._reason
        )

    def check_etag_header(self) -> bool:
        return False


class _NotFound(_Answer):
    def prepare(self) -> None:
        self.refuse(404, "Not Found")


class _Root(_Answer):
    def get(self) -> None:
        self.say(200, {"message": f"Piston API v2 by Greenroom runner {_version()}"})


class _Runtimes(_Answer):
    def initialize(self, runner: Runner) -> None:
        self.runner = runner

    def get(self) -> None:
        self.say(200, [runtime.info for runtime in self.runner.known])


@tornado.web.stream_request_body
class _Execute(_Answer):
    def initialize(self, runner: Runner) -> None:
        self.runner, self.body, self.cancel = runner, bytearray(), asyncio.Event()
        self.job: asyncio.Task[piston.Reply] | None = None

    def prepare(self) -> None:
        length = self.request.headers.get("Content-Length", "0")
        if self.request.method == "POST" and length.isdigit() and int(length) > BODY:
            self._too_long()

    def data_received(self, chunk: bytes) -> None:
        if not self._finished:
            self.body += chunk
            if len(self.body) > BODY:
                self._too_long()

    def _too_long(self) -> None:
        self.body.clear()
        self.refuse(413, f"the body cannot exceed {BODY} bytes")

    async def post(self) -> None:
        if self.request.headers.get("Content-Type", "").split(";")[0].strip().lower() != "application/json":
            return self.refuse(415, "requests must be of type application/json")
        try:
            job = self.runner.read(bytes(self.body))
            self.job = asyncio.create_task(self.runner.execute(job, stages.Line(self.cancel)))
            reply = await self.job
        except jobs.Refusal as refusal:
            return self.refuse(400, str(refusal))
        except Full as full:
            self.set_header("Retry-After", "2")
            return self.refuse(503, str(full))
        except asyncio.CancelledError:  # the client left the line
            if not self.cancel.is_set():
                raise
            return None
        if not self.cancel.is_set():
            self.say(200, reply)
        return None

    def on_connection_close(self) -> None:
        """The client has gone: a running job is stopped, a waiting one never starts."""
        self.cancel.set()
        if self.job is not None and self.cancel not in self.runner.cancels:
            self.job.cancel()


def _version() -> str:
    return importlib.metadata.version("greenroom")


def _silent(_handler: tornado.web.RequestHandler) -> None:
    """No line per request: what candidates run is in the record, not in a log."""


def _words(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="greenroom runner", description="Piston API v2 on this machine, for this machine."
    )
    parser.add_argument(
        "--port", type=int, default=2000, help="on 127.0.0.1; default 2000, Piston's own; 0 takes a free one"
    )
    parser.add_argument("--output", type=int, default=64 * 1024, help="bytes kept of each output; default 65536")
    for name, default in msgspec.structs.asdict(Limits()).items():
        unit = "bytes" if name.endswith("memory_limit") else "ms"
        said = f"most a job may ask for; default {default} {unit}"
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=default, metavar=unit.upper(), help=said)
    words = parser.parse_args(argv)
    for name, value in vars(words).items():
        if name != "port" and value < 1:
            parser.error(f"--{name.replace('_', '-')} {value} was refused; give a number above 0")
    return words


def main(argv: list[str]) -> int:
    """Serve until told to stop."""
    words = _words(argv)
    limits = Limits(**{name: getattr(words, name) for name in Limits.__struct_fields__})
    problems = machine.check()
    known = runtimes.installed()
    if not known:
        problems.append(
            f"No language was found in {runtimes.PLACES}. Install one (Debian: apt install python3 gcc g++)."
        )
    if problems:
        print("\n".join(problems), file=sys.stderr)
        return 2
    try:
        asyncio.run(_serve(words.port, words.output, limits, known))
    except OSError as error:
        print(f"Port {words.port} was refused: {error.strerror}. Choose another with --port.", file=sys.stderr)
        return 2
    return 0


async def _serve(port: int, output: int, limits: Limits, known: Sequence[Runtime]) -> None:
    work = stages.folder_for_work()
    runner = Runner(known, work, limits, output)
    try:
        server, port = runner.serve(port)
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        languages = ", ".join(f"{runtime.info.language} {runtime.info.version}" for runtime in known)
        print(f"Runner on http://127.0.0.1:{port} with {languages}", flush=True)
        await stop.wait()
        server.stop()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(runner.stop(), 10)
        await server.close_all_connections()
    finally:
        shutil.rmtree(work, ignore_errors=True)
