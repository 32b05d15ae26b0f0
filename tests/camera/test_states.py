"""Every state of the camera, brought about in a real browser: its honest sentence, and a way on."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from camera.film import Film
from camera.stage import PATIENCE, Candidate, candidate, chromium, until
from hub.conftest import Place, place  # noqa: F401 - a fixture
from playwright.async_api import Browser, Playwright, Route, async_playwright, expect

expect.set_options(timeout=PATIENCE)


@pytest.fixture
async def playwright() -> AsyncIterator[Playwright]:
    async with async_playwright() as started:
        yield started


@pytest.fixture
async def stage(playwright: Playwright, tmp_path: Path) -> AsyncIterator[tuple[Browser, Film]]:
    async with chromium(playwright, tmp_path / "camera") as made:
        yield made


async def says(who: Candidate, words: str) -> None:
    await expect(who.page.locator(".gr-camera-status")).to_contain_text(words)


def failing(name: str) -> str:
    """A camera that cannot be opened, in the browser's words for it."""
    refusal = f"Promise.reject(new DOMException('', '{name}'))"
    return f"navigator.mediaDevices.getUserMedia = () => window.mended ? window.mended() : {refusal};"


@pytest.mark.parametrize(
    ("script", "words", "again"),
    [
        (failing("NotFoundError"), "No camera was found", True),
        (failing("NotReadableError"), "Another program is using the camera", True),
        (failing("NotAllowedError"), "does not let this page use the camera", True),
        (failing("WeirdError"), "could not be opened", True),
        ("Object.defineProperty(navigator, 'mediaDevices', { value: undefined });", "gives pages no camera", False),
        ("Object.defineProperty(window, 'isSecureContext', { value: false });", "without https", False),
        ("navigator.mediaDevices.getUserMedia = () => new Promise(() => undefined);", "Please choose “Allow”", False),
    ],
    ids=["none", "busy", "refused", "unknown", "no API", "http", "asked"],
)
async def test_a_camera_that_does_not_open_is_named_and_nobody_is_kept_out(
    place: Place,  # noqa: F811
    stage: tuple[Browser, Film],
    script: str,
    words: str,
    again: bool,
) -> None:
    async with candidate(place, stage[0]) as who:
        await who.context.add_init_script(script)
        await who.page.goto(who.home)
        await says(who, words)
        await expect(who.page.get_by_role("button", name="Try again")).to_be_visible(visible=again)
        await who.button("Go on without the camera")
        await expect(who.page.get_by_role("heading", name="Lobby")).to_be_visible()


async def in_the_lobby(who: Candidate, film: Film, clip: str = "01_looking") -> None:
    """With a camera that works."""
    await film.show(clip, 3.0)
    await who.allow()
    await who.page.goto(who.home)
    await who.button("Look at five dots")
    await expect(who.page.get_by_text("That worked")).to_be_visible()
    await who.button("Go to the lobby")
    await says(who, "You are in the picture")


# A worker on a machine without a graphics card that the browser would use
NO_WEBGL = """(() => {
    const proto = OffscreenCanvas.prototype, real = proto.getContext;
    proto.getContext = function (kind, ...given) {
        return kind.startsWith('webgl') ? null : real.call(this, kind, ...given);
    };
})();"""
# What a lid does: the camera is open, and its stream has no picture any more
LID = """(() => {
    let shut = false;
    new BroadcastChannel('lid').onmessage = ({ data }) => { shut = data; };
    const proto = ReadableStreamDefaultReader.prototype, real = proto.read;
    proto.read = async function () {
        for (;;) {
            const next = await real.call(this);
            if (!shut || next.done) return next;
            next.value.close();
        }
    };
})();"""
TRACK = "document.querySelector('.gr-camera-picture').srcObject.getVideoTracks()[0]"


