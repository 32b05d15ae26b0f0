"""Every recorded clip through the browser's whole path: camera, worker, detector, wire, record. Python finds the same.

The clips are played in real time, several at once, and a machine that is busy with other things reads too few of their
pictures, or reads them late: a clip that does not agree is played once more, alone and four times slower, by clocks that
go four times slower. What is wrong then, too, is wrong.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from camera.film import CLIPS, ON_SCREEN, TRUTH, Film
from camera.stage import PATIENCE, Candidate, candidate, chromium
from greenroom_hub import replay
from greenroom_proctor import rules, trace, truth
from greenroom_proctor.trace import Observation
from greenroom_proctor.words import Kind, Signal
from hub.conftest import Place, place  # noqa: F401 - a fixture
from playwright.async_api import Playwright, async_playwright, expect

expect.set_options(timeout=PATIENCE)
LANES = 2  # browsers at once: in real time there is no other way to be quicker, and each takes half a core
ALONE = 4.0  # times slower, for a clip that is played again; Chromium counts whole pictures a second
ENOUGH = 5.0  # pictures a second at the least, of eight; from there on the usual rules hold
TOLERANCE = 0.5  # seconds between an onset and the truth, and between both readers
REST = 2.5  # seconds until everything that lasted at a clip's end has been seen to be over
TABLE = rules.load().detector

# All clocks of a page, or of its worker, `slower` times slower; when a camera was opened, and thus its file is at its
# first picture; and what the worker read.
CLOCKS = """(() => {
    const slower = %(slower)s, zero = %(zero)s, now = performance.now.bind(performance), born = performance.timeOrigin;
    performance.now = () => now() / slower;
    Object.defineProperty(performance, 'timeOrigin', { value: zero + (born - zero) / slower });
})();"""
PAGE = """(() => {
    const moment = () => performance.timeOrigin + performance.now();
    const media = navigator.mediaDevices, ask = media.getUserMedia.bind(media), say = WebSocket.prototype.send;
    media.getUserMedia = async wanted => {
        const stream = await ask(wanted);
        window.opened = moment();
        window.read = 0;
        return stream;
    };
    WebSocket.prototype.send = function (text) {
        if (String(text).includes('"hello"')) window.skew = Date.now() - moment();
        return say.call(this, text);
    };
    const Plain = window.Worker;
    window.Worker = class extends Plain {
        constructor(...given) {
            super(...given);
            this.addEventListener('message', ({ data }) => {
                if (data.type === 'read') window.read += 1;
            });
        }
    };
})();"""


@dataclass
class Played:
    """What came of one clip: observations in seconds from its first picture, and pictures a second that were read."""

    observations: list[Observation]
    pace: float


@pytest.fixture
async def playwright() -> AsyncIterator[Playwright]:
    async with async_playwright() as started:
        yield started


async def slow_down(who: Candidate, slower: float) -> None:
    clocks = CLOCKS % {"slower": slower, "zero": time.time() * 1000}
    await who.context.add_init_script(clocks + PAGE)

    async def worker(route: object) -> None:
        answer = await route.fetch()  # type: ignore[attr-defined]
        await route.fulfill(response=answer, body=clocks + await answer.text())  # type: ignore[attr-defined]

    await who.context.route("**/worker.js", worker)


async def calibrated(who: Candidate, film: Film, clip: str) -> None:
    """Looks at five dots, as this clip's head, and goes to the lobby. There the camera is taken away."""
    slower, film.slower = film.slower, 1.0
    await film.show(clip, ON_SCREEN)
    await who.allow()
    await who.page.goto(who.home)
    await who.button("Look at five dots")
    await expect(who.page.get_by_text("That worked")).to_be_visible()
    film.slower = slower
    await film.show(clip)
    await who.button("Go to the lobby")
    await expect(who.page.locator(".gr-camera-status")).to_contain_text("You are in the picture")
    await who.allow(camera=False)
    await expect(who.page.locator(".gr-camera-status")).to_contain_text("does not let this page use the camera")


async def play(who: Candidate, film: Film, clip: str) -> Played:
    """Gives the camera back, so that the clip begins, and waits for its end."""
    await calibrated(who, film, clip)
    page, seconds = who.page, TRUTH[clip]["secs"]
    await page.evaluate("() => { window.opened = null; }")
    await who.allow()
    while (opened := await page.evaluate("window.opened")) is None:
        await asyncio.sleep(0.05)
    await asyncio.sleep((seconds + REST) * film.slower)
    opened, pace = opened + await page.evaluate("window.skew"), await page.evaluate("window.read") / (seconds + REST)
    await page.goto("about:blank")
    found = []
    for one in await who.observations():
        start, end = ((at - opened) / 1000 for at in (one["start"], one["end"] or float("inf")))
        if -0.2 < start < seconds and one["kind"] != "camera_off":
            signal, kind = Signal(one["signal"]), Kind(one["kind"])
            found.append(Observation(signal, kind, round(start, 2), round(end, 2), one["confidence"]))
    return Played(found, pace)


async def one(place: Place, playwright: Playwright, folder: Path, clip: str, slower: float = 1.0) -> Played:  # noqa: F811
    """A clip in a browser of its own."""
    async with chromium(playwright, folder / clip) as (browser, film), candidate(place, browser) as who:
        film.slower = slower
        await slow_down(who, slower)
        return await play(who, film, clip)


def judged(clip: str, seen: list[Observation], reference: list[Observation]) -> str:
    """What is wrong with what came of a clip; nothing, where it agrees with the truth and with Python."""
    agreement = truth.compare(seen, truth.read((CLIPS / "ground_truth.json").read_bytes(), clip))
    if (agreement.found, agreement.false) != (agreement.expected, 0):
        return f"{agreement}: {seen}"
    if any(abs(late) > TOLERANCE for late in agreement.latencies):
        return f"onsets are late or early by {agreement.latencies}"
    if [one.kind for one in seen] != [one.kind for one in reference]:
        return f"Python saw {reference}, the browser {seen}"
    apart = [abs(ours.start - theirs.start) for ours, theirs in zip(seen, reference, strict=True)]
    return f"Python and the browser are {apart} apart" if any(one > TOLERANCE for one in apart) else ""


async def test_every_clip_through_the_whole_path_agrees_with_the_truth_and_with_python(
    place: Place,  # noqa: F811
    playwright: Playwright,
    tmp_path: Path,
) -> None:
    stems = sorted(TRUTH)
    lines = await asyncio.to_thread(replay.run_without_network, replay.READER, *(CLIPS / f"{one}.mp4" for one in stems))
    traces = dict(zip(stems, lines.splitlines(), strict=True))
    queue = sorted(TRUTH, key=lambda clip: -TRUTH[clip]["secs"])
    found: dict[str, str] = {}

    async def look(clip: str, slower: float = 1.0) -> None:
        played = await one(place, playwright, tmp_path, clip, slower)
        reference = trace.observe(TABLE, trace.read(traces[clip]))
        few = f"{played.pace:.1f} pictures a second were read" if played.pace < ENOUGH else ""
        found[clip] = few or judged(clip, played.observations, reference)

    async def lane() -> None:
        while queue:
            await look(queue.pop(0))

    await asyncio.gather(*(lane() for _ in range(LANES)))
    for clip in [clip for clip, wrong in found.items() if wrong]:
        await look(clip, ALONE)
    assert found == dict.fromkeys(stems, "")
