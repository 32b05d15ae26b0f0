"""`greenroom bench`: measure, tell, and say with the exit code whether every bar holds."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from greenroom_sandbox import machine

from greenroom_hub.bench import (
    calls,
    documents,
    door,
    guest,
    isolation,
    kernels,
    pages,
    records,
    rooms,
    runs,
    start,
    wires,
)
from greenroom_hub.bench.child import ON_DISK
from greenroom_hub.bench.measure import CannotMeasure, Measure
from greenroom_hub.bench.report import page

BENCHES: Mapping[str, Callable[[bool], Awaitable[list[Measure]]]] = {
    "run": pages.runs,
    "keystroke": pages.keystrokes,
    "door": door.door,
    "start": start.start,
    "kernel-round-trip": kernels.round_trip,
    "kernel_start": isolation.kernel_start,
    "numpy": isolation.numpy,
    "guest": guest.guests,
    "spawn": isolation.spawn,
    "runner": runs.runs,
    "gateway": runs.gateway,
    "rooms": rooms.rooms,
    "validation": documents.validation,
    "long-room": documents.long_room,
    "ingest": wires.ingest,
    "acknowledgement": wires.acknowledgement,
    "dashboard": wires.dashboard,
    "verify": records.verify,
    "call": calls.calls,
}


def main(argv: list[str]) -> int:
    """Measure all, or those that are named. Exit code 0 when every bar holds, else 1."""
    parser = argparse.ArgumentParser(prog="greenroom bench", description=main.__doc__)
    parser.add_argument("name", nargs="*", metavar="NAME", help=f"one of {', '.join(BENCHES)}; default: all")
    parser.add_argument("--json", action="store_true", help="print a list of measurements")
    parser.add_argument("--write", type=Path, metavar="FILE", help="also write them as a page")
    parser.add_argument("--quick", action="store_true", help="as little as shows that it runs; no numbers to go by")
    words = parser.parse_args(argv)
    if unknown := [name for name in words.name if name not in BENCHES]:
        print(f"the bench {unknown[0]!r} is not known; there are {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    if problems := machine.check():
        print("\n".join(problems), file=sys.stderr)
        return 2
    try:
        measures = asyncio.run(_measure(words.name or list(BENCHES), words.quick))
    except CannotMeasure as reason:
        print(f"greenroom bench: {reason}", file=sys.stderr)
        return 2
    text = page(measures, " ".join(("greenroom bench", *argv)), datetime.now(UTC), Path(ON_DISK))
    if words.write:
        words.write.write_text(text)
    print(msgspec.json.encode(measures).decode() if words.json else text)
    return 0 if all(one.holds for one in measures) else 1


async def _measure(names: list[str], quick: bool) -> list[Measure]:
    found: list[Measure] = []
    for name in names:
        print(f"bench: {name} …", file=sys.stderr, flush=True)
        found += await BENCHES[name](quick)
    return found