async def test_what_becomes_of_a_camera_that_worked(place: Place, stage: tuple[Browser, Film]) -> None:  # noqa: F811
    """Unplugged, switched off, covered by a lid, taken back, and each time well again; the record has one kind for it."""
    browser, film = stage
    async with candidate(place, browser) as who:
        await in_the_lobby(who, film)
        await who.page.evaluate(f"{TRACK}.dispatchEvent(new Event('mute'))")
        await says(who, "The camera gives no picture")
        await who.page.evaluate(f"{TRACK}.dispatchEvent(new Event('unmute'))")
        await says(who, "You are in the picture")
        await who.allow(camera=False)
        await says(who, "does not let this page use the camera")
        await who.allow()
        await says(who, "You are in the picture")
        before = {one["id"] for one in await who.observations()}
        await who.page.evaluate(f"{TRACK}.dispatchEvent(new Event('ended'))")
        await says(who, "The camera is gone")

        async def noted(*, over: bool) -> bool:
            fresh = [one for one in await who.observations() if one["id"] not in before]
            return [(one["kind"], one["by"], one["end"] is not None) for one in fresh] == [
                ("camera_off", "browser", over)
            ]

        await until(lambda: noted(over=False), PATIENCE / 1000)
        await who.button("Try again")
        await says(who, "You are in the picture")
        await until(lambda: noted(over=True), PATIENCE / 1000)


async def test_a_closed_lid_gives_no_pictures(place: Place, stage: tuple[Browser, Film]) -> None:  # noqa: F811
    """A camera that is open and silent: its stream has no picture any more."""
    browser, film = stage
    async with candidate(place, browser) as who:
        await patched(who, LID)
        await in_the_lobby(who, film)
        await who.page.evaluate("new BroadcastChannel('lid').postMessage(true)")
        await says(who, "its lid may be closed")
        await who.page.evaluate("new BroadcastChannel('lid').postMessage(false)")
        await says(who, "You are in the picture")


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        ("color=black", "too dark"),
        ("color=white", "too bright"),
        ("color=gray", "the lens may be covered"),
        ("testsrc noise=alls=100:allf=t", "too grainy"),
        ("testsrc", "does not see your face"),
    ],
    ids=["dark", "bright", "covered", "grainy", "nobody"],
)
async def test_a_picture_that_cannot_be_judged_says_why(
    place: Place,  # noqa: F811
    stage: tuple[Browser, Film],
    picture: str,
    words: str,
) -> None:
    browser, film = stage
    async with candidate(place, browser) as who:
        await film.paint(*picture.split())
        await who.allow()
        await who.page.goto(who.home)
        await says(who, words)


@pytest.mark.parametrize(
    ("clip", "why"),
    [("testsrc", "Your face was not seen"), ("color=black", "too dark"), ("07_two_faces", "More than one face")],
)
async def test_a_calibration_that_cannot_be_used_is_refused_with_its_reason_and_may_be_tried_again(
    place: Place,  # noqa: F811
    stage: tuple[Browser, Film],
    clip: str,
    why: str,
) -> None:
    browser, film = stage
    async with candidate(place, browser) as who:
        if clip in {"testsrc", "color=black"}:
            await film.paint(clip)
        else:
            await film.show(clip, 3.0, "trim=start=4.5,setpts=PTS-STARTPTS")
        await who.allow()
        await who.page.goto(who.home)
        await who.button("Look at five dots")
        await expect(who.page.locator(".note")).to_contain_text(why)
        await expect(who.page.get_by_role("button", name="Look at five dots")).to_be_focused()
        await who.button("Go on without the dots")
        await expect(who.page.get_by_role("heading", name="Lobby")).to_be_visible()


async def test_the_dots_can_be_stopped_with_a_key(place: Place, stage: tuple[Browser, Film]) -> None:  # noqa: F811
    browser, film = stage
    async with candidate(place, browser) as who:
        await film.show("01_looking", 3.0)
        await who.allow()
        await who.page.goto(who.home)
        await who.button("Look at five dots")
        await expect(who.page.get_by_role("dialog", name="Calibration")).to_be_visible()
        await who.page.keyboard.press("Escape")
        await expect(who.page.get_by_text("Stopped. You can begin again")).to_be_visible()


async def altered(route: Route) -> None:
    """One byte more than there was."""
    answer = await route.fetch()
    await route.fulfill(response=answer, body=await answer.body() + b" ")


