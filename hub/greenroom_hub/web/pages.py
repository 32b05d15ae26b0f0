"""The pages: which one, for whom, with which data. What they look like is in labextension/src/pages."""

from __future__ import annotations

import re
from typing import ClassVar
from urllib.parse import unquote

import msgspec
from greenroom_proctor.words import Seat
from tornado.web import StaticFileHandler

from greenroom_hub import bundle
from greenroom_hub.consents import WORDING
from greenroom_hub.settings import PREFIX
from greenroom_hub.web.access import Access
from greenroom_hub.web.api.sessions import view
from greenroom_hub.web.denied import Denied
from greenroom_hub.web.handler import Guarded, Handler
from greenroom_hub.web.paths import SESSION
from greenroom_hub.web.shell import shell

_VERSION = re.compile(f"[0-9a-f]{{{bundle.SHOWN}}}")


class PageHandler(Handler):
    """A page."""

    def props(self, **more: object) -> dict[str, object]:
        """What every page knows."""
        settings = self.house.settings
        me = {"name": self.who.name, "display_name": self.who.display_name, "role": self.who.role}
        common = {"prefix": PREFIX, "organisation": settings.organisation, "contact": settings.contact}
        common |= {"static": bundle.current().folder, "bundle": bundle.current().fingerprint}
        return {**common, "url": settings.url, "secure": settings.secure, "me": me if self.who.known else None, **more}

    def page(self, name: str, title: str, **more: object) -> None:
        """Answers with the page."""
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(shell(name, f"{title} · {self.house.settings.organisation}", self.props(**more)))


class StaffPage(PageHandler):
    """All sessions of a member of staff. A candidate is sent to their own page."""

    access: ClassVar = {"GET": Access.KNOWN}

    async def get(self) -> None:
        """The page."""
        if self.who.session is not None:
            self.redirect(f"{PREFIX}s/{self.who.session}")
            return
        self.page("staff", "Sessions", oauth=bool(self.house.settings.oauthenticator))


class SessionPage(PageHandler):
    """One session, for its staff."""

    access: ClassVar = {"GET": Access.PANEL}
    holds_calls = True

    async def get(self, session: str) -> None:
        """The page."""
        found = await self.house.sessions.get(session)
        seats = await self.house.seats.list(session)
        self.page("session", found.title, session=msgspec.to_builtins(view(found, self.seat, seats)))


class CandidatePage(PageHandler):
    """The candidate's way from welcome to handed in."""

    access: ClassVar = {"GET": Access.CANDIDATE}

    async def get(self, session: str) -> None:
        """The page."""
        found = await self.house.sessions.get(session)
        shown = msgspec.to_builtins(view(found, Seat.CANDIDATE, {}))
        consent = await self.house.consents.last(session)
        answer = (
            None if consent is None else {"wording": consent.wording, "accepted": consent.accepted, "at": consent.at}
        )
        self.page("candidate", found.title, session=shown, wording=WORDING, consent=answer)


class DeclinedPage(PageHandler):
    """Whom to ask, for a candidate who does not agree."""

    access: ClassVar = {"GET": Access.ANYONE}

    def get(self) -> None:
        """The page."""
        self.page("declined", "You declined")


class VerifyPage(PageHandler):
    """Checks a receipt in the browser."""

    access: ClassVar = {"GET": Access.ANYONE}

    def get(self) -> None:
        """The page."""
        self.page("verify", "Check a receipt or an export")


class HealthHandler(Handler):
    """Whether the service works, its store included."""

    access: ClassVar = {"GET": Access.ANYONE}

    async def get(self) -> None:
        """Answers once the store did."""
        await self.house.store.run(lambda connection: connection.exec_driver_sql("SELECT 1").scalar())
        self.answer({"status": "ok"})


class FileHandler(Guarded, StaticFileHandler):
    """Built code and styles."""

    access: ClassVar = {"GET": Access.ANYONE, "HEAD": Access.ANYONE}
    for_good = False

    async def get(self, path: str, include_body: bool = True) -> None:
        """The file. Under the bundle's own address it is kept by browsers for good."""
        version, _, rest = path.partition("/")
        if _VERSION.fullmatch(version):
            if version != bundle.current().fingerprint[: bundle.SHOWN]:
                raise Denied(404, "This page is older than the server", path, "Load the page again.")
            self.for_good, path = True, rest
        await super().get(path, include_body)

    async def head(self, path: str) -> None:
        """The same without its content."""
        await self.get(path, include_body=False)

    def set_extra_headers(self, path: str) -> None:  # noqa: ARG002 - tornado's signature
        """Without the bundle in its address it is asked for again each time, and sent only when it changed."""
        self.set_header("Cache-Control", "public, max-age=31536000, immutable" if self.for_good else "no-cache")


class NotFound(Handler):
    """Every other address."""

    access: ClassVar = dict.fromkeys(Handler.SUPPORTED_METHODS, Access.ANYONE)

    async def prepare(self) -> None:
        """Nothing here."""
        path = unquote(self.request.path)[:200]
        raise Denied(404, "There is nothing at this address", path, f"Begin at {self.house.settings.url}{PREFIX}.")


routes = [
    (PREFIX, StaffPage),
    (f"{PREFIX}sessions/{SESSION}", SessionPage),
    (f"{PREFIX}s/{SESSION}", CandidatePage),
    (f"{PREFIX}declined", DeclinedPage),
    (f"{PREFIX}verify", VerifyPage),
    (f"{PREFIX}health", HealthHandler),
]
