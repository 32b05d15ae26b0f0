"""What travels between a client and a Piston API v2: https://github.com/engineer-man/piston#public-api, as recorded in
tests/resources/piston. The runner answers in these types and the client reads them."""

from __future__ import annotations

from enum import Enum

from msgspec import UNSET, Struct, UnsetType

EXECUTE = "/api/v2/execute"
CONNECT = "/api/v2/connect"
RUNTIMES = "/api/v2/runtimes"


class RuntimeInfo(Struct, frozen=True, omit_defaults=True):
    """One line of GET /api/v2/runtimes: a language that can be run, and under which other names."""

    language: str
    version: str
    aliases: tuple[str, ...]
    runtime: str | UnsetType = UNSET


class File(Struct, frozen=True, omit_defaults=True):
    """A file beside the program. The first one of a request is the program."""

    content: str
    name: str | None = None
    encoding: str = "utf8"


class Limits(Struct, frozen=True):
    """The six limits of a request. Times in milliseconds, memory in bytes."""

    compile_timeout: int = 10_000
    run_timeout: int = 3_000
    compile_cpu_time: int = 10_000
    run_cpu_time: int = 3_000
    compile_memory_limit: int = (
        512 * 1024 * 1024
    )  # g++ with the standard library's headers takes 200 MiB, javac likewise
    run_memory_limit: int = 256 * 1024 * 1024  # a JVM or node with room for a task's data


class Stage(Struct, frozen=True):
    """How a compilation or a run ended.

    `status` is null when the program ended with code 0, else RE (another code), SG (a signal), TO (time), OL (standard
    output), EL (standard error), ML (memory; the real Piston has no word for it) or XX (the engine's own failure).
    Times are in milliseconds, memory in bytes. `output` is both streams in the order they arrived.
    """

    stdout: str
    stderr: str
    output: str
    code: int | None
    signal: str | None
    message: str | None
    status: str | None
    cpu_time: int | None = None
    wall_time: int | None = None
    memory: int | None = None


class Reply(Struct, frozen=True, kw_only=True):
    """The answer to POST /api/v2/execute. After a failed compilation `run` repeats `compile`, as in the real one."""

    compile: Stage | UnsetType = UNSET
    run: Stage
    language: str
    version: str


class Closing(Enum):
    """Why a websocket is closed: the code and the words."""

    ALREADY_INITIALIZED = (4000, "Already Initialized")
    INITIALIZATION_TIMEOUT = (4001, "Initialization Timeout")
    NOTIFIED_ERROR = (4002, "Notified Error")
    NOT_YET_INITIALIZED = (4003, "Not yet initialized")
    ONLY_STDIN = (4004, "Can only write to stdin")
    INVALID_SIGNAL = (4005, "Invalid signal")
    JOB_COMPLETED = (4999, "Job Completed")

    @property
    def code(self) -> int:
        """The close code."""
        return self.value[0]

    @property
    def reason(self) -> str:
        """The words that go with it."""
        return self.value[1]
