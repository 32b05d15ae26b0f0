"""Who is in the room and where their cursor is. Nothing of it is kept.

A page says what it likes about its cursor, and nothing about its user: name and colour are the service's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import msgspec

from greenroom_hub.room.frames import Presence

MOST_BYTES = 16_384  # of one entry: a cursor in each of many cells, and no novel
MOST_CLIENTS = 8  # of one connection: a page has one or two
LEFT = "null"

# One colour a name, told apart on white and on black (JupyterLab's own palette for collaborators)
COLOURS = tuple(f"var(--jp-collaborator-color{n})" for n in range(1, 8))


@dataclass(frozen=True, slots=True)
class Known:
    """A person as everybody in the room sees them."""

    name: str
    display_name: str
    seat: str

    def user(self) -> dict[str, Any]:
        """The `user` field of an awareness state."""
        words = self.display_name.split() or [self.name]
        return {
            "username": self.name,
            "name": self.display_name,
            "display_name": self.display_name,
            "initials": "".join(word[0] for word in (words[0], words[-1])[: len(words)]).upper(),
            "color": COLOURS[sum(self.name.encode()) % len(COLOURS)],
            "avatar_url": None,
            "seat": self.seat,
        }


@dataclass(slots=True)
class Awareness:
    """The entries of one room; each client id belongs to the connection that used it first."""

    entries: dict[int, Presence] = field(default_factory=dict)
    _owners: dict[int, str] = field(default_factory=dict)

    def receive(self, connection: str, person: Known, entries: Iterable[Presence]) -> list[Presence]:
        """The entries everybody is to be sent. Another connection's are left out without a word: pages echo them."""
        told = []
        for entry in entries:
            if self._owners.get(entry.client, connection) != connection or len(entry.state) > MOST_BYTES:
                continue
            if entry.client not in self._owners and self._count(connection) >= MOST_CLIENTS:
                continue
            if (state := _signed(entry.state, person)) is None:
                continue
            self._owners[entry.client] = connection
            signed = Presence(entry.client, entry.clock, state)
            if state == LEFT:
                self.entries.pop(entry.client, None)
            else:
                self.entries[entry.client] = signed
            told.append(signed)
        return told

    def leave(self, connection: str) -> list[Presence]:
        """The entries that say a connection's clients are gone."""
        mine = [client for client, owner in self._owners.items() if owner == connection]
        left = []
        for client in mine:
            del self._owners[client]
            if entry := self.entries.pop(client, None):
                left.append(Presence(client, entry.clock + 1, LEFT))
        return left

    def _count(self, connection: str) -> int:
        return sum(1 for owner in self._owners.values() if owner == connection)


def _signed(state: str, person: Known) -> str | None:
    try:
        found = _states.decode(state)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return None
    if found is None:
        return LEFT
    return msgspec.json.encode({**found, "user": _user(person)}).decode()


_states: msgspec.json.Decoder[dict[str, Any] | None] = msgspec.json.Decoder(dict[str, Any] | None)


@lru_cache(maxsize=1024)
def _user(person: Known) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(person.user()))
