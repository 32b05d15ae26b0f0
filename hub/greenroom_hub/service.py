"""The service: the house, its routes and its process."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from greenroom_sandbox.client import Unreachable
from tornado.httpserver import HTTPServer
from tornado.log import access_log, app_log, enable_pretty_logging
from tornado.web import Application, RequestHandler

from greenroom_hub import bundle, pace, signing, submission, wire
from greenroom_hub.blobs import Blobs
from greenroom_hub.calls import socket as call_socket
from greenroom_hub.calls.calls import Calls
from greenroom_hub.consents import Consents
from greenroom_hub.demo import admin_link, make_demo
from greenroom_hub.doors import Doors
from greenroom_hub.expiry import Timekeeper
from greenroom_hub.exports import Exports
from greenroom_hub.gateway import Gateway
from greenroom_hub.grading.grader import Grader
from greenroom_hub.grading.grades import Grades
from greenroom_hub.grading.tries import Checking
from greenroom_hub.grading.variants import Variants
from greenroom_hub.guests import Guests
from greenroom_hub.house import House
from greenroom_hub.identity import Hub, Identity
from greenroom_hub.invitations import Invitations
from greenroom_hub.logins import Logins
from greenroom_hub.memos import Memos
from greenroom_hub.moment import now
from greenroom_hub.notes import Notes
from greenroom_hub.people import People
from greenroom_hub.ports import Ports
from greenroom_hub.record import Record
from greenroom_hub.remarks import Remarks
from greenroom_hub.room import routes as room_routes
from greenroom_hub.room.rooms import Rooms
from greenroom_hub.scorecards import Scorecards
from greenroom_hub.seats import Seats
from greenroom_hub.secrets import Secrets
from greenroom_hub.sessions import Sessions
from greenroom_hub.settings import CHECKOUT, PREFIX, Greenroom
from greenroom_hub.stagehand import Stagehand
from greenroom_hub.store.database import Store
from greenroom_hub.store.schema import migrate
from greenroom_hub.submission import Submissions
from greenroom_hub.templates import Templates
from greenroom_hub.web import pages, signin
from greenroom_hub.web.api import (
    assess,
    calibration,
    consent,
    elsewhere,
    grades,
    invitations,
    people,
    remarks,
    review,
    seats,
    sessions,
    steer,
    templates,
    timeline,
)
from greenroom_hub.wire import Wires

NOTEBOOKS = CHECKOUT / "notebooks"

# A template with 20 MiB of files, in base64 and JSON, is the largest thing anybody sends.
_BODY = 32 * 2**20
# A websocket message: no cell is larger than this.
_MESSAGE = 4 * 2**20
# Between two pings; a proxy in front may close what is silent for a minute.
_PING_SECONDS = 20
# How long open requests get to end when the service is stopped.
_STOP_SECONDS = 5

Route = tuple[Any, ...]


def routes() -> list[Route]:
    """Every address of the service, from the modules that serve them."""
    parts: list[list[Route]] = [
        *(part.routes for part in (pages, signin, templates, sessions, invitations, seats, people, consent)),
        *(part.routes for part in (timeline, calibration, elsewhere, grades, review, remarks, assess, steer)),
        *(_below_prefix(part.routes) for part in (wire, call_socket, submission)),
        room_routes.routes,
    ]
    return [
        *(route for part in parts for route in part),
        (f"{PREFIX}static/(.*)", pages.FileHandler, {"path": str(bundle.STATIC)}),
    ]


def _below_prefix(relative: list[Route]) -> list[Route]:
    return [(PREFIX + pattern, *rest) for pattern, *rest in relative]


def build(settings: Greenroom, ports: Ports) -> House:
    """The house, on a database brought up to date. What is wrong with the settings is refused here."""
    token = Secrets.of(settings.data_folder).service_token
    store = Store(settings.database_url or f"sqlite:///{settings.data_folder / 'greenroom.sqlite'}")
    migrate(store.engine)
    key = signing.signing_key(settings.data_folder)
    record = Record(store, key)
    templating, seating = Templates(store, now), Seats(store, now)
    sessions_ = Sessions(store, now, templating, seating, record)
    guests = Guests(settings, f"http://127.0.0.1:{ports.hub}/hub/api", token)
    gateway = Gateway(settings, f"http://127.0.0.1:{ports.runner}", record, sessions_)
    rooms = Rooms(settings, store=store, journal=record, sessions=sessions_, guests=guests, now=now)
    grader = Grader(Path(sys.prefix) / "environments" / "default", settings.kernel_memory, gateway.print)
    variants = Variants(grader)
    checking = Checking(record, sessions_, rooms.notebook, grader, variants)
    doors = Doors(settings, gateway, checking)
    guests.on_start(doors.open)
    submissions = Submissions(store, record, sessions_, rooms, guests, Blobs(settings.data_folder / "blobs"), key)
    wires = Wires(store, record, sessions_)
    notes = Notes(store, record, settings.note_hours, now)
    return House(
        settings=settings,
        store=store,
        record=record,
        people=People(store, now),
        logins=Logins(store, now, settings.login_hours),
        templates=templating,
        sessions=sessions_,
        seats=seating,
        invitations=Invitations(store, now, settings.invitation_hours),
        consents=Consents(store, now),
        guests=guests,
        gateway=gateway,
        doors=doors,
        rooms=rooms,
        submissions=submissions,
        checking=checking,
        grades=Grades(record, sessions_, submissions, grader, variants, key),
        variants=variants,
        wires=wires,
        calls=Calls(settings, record, sessions_, wires),
        notes=notes,
        remarks=Remarks(store, record),
        memos=Memos(store, now),
        scorecards=Scorecards(store, record, now),
        exports=Exports(store, record, rooms, submissions, notes, key, now),
    )


def application(house: House, hub: Identity, secrets: Secrets) -> Application:
    """The tornado application around a house."""
    return Application(
        routes(),
        default_handler_class=pages.NotFound,
        log_function=_log,
        cookie_secret=secrets.cookie_secret,
        websocket_ping_interval=_PING_SECONDS,
        websocket_max_message_size=_MESSAGE,
        house=house,
        hub=hub,
        service_token=secrets.service_token,
    )


def _log(handler: RequestHandler) -> None:
    """Without the query: a sign-in's code stands there."""
    status, request = handler.get_status(), handler.request
    say = access_log.info if status < 400 else access_log.warning if status < 500 else access_log.error
    say("%d %s %s %.1f ms", status, request.method, request.path, 1000 * request.request_time())