async def test_files_that_are_not_the_ones_they_should_be_are_not_used(
    place: Place,  # noqa: F811
    stage: tuple[Browser, Film],
) -> None:
    browser, film = stage
    await film.show("01_looking", 3.0)
    for file in ("**/face_landmarker.task", "**/vision_wasm_module_internal.wasm"):
        async with candidate(place, browser) as who:
            await who.allow()
            await who.context.route(file, altered)
            await who.page.goto(who.home)
            await says(who, "not the one it should be, so it is not used")
    async with candidate(place, browser) as who:
        await who.allow()
        await who.context.route("**/worker.js", lambda route: route.abort())
        await who.page.goto(who.home)
        await says(who, "could not be loaded")
        await who.context.unroute("**/worker.js")
        await who.button("Try again")
        await says(who, "You are in the picture")
    async with candidate(place, browser) as who:
        refused: list[str] = []
        who.page.on("console", lambda message: refused.append(message.text))
        await who.context.route("**/pages/candidate.js", altered)
        await who.page.goto(who.home)

        async def told() -> bool:
            return any("integrity" in text for text in refused)

        await until(told)
        assert await who.page.locator("main h1").count() == 0


async def test_a_weak_machine_is_looked_at_less_often_and_told_so(
    place: Place,  # noqa: F811
    stage: tuple[Browser, Film],
) -> None:
    """Each picture takes longer, as on a machine that is ten times slower."""
    browser, film = stage
    async with candidate(place, browser) as who:
        await film.show("01_looking", 3.0)
        await who.allow()
        await slower(who, 300)
        await who.page.goto(who.home)
        await says(who, "looked at twice a second and only what lasts is noticed")
    async with candidate(place, browser) as who:
        await who.allow()
        await slower(who, 1500)
        await who.page.goto(who.home)
        await says(who, "too busy to read the pictures, so nothing is concluded")


async def patched(who: Candidate, beginning: str) -> None:
    """The worker with some lines before its own."""

    async def worker(route: Route) -> None:
        answer = await route.fetch()
        await route.fulfill(response=answer, body=beginning + await answer.text())

    await who.context.route("**/worker.js", worker)


async def slower(who: Candidate, milliseconds: int) -> None:
    wait = f"{{ const till = performance.now() + {milliseconds}; while (performance.now() < till); }}"
    await patched(
        who,
        f"""(() => {{
        const proto = OffscreenCanvasRenderingContext2D.prototype, real = proto.getImageData;
        proto.getImageData = function (...given) {{ {wait} return real.apply(this, given); }};
    }})();""",
    )


async def test_a_tab_in_the_background_is_read_on_or_said_not_to_be(
    place: Place,  # noqa: F811
    stage: tuple[Browser, Film],
) -> None:
    """Where the worker has a stream of pictures it reads on; where the page has to draw them it says that it does not."""
    browser, film = stage
    hidden = """() => {
        Object.defineProperty(document, 'hidden', { get: () => true, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
    }"""
    async with candidate(place, browser) as who:
        await in_the_lobby(who, film)
        await who.page.evaluate(hidden)
        await film.paint("color=black")
        await who.allow(camera=False)
        await who.allow()
        await says(who, "too dark")
    async with candidate(place, browser) as who:
        await who.context.add_init_script("delete window.MediaStreamTrackProcessor;")
        await in_the_lobby(who, film)
        await who.page.evaluate(hidden)
        await says(who, "in the background, so nothing about your face is measured")


async def test_without_webgl_nothing_is_measured_and_that_is_said(
    place: Place,  # noqa: F811
    stage: tuple[Browser, Film],
) -> None:
    browser, film = stage
    async with candidate(place, browser) as who:
        await patched(who, NO_WEBGL)
        await film.show("01_looking", 3.0)
        await who.allow()
        await who.page.goto(who.home)
        await says(who, "no WebGL 2, which the face reader needs")


async def test_one_camera_serves_the_check_and_whoever_else_asks(
    place: Place,  # noqa: F811
    stage: tuple[Browser, Film],
) -> None:
    """Going from the device page to the lobby, and a clone for a call: the browser is asked once at a time."""
    browser, film = stage
    async with candidate(place, browser) as who:
        await in_the_lobby(who, film)
        clone: Any = await who.page.evaluate(
            f"() => {{ window.clone = {TRACK}.clone(); return window.clone.readyState; }}"
        )
        assert clone == "live"
        await who.page.evaluate("window.clone.stop()")
        await says(who, "You are in the picture")
        await expect(who.page.locator(".gr-camera")).to_have_attribute("data-tone", re.compile("good"))
