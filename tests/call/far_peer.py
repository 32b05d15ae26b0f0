"""A second kind of peer: aiortc, which joins a call over the same signalling as a browser does."""

from __future__ import annotations

import asyncio
from fractions import Fraction
from typing import Any

import msgspec
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription, VideoStreamTrack
from aiortc.sdp import candidate_from_sdp
from av import AudioFrame
from greenroom_hub.settings import PREFIX
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

PAGE = "a10c".ljust(16, "0")
RATE, PACKET = 48_000, 960  # samples a second, and of one packet of 20 ms
SHOWING = {"camera": True, "microphone": True, "screen": False, "pictures": True}


class Silence(MediaStreamTrack):
    """A microphone in a quiet room, as fast as time goes."""

    kind = "audio"
    at = 0

    async def recv(self) -> AudioFrame:
        await asyncio.sleep(PACKET / RATE)
        frame = AudioFrame(format="s16", layout="mono", samples=PACKET)
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        frame.sample_rate, frame.pts, frame.time_base = RATE, self.at, Fraction(1, RATE)
        self.at += PACKET
        return frame


class FarPeer:
    """Somebody whose page is a program."""

    def __init__(self) -> None:
        self.connections: dict[str, RTCPeerConnection] = {}
        self.got: dict[str, int] = {"audio": 0, "video": 0}
        self.socket: WebSocketClientConnection | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def join(self, url: str, session: str, cookie: str) -> None:
        """Into the call; it answers whoever offers."""
        path = f"{url.replace('http', 'ws')}{PREFIX}api/v1/sessions/{session}/call"
        headers = {"Cookie": f"greenroom={cookie}", "Origin": url}
        self.socket = await websocket_connect(HTTPRequest(path, headers=headers))
        await self._say(type="hello", page=PAGE)
        await self._say(type="join", showing=SHOWING)
        self._tasks.append(asyncio.create_task(self._listen()))

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for one in self.connections.values():
            await one.close()
        if self.socket is not None:
            self.socket.close(1000)

    async def _say(self, **message: Any) -> None:
        assert self.socket is not None
        await self.socket.write_message(msgspec.json.encode(message).decode())

    async def _listen(self) -> None:
        assert self.socket is not None
        while (text := await self.socket.read_message()) is not None:
            said: dict[str, Any] = msgspec.json.decode(text)
            if said["type"] == "peers":
                for peer in said["peers"]:
                    await self._meet(peer)
            elif said["type"] == "describe":
                await self._described(said["by"], said["kind"], said["text"])
            elif said["type"] == "reach" and said["path"]:
                await self._reached(said)

    async def _meet(self, peer: dict[str, Any]) -> None:
        """Whoever is polite waits for the offer; otherwise it is ours to make, of the same three lines."""
        page = peer["page"]
        if page in self.connections:
            return
        made = self.connections[page] = RTCPeerConnection()
        made.on("track", lambda track: self._tasks.append(asyncio.create_task(self._count(track))))
        if not peer["polite"]:
            for what in (Silence(), VideoStreamTrack(), "video"):
                made.addTransceiver(what, direction="sendrecv")
            await made.setLocalDescription(await made.createOffer())
            await self._describe(page)

    async def _described(self, page: str, kind: str, text: str) -> None:
        made = self.connections[page]
        await made.setRemoteDescription(RTCSessionDescription(text, kind))
        if kind == "offer":
            sound, camera, _ = made.getTransceivers()
            for one, track in ((sound, Silence()), (camera, VideoStreamTrack())):
                one.direction = "sendrecv"
                one.sender.replaceTrack(track)
            await made.setLocalDescription(await made.createAnswer())
            await self._describe(page)

    async def _describe(self, page: str) -> None:
        made = self.connections[page].localDescription
        await self._say(type="describe", to=page, kind=made.type, text=made.sdp)

    async def _reached(self, said: dict[str, Any]) -> None:
        found = candidate_from_sdp(said["path"].removeprefix("candidate:"))
        found.sdpMid, found.sdpMLineIndex = said["mid"], said["line"]
        await self.connections[said["by"]].addIceCandidate(found)

    async def _count(self, track: MediaStreamTrack) -> None:
        while True:
            await track.recv()
            self.got[track.kind] += 1
