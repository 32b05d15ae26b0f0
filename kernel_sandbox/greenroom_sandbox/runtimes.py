"""The languages that this machine can run, found by asking the installed programs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from msgspec import UNSET, structs

from greenroom_sandbox import versions
from greenroom_sandbox.piston import RuntimeInfo

PLACES = "/usr/local/bin:/usr/bin:/bin"
"""Where programs are looked for: the part of the machine that every box sees."""

Words = list[str]


@dataclass(frozen=True, slots=True)
class Runtime:
    """A language, the programs behind it (absolute paths once found), and the command lines made from them.

    `run` and `compile` get the programs, the name of the program's file, the folder of what was compiled, and the
    arguments.
    """

    info: RuntimeInfo
    programs: tuple[str, ...]
    run: Callable[[Sequence[str], str, str, Words], Words]
    compile: Callable[[Sequence[str], str, str, Words], Words] | None = None
    version_flag: str = "--version"
    reads: tuple[str, ...] = ()  # settings outside /usr that it needs, as patterns below /

    @property
    def names(self) -> frozenset[str]:
        """Every name the language answers to."""
        return frozenset((self.info.language, *self.info.aliases))


def _plain(name: str) -> str:
    return f"./{name}" if name.startswith("-") else name


def _interpret(programs: Sequence[str], name: str, _built: str, args: Words) -> Words:
    return [programs[0], _plain(name), *args]


def _binary(_programs: Sequence[str], _name: str, built: str, args: Words) -> Words:
    return [f"{built}/a.out", *args]


def _gcc(programs: Sequence[str], name: str, _built: str, _args: Words) -> Words:
    return [programs[0], "-std=gnu17", "-O1", "-x", "c", _plain(name), "-o", "a.out", "-lm"]


def _gxx(programs: Sequence[str], name: str, _built: str, _args: Words) -> Words:
    return [programs[0], "-std=gnu++20", "-O1", "-x", "c++", _plain(name), "-o", "a.out"]


# One core and a heap below the memory limit: a JVM otherwise sizes its threads and its heap by the whole machine.
_JVM = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-Xshare:auto")


def _javac(programs: Sequence[str], name: str, _built: str, _args: Words) -> Words:
    options = [f"-J{option}" for option in (*_JVM, "-Xmx256m")]
    return [programs[1], *options, "-proc:none", "-d", ".", _plain(name)]


def _java(programs: Sequence[str], name: str, built: str, args: Words) -> Words:
    return [programs[0], *_JVM, "-Xmx160m", "-cp", f"{built}:.", Path(name).stem, *args]


def _rscript(programs: Sequence[str], name: str, _built: str, args: Words) -> Words:
    return [programs[0], "--vanilla", f"./{name}", *args]


def _sqlite(programs: Sequence[str], name: str, _built: str, _args: Words) -> Words:
    return [programs[0], "-batch", "-bail", ":memory:", f'.read "./{name}"']


def _info(language: str, *aliases: str, runtime: str | None = None) -> RuntimeInfo:
    return RuntimeInfo(language, "", aliases, UNSET if runtime is None else runtime)


KNOWN = (
    Runtime(_info("bash", "sh"), ("bash",), _interpret),
    Runtime(_info("c", "gcc", runtime="gcc"), ("gcc",), _binary, _gcc, "-dumpfullversion"),
    Runtime(_info("c++", "cpp", "g++", runtime="gcc"), ("g++",), _binary, _gxx, "-dumpfullversion"),
    Runtime(_info("java"), ("java", "javac"), _java, _javac, reads=("etc/java-*-openjdk",)),
    Runtime(
        _info("javascript", "node-javascript", "node-js", "javascript", "js", runtime="node"), ("node",), _interpret
    ),
    Runtime(_info("python", "py", "py3", "python3"), ("python3",), _interpret),
    Runtime(_info("r", "rscript", "R"), ("Rscript",), _rscript, reads=("etc/R",)),
    Runtime(_info("sqlite3", "sqlite", "sql"), ("sqlite3",), _sqlite),
)
"""What is offered where it is installed: Piston's names and aliases, and SQL beside them."""


def installed(known: Sequence[Runtime] = KNOWN) -> list[Runtime]:
    """The runtimes whose programs are all here, each with its version."""
    return [found for runtime in known if (found := _look(runtime)) is not None]


def _look(runtime: Runtime) -> Runtime | None:
    paths = tuple(os.path.realpath(path) for name in runtime.programs if (path := shutil.which(name, path=PLACES)))
    if len(paths) < len(runtime.programs) or not all(path.startswith("/usr/") for path in paths):
        return None
    version = _version(paths[0], runtime.version_flag)
    if version is None:
        return None
    reads = tuple(str(path) for pattern in runtime.reads for path in sorted(Path("/").glob(pattern)))
    return replace(runtime, info=structs.replace(runtime.info, version=version), programs=paths, reads=reads)


def _version(program: str, flag: str) -> str | None:
    try:
        said = subprocess.run([program, flag], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r"\d+(\.\d+)+", said.stdout or said.stderr)
    return ".".join(str(number) for number in versions.parse(match[0])) if match else None


def choose(runtimes: Sequence[Runtime], language: str, version: str) -> Runtime | None:
    """The newest runtime of that name whose version lies in the range; None when there is none."""
    fitting = [
        runtime for runtime in runtimes if language in runtime.names and versions.matches(runtime.info.version, version)
    ]
    return max(fitting, key=lambda runtime: versions.parse(runtime.info.version), default=None)
