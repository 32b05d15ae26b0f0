"""BENCHMARKS.md: the measurements as a page, with the machine they were made on."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from greenroom_hub.bench.measure import Measure

MEANING = {
    "run-to-both-pages": "Ctrl-Enter in one page until the output stands in both",
    "keystroke-to-other-page": "A key pressed until it stands in the other page; ours is durable before it is shown",
    "door-to-cursor": "The interviewer opens the door until the candidate's cursor stands in a cell; warm guest, "
    "empty browser cache",
    "second-start": "Starting all of Greenroom again, until it prints the links",
    "kernel-round-trip": "`1+1` until its reply is here and the kernel idle, over the service's own channel",
    "kernel_start": "From asking for a kernel until it has answered `1+1`",
    "numpy": "A job of numpy and pandas",
    "spawn": "A candidate's two containers, until the server answers; the image is warm",
    "guest-start": "Starting a candidate's server",
    "guest-idle-memory": "A candidate's server that waits, all its processes",
    "rooms-keystroke": "A key sent by one page until another one of its room has it, on disk by then: 300 rooms in one "
    "service, five keys a second in each",
    "rooms-processor": "What such a key costs the service; at the bar, the keys of 300 rooms would fill one core",
    "validation": "Judging a key: read, applied to the copy on which it is judged, and judged",
    "long-room": "Opening a room of four hours, from its log and snapshot on disk",
    "ingest": "An observation checked, chained, durable, judged and acknowledged; 300 browsers send what waited",
    "acknowledgement": "An observation sent until its acknowledgement is here; five fdatasyncs are in the bar",
    "dashboard": "An observation sent until it stands in the timeline that an interviewer watches",
    "call-connect": "The candidate joins until the interviewer's picture is shown; devices opened, one network",
    "look-first-picture": "A look until the candidate's picture is shown; allowed before, 100 candidates connected",
    "runner": "Hello in Python at the runner, in a box that was made beforehand",
    "runner-8-at-once": "The same, asked for by eight at once, who then read: the slowest but one of twenty",
    "runner-c": "Hello in C, compiled and run",
    "gateway": "What the gateway adds to a run: who, which language, limits, rate, and the event in the record",
    "verify": "`greenroom verify` of a record",
    "verify-page": "The page's own code, in node",
}
_PACKAGES = ("jupyterhub", "jupyterlab", "tornado", "pycrdt", "ipykernel", "playwright")


def page(measures: Sequence[Measure], command: str, at: datetime, place: Path) -> str:
    """The page. `place` is the folder whose disk the benches wrote to."""
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    lines = [
        "# Benchmarks",
        "",
        f"Written by `{command}` on {at:%Y-%m-%d}.",
        "",
        f"- Machine: {processor()}, Linux {platform.release()}, {disk(place)}",
        f"- Versions: Greenroom {version('greenroom')}, Python {platform.python_version()}, {packages}",
        "- Peers: the stock servers of `hub/greenroom_hub/bench/peers/stock.lock`, in an environment of their own",
        "",
        "A ratio is ours to the peer's, as the median over rounds of one run in which both take turns. Without a peer,",
        "the bar is how long a person waits. The pages are two people's in a real Chromium; the signals are off, as a",
        "candidate's camera is read on the candidate's machine and not on the one that all share here.",
        "",
        "| what | unit | ours | peer | ratio | bar | met |",
        "|---|---|---|---|---|---|---|",
        *map(_row, measures),
    ]
    return "\n".join(lines) + "\n"


def _row(one: Measure) -> str:
    meaning = f"{MEANING[one.name]} (`{one.name}`)" if one.name in MEANING else one.name
    peer = "–" if one.peer is None else f"{one.peer:g} ({one.peer_name})"
    ratio = "–" if one.ratio is None else f"{one.ratio:g}"
    met = "yes" if one.holds else "**no**"
    return f"| {meaning} | {one.unit} | {one.ours:g} | {peer} | {ratio} | {one.bar:g} | {met} |"


def processor() -> str:
    """How many cores of what."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    return f"{os.cpu_count()} × {model}"


def disk(place: Path) -> str:
    """The disk under a folder: its device and file system."""
    device = place.stat().st_dev
    wanted = f"{os.major(device)}:{os.minor(device)}"
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        fields = line.split()
        if fields[2] == wanted:
            kind, source = fields[fields.index("-") + 1 :][:2]
            return f"{kind} on {source}"
    return "an unnamed disk"