async def run(settings: Greenroom, port: int, ports: Ports) -> None:
    """Serves until a signal ends it."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    pace.keep()
    house, secrets = build(settings, ports), Secrets.of(settings.data_folder)
    hub = Hub(f"http://127.0.0.1:{ports.hub}", secrets.service_token, house.people)
    await house.templates.read_folder(NOTEBOOKS)
    await house.sessions.list()
    await _check_piston(house)
    stagehand, timekeeper = Stagehand(house), Timekeeper(house.sessions, house.logins, now)
    server = HTTPServer(application(house, hub, secrets), xheaders=True, max_body_size=_BODY)
    server.listen(port, "127.0.0.1")
    try:
        stagehand.start()
        await stagehand.catch_up()
        timekeeper.start()
        house.wires.start()
        await _ready(house)
        await stop.wait()
    finally:
        server.stop()
        timekeeper.stop()
        await stagehand.stop()
        await house.calls.stop()
        await house.wires.stop()
        await house.doors.close_all()
        await house.rooms.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(server.close_all_connections(), _STOP_SECONDS)
        house.store.close()
        app_log.info("stopped")


async def _check_piston(house: House) -> None:
    """An address that the operator gave is refused now; the embedded runner is started again by our parent."""
    try:
        await house.gateway.check()
    except Unreachable as error:
        if house.settings.piston_url:
            raise ValueError(str(error)) from None
        app_log.warning("%s", error)


async def _ready(house: House) -> None:
    """One line for the parent process."""
    links: dict[str, str] = {}
    if house.settings.demo:
        links = asdict(await make_demo(house))
    elif not house.settings.oauthenticator:
        links = {"admin": await admin_link(house)}
    print(json.dumps({"ready": True, "links": links}), flush=True)


def main(argv: list[str]) -> int:
    """Runs the service. `greenroom serve` starts it."""
    from greenroom_hub.serve import CannotServe, load  # noqa: PLC0415 - the parent knows the configuration, not us it

    parser = argparse.ArgumentParser(prog="python -m greenroom_hub.service", description=main.__doc__)
    parser.add_argument("--config", type=Path, default=CHECKOUT / "jupyterhub_config.py")
    parser.add_argument("--port", type=int, required=True, help="a port on loopback")
    words = parser.parse_args(argv)
    enable_pretty_logging()
    try:
        asyncio.run(run(load(words.config), words.port, Ports.from_environment()))
    except (CannotServe, ValueError) as reason:
        print(f"greenroom: the service cannot start: {reason}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
