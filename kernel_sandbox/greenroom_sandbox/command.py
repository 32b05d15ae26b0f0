"""`greenroom sandbox`: what a program would get in a box."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import sys
import threading
from collections.abc import AsyncIterator
from concurrent.futures import CancelledError
from dataclasses import asdict, replace

from greenroom_sandbox import box, machine
from greenroom_sandbox.policy import Policy


def main(argv: list[str]) -> int:
    """Run one program under the kernel's policy, with its standard input. The exit code is the program's, or 1."""
    parser = argparse.ArgumentParser(prog="greenroom sandbox", description=main.__doc__)
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("--wall", type=_positive, metavar="S", help="wall-clock limit, seconds")
    parser.add_argument("--cpu", type=_positive, metavar="S", help="processor time limit, seconds")
    parser.add_argument("--memory", type=_positive, metavar="MB", help="memory limit, MiB")
    parser.add_argument("--output", type=_positive, metavar="BYTES", help="limit of standard output and error, each")
    parser.add_argument("program", nargs="+", metavar="CMD")
    words = parser.parse_args(argv)
    given = {
        name: getattr(words, name) for name in ("wall", "cpu", "memory", "output") if getattr(words, name) is not None
    }
    for name in ("memory", "output"):
        if name in given:
            given[name] = int(given[name])
    if problems := machine.check():
        print("\n".join(problems), file=sys.stderr)
        return 2
    result = asyncio.run(_run(replace(Policy(), **given), words.program))
    if words.json:
        shown = asdict(result) | {name: getattr(result, name).decode(errors="replace") for name in ("stdout", "stderr")}
        print(json.dumps(shown))
        return 0
    sys.stdout.buffer.write(result.stdout)
    sys.stdout.flush()
    sys.stderr.buffer.write(result.stderr)
    if result.status not in {"ok", "error"}:
        print(f"greenroom: stopped: {result.status}", file=sys.stderr)
    return result.exit_code if result.exit_code is not None else 1


async def _run(policy: Policy, program: list[str]) -> box.Result:
    return await box.run(policy, program, stdin=_standard_input())


async def _standard_input() -> AsyncIterator[bytes]:
    """What comes in, as it comes. A thread of its own reads it: the program may end before anybody closes our input."""
    pieces: asyncio.Queue[bytes] = asyncio.Queue(16)
    loop = asyncio.get_running_loop()

    def read() -> None:
        piece = b"?"
        # RuntimeError, CancelledError: the loop has ended, and with it whoever wanted this.
        with contextlib.suppress(OSError, RuntimeError, CancelledError):
            while piece:
                piece = os.read(0, 65_536)
                asyncio.run_coroutine_threadsafe(pieces.put(piece), loop).result()

    threading.Thread(target=read, daemon=True).start()
    while piece := await pieces.get():
        yield piece


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < 1e9:
        raise argparse.ArgumentTypeError(f"{text} was refused; give a number above 0")
    return number
