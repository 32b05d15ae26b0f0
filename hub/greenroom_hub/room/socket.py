"""The document's websocket, and the one of those who only want to know who is here."""

from __future__ import annotations

import uuid
from typing import ClassVar

from greenroom_hub.room import frames, rights
from greenroom_hub.room.awareness import Known
from greenroom_hub.room.hearing import Hearing
from greenroom_hub.room.room import AGAIN, Member, Room
from greenroom_hub.web.access import Access
from greenroom_hub.web.outbox import Outbox

MOST_WAITING = 32 << 20  # bytes a page may leave unread before it is taken for gone


class _RoomSocket(Hearing):
    access: ClassVar = {"GET": Access.SEATED}
    states: ClassVar = rights.ENTERS

    @property
    def person(self) -> Known:
        """Who sits here, from the login."""
        assert self.seat is not None
        return Known(self.who.name, self.who.display_name or self.who.name, self.seat.value)

    async def enter(self) -> Room:
        """Opens the room; what the page sends meanwhile waits."""
        assert self.session is not None
        self.set_nodelay(True)
        self.id, self.outbox = uuid.uuid4().hex[:16], Outbox(self)
        return await self.house.rooms.open(self.session.id)

    def send(self, frame: bytes) -> None:
        """Sends a frame at the end of this turn, unless the page is gone or has stopped reading."""
        self.outbox.put(frame)
        if self.outbox.unread > MOST_WAITING:
            self.close(AGAIN, "this page has stopped reading")

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Says what was to be said, and ends."""
        if self.room is not None:
            self.outbox.flush()
        super().close(code, reason)


class DocumentSocket(_RoomSocket):
    """One page's connection to the notebook."""

    member: Member | None = None

    async def open(self, *_args: str, **_kwargs: str) -> None:
        """The page is connected."""
        room = await self.enter()
        if self.ws_connection is None or self.seat is None:
            return
        self.member = Member(self.id, self.person, self.seat, self)
        self.listen(room)
        room.join(self.member)

    def hear(self, data: bytes) -> None:
        """A frame of the document."""
        if self.room is not None and self.member is not None:
            self.room.hear(self.member, data)

    def on_close(self) -> None:
        """The page is gone."""
        if self.room is not None and self.member is not None:
            self.room.leave(self.member)


class PresenceSocket(_RoomSocket):
    """JupyterLab's second awareness, the one of the whole page: who is here, without the document."""

    async def open(self, *_args: str, **_kwargs: str) -> None:
        """The page is connected."""
        room = await self.enter()
        if self.ws_connection is None:
            return
        self.listen(room)
        room.presences.join(self)

    def hear(self, data: bytes) -> None:
        """A frame about who is here."""
        if self.room is not None:
            self.room.presences.hear(self, self.person, frames.read(data))

    def on_close(self) -> None:
        """The page is gone."""
        if self.room is not None:
            self.room.presences.leave(self)
