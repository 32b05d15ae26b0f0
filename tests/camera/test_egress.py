"""What leaves a candidate's computer while the camera check runs: nothing but known words and numbers, and few of them."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
import pytest
from camera.enclave import Enclave
from camera.stage import PATIENCE, candidate, chromium, until
from greenroom_proctor.messages import FromBrowser
from hub.conftest import Place, place  # noqa: F401 - a fixture
from playwright.async_api import Playwright, Request, WebSocket, async_playwright, expect
from tornado.httpserver import HTTPServer

expect.set_options(timeout=PATIENCE)
BYTES_A_MINUTE = 6000  # a heartbeat of 55 bytes every five seconds, and a few observations of 250
LONGEST = 400  # bytes of one message
DECODER = msgspec.json.Decoder(FromBrowser)


@pytest.fixture
async def playwright() -> AsyncIterator[Playwright]:
    async with async_playwright() as started:
        yield started


@pytest.fixture
def enclave() -> Iterator[Enclave]:
    made = Enclave(f"greenroom-{os.getpid()}")
    yield made
    made.close()


async def test_no_picture_no_landmark_and_no_packet_leaves(
    place: Place,  # noqa: F811
    playwright: Playwright,
    enclave: Enclave,
    tmp_path: Path,
) -> None:
    """A clip in which somebody leaves, through the real camera path, in a browser that can reach nothing but us."""
    server = HTTPServer(place.application)
    server.add_socket(enclave.listen(place.house.settings.port))
    asked: list[Request] = []
    said: list[bytes] = []

    def note(request: Request) -> None:
        asked.append(request)

    def hear(socket: WebSocket) -> None:
        socket.on("framesent", lambda text: said.append(text.encode() if isinstance(text, str) else text))

    async with (
        chromium(playwright, tmp_path, program=enclave.chromium(tmp_path)) as (browser, film),
        candidate(place, browser) as who,
    ):
        who.context.on("request", note)
        who.page.on("websocket", hear)
        await film.show("06_leaves")
        await who.allow()
        await who.page.goto(who.home)
        await expect(who.page.locator(".gr-camera-status")).to_contain_text("in the picture")
        await who.button("Look at five dots")
        await expect(who.page.locator(".note")).not_to_be_empty()
        await who.page.get_by_role("button", name="Go ").first.click()
        begun = time.monotonic()

        async def noted() -> bool:
            return any(one["kind"] == "face_absent" and one["end"] for one in await who.observations())

        await until(noted, 120)
        minutes = max(1.0, (time.monotonic() - begun) / 60)

        assert {request.url.partition("/services/")[0] for request in asked} - {""} <= {place.url}
        sent = [len(request.post_data_buffer or b"") for request in asked]
        assert sum(sent) + sum(map(len, said)) < BYTES_A_MINUTE * minutes, (sent, said)
        for one in said:
            assert len(one) < LONGEST
            DECODER.decode(one)  # typed: numbers and known words, no list and no text
            assert b"[" not in one
        assert {b'"type":"hello"' in said[0], any(b"face_absent" in one for one in said)} == {True}
        assert (enclave.left(), enclave.datagrams()) == (0, 0)

        # The page may not ask elsewhere; and the counters count: a peer connection, which no policy of a page can
        # forbid, is seen by them. A call begins with one, and only when the candidate has accepted it.
        elsewhere = "fetch('http://192.0.2.1/').then(() => 'answered', () => 'refused')"
        assert await who.page.evaluate(elsewhere) == "refused"
        assert enclave.left() == 0
        await who.page.evaluate("""() => {
            const peer = new RTCPeerConnection({ iceServers: [{ urls: 'stun:192.0.2.1' }] });
            peer.createDataChannel('hole');
            return peer.createOffer().then(offer => peer.setLocalDescription(offer));
        }""")

        async def seen() -> bool:
            return enclave.datagrams() + enclave.left() > 0

        await until(seen)
    server.stop()
    await asyncio.sleep(0)
