"""The base of every handler: who is asking, in which seat, and whether they may. What is not named is denied."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar
from urllib.parse import quote

import msgspec
from greenroom_proctor.words import Seat, State
from tornado.log import app_log
from tornado.web import HTTPError, RequestHandler
from tornado.websocket import WebSocketHandler

from greenroom_hub.life import Refusal
from greenroom_hub.people import HUB, STRANGER, Who
from greenroom_hub.settings import PREFIX
from greenroom_hub.web import origin
from greenroom_hub.web.access import MEANING, Access, may
from greenroom_hub.web.denied import Denied, Problem
from greenroom_hub.web.shell import error_page

if TYPE_CHECKING:
    from greenroom_hub.house import House
    from greenroom_hub.sessions import Session

COOKIE = "greenroom"
T = TypeVar("T")

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_CSP = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
    "img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' blob: mediastream:; worker-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_PERMISSIONS = (
    "camera=(self), fullscreen=(self), window-management=(self), {call}, geolocation=(), usb=(), serial=(), hid=(), "
    "bluetooth=(), midi=(), payment=(), clipboard-read=(), idle-detection=(), local-fonts=(), "
    "accelerometer=(), gyroscope=(), magnetometer=()"
)
_CALL = {
    False: "microphone=(), display-capture=(), speaker-selection=()",
    True: "microphone=(self), display-capture=(self), speaker-selection=(self)",
}


class Guarded(RequestHandler):
    """A handler that nobody may call unless `access` names them. Websocket handlers mix it in."""

    access: ClassVar[Mapping[str, Access]] = {}
    # Where the route's session must stand for a seat to come in; a seat that is not named comes in always.
    states: ClassVar[Mapping[Seat, frozenset[State]]] = {}

    who: Who = STRANGER
    seat: Seat | None = None
    session: Session | None = None

    @property
    def house(self) -> House:
        """Every part of the service."""
        house: House = self.application.settings["house"]
        return house

    @property
    def actor(self) -> str:
        """Who is asking, as the record names them."""
        return "candidate" if self.who.session is not None else self.who.name

    def content_security_policy(self) -> str:
        """What this page may load. Nothing from elsewhere."""
        return _CSP

    # Whether a call may be held on this page: then it may ask for the microphone, and to share the screen.
    holds_calls: ClassVar[bool] = False

    def set_default_headers(self) -> None:
        """The headers of every answer."""
        self.set_header("Content-Security-Policy", self.content_security_policy())
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Permissions-Policy", _PERMISSIONS.format(call=_CALL[self.holds_calls]))
        self.set_header("Cross-Origin-Opener-Policy", "same-origin")
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")
        self.set_header("Cache-Control", "no-store")
        self.clear_header("Server")

    def check_xsrf_cookie(self) -> None:
        """Not used: a request that changes something must come from one of our pages, see `origin`."""

    def check_origin(self, origin: str) -> bool:  # noqa: ARG002 - tornado's name for it; `prepare` has judged the request
        """Already judged, more strictly than tornado would."""
        return True

    async def prepare(self) -> None:
        """Finds out who is asking, and stops the request when they may not."""
        access = self.access.get(self.request.method or "")
        if access is None:
            raise Denied(405, f"{self.request.method} is not served here", do="See openapi for what is.")
        self._same_origin()
        self.who = await self._identify()
        if self._to_sign_in(access):
            return
        await self._take_seat()
        self._admit(access)
        if isinstance(self, WebSocketHandler) and self.who.login is not None:
            self.house.logins.follow(self.who.login, self)
            if self.session is not None:
                self.house.seats.follow(self.session.id, self.who.name, self)

    def _same_origin(self) -> None:
        opens_a_socket = self.request.headers.get("Upgrade", "").lower() == "websocket"
        if self.request.method in _SAFE and not opens_a_socket:
            return
        if not origin.ours(self.request.headers, self.request.host, self.house.settings.url):
            raise Denied(
                403,
                "This request was not made by a page of this server",
                f"its Origin is {self.request.headers.get('Origin', 'absent')}",
                f"Open {self.house.settings.url}. If people reach this server under another address, set public_url.",
            )

    async def _identify(self) -> Who:
        kind, _, token = self.request.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return self._service(token)
        if kind.lower() == "token":
            return await self._script(token)
        secret = self.get_cookie(COOKIE)
        login = await self.house.logins.find(secret) if secret else None
        if login is None:
            return STRANGER
        if login.session is not None:
            return Who(login.name, login.display_name, session=login.session, login=login.id)
        person = await self.house.people.get(login.name)
        return Who(person.name, person.display_name, role=person.role, login=login.id)

    def _service(self, token: str) -> Who:
        expected: str = self.application.settings["service_token"]
        return HUB if hmac.compare_digest(token.encode(), expected.encode()) else STRANGER

    async def _script(self, token: str) -> Who:
        person = await self.application.settings["hub"].person_of(token)
        return STRANGER if person is None else Who(person.name, person.display_name, role=person.role)

    def _to_sign_in(self, access: Access) -> bool:
        if self.who.known or self.who.service or access is Access.ANYONE:
            return False
        if self.wants_html() and self.request.method == "GET":
            self.redirect(f"{PREFIX}login?next={quote(self.request.uri or PREFIX)}")
            return True
        raise Denied(401, "Nobody is signed in", do=f"Sign in at {self.house.settings.url}{PREFIX}login.")

    async def _take_seat(self) -> None:
        id = self.path_kwargs.get("session")
        if id is None or not self.who.known:
            return
        if self.who.session not in {None, id}:
            raise Denied(403, "This is somebody else's session", "this browser is signed in for another one")
        self.session = await self.house.sessions.get(id)
        self.seat = await self.house.sessions.seat(id, self.who)

    def _admit(self, access: Access) -> None:
        if not may(access, self.who, self.seat):
            found = f"you are signed in as {self.who.display_name or self.who.name}"
            found += f", {self.seat} here" if self.seat else ""
            raise Denied(403, f"This is for {MEANING[access]}", found, "Ask an interviewer of the session for a seat.")
        if self.session is None or self.seat is None:
            return
        states = self.states.get(self.seat)
        if states is not None and self.session.state not in states:
            raise Denied(409, "This is not open now", f"the session is {self.session.state}", "Go back to its page.")

    def wants_html(self) -> bool:
        """Whether a person looks at the answer."""
        return "text/html" in self.request.headers.get("Accept", "")

    def write_error(self, status_code: int, **kwargs: Any) -> None:  # noqa: ANN401 - tornado's signature
        """Every error as JSON, or as a page when a person looks."""
        problem = _problem(status_code, kwargs.get("exc_info", (None, None, None))[1])
        self.set_status(status_code)
        if self.wants_html():
            self.set_header("Content-Type", "text/html; charset=utf-8")
            self.finish(error_page(status_code, problem))
        else:
            self.set_header("Content-Type", "application/json")
            self.finish(msgspec.json.encode(problem))

    def _handle_request_exception(self, e: BaseException) -> None:
        try:
            raise _as_http(e)  # noqa: TRY301 - tornado reads the exception that is being handled, not the one it is given
        except BaseException as error:  # noqa: BLE001 - handed on
            super()._handle_request_exception(error)

    def _request_summary(self) -> str:
        """Without the query: a sign-in's code stands there."""
        return f"{self.request.method} {self.request.path} ({self.request.remote_ip})"

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:  # noqa: ANN401 - tornado's signature
        """Refusals are answers, and only faults are worth a stack trace."""
        if isinstance(value, Denied):
            app_log.info("%s %s: %s", self.request.method, self.request.path, value.problem.refused)
        else:
            super().log_exception(typ, value, tb)


