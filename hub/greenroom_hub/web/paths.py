"""Addresses of our own."""

from __future__ import annotations

from greenroom_hub.sessions import PATTERN
from greenroom_hub.settings import PREFIX

API = f"{PREFIX}api/v1"
# The session in a route's address; `Guarded` takes it from there.
SESSION = f"(?P<session>{PATTERN})"
ONE = f"{API}/sessions/{SESSION}"


def own(path: str, otherwise: str = PREFIX) -> str:
    """A path of the service to go to, or `otherwise`: a page elsewhere is nothing to send anybody to."""
    plain = path.isascii() and path.isprintable() and "\\" not in path and "//" not in path and ".." not in path
    return path if plain and path.startswith(PREFIX) else otherwise
