"""The hub's pages of ours: entering by an invitation or a staff link, and the hub's own pages closed off."""

from __future__ import annotations

import html
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, NoReturn

from jupyterhub import orm
from jupyterhub.handlers import BaseHandler
from tornado.web import HTTPError

from greenroom_hub.sessions import PATTERN
from greenroom_hub.settings import PREFIX

TEMPLATES = Path(__file__).parent / "hub_templates"  # in place of JupyterHub's own pages

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{prefix}static/pages/greenroom.css">
</head>
<body data-page="{page}">
<main id="page">
<h1>{title}</h1>
{content}
</main>
</body>
</html>
"""
_FORM = """<p>{lead}</p>
{warning}
<form method="post" id="enter">
<input type="hidden" name="_xsrf" value="{xsrf}">
<input type="hidden" name="token" id="token">
<p id="missing" hidden>This link is not complete. Copy all of it, from https:// to the last letter.</p>
<button id="go">{button}</button>
</form>
<noscript><p>This page needs JavaScript.</p></noscript>
<script nonce="{nonce}">
function take() {{
  const token = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  document.getElementById("token").value = token;
  document.getElementById("go").hidden = !token;
  document.getElementById("missing").hidden = Boolean(token);
}}
addEventListener("hashchange", take);
take();
</script>"""
# Another link pasted into a tab that shows why the first did not work differs from it in the fragment alone.
_ANOTHER = """<script nonce="{nonce}">
addEventListener("hashchange", () => location.replace("?again" + location.hash));
</script>"""


@dataclass(slots=True)
class Link:
    """A token out of a link's fragment, on its way to the service; `next` is where the person goes afterwards."""

    route: str
    token: str
    candidate: bool
    next: str = PREFIX

    def refuse(self, status: int, problem: dict[str, Any]) -> NoReturn:
        """Says why the link does not let anybody in."""
        if status != 403:
            raise HTTPError(502, "Greenroom's service did not answer. Try again in a moment.")
        raise HTTPError(403, " ".join(filter(None, (f"{problem.get('refused', '')}.", problem.get("do", "")))))


class LinkHandler(BaseHandler):  # type: ignore[misc]
    """Entering by a link. A GET uses nothing up, so that mail scanners and previews do no harm."""

    route: ClassVar[str]
    candidate: ClassVar[bool]
    title: ClassVar[str]
    lead: ClassVar[str]
    button: ClassVar[str]

    def set_default_headers(self) -> None:
        """Nothing of this page is kept, and nothing is told to the next one."""
        super().set_default_headers()
        self.nonce = secrets.token_urlsafe(16)
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header(
            "Content-Security-Policy",
            f"default-src 'none'; style-src 'self'; img-src data:; script-src 'nonce-{self.nonce}'; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        )

    def warning(self, name: str) -> str:
        """What somebody reads whose browser is signed in already; as HTML."""
        raise NotImplementedError

    def get(self) -> None:
        """The page with the button."""
        user = self.current_user
        content = _FORM.format(
            lead=html.escape(self.lead),
            warning=self.warning(user.name) if user else "",
            xsrf=html.escape(self.xsrf_token.decode()),
            button=html.escape(self.button),
            nonce=self.nonce,
        )
        self._page(self.title, content)

    async def post(self) -> None:
        """Signs in. The hub's prepare has checked the XSRF token."""
        link = Link(self.route, self.get_body_argument("token", ""), self.candidate)
        model = await self.authenticate(link)
        if not model:
            raise HTTPError(403, "This link is not valid.")
        self.clear_login_cookie()  # with the tokens of whoever was signed in here
        self.set_session_cookie()  # a fresh one: what was known of the browser before is worth nothing now
        user = await self.auth_to_user(model)
        if self.candidate:
            self._only_here(user)
        self._jupyterhub_user = user
        self.set_login_cookie(user)
        self.log.info("signed in by %s: %s", self.route, user.name)
        self.redirect(f"{PREFIX}login?next={link.next}")

    def _only_here(self, user: Any) -> None:  # noqa: ANN401 - the hub's user
        user.orm_user.cookie_id = orm.new_token()
        for token in self.db.query(orm.APIToken).filter_by(user_id=user.id):
            if token.session_id is not None:  # of a browser, and not of the candidate's server
                self.db.delete(token)
        self.db.commit()

    def write_error(self, status_code: int, **kwargs: Any) -> None:  # noqa: ANN401 - tornado's signature
        """The reason in plain words, in place of the hub's error page."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        known = isinstance(error, HTTPError) and error.log_message
        text = str(error.log_message) if known else "Something went wrong on our side. Try the link again."
        self.set_status(status_code)
        self._page("This link did not work", f"<p>{html.escape(text)}</p>{_ANOTHER.format(nonce=self.nonce)}")

    def _page(self, title: str, content: str) -> None:
        page = _PAGE.format(title=html.escape(title), page=self.route, prefix=PREFIX, content=content)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(page)


class InvitationHandler(LinkHandler):
    """A candidate enters."""

    route = "redeem"
    candidate = True
    title = "Your session"
    lead = "First you read what this is and what is recorded. Nothing is recorded of your work before you agree."
    button = "Enter"

    def warning(self, name: str) -> str:
        """Staff are warned before their browser becomes the candidate's."""
        if re.fullmatch(PATTERN, name):
            return "<p>This browser is in a session already. Entering continues with the one of this link.</p>"
        return (
            f'<p id="warning" role="alert">This browser is signed in as <strong>{html.escape(name)}</strong>. Entering '
            "signs that out here and makes this browser the candidate's. To look at a session as staff, "
            "close this page.</p>"
        )


class StaffLinkHandler(LinkHandler):
    """A member of staff enters by a one-time link."""

    route = "staff-link"
    candidate = False
    title = "Staff sign-in"
    lead = "This link signs you in on this browser. It works once."
    button = "Sign in"

    def warning(self, name: str) -> str:
        """One browser is one person at a time."""
        if re.fullmatch(PATTERN, name):
            text = "This browser is a candidate's in a session. Signing in ends that here."
            return f'<p id="warning" role="alert">{text}</p>'
        return f"<p>This browser is signed in as {html.escape(name)}; signing in replaces that.</p>"


class ClosedHandler(BaseHandler):  # type: ignore[misc]
    """A page of the hub that has no use here: people are sent to where they want to be."""

    def get(self, *_: str) -> None:
        """To the service."""
        self.redirect(PREFIX)

    post = get