class Handler(Guarded):
    """A handler of plain requests."""

    def answer(self, value: object, status: int = 200) -> None:
        """Answers with JSON."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.finish(msgspec.json.encode(value))

    def body(self, shape: type[T]) -> T:
        """The request's JSON in the shape that the route documents. Denied when it is another one."""
        media = self.request.headers.get("Content-Type", "").partition(";")[0].strip()
        if media != "application/json":
            raise Denied(415, "The body was not read", f"its type is {media or 'not given'}", "Send application/json.")
        try:
            return msgspec.json.decode(self.request.body, type=shape)
        except msgspec.DecodeError as error:
            raise Denied(400, "The body was not understood", str(error), "See openapi for its shape.") from error


def _as_http(error: BaseException) -> BaseException:
    """An answer for what the parts of the house raise."""
    if isinstance(error, Refusal):
        return Denied(409, str(error), f"its state is {error.state}", "Look at the session's state first.")
    if isinstance(error, LookupError) and not isinstance(error, (KeyError, IndexError)):
        return Denied(404, str(error))
    return error


def _problem(status: int, error: BaseException | None) -> Problem:
    if isinstance(error, Denied):
        return error.problem
    if isinstance(error, HTTPError) and status < 500:
        return Problem(HTTPStatus(status).phrase, str(error.log_message or ""))
    return Problem(
        "Something went wrong on our side", "", "Try again; if it stays, tell the person who runs this server."
    )
