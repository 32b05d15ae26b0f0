"""Sign-in at the hub: one class out of any OAuthenticator, with two ways in of its own: invitations and staff links."""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from typing import Any

from jupyterhub.auth import Authenticator
from jupyterhub.handlers import BaseHandler
from oauthenticator.oauth2 import OAuthenticator
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from traitlets import Bool, Unicode
from traitlets.utils.importstring import import_item

from greenroom_hub.hub_pages import ClosedHandler, InvitationHandler, Link, StaffLinkHandler
from greenroom_hub.sessions import PATTERN

STAFF_GROUP = "greenroom-staff"
# Where the class is not called by the module's name with a capital.
_CLASSES = {"github": "GitHub", "gitlab": "GitLab", "azuread": "AzureAd", "cilogon": "CILogon", "mediawiki": "MW"}
_CLASSES |= {"auth0": "Auth0", "openshift": "OpenShift"}
_SESSION = re.compile(PATTERN)
_CLOSED = (
    r"/home",
    r"/token",
    r"/admin(?:/.*)?",
    r"/spawn(?:/.*)?",
    r"/spawn-pending/.*",
    r"/user-redirect(?:/.*)?",
    r"/accept-share",
)


class GreenroomSignIn(Authenticator):
    """What the sign-in of a Greenroom hub has, whoever vouches for staff. Mixed into an OAuthenticator by `make`."""

    # Staff and candidates are told apart by a group that the sign-in gives, so groups are the sign-in's to give.
    manage_groups = Bool(default_value=True, help="Always on: staff are a group that the sign-in gives.").tag(
        config=False
    )
    service_url = Unicode(help="The service's own address, such as http://127.0.0.1:10101/services/greenroom/.").tag(
        config=True
    )
    service_token = Unicode(help="The token that the hub and the service share.").tag(config=True)

    def get_handlers(self, app: Any) -> list[tuple[str, type[BaseHandler]]]:  # noqa: ANN401 - the hub
        """The provider's handlers, ours, and the hub's pages that nobody needs here, closed."""
        return [
            *super().get_handlers(app),
            (r"/invitation", InvitationHandler),
            (r"/staff-link", StaffLinkHandler),
            *((path, ClosedHandler) for path in _CLOSED),
        ]

    def get_custom_html(self, base_url: str) -> str:  # noqa: ARG002 - the hub's signature
        """The login page: for staff, with a word to candidates who ended up here."""
        words = "Candidates: open your invitation link again. "
        if not isinstance(self, OAuthenticator):
            return f"<p>{words}Staff: sign in with a one-time link from an admin.</p>"
        button = '<a class="button main" href="{{ authenticator_login_url | e }}">Staff sign-in</a>'
        return f"<p>{button}</p><p>{words}</p>"

    async def get_authenticated_user(self, handler: Any, data: Any) -> dict[str, Any] | None:  # noqa: ANN401
        """A link's user, or the provider's, who is staff and may not have a session's name."""
        if isinstance(data, Link):
            return await self._by_link(data)
        model: dict[str, Any] | None = await super().get_authenticated_user(handler, data)
        if model is None:
            return None
        if _SESSION.fullmatch(model["name"]):
            self.log.warning("refused a member of staff called %s: such names are sessions'", model["name"])
            return None
        model["groups"] = sorted({*(model.get("groups") or ()), STAFF_GROUP})
        info = (model.get("auth_state") or {}).get(getattr(self, "user_auth_state_key", ""), {})
        model["user_info"] = model.get("user_info") or {"display_name": info.get("name") or model["name"]}
        return model

    async def refresh_user(self, user: Any, handler: Any = None, **kwargs: Any) -> bool | dict[str, Any]:  # noqa: ANN401
        """Candidates have nobody to be refreshed from."""
        if _SESSION.fullmatch(user.name):
            return True
        refreshed: bool | dict[str, Any] = await super().refresh_user(user, handler, **kwargs)
        if isinstance(refreshed, dict) and "groups" in refreshed:
            refreshed["groups"] = sorted({*(refreshed["groups"] or ()), STAFF_GROUP})
        return refreshed

    async def get_user_groups(self, auth_state: dict[str, Any]) -> set[str]:
        """The provider's groups, if the operator has said where they are."""
        if not getattr(self, "auth_state_groups_key", ""):
            return set()
        groups: set[str] = await super().get_user_groups(auth_state)
        return groups

    async def _by_link(self, link: Link) -> dict[str, Any]:
        answer = await AsyncHTTPClient().fetch(
            HTTPRequest(
                f"{self.service_url}internal/{link.route}",
                method="POST",
                headers={"Authorization": f"Bearer {self.service_token}", "Content-Type": "application/json"},
                body=json.dumps({"token": link.token}),
            ),
            raise_error=False,
        )
        found = json.loads(answer.body) if answer.body else {}
        if answer.code != HTTPStatus.OK:
            link.refuse(answer.code, found)
        name: str = found["session"] if link.candidate else found["name"]
        if link.candidate is not bool(_SESSION.fullmatch(name)):
            raise ValueError(f"the service named {name!r}, which is no user for {link.route}")
        link.next = found["next"]
        return {
            "name": name,
            "admin": False if link.candidate else None,
            "auth_state": None,
            "groups": [] if link.candidate else [STAFF_GROUP],
            "user_info": {"display_name": found["display_name"]},
        }


class LinksOnly(Authenticator):
    """No provider: staff sign in by one-time links."""

    async def authenticate(self, handler: BaseHandler, data: dict[str, str]) -> None:
        """Nobody has a password here."""

    def check_allowed(self, username: str, authentication: dict[str, Any] | None = None) -> bool:  # noqa: ARG002
        """Links are checked by the service."""
        return False


def make(provider: str) -> type[Authenticator]:
    """The hub's authenticator class: `provider` is '', a name that OAuthenticator registers, or a dotted class name."""
    base = _base(provider)
    values = {"__module__": __name__, "__doc__": GreenroomSignIn.__doc__}
    made = type("GreenroomAuthenticator", (GreenroomSignIn, base), values)
    assert issubclass(made, Authenticator)
    return made


def _base(provider: str) -> type[Authenticator]:
    if not provider:
        return LinksOnly
    dotted = provider if "." in provider else f"oauthenticator.{provider}.{_CLASSES.get(provider, provider.title())}"
    dotted = dotted if "." in provider else f"{dotted}OAuthenticator"
    try:
        found = import_item(dotted)
    except (ImportError, AttributeError) as error:
        raise ValueError(
            f"oauthenticator: there is no provider {provider!r} ({error}); use 'generic', 'github', 'google', … or a "
            "dotted class name"
        ) from error
    if not (isinstance(found, type) and issubclass(found, Authenticator)):
        raise ValueError(f"oauthenticator: {dotted} is not an Authenticator class")  # noqa: TRY004 - a setting
    return found
