"""The relays that browsers may use in a call: TURN servers, with passwords that hold for some hours.

The scheme is the one that coturn calls `use-auth-secret` (draft-uberti-behave-turn-rest-00): the user name is the time
until which it holds and who it was made for, the password its HMAC-SHA1 with the secret that coturn knows as well.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from greenroom_proctor.call import Relay

from greenroom_hub.settings import Greenroom

# The longest session and its extra time fit in; who reads it off a page cannot use the relay next week.
HOURS = 8

_TURN, _STUN = ("turn:", "turns:"), ("stun:", "stuns:")


def addresses(settings: Greenroom) -> list[str]:
    """The addresses that the operator set. ValueError for what no browser would take."""
    urls = [url for url in settings.turn_urls.replace(",", " ").split() if url]
    for url in urls:
        if not url.startswith((*_TURN, *_STUN)):
            raise ValueError(
                f"turn_urls: {url!r} is no address of a relay; write turn:HOST:PORT, turns:HOST:PORT or stun:HOST:PORT"
            )
    relays = [url for url in urls if url.startswith(_TURN)]
    if relays and not settings.turn_secret:
        raise ValueError(
            "turn_urls is set and turn_secret is not; set it to the static-auth-secret of the relay's turnserver.conf"
        )
    if settings.turn_only and not relays:
        raise ValueError("turn_only is set and turn_urls names no relay; nobody could hear anybody")
    return urls


def password(secret: str, username: str) -> str:
    """The password of a user name, as the relay computes it."""
    return base64.b64encode(hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()).decode()


def relays(settings: Greenroom, name: str, now: float) -> list[Relay]:
    """What one person's browser may use. `now` in seconds since the epoch."""
    urls = addresses(settings)
    turn = [url for url in urls if url.startswith(_TURN)]
    stun = [url for url in urls if url.startswith(_STUN)]
    found = [Relay(stun, None, None)] if stun else []
    if turn:
        username = f"{int(now) + HOURS * 3600}:{name}"
        found.append(Relay(turn, username, password(settings.turn_secret, username)))
    return found
