"""A job: one request of the Piston API, checked, then compiled and run, each stage in a box of its own."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

import msgspec
from msgspec import Struct

from greenroom_sandbox import runtimes
from greenroom_sandbox.piston import Limits
from greenroom_sandbox.runtimes import Runtime

FILES = 64  # each is a descriptor handed to the box; a task has a handful
DEPTH = 8
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f\"'`\\]")
_DECODERS = {
    "utf8": str.encode,
    "base64": lambda text: base64.b64decode(text, validate=True),
    "hex": bytes.fromhex,
}


class Refusal(ValueError):  # noqa: N818 - a refusal is an answer, not a fault
    """A request that is not a job, in Piston's words where it has any."""


class Request(Struct):
    """The body of POST /api/v2/execute as it comes: any field may be missing or of another type."""

    language: Any = None
    version: Any = None
    files: Any = None
    stdin: Any = None
    args: Any = None
    compile_timeout: Any = None
    run_timeout: Any = None
    compile_cpu_time: Any = None
    run_cpu_time: Any = None
    compile_memory_limit: Any = None
    run_memory_limit: Any = None


class Job(Struct, frozen=True):
    """A request that can be run. The first file is the program."""

    runtime: Runtime
    files: dict[str, bytes]
    program: str
    stdin: bytes
    args: list[str]
    limits: Limits


def read(body: bytes, known: Sequence[Runtime], configured: Limits) -> Job:
    """The job that a request's body asks for. Refusal when it is none."""
    try:
        request = msgspec.json.decode(body, type=Request)
    except msgspec.ValidationError:
        raise Refusal("the body must be a JSON object") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refusal(f"the body is not valid JSON: {error}") from None
    if not isinstance(request.language, str) or not request.language:
        raise Refusal("language is required as a string")
    if not isinstance(request.version, str) or not request.version:
        raise Refusal("version is required as a string")
    if not isinstance(request.files, list) or not request.files:
        raise Refusal("files is required as an array")
    given = _files(request.files)
    runtime = runtimes.choose(known, request.language, request.version)
    if runtime is None:
        raise Refusal(f"{request.language}-{request.version} runtime is unknown")
    program = next(iter(given))
    if runtime.info.language == "java":
        given, program = _named_for_its_class(given, program)
    return Job(runtime, given, program, _stdin(request.stdin), _args(request.args), limits(request, configured))


def limits(request: Request, configured: Limits) -> Limits:
    """The limits to run under: what is asked for, never more than configured, never none."""
    chosen: dict[str, int] = {}
    for name in configured.__struct_fields__:
        value, most = getattr(request, name), getattr(configured, name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Refusal(f"If specified, {name} must be a number")
        if value < 0:
            raise Refusal(f"{name} must be non-negative")
        if value < 1:
            raise Refusal(f"{name} must be at least 1: 0 would mean no limit; leave it out for {most}")
        if value > most:
            raise Refusal(f"{name} cannot exceed the configured limit of {most}")
        chosen[name] = int(value)
    return msgspec.structs.replace(configured, **chosen)


def _stdin(value: object) -> bytes:
    if value is None:
        value = ""
    if not isinstance(value, str):
        raise Refusal("If specified, stdin must be a string")
    # The real one ends standard input with a newline, also an empty one; programs must not behave differently here.
    return (value if value.endswith("\n") else value + "\n").encode()


def _args(value: object) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(word, str) and "\0" not in word for word in value):
        raise Refusal("If specified, args must be an array of strings")
    return list(value)


def _files(value: list[object]) -> dict[str, bytes]:
    if len(value) > FILES:
        raise Refusal(f"files cannot be more than {FILES}; there are {len(value)}")
    found: dict[str, bytes] = {}
    for index, file in enumerate(value):
        content = file.get("content") if isinstance(file, dict) else None
        if not isinstance(file, dict) or not isinstance(content, str):
            raise Refusal(f"files[{index}].content is required as a string")
        name = _name(file.get("name"), index)
        if name in found:
            raise Refusal(f'files[{index}].name "{name}" was refused: another file has it')
        found[name] = _content(file.get("encoding"), content, index)
    for index, name in enumerate(found):
        if any(str(folder) in found for folder in PurePosixPath(name).parents):
            raise Refusal(f'files[{index}].name "{name}" was refused: a file stands where it needs a folder')
    return found


def _name(value: object, index: int) -> str:
    if value is None or value == "":
        return f"file{index}.code"
    if not isinstance(value, str):
        raise Refusal(f"If specified, files[{index}].name must be a string")
    parts = value.split("/")
    wrong = value.startswith("/") or len(parts) > DEPTH or _FORBIDDEN.search(value) or len(value.encode()) > 200
    if wrong or any(part in {"", ".", ".."} for part in parts):
        raise Refusal(
            f"files[{index}].name {msgspec.json.encode(value[:80]).decode()} was refused: "
            f"a name stays inside the job's folder, is plain and at most 200 bytes and {DEPTH} levels long"
        )
    return value


def _content(encoding: object, content: str, index: int) -> bytes:
    decoder = _DECODERS.get(encoding or "utf8") if isinstance(encoding, str | None) else None
    if decoder is None:
        raise Refusal(f"files[{index}].encoding must be one of {', '.join(_DECODERS)}")
    try:
        return decoder(content)
    except (ValueError, binascii.Error):
        raise Refusal(f"files[{index}].content is not valid {encoding}") from None


_CLASS = re.compile(
    rb"^\s*(public\s+)?(?:(?:final|abstract|sealed|strictfp)\s+)*(?:class|interface|enum|record)\s+(\w+)", re.M
)


def _named_for_its_class(files: Mapping[str, bytes], program: str) -> tuple[dict[str, bytes], str]:
    """Java wants the file to carry its public class's name, and starts a class, not a file."""
    declared = [(match[1], match[2].decode()) for match in _CLASS.finditer(files[program])]
    public = [name for is_public, name in declared if is_public]
    name = next(iter(public or [name for _, name in declared]), "Main") + ".java"
    return {name if old == program else old: content for old, content in files.items()}, name
