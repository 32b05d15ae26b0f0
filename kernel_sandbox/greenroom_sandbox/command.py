"""`greenroom sandbox`: what a program would get in a box."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
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
    stdin = b"" if sys.stdin is None or sys.stdin.isatty() else sys.stdin.buffer.read()
    result = asyncio.run(box.run(replace(Policy(), **given), words.program, stdin=stdin))
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


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < 1e9:
        raise argparse.ArgumentTypeError(f"{text} was refused; give a number above 0")
    return number
