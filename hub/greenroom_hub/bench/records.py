"""Checking a long record, as `greenroom verify` does it, and the verify page in a JavaScript engine."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from greenroom_proctor import chain, export
from greenroom_proctor.chain import Checkpoint, Event

from greenroom_hub.bench.measure import CannotMeasure, Measure, alone
from greenroom_hub.settings import CHECKOUT

EVENTS = 20_000  # of issue 5: an exam of four hours in which something happens every 0.7 s
PYTHON_BAR, BROWSER_BAR = 1.0, 2.0  # seconds; issue 5 has the browser's
BEGAN = 1_764_000_000_000
LAB = CHECKOUT / "labextension"


def record(count: int, key: Ed25519PrivateKey) -> tuple[bytes, bytes]:
    """So many observations and the signatures among them, one a line each."""
    events: list[Event] = []
    last = (0, chain.START)
    for n in range(1, count + 1):
        times = {"start": BEGAN + n * 700, "end": BEGAN + n * 700 + 300}
        sure = {"confidence": 0.983, "quality": 0.912}
        body: dict[str, Any] = {
            "browser": "0123456789abcdef",
            "n": n,
            "id": f"{n:012x}",
            "signal": "gaze",
            "kind": "gaze_away",
        }
        events.append(
            chain.link("s-benchbench", last, BEGAN + n * 700, "observation", "candidate", body | times | sure)
        )
        last = (events[-1].seq, events[-1].hash)
    marks = [chain.sign(key, one, one.at) for one in events if one.seq % chain.EVERY == 0]
    return export.lines(events), export.lines(marks)


async def verify(quick: bool) -> list[Measure]:
    """Seconds from the bytes of a record to the word that it is whole, in Python and in JavaScript."""
    count, rounds = (200, 1) if quick else (EVENTS, 3)
    key = Ed25519PrivateKey.generate()
    events, marks = record(count, key)
    return [
        alone("verify", f"s for {count} events", [_python(events, marks, key) for _ in range(rounds)], PYTHON_BAR),
        alone("verify-page", f"s for {count} events", await _javascript(events, marks, key, rounds), BROWSER_BAR),
    ]


def _python(events: bytes, marks: bytes, key: Ed25519PrivateKey) -> float:
    began = time.perf_counter()
    event, mark = msgspec.json.Decoder(Event), msgspec.json.Decoder(Checkpoint)
    rows, signed = (
        [event.decode(line) for line in events.splitlines()],
        [mark.decode(line) for line in marks.splitlines()],
    )
    problem = chain.check(rows, signed, key.public_key())
    assert problem is None
    return time.perf_counter() - began


async def _javascript(events: bytes, marks: bytes, key: Ed25519PrivateKey, rounds: int) -> list[float]:
    """What the page runs, in node: the engine and the cryptography that Chromium has, without a page around it."""
    if not (LAB / "node_modules").exists():
        raise CannotMeasure("the JavaScript packages are not installed; run `python3 install.py bench`")
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (("events", events), ("marks", marks)):
            (Path(folder) / name).write_bytes(text)
        public = msgspec.to_builtins(key.public_key().public_bytes_raw())
        words = ("node", "scripts/verify.mjs", folder, public, str(rounds))
        run = await asyncio.create_subprocess_exec(*words, cwd=LAB, stdout=asyncio.subprocess.PIPE)
        said, _ = await run.communicate()
    if run.returncode:
        raise CannotMeasure(f"node scripts/verify.mjs ended with code {run.returncode}")
    times: list[float] = json.loads(said)
    return times
