"""A run that is forwarded to a Piston: what is asked for, what comes back, and what the record keeps of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Annotated

from greenroom_sandbox.piston import Reply, Stage
from msgspec import Meta, Struct, UnsetType

BODY = 96 * 1024  # bytes of program, files and input together; Piston takes 100 KiB with what is around them
Text = Annotated[str, Meta(max_length=BODY)]


class RunRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """A program to be run elsewhere. `files` lie beside it, text by name."""

    language: Annotated[str, Meta(min_length=1, max_length=30)]
    source: Text
    version: Annotated[str, Meta(min_length=1, max_length=50)] = "*"
    stdin: Text = ""
    args: Annotated[tuple[Text, ...], Meta(max_length=100)] = ()
    files: Annotated[dict[Annotated[str, Meta(min_length=1, max_length=200)], Text], Meta(max_length=32)] = {}
    interactive: bool = False  # what stands in `stdin` is not all: a person will be asked


class Input(Struct, frozen=True, forbid_unknown_fields=True):
    """What a person says to a run: input, its end, or a signal."""

    stdin: Text = ""
    eof: bool = False
    signal: Annotated[str, Meta(pattern="^SIG(INT|TERM|KILL|HUP|USR1|USR2)$")] | None = None


class Begun(Struct, frozen=True, tag="begun"):
    """An interactive run has been let in; `run` names it to whoever brings its input."""

    run: str


class Queued(Struct, frozen=True, tag="queued"):
    """The run waits; 1 is next."""

    position: int


class Output(Struct, frozen=True, tag="output"):
    """What the program, or its compiler, printed."""

    stage: str
    stream: str
    text: str


class Exit(Struct, frozen=True, tag="exit"):
    """How it ended: Piston's code, signal, status and message; `stage` is compile when it never ran."""

    stage: str
    code: int | None
    signal: str | None
    status: str | None
    message: str | None
    wall_ms: int | None


class Failed(Struct, frozen=True, tag="failed"):
    """It was not run after all, and why, for a person."""

    why: str


class Reading(Struct, frozen=True, tag="reading"):
    """An interactive program waits for input."""


RunChunk = Begun | Reading | Queued | Output | Exit | Failed


def read(reply: Reply, most: int) -> tuple[list[Output], Exit]:
    """The chunks of a reply, with at most `most` bytes of each output. A failed compilation is told once, not twice."""
    stages: list[tuple[str, Stage]] = []
    if not isinstance(reply.compile, UnsetType):
        stages.append(("compile", reply.compile))
    if not stages or (stages[0][1].code == 0 and stages[0][1].signal is None):
        stages.append(("run", reply.run))
    outputs, cut = [], False
    for name, stage in stages:
        for stream, text in (("stdout", stage.stdout), ("stderr", stage.stderr)):
            data = text.encode(errors="replace")
            cut = cut or len(data) > most
            if data:
                outputs.append(Output(name, stream, data[:most].decode(errors="ignore")))
    name, last = stages[-1]
    status, message = ("OL", "output cut") if cut and last.status is None else (last.status, last.message)
    return outputs, Exit(name, last.code, last.signal, status, message, last.wall_time)


class Sizes:
    """How much a run printed on each stream, in bytes, and how much more it may."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.printed = {"stdout": 0, "stderr": 0}

    def cut(self, stream: str, text: str) -> str:
        """What of this may still be shown; it counts."""
        data = text.encode(errors="replace")
        kept = data[: self._most - self.printed[stream]]
        self.printed[stream] += len(kept)
        return kept.decode(errors="ignore")


def event(
    request: RunRequest, body: Mapping[str, object], printed: Mapping[str, int], end: Exit | Failed
) -> dict[str, object]:
    """What the record keeps of a run: sizes and a hash, no text."""
    source = request.source.encode(errors="replace")
    ended = end if isinstance(end, Exit) else Exit("none", None, None, "not run", end.why, None)
    return {
        "language": body["language"],
        "version": request.version,
        "source_sha256": hashlib.sha256(source).hexdigest(),
        "source_bytes": len(source),
        "stdin_bytes": len(request.stdin.encode(errors="replace")),
        "files": len(request.files),
        "stage": ended.stage,
        "code": ended.code,
        "signal": ended.signal,
        "status": ended.status,
        "message": ended.message,
        "wall_ms": ended.wall_ms,
        "stdout_bytes": printed["stdout"],
        "stderr_bytes": printed["stderr"],
    }
