"""`WS /api/v2/connect`: one job by websocket. Output goes out as it is printed; input, its end and signals come in."""

from __future__ import annotations

import asyncio
import codecs
import signal
from collections.abc import AsyncIterator, Callable
from typing import Any, Protocol

import msgspec
from msgspec import Struct
from tornado.ioloop import IOLoop
from tornado.web import HTTPError
from tornado.websocket import WebSocketHandler

from greenroom_sandbox import jobs, stages
from greenroom_sandbox.piston import Closing, Reply, Stage
from greenroom_sandbox.queue import Full

INITIALIZATION = 1.0  # seconds until the init message must be there; Piston's own
UNREAD = 1024 * 1024  # bytes of standard input that wait for a program that does not read

# What `exit` says by itself in the real one. More is said where that would hide why the engine stopped a program.
_NAMED = frozenset({"ML", "OL", "EL", "XX"})


class Execute(Protocol):
    """The runner's way to run a job when its turn comes."""

    async def __call__(self, job: jobs.Job, line: stages.Line, position: Callable[[int], None]) -> Reply: ...


class _Message(Struct):
    """What a client sends; any field may be missing or of another type."""

    type: Any = None
    stream: Any = None
    data: Any = None
    signal: Any = None
    stdin: Any = None
    details: Any = None
    asks: Any = None


class _Input:
    """Standard input on its way to the program: bounded, because a program need not read."""

    def __init__(self) -> None:
        self._pieces: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._waiting, self._ended = 0, False

    def feed(self, data: bytes) -> bool:
        """Put some in; False when too much is unread. After the end, nothing is taken any more."""
        if not self._ended:
            self._waiting += len(data)
            self._pieces.put_nowait(data)
        return self._waiting <= UNREAD

    def end(self) -> None:
        """What was fed is all."""
        self._ended = True
        self._pieces.put_nowait(None)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (piece := await self._pieces.get()) is not None:
            yield piece
            self._waiting -= len(piece)


