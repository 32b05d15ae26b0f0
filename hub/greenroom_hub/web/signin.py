"""Signing in through the hub, signing out, and what the hub asks us while it lets somebody in."""

from __future__ import annotations

import hmac
import secrets
from typing import ClassVar

import msgspec
from tornado.web import HTTPError

from greenroom_hub.identity import Identified, Identity
from greenroom_hub.invitations import Unusable
from greenroom_hub.logins import Login
from greenroom_hub.people import Person
from greenroom_hub.settings import PREFIX
from greenroom_hub.web.access import Access
from greenroom_hub.web.denied import Denied
from greenroom_hub.web.handler import COOKIE, Handler
from greenroom_hub.web.paths import own

_UNDER_WAY = "greenroom-sign-in"
# Long enough for somebody who looks for their second factor.
_UNDER_WAY_DAYS = 15 / 24 / 60


class _SignIn(msgspec.Struct, frozen=True):
    """A sign-in under way, in a signed cookie: a restart of the service does not lose it."""

    state: str
    verifier: str
    next: str


class LoginHandler(Handler):
    """Sends the browser to the hub, which knows how people sign in here."""

    access: ClassVar = {"GET": Access.ANYONE}

    async def get(self) -> None:
        """To the hub's authorize page."""
        under_way = _SignIn(secrets.token_urlsafe(24), secrets.token_urlsafe(48), own(self.get_argument("next", "")))
        self.set_signed_cookie(
            _UNDER_WAY,
            msgspec.json.encode(under_way),
            expires_days=_UNDER_WAY_DAYS,
            path=PREFIX,
            httponly=True,
            samesite="Lax",
            secure=self.house.settings.secure,
        )
        hub: Identity = self.application.settings["hub"]
        self.redirect(hub.authorize_url(under_way.state, under_way.verifier))


class CallbackHandler(Handler):
    """Where the hub sends the browser back to. Makes our own login, which lasts while the hub is down."""

    access: ClassVar = {"GET": Access.ANYONE}

    async def get(self) -> None:
        """A login row, a cookie, and on to where the person wanted to go."""
        under_way = self._under_way()
        self.clear_cookie(_UNDER_WAY, path=PREFIX)
        if under_way is None or not hmac.compare_digest(under_way.state, self.get_argument("state", "")):
            raise Denied(403, "This sign-in was not begun in this browser", "", f"Start again at {PREFIX}login.")
        found = await self._exchange(under_way)
        name, display_name, session = await self._somebody(found)
        await self._end_former(await self._former())
        secret, login = await self.house.logins.start(name, display_name, session)
        self._set_login(secret, login)
        self.redirect(under_way.next)

    def _under_way(self) -> _SignIn | None:
        text = self.get_signed_cookie(_UNDER_WAY, max_age_days=_UNDER_WAY_DAYS)
        return None if text is None else msgspec.json.decode(text, type=_SignIn)

    async def _exchange(self, under_way: _SignIn) -> Identified:
        hub: Identity = self.application.settings["hub"]
        if refused := self.get_argument("error", ""):
            raise Denied(403, "The hub did not sign you in", refused[:200], f"Start again at {PREFIX}login.")
        try:
            found = await hub.exchange(self.get_argument("code", ""), under_way.verifier)
        except (HTTPError, OSError) as error:
            raise Denied(502, "The hub did not answer the sign-in", str(error), "Try again in a moment.") from error
        if found is None:
            raise Denied(403, "The hub does not know who you are", "", f"Start again at {PREFIX}login.")
        return found

    async def _somebody(self, found: Identified) -> tuple[str, str, str | None]:
        if found.session is not None:
            session = await self.house.sessions.get(found.session)
            return session.id, session.candidate, session.id
        if not found.staff:
            raise Denied(403, "This is for staff", f"{found.name} is not staff here", "Ask an admin of the hub.")
        person: Person = await self.house.people.seen(found.name, found.display_name, admin=found.admin)
        return person.name, person.display_name, None

    async def _former(self) -> Login | None:
        secret = self.get_cookie(COOKIE)
        return await self.house.logins.find(secret) if secret else None

    async def _end_former(self, former: Login | None) -> None:
        if former is not None:
            await self.house.logins.end(former.id, "replaced")

    def _set_login(self, secret: str, login: Login) -> None:
        self.set_cookie(
            COOKIE,
            secret,
            expires=login.expires / 1000,
            path=PREFIX,
            httponly=True,
            samesite="Lax",
            secure=self.house.settings.secure,
        )


class LogoutHandler(Handler):
    """Signs this browser out, here and in the hub."""

    access: ClassVar = {"POST": Access.KNOWN}

    async def post(self) -> None:
        """Ends the login with all its sockets."""
        if self.who.login is not None:
            await self.house.logins.end(self.who.login, "signed out")
        self.clear_cookie(COOKIE, path=PREFIX)
        self.redirect("/hub/logout", status=303)


class Token(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stood in a link's fragment."""

    token: str


class RedeemHandler(Handler):
    """The hub redeems an invitation. The seat moves to whoever holds the link: everywhere else it ends."""

    access: ClassVar = {"POST": Access.SERVICE}

    async def post(self) -> None:
        """The session, whose name is the hub user's, and the candidate's name. 403 with a reason when it is no use."""
        try:
            invitation = await self.house.invitations.redeem(self.body(Token).token)
        except Unusable as error:
            raise Denied(403, str(error), "", f"Ask {self.house.settings.contact} for a new one.") from error
        session = await self.house.sessions.get(invitation.session)
        moved = await self.house.logins.end_candidate(session.id, "moved")
        body = {"invitation": invitation.id, "times": invitation.times, "moved": moved > 0}
        await self.house.record.append(session.id, "invitation.redeemed", body, actor="candidate")
        self.answer({"session": session.id, "display_name": session.candidate, "next": f"{PREFIX}s/{session.id}"})


class StaffLinkHandler(Handler):
    """The hub uses up a staff link."""

    access: ClassVar = {"POST": Access.SERVICE}

    async def post(self) -> None:
        """Whose it is and where they go next. 403 with a reason when it is no use."""
        try:
            name, next = await self.house.invitations.use_staff_link(self.body(Token).token)
        except Unusable as error:
            raise Denied(403, str(error), "", "Ask an admin for a new one.") from error
        person = await self.house.people.get(name)
        self.answer({"name": person.name, "display_name": person.display_name, "next": own(next)})


routes = [
    (f"{PREFIX}login", LoginHandler),
    (f"{PREFIX}oauth_callback", CallbackHandler),
    (f"{PREFIX}logout", LogoutHandler),
    (f"{PREFIX}internal/redeem", RedeemHandler),
    (f"{PREFIX}internal/staff-link", StaffLinkHandler),
]
