"""One call as a value: its members, its looks, and what follows from them. Pure; `calls.py` carries it out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from greenroom_proctor.call import Look, Member, Peer, Showing
from greenroom_proctor.words import Bond, Picture, Seat

MOST = 4  # people in a call: each sends to each, and a fifth is more than an ordinary line carries upwards
MOST_LOOKS = 3  # at a time; each is one more picture that the candidate's line carries
SEEN = Showing(camera=True, microphone=False, screen=False, pictures=False)
LOOKING = Showing(camera=False, microphone=False, screen=False, pictures=True)


class Full(ValueError):  # noqa: N818 - an answer, not a fault
    """There is no place left."""


class View(NamedTuple):
    """Somebody sees somebody else."""

    viewer: str
    person: str
    what: Picture
    look: bool


@dataclass(frozen=True, slots=True)
class Party:
    """One page of somebody."""

    page: str
    name: str
    display_name: str
    seat: Seat
    times: int = 1


@dataclass(frozen=True, slots=True)
class Looking:
    """A look: asked for by `viewer`, and begun when one of the candidate's pages has answered."""

    id: str
    viewer: Party
    seen: Party | None = None


@dataclass(frozen=True, slots=True)
class Gathering:
    """Who is in the call, by the order in which they came, and the looks beside it."""

    members: tuple[tuple[Party, Showing], ...] = ()
    looks: tuple[Looking, ...] = ()

    def join(self, party: Party, showing: Showing) -> Gathering:
        """Somebody comes in, or says again what they show. Whoever joins looks no more: they see and are seen."""
        if self.showing(party.page) is not None:
            return self.show(party.page, showing)
        if len(self.members) >= MOST:
            raise Full(f"there are {MOST} people in the call already")
        kept = tuple(one for one in self.looks if one.viewer.page != party.page)
        return Gathering((*self.members, (party, showing)), kept)

    def show(self, page: str, showing: Showing) -> Gathering:
        """A member switched something on or off."""
        changed = tuple((who, showing if who.page == page else what) for who, what in self.members)
        return replace(self, members=changed)

    def leave(self, page: str) -> Gathering:
        """A member goes."""
        return replace(self, members=tuple(one for one in self.members if one[0].page != page))

    def gone(self, page: str) -> Gathering:
        """A page is no more: out of the call and of every look."""
        kept = (one for one in self.looks if page not in {one.viewer.page, one.seen and one.seen.page})
        return replace(self.leave(page), looks=tuple(kept))

    def again(self, page: str) -> Gathering:
        """A page connected again: the others may have to say again what it missed."""

        def fresh(party: Party) -> Party:
            return replace(party, times=party.times + 1) if party.page == page else party

        members = tuple((fresh(who), what) for who, what in self.members)
        looks = tuple(replace(one, viewer=fresh(one.viewer), seen=one.seen and fresh(one.seen)) for one in self.looks)
        return Gathering(members, looks)

    def ask(self, id: str, viewer: Party) -> Gathering:
        """Somebody asks to see the candidate; whoever does already, or is in the call, changes nothing."""
        if self.showing(viewer.page) is not None or self.look_of(viewer.page) is not None:
            return self
        if len(self.looks) >= MOST_LOOKS:
            raise Full(f"{MOST_LOOKS} people look or ask already")
        return replace(self, looks=(*self.looks, Looking(id, viewer)))

    def answer(self, id: str, seen: Party, *, allowed: bool) -> Gathering:
        """The candidate's page answers; what was answered or is gone stays as it is."""
        if not any(one.id == id and one.seen is None for one in self.looks):
            return self
        if not allowed:
            return replace(self, looks=tuple(one for one in self.looks if one.id != id))
        return replace(self, looks=tuple(replace(one, seen=seen) if one.id == id else one for one in self.looks))

    def end(self, id: str, page: str) -> Gathering:
        """A look is over, by one of its two sides. A look that was only asked for ends with whoever asked."""
        kept = (one for one in self.looks if one.id != id or page not in {one.viewer.page, one.seen and one.seen.page})
        return replace(self, looks=tuple(kept))

    def showing(self, page: str) -> Showing | None:
        """What a member shows; None for a page that is not in the call."""
        return next((what for who, what in self.members if who.page == page), None)

    def look_of(self, page: str) -> str | None:
        """The look that a page asked for."""
        return next((one.id for one in self.looks if one.viewer.page == page), None)

    def people(self) -> tuple[list[Member], list[Look]]:
        """As everybody in the session is told."""
        members = [Member(who.page, who.name, who.display_name, who.seat, what) for who, what in self.members]
        looks = [
            Look(one.id, one.viewer.name, one.viewer.display_name, begun=one.seen is not None) for one in self.looks
        ]
        return members, looks

    def peers(self, page: str) -> list[Peer]:
        """Whom a page is connected with. Of two, the one that came first waits for the other's offer."""
        found: list[Peer] = []
        order = [who.page for who, _ in self.members]
        if page in order:
            mine = order.index(page)
            found += [
                _peer(who, Bond.TALK, what, polite=mine < place)
                for place, (who, what) in enumerate(self.members)
                if place != mine
            ]
        for one in self.looks:
            if one.seen is not None and page == one.seen.page:
                found.append(_peer(one.viewer, Bond.LOOKS, LOOKING, polite=False))  # whoever has the picture offers it
            elif one.seen is not None and page == one.viewer.page:
                found.append(_peer(one.seen, Bond.SEEN, SEEN, polite=True))
        return found

    def views(self) -> frozenset[View]:
        """Who sees whom. By name: that somebody's page was loaded anew is no other view."""
        found: set[View] = set()
        for seer, shown in self.members:
            for seen, what in self.members:
                if seer.name == seen.name or not shown.pictures:
                    continue
                found |= {View(seer.name, seen.name, one, look=False) for one in _pictures(what)}
        looked = {(one.viewer.name, one.seen.name) for one in self.looks if one.seen is not None}
        return frozenset(found | {View(viewer, seen, Picture.CAMERA, look=True) for viewer, seen in looked})


def _pictures(showing: Showing) -> list[Picture]:
    return [one for one, on in ((Picture.CAMERA, showing.camera), (Picture.SCREEN, showing.screen)) if on]


def _peer(who: Party, bond: Bond, showing: Showing, *, polite: bool) -> Peer:
    return Peer(who.page, who.name, who.display_name, who.seat, bond, showing, polite, who.times)
