"""`%%piston`, and plain words instead of `%pip install`: an IPython extension that is loaded inside each kernel.

Self-contained, because nothing of Greenroom is installed beside a kernel: standard library and IPython only. It is not
trusted with anything: what it asks for, the door on the other side checks.
"""

from __future__ import annotations

import argparse
import http.client
import json
import re
import shlex
import socket
import sys
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, NoReturn

from IPython.core.magic import Magics, line_cell_magic, line_magic, magics_class

DOOR = "/run/greenroom/door.sock"
PATIENCE = 180.0  # seconds without a word from the door: longer than a queue, a compilation and a run together
_USAGE = '%%piston LANGUAGE [--version V] [--stdin TEXT] [--args "a b"] [--file NAME[=PATH]]…'


class RunEnded(Exception):  # noqa: N818 - the name is what the candidate reads
    """A run that did not end well, in one line."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


class _Connection(http.client.HTTPConnection):
    """HTTP over the door's socket."""

    def __init__(self, path: str) -> None:
        super().__init__("door", timeout=PATIENCE)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class _Words(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise RunEnded(f"{message}. Write {_USAGE}")


def _words() -> _Words:
    words = _Words(prog="%%piston", add_help=False)
    words.add_argument("language")
    words.add_argument("--version", default="*")
    words.add_argument("--stdin", default="")
    words.add_argument("--args", type=shlex.split, default=[])
    words.add_argument("--file", action="append", default=[])
    return words


def _file(word: str) -> tuple[str, str]:
    """`NAME=PATH`, or a path whose last part is the name: the file as the program will find it."""
    name, sign, path = word.partition("=")
    place = Path(path if sign else word)
    try:
        return (name if sign else place.name), place.read_text()
    except UnicodeDecodeError:
        raise RunEnded(f"the file {place} was not sent: it is not text") from None
    except OSError as error:
        raise RunEnded(f"the file {place} was not sent: {error.strerror}") from None


def request(line: str, source: str) -> dict[str, Any]:
    """What the door is asked for."""
    try:
        given = _words().parse_args(shlex.split(line))
    except (ValueError, argparse.ArgumentError) as error:
        raise RunEnded(f"{error}. Write {_USAGE}") from None
    return {
        "language": given.language,
        "version": given.version,
        "source": source,
        "stdin": given.stdin,
        "args": given.args,
        "files": dict(_file(word) for word in given.file),
    }


def _ask(door: str, method: str, path: str, body: object = None) -> Iterator[Any]:
    """The door's answer, line by line as it comes. Leaving the iterator ends the run."""
    connection = _Connection(door)
    try:
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            answer = connection.getresponse()
        except (OSError, http.client.HTTPException):
            raise RunEnded(
                "programs cannot be run elsewhere from this kernel: nobody answers. Ask your interviewer."
            ) from None
        try:
            if answer.status != 200:
                raise RunEnded(json.loads(answer.read())["message"])
            for line in answer:
                yield json.loads(line)
        except (OSError, http.client.HTTPException, ValueError, KeyError):
            raise RunEnded("the connection broke before the program ended. Run the cell again.") from None
    finally:
        connection.close()


class Show:
    """Prints the pieces of a run as they come."""

    def __init__(self) -> None:
        self.ended = False
        self._headed = False

    def chunk(self, chunk: dict[str, Any]) -> None:
        """One piece. RunEnded when it says that the run did not end well."""
        getattr(self, f"_{chunk['type']}")(chunk)

    def _print(self, stream: str, text: str) -> None:
        print(text, end="", file=getattr(sys, stream), flush=True)

    def _queued(self, chunk: dict[str, Any]) -> None:
        self._print("stderr", f"waiting for a place: number {chunk['position']} in line\n")

    def _output(self, chunk: dict[str, Any]) -> None:
        if chunk["stage"] == "compile" and not self._headed:
            self._headed = True
            self._print("stderr", "— the compiler says —\n")
        self._print("stderr" if chunk["stage"] == "compile" else chunk["stream"], chunk["text"])

    def _failed(self, chunk: dict[str, Any]) -> NoReturn:
        raise RunEnded(chunk["why"])

    def _exit(self, chunk: dict[str, Any]) -> None:
        self.ended = True
        if chunk["code"] == 0 and not chunk["status"]:
            return
        what = "compilation" if chunk["stage"] == "compile" else "program"
        if chunk["status"] in {None, "RE"}:
            raise RunEnded(f"the {what} ended with exit code {chunk['code']}")
        if chunk["status"] == "SG":
            raise RunEnded(f"the {what} was ended by {chunk['signal']}")
        raise RunEnded(f"the {what} was stopped: {chunk['message'] or chunk['status']}")


def _languages(door: str) -> str:
    lines = []
    for found in _ask(door, "GET", "/run/languages"):
        for one in found:
            also = f"  (also {', '.join(one['aliases'])})" if one["aliases"] else ""
            lines.append(f"{one['language']} {one['version']}{also}")
    return "\n".join(lines or ["This session has no language that runs elsewhere."])


# What people look for first, in the order they are told; beside it, whatever nothing else here brought along.
_KNOWN = (
    "numpy",
    "pandas",
    "scipy",
    "scikit-learn",
    "matplotlib",
    "seaborn",
    "statsmodels",
    "polars",
    "torch",
    "ipywidgets",
)
_INSTALLERS = re.compile(
    r"^\s*(?:sudo\s+)?(?:\S*python[\d.]*\s+-m\s+)?(?:\S*/)?"
    r"(?P<tool>pipx|pip[\d.]*|conda|mamba|micromamba|uv|poetry|apt-get|apt|dnf|yum|apk|brew|npm|easy_install)\b(?P<rest>.*)$"
)
_ASKS = frozenset({"list", "freeze", "show"})
_VERBS = frozenset({"pip", "install", "add", "download", "update", "upgrade", "remove", "uninstall", "i"})


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def packages() -> dict[str, str]:
    """What can be imported here: distribution → version."""
    return {_plain(one.metadata["Name"]): one.version for one in metadata.distributions() if one.metadata["Name"]}


def answer_installer(tool: str, rest: str) -> str:
    """Plain words for somebody who wants to install something."""
    here = packages()
    try:
        words = shlex.split(rest)
    except ValueError:
        words = rest.split()
    if words and words[0] in _ASKS:
        return "\n".join(f"{name}=={version}" for name, version in sorted(here.items()))
    while words and words[0] in _VERBS:
        words.pop(0)
    wanted = [_plain(re.split(r"[\[=<>!~;@ ]", word)[0]) for word in words if not word.startswith("-")]
    lines = [f"{name} {here[name]} is here already: no need to install it." for name in wanted if name in here]
    missing = [name for name in wanted if name and name not in here]
    if missing or not lines:
        what = f"{', '.join(missing)} cannot be installed" if missing else f"{tool} has nothing to do"
        lines.append(f"There is no network in this room: {what}.")
        lines.append(f"These packages are here: {_list(here)}.")
        lines.append("If the task needs another one, ask your interviewer.")
    return "\n".join(lines)


def _list(here: dict[str, str]) -> str:
    known = [f"{name} {here[name]}" for name in _KNOWN if name in here]
    return ", ".join(known) + (f" and {len(here) - len(known)} more (%pip list)" if len(here) > len(known) else "")


@magics_class
class GreenroomMagics(Magics):
    """The magics of a room."""

    door = DOOR

    @line_cell_magic
    def piston(self, line: str, cell: str | None = None) -> None:
        """Run a program in another language, outside this kernel. Without a cell: list the languages."""
        if cell is None:
            print(_languages(self.door))
            return
        show = Show()
        for chunk in _ask(self.door, "POST", "/run", request(line, cell)):
            show.chunk(chunk)
        if not show.ended:
            raise RunEnded("the run was ended by the room. Run the cell again.")

    def _say(self, tool: str, line: str) -> None:
        print(answer_installer(tool, line))

    @line_magic
    def pip(self, line: str) -> None:
        """Say what is installed: there is no network in this room."""
        self._say("pip", line)

    @line_magic
    def conda(self, line: str) -> None:
        """Say what is installed: there is no network in this room."""
        self._say("conda", line)

    @line_magic
    def mamba(self, line: str) -> None:
        """Say what is installed: there is no network in this room."""
        self._say("mamba", line)

    @line_magic
    def uv(self, line: str) -> None:
        """Say what is installed: there is no network in this room."""
        self._say("uv", line)


def _watch_the_shell(shell: Any) -> None:  # noqa: ANN401 - its methods are replaced
    """`!pip install x` and `x = !apt list` get the same words."""
    system, getoutput = shell.system, shell.getoutput

    def asked(command: object) -> bool:
        match = _INSTALLERS.match(str(command))
        if match:
            print(answer_installer(match["tool"], match["rest"]))
        return bool(match)

    def new_system(command: str) -> object:
        if asked(command):
            shell.user_ns["_exit_code"] = 1
            return None
        return system(command)

    def new_getoutput(command: str, *more: Any, **also: Any) -> Sequence[str]:  # noqa: ANN401 - passed on
        found: Sequence[str] = [] if asked(command) else getoutput(command, *more, **also)
        return found

    shell.system, shell.getoutput = new_system, new_getoutput


def load_ipython_extension(shell: Any) -> None:  # noqa: ANN401 - IPython's shell, whose methods are untyped
    """IPython's way in: `--IPKernelApp.extensions=cell_magics`, or `%load_ext cell_magics`."""
    shell.register_magics(GreenroomMagics)
    _watch_the_shell(shell)
