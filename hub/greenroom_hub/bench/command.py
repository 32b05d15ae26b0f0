"""`greenroom bench`: measure, tell, and say with the exit code whether every bar holds."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import msgspec
from greenroom_sandbox import machine

from greenroom_hub.bench import kernels, runs
from greenroom_hub.bench.measure import Measure, page

BENCHES: Mapping[str, Callable[[], Awaitable[list[Measure]]]] = {
    "kernel-round-trip": kernels.round_trip,
    "piston": runs.runs,
}


def main(argv: list[str]) -> int:
    """Measure all, or those that are named. Exit code 0 when every bar holds, else 1."""
    parser = argparse.ArgumentParser(prog="greenroom bench", description=main.__doc__)
    parser.add_argument("name", nargs="*", metavar="NAME", help=f"one of {', '.join(BENCHES)}; default: all")
    parser.add_argument("--json", action="store_true", help="print a list of measurements")
    parser.add_argument("--write", type=Path, metavar="FILE", help="also write them as a page")
    words = parser.parse_args(argv)
    if unknown := [name for name in words.name if name not in BENCHES]:
        print(f"the bench {unknown[0]!r} is not known; there are {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    if problems := machine.check():
        print("\n".join(problems), file=sys.stderr)
        return 2
    measures = asyncio.run(_measure(words.name or list(BENCHES)))
    if words.write:
        words.write.write_text(page(measures))
    print(msgspec.json.encode(measures).decode() if words.json else page(measures))
    return 0 if all(one.holds for one in measures) else 1


async def _measure(names: list[str]) -> list[Measure]:
    found: list[Measure] = []
    for name in names:
        found += await BENCHES[name]()
    return found