class Connect(WebSocketHandler):
    """A client and its one job."""

    def initialize(self, known: Callable[[bytes], jobs.Job], execute: Execute) -> None:
        """`known` reads a job from an init message."""
        self.read, self.execute = known, execute
        self.cancel, self.input = asyncio.Event(), _Input()
        self.signals: asyncio.Queue[int] = asyncio.Queue()
        self.job: asyncio.Task[None] | None = None
        self.details = self.asks = False

    async def get(self, *_: str, **__: str) -> None:
        """Only a websocket can be opened here; in the real one there is nothing else at this address."""
        if self.request.headers.get("Upgrade", "").lower() != "websocket":
            raise HTTPError(404)
        await super().get()

    def write_error(self, status_code: int, **_: object) -> None:
        """In Piston's form."""
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(msgspec.json.encode({"message": "Not Found" if status_code == 404 else self._reason}))

    def open(self, *_: str, **__: str) -> None:
        """A client is here, and has a second to say what it wants."""
        self.set_nodelay(True)  # small messages one after the other, each of which somebody waits for
        self._late = IOLoop.current().call_later(INITIALIZATION, self._initialized)

    def _initialized(self) -> None:
        if self.job is None:
            self._end(Closing.INITIALIZATION_TIMEOUT)

    def on_message(self, message: str | bytes) -> None:
        """One message. What has no row in the table is passed over, as in the real one."""
        if self.cancel.is_set():
            return
        text = message.encode(errors="replace") if isinstance(message, str) else message
        try:
            said = msgspec.json.decode(text, type=_Message)
            action = _TABLE.get((said.type, self.job is not None)) if isinstance(said.type, str) else None
            if action is not None:
                action(self, said, text)
        except msgspec.ValidationError:
            self._error("a message must be a JSON object")
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            self._error(f"the message is not valid JSON: {error}")
        except jobs.Refusal as refusal:
            self._error(str(refusal))

    def on_close(self) -> None:
        """The client has gone, or was sent away: its job ends, also one that waits."""
        self.cancel.set()
        if self.job is not None:
            self.job.cancel()

    def _init(self, said: _Message, text: bytes) -> None:
        job = self.read(text)
        self.details, self.asks = said.details is True, said.asks is True
        if said.stdin:
            self.input.feed(job.stdin)
        self.job = asyncio.create_task(self._work(job))

    def _twice(self, _said: _Message, _text: bytes) -> None:
        self._end(Closing.ALREADY_INITIALIZED)

    def _early(self, _said: _Message, _text: bytes) -> None:
        self._end(Closing.NOT_YET_INITIALIZED)

    def _data(self, said: _Message, _text: bytes) -> None:
        if said.stream != "stdin":
            return self._end(Closing.ONLY_STDIN)
        if not isinstance(said.data, str):
            return self._error("data must be a string")
        if not self.input.feed(said.data.encode(errors="replace")):
            self._error(f"more than {UNREAD} bytes of standard input wait to be read")
        return None

    def _eof(self, _said: _Message, _text: bytes) -> None:
        self.input.end()

    def _signal(self, said: _Message, _text: bytes) -> None:
        if not isinstance(said.signal, str) or said.signal not in signal.Signals.__members__:
            return self._end(Closing.INVALID_SIGNAL)
        self.signals.put_nowait(signal.Signals[said.signal])
        return None

    async def _work(self, job: jobs.Job) -> None:
        told = _Told(job, self._say, self.details)
        line = stages.Line(
            self.cancel,
            aiter(self.input),
            self.signals,
            told.stage,
            told.data,
            told.exit,
            (lambda: self._say(type="reading")) if self.asks else None,
        )
        try:
            await self.execute(job, line, lambda position: self._say(type="queued", position=position))
        except Full as full:
            return self._error(str(full))
        self._end(Closing.JOB_COMPLETED)
        return None

    def _say(self, **message: object) -> None:
        if self.ws_connection is not None and not self.cancel.is_set():
            self.write_message(msgspec.json.encode(message).decode())

    def _error(self, message: str) -> None:
        self._say(type="error", message=message)
        self._end(Closing.NOTIFIED_ERROR)

    def _end(self, closing: Closing) -> None:
        self.close(closing.code, closing.reason)
        IOLoop.current().remove_timeout(self._late)
        self.cancel.set()


class _Told:
    """What a job does, told message by message. Text is cut between characters, whatever the pieces were."""

    def __init__(self, job: jobs.Job, say: Callable[..., None], details: bool) -> None:
        self._job, self._say, self._details = job, say, details
        self._begun = False
        self._decoders: dict[str, codecs.IncrementalDecoder] = {}

    def stage(self, name: str) -> None:
        """A stage begins; before the first one, the runtime is named."""
        if not self._begun:
            info = self._job.runtime.info
            self._say(type="runtime", language=info.language, version=info.version)
        self._begun = True
        self._decoders = {stream: codecs.getincrementaldecoder("utf8")("replace") for stream in ("stdout", "stderr")}
        self._say(type="stage", stage=name)

    def data(self, stream: str, data: bytes, final: bool = False) -> None:
        """Something was printed."""
        if text := self._decoders[stream].decode(data, final):
            self._say(type="data", stream=stream, data=text)

    def exit(self, name: str, stage: Stage) -> None:
        """A stage has ended: as in the real one, and why where that would not say it or where it was asked for."""
        for stream in self._decoders:
            self.data(stream, b"", final=True)
        said: dict[str, object] = {"type": "exit", "stage": name, "code": stage.code, "signal": stage.signal}
        if self._details or stage.status in _NAMED:
            said |= {"status": stage.status, "message": stage.message}
        if self._details:
            said |= {"cpu_time": stage.cpu_time, "wall_time": stage.wall_time, "memory": stage.memory}
        self._say(**said)


_Action = Callable[[Connect, _Message, bytes], None]
_TABLE: dict[tuple[str, bool], _Action] = {
    # (what is said, whether a job has begun): the answer
    ("init", False): Connect._init,
    ("init", True): Connect._twice,
    ("data", False): Connect._early,
    ("data", True): Connect._data,
    ("signal", False): Connect._early,
    ("signal", True): Connect._signal,
    ("eof", True): Connect._eof,
}
