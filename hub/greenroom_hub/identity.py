"""JupyterHub's word on who somebody is: the OAuth exchange of a sign-in, and the tokens of staff scripts."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode

from jupyterhub.services.auth import HubOAuth

from greenroom_hub.people import People, Person
from greenroom_hub.sessions import PATTERN
from greenroom_hub.settings import PREFIX

CLIENT_ID = "service-greenroom"
STAFF_SCOPE = "custom:greenroom:staff"

# How long a revoked hub token of a script may go on: one minute, against a request to the hub per call.
_TOKEN_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Identified:
    """Somebody whom the hub has signed in."""

    name: str
    display_name: str
    admin: bool
    staff: bool

    @property
    def session(self) -> str | None:
        """The session whose candidate this is."""
        return self.name if re.fullmatch(PATTERN, self.name) else None


class Identity(Protocol):
    """Who vouches for people."""

    def authorize_url(self, state: str, verifier: str) -> str:
        """Where a browser goes to be identified."""

    async def exchange(self, code: str, verifier: str) -> Identified | None:
        """Who came back with this code."""

    async def person_of(self, token: str) -> Person | None:
        """The member of staff to whom a script's token belongs."""


class Hub:
    """JupyterHub, asked as its service."""

    def __init__(self, url: str, api_token: str, people: People) -> None:
        self._people = people
        self._oauth = HubOAuth(
            api_url=f"{url.rstrip('/')}/hub/api",
            api_token=api_token,
            oauth_client_id=CLIENT_ID,
            oauth_redirect_uri=f"{PREFIX}oauth_callback",
            base_url=PREFIX,
            hub_prefix="/hub/",
            hub_host="",
            cache_max_age=_TOKEN_SECONDS,
            access_scopes={"access:services!service=greenroom"},
        )

    def authorize_url(self, state: str, verifier: str) -> str:
        """The hub's authorize page on the origin that the browser is on."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "client_id": CLIENT_ID,
            "redirect_uri": f"{PREFIX}oauth_callback",
            "response_type": "code",
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"/hub/api/oauth2/authorize?{urlencode(query)}"

    async def exchange(self, code: str, verifier: str) -> Identified | None:
        """The user to whom the hub gave this code. The hub's token is used once and kept nowhere."""
        token = await self._oauth.token_for_code(code, code_verifier=verifier, sync=False)
        return _identified(await self._oauth.user_for_token(token, use_cache=False, sync=False))

    async def person_of(self, token: str) -> Person | None:
        """Staff only: a candidate's server holds a token of the candidate's hub user, and it opens nothing here."""
        model = await self._oauth.user_for_token(token, sync=False)
        found = _identified(model)
        if found is None or found.session is not None or not found.staff:
            return None
        try:
            return await self._people.get(found.name)
        except LookupError:
            return await self._people.seen(found.name, found.display_name, admin=found.admin)


def _identified(model: dict[str, Any] | None) -> Identified | None:
    if model is None or model.get("kind") != "user":
        return None
    info = model.get("user_info") or {}
    return Identified(
        name=model["name"],
        display_name=info.get("display_name") or model["name"],
        admin=bool(model.get("admin")),
        staff=STAFF_SCOPE in model.get("scopes", ()),
    )
