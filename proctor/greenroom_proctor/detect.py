"""`greenroom detect`: what the detector finds in a feature trace."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from greenroom_proctor import rules, trace
from greenroom_proctor.trace import Observation
from greenroom_proctor.truth import Agreement

EXIT_CODES = "Exit codes: 0 done, 1 the file was refused (what was found stands on standard error), 2 a wrong call."


def main(argv: list[str]) -> int:
    """Run the detector on a trace: {"fps", "calibrate": [start, end], "frames": [{"t", "faces", "yaw", …}]}."""
    parser = argparse.ArgumentParser(prog="greenroom detect", description=main.__doc__, epilog=EXIT_CODES)
    parser.add_argument("trace", type=Path, metavar="TRACE.json")
    parser.add_argument("--json", action="store_true", help="print the observations as JSON")
    words = parser.parse_args(argv)
    table = rules.load().detector
    try:
        given = trace.read(words.trace.read_bytes())
    except OSError as error:
        print(f"greenroom detect: {words.trace} cannot be read: {error.strerror}", file=sys.stderr)
        return 1
    except trace.BadTraceError as error:
        print(f"greenroom detect: {words.trace} was refused: {error}", file=sys.stderr)
        return 1
    if (note := trace.note(table, given)) is not None:
        print(f"greenroom detect: {note}", file=sys.stderr)
    found = trace.observe(table, given)
    if words.json:
        print(as_json(found, None))
    else:
        print("\n".join(sentences(found)))
    return 0


def as_json(found: Sequence[Observation], agreement: Agreement | None) -> str:
    """What stands on standard output with --json."""
    counted = ("found", "expected", "false")
    truth = None if agreement is None else {name: getattr(agreement, name) for name in counted}
    return msgspec.json.encode({"observations": found, "truth": truth}).decode()


def sentences(found: Sequence[Observation]) -> list[str]:
    """The observations for a person, one a line."""
    if not found:
        return ["Nothing was observed."]
    head = f"{'from':>8} {'to':>8}  {'kind':<16} confidence"
    return [head, *(f"{one.start:8.2f} {one.end:8.2f}  {one.kind:<16} {one.confidence:.2f}" for one in found)]
