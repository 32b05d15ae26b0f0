"""The service of a bench with many sessions, in a process of its own: its real parts, without hub, guests or kernels.

Run as `python -m greenroom_hub.bench.crowd_service FOLDER SESSIONS`; it prints one line of JSON and serves until it is
told to end.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path
from typing import Any

import msgspec
from greenroom_proctor.words import Action, Role, Signal
from msgspec import Struct
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port

from greenroom_hub import pace
from greenroom_hub.bench.notebook import notebook
from greenroom_hub.house import House
from greenroom_hub.identity import Hub
from greenroom_hub.moment import now
from greenroom_hub.policy import Policy, Use
from greenroom_hub.ports import Ports
from greenroom_hub.room.rooms import Rooms
from greenroom_hub.secrets import Secrets
from greenroom_hub.service import application, build
from greenroom_hub.settings import Greenroom
from greenroom_hub.templates import Sidecar

STAFF = "ada"
NOWHERE = 9  # the port "discard": nobody listens there


class Sitting(Struct, frozen=True):
    """One session that is live, and the cookies of its candidate and of its interviewer."""

    id: str
    candidate: str
    interviewer: str


class Open(Struct, frozen=True):
    """What the process says when it serves."""

    port: int
    sittings: list[Sitting]


class Absent:
    """Guests that are always on their way: kernels are other processes, and not what is measured."""

    async def start(self, session: str) -> None:  # noqa: ARG002 - nobody comes, to any session
        """Never returns."""
        await asyncio.Event().wait()

    async def fetch(self, session: str, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401
        """Nobody answers."""
        raise ConnectionError(f"there is no guest to {method} {path} of {session}: {body}")

    async def connect(self, session: str, path: str, **how: Any) -> Any:  # noqa: ANN401
        """Nobody answers."""
        raise ConnectionError(f"there is no guest to connect to {path} of {session}: {how}")

    async def killed_for_memory(self, session: str) -> int:  # noqa: ARG002
        """Nothing was."""
        return 0


async def _sitting(house: House, number: int) -> Sitting:
    template = await house.templates.put("bench", notebook(), {}, Sidecar(), STAFF)
    policy = Policy(signals=dict.fromkeys((Signal.FACE, Signal.CAMERA, Signal.VISIBILITY), Use.ON))
    session = await house.sessions.create(
        title=f"Bench {number}", candidate=f"Person {number}", template=template, author=STAFF, policy=policy
    )
    for action in (Action.ARRIVE, Action.OPEN):
        await house.sessions.act(session.id, action, STAFF)
    candidate, _ = await house.logins.start(session.id, f"Person {number}", session.id)
    interviewer, _ = await house.logins.start(STAFF, "Ada")
    return Sitting(session.id, candidate, interviewer)


async def main(folder: Path, count: int) -> None:
    """Serves until a signal ends it."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    pace.keep()
    socket, port = bind_unused_port()
    settings = Greenroom(data=str(folder), port=port)
    settings.data_folder.mkdir(parents=True, exist_ok=True)
    house, secrets = build(settings, Ports(NOWHERE, NOWHERE, NOWHERE, NOWHERE)), Secrets.of(settings.data_folder)
    house.rooms = Rooms(
        settings, store=house.store, journal=house.record, sessions=house.sessions, guests=Absent(), now=now
    )
    await house.people.put(STAFF, "Ada", Role.INTERVIEWER)
    sittings = [await _sitting(house, number) for number in range(count)]
    server = HTTPServer(application(house, Hub("http://127.0.0.1:9", secrets.service_token, house.people), secrets))
    server.add_socket(socket)
    house.wires.start()
    print(msgspec.json.encode(Open(port, sittings)).decode(), flush=True)
    await stop.wait()
    server.stop()
    await house.wires.stop()
    await server.close_all_connections()
    house.store.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
