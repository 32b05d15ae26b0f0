"""What travels on a call's socket between a browser and the service: who is in it, how two browsers meet.

Pictures and sound never come this way: they go from browser to browser. The TypeScript types are generated from this
file.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from greenroom_proctor.words import Bond, Description, Seat

# One page of one browser; a reload is another page
Page = Annotated[str, Meta(pattern="^[a-z0-9]{16}$")]
Text = Annotated[str, Meta(min_length=1, max_length=32_768)]  # a description with four candidates' addresses has 6,000
Path = Annotated[str, Meta(max_length=1024)]  # a candidate of RFC 8839 has 100 to 200
Ask = Annotated[str, Meta(pattern="^[a-z0-9]{16}$")]


class Showing(Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody sends to the others; and whether they are sent pictures, as whoever only listens is not."""

    camera: bool
    microphone: bool
    screen: bool
    pictures: bool


# Browser to service


class CallHello(Struct, frozen=True, forbid_unknown_fields=True, tag="hello"):
    """The first message on every connection. A page that connects again within seconds is still where it was."""

    page: Page


class Join(Struct, frozen=True, forbid_unknown_fields=True, tag="join"):
    """Come into the call. Sent again after a lost connection, it changes nothing but what is shown."""

    showing: Showing


class Show(Struct, frozen=True, forbid_unknown_fields=True, tag="show"):
    """Something was switched on or off."""

    showing: Showing


class Leave(Struct, frozen=True, forbid_unknown_fields=True, tag="leave"):
    """Out of the call."""


class LookAsk(Struct, frozen=True, forbid_unknown_fields=True, tag="look"):
    """Ask to see the candidate's camera for a while, without a call."""


class LookAnswer(Struct, frozen=True, forbid_unknown_fields=True, tag="answer"):
    """The candidate's answer. `standing`: it was given before, for every look in this session."""

    look: Ask
    allowed: bool
    standing: bool


class LookEnd(Struct, frozen=True, forbid_unknown_fields=True, tag="end"):
    """The look is over; whoever looks may say so, and whoever is seen."""

    look: Ask


class Describe(Struct, frozen=True, forbid_unknown_fields=True, tag="describe"):
    """A session description (SDP) for one of the pages that the service named."""

    to: Page
    kind: Description
    text: Text


class Reach(Struct, frozen=True, forbid_unknown_fields=True, tag="reach"):
    """An address at which this browser may be reached (an ICE candidate); empty when there are no more."""

    to: Page
    path: Path
    mid: Annotated[str, Meta(max_length=16)] | None
    line: Annotated[int, Meta(ge=0, le=16)] | None


FromCaller = CallHello | Join | Show | Leave | LookAsk | LookAnswer | LookEnd | Describe | Reach


# Service to browser


class Member(Struct, frozen=True):
    """Somebody in the call."""

    page: str
    name: str
    display_name: str
    seat: Seat
    showing: Showing


class Look(Struct, frozen=True):
    """Somebody who asks to see the candidate's camera, or sees it now (`begun`)."""

    id: str
    name: str
    display_name: str
    begun: bool


class Peer(Struct, frozen=True):
    """A page to be connected with. `polite`: in a collision of offers this side gives way; the other begins. `times`
    grows when that page connected again: what it may have missed is said once more."""

    page: str
    name: str
    display_name: str
    seat: Seat
    bond: Bond
    showing: Showing
    polite: bool
    times: int


class Relay(Struct, frozen=True):
    """A STUN or TURN server, with a name and password that hold for some hours."""

    urls: list[str]
    username: str | None
    credential: str | None


class CallWelcome(Struct, frozen=True, tag="welcome"):
    """The answer to hello. `only_relay`: media may go through a relay only. `why_not`: why this seat may not join."""

    page: str
    relays: list[Relay]
    only_relay: bool
    why_not: str | None
    why_no_look: str | None


class Peers(Struct, frozen=True, tag="peers"):
    """Whom this page is connected with from now on; `joined` when it is in the call itself; `look` is its own look."""

    peers: list[Peer]
    joined: bool
    look: str | None


class Described(Struct, frozen=True, tag="describe"):
    """A description from another page."""

    by: str
    kind: Description
    text: str


class Reached(Struct, frozen=True, tag="reach"):
    """An address of another page."""

    by: str
    path: str
    mid: str | None
    line: int | None


class CallRefused(Struct, frozen=True, tag="refused"):
    """What was asked for is not done, and why."""

    why: str


ToCaller = CallWelcome | Peers | Described | Reached | CallRefused
