"""A kernel whose cells are programs: each is compiled and run elsewhere, by the room's door.

A plain file for the kernels' environment, beside cell_magics.py, whose way through the door it uses. Nothing here is
trusted: what it asks for, the door on the other side checks.

`%%file NAME` as a cell's first line keeps the rest as a file that goes with every later run; `%%args A B` gives the
program arguments.
"""

# mypy: ignore-errors
# ruff: noqa: ANN001, ANN003, ANN201, ARG002

from __future__ import annotations

import queue
import shlex
import threading
import time

from cell_magics import DOOR, RunEnded, Show, _ask
from ipykernel.kernelbase import Kernel

GRACE = 2.0  # seconds a program has to end by itself after an interrupt


class _Talk(threading.Thread):
    """A run through the door. Its pieces come by a queue, so that an interrupt of the cell does not break it off."""

    def __init__(self, body: dict) -> None:
        super().__init__(daemon=True)
        self._body = body
        self.pieces: queue.Queue = queue.Queue()
        self.run_name = ""
        self.start()

    def run(self) -> None:
        """Hear until it is over; what broke it comes as the last piece."""
        try:
            for chunk in _ask(DOOR, "POST", "/run", self._body):
                self.pieces.put(chunk)
            self.pieces.put(RunEnded("the run was ended by the room. Run the cell again."))
        except RunEnded as ended:
            self.pieces.put(ended)

    def say(self, **said: object) -> None:
        """Say something to the run; one that is over hears nothing."""
        try:
            list(_ask(DOOR, "POST", "/run/input", {"run": self.run_name, "input": said}))
        except RunEnded:
            return


class _Shown(Show):
    """Shows the pieces of a run, and asks the person what the program asks."""

    def __init__(self, kernel: WrapperKernel, talk: _Talk) -> None:
        super().__init__()
        self._kernel, self._talk, self.stage = kernel, talk, "run"

    def chunk(self, chunk: dict) -> None:
        self.stage = chunk.get("stage", self.stage)
        super().chunk(chunk)

    def _begun(self, chunk: dict) -> None:
        self._talk.run_name = chunk["run"]

    def _print(self, stream: str, text: str) -> None:
        self._kernel.say(stream, text)

    def _reading(self, _chunk: dict) -> None:
        if self._kernel._allow_stdin:
            self._talk.say(stdin=self._kernel.raw_input("") + "\n")
        else:
            self._talk.say(eof=True)

    def until(self, deadline: float | None) -> bool:
        """Show until the run has ended; False when the time is up before."""
        while not self.ended:
            try:
                piece = self._talk.pieces.get(timeout=None if deadline is None else max(0, deadline - time.monotonic()))
            except queue.Empty:
                return False
            if isinstance(piece, Exception):
                raise piece
            self.chunk(piece)
        return True


class WrapperKernel(Kernel):
    """One language. The class for it is made by `of`."""

    implementation, implementation_version = "greenroom", "1"

    def __init__(self, **more: object) -> None:
        super().__init__(**more)
        self.files: dict[str, str] = {}

    def do_execute(self, code, silent, store_history=True, user_expressions=None, allow_stdin=False, **_more):
        """One cell, one program."""
        self._allow_stdin = allow_stdin  # the base class sets it only for itself
        shown = None
        try:
            body = self._request(code)
            if body is not None:
                talk = _Talk(body)
                shown = _Shown(self, talk)
                self._run(shown, talk)
        except RunEnded as ended:
            return self._failed("CompileError" if shown and shown.stage == "compile" else "RunError", str(ended))
        except KeyboardInterrupt:
            return self._failed("KeyboardInterrupt", "the program was interrupted")
        return {"status": "ok", "execution_count": self.execution_count, "payload": [], "user_expressions": {}}

    def _run(self, shown: _Shown, talk: _Talk) -> None:
        try:
            shown.until(None)
        except KeyboardInterrupt:  # as a terminal does: the program may say a last word
            talk.say(signal="SIGINT")
            try:
                if not shown.until(time.monotonic() + GRACE):
                    talk.say(signal="SIGKILL")
                    shown.until(time.monotonic() + GRACE)
            except RunEnded:
                pass
            raise

    def _request(self, code: str) -> dict | None:
        """What the door is asked for; None when the cell only keeps a file."""
        words: list[str] = []
        while code.startswith("%%"):
            line, _, rest = code.partition("\n")
            order, _, value = line[2:].partition(" ")
            if order == "file" and value.strip():
                return self._keep(value.strip(), rest)
            if order != "args":
                raise RunEnded(f"{line} is not known here. A cell may begin with %%file NAME or %%args A B")
            words, code = shlex.split(value), rest
        if not code.strip():
            return None
        return {"language": self.language, "source": code, "args": words, "files": self.files, "interactive": True}

    def _keep(self, name: str, text: str) -> None:
        self.files[name] = text
        self.say("stdout", f"{name} is kept ({len(text.splitlines())} lines); it goes with every later run.\n")

    def say(self, stream: str, text: str) -> None:
        """Print, as an output of the cell."""
        self.send_response(self.iopub_socket, "stream", {"name": stream, "text": text})

    def _failed(self, name: str, why: str) -> dict:
        content = {"ename": name, "evalue": why, "traceback": [f"{name}: {why}"]}
        self.send_response(self.iopub_socket, "error", content)
        return {"status": "error", "execution_count": self.execution_count, **content}


def of(about) -> type[WrapperKernel]:
    """The kernel's class for one language."""
    info = {"name": about.language, "mimetype": about.mime, "file_extension": about.extension}
    banner = f"{about.title}: each cell is a program of its own"
    return type(
        "LanguageKernel", (WrapperKernel,), {"language": about.language, "language_info": info, "banner": banner}
    )
