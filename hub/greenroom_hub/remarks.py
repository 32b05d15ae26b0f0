"""What people in a room say to each other in writing, about the whole or about one cell; and who has raised a hand.

A remark is a fact of the record; its text is kept apart, so that it can be erased with its author. A raised hand is a
fact, too; who has one up now is known while the service runs.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from greenroom_proctor.chain import Event
from greenroom_proctor.messages import Remark
from greenroom_proctor.words import Seat
from msgspec import json, structs
from sqlalchemy import Connection, select

from greenroom_hub import life
from greenroom_hub.people import Who
from greenroom_hub.record import Record
from greenroom_hub.sessions import Session
from greenroom_hub.store import tables
from greenroom_hub.store.database import Store

REMARK, RESOLVED, HAND = "remark", "remark.resolved", "hand"


def why_not(session: Session, seat: Seat) -> str | None:
    """Why a seat may say nothing now, for a person; None when it may."""
    if session.state in life.OVER:
        return f"the session is {session.state}"
    if seat is Seat.OBSERVER and not session.policy.observers_talk:
        return "observers look on in this session"
    return None


class Remarks:
    """The remarks of all sessions."""

    def __init__(self, store: Store, record: Record) -> None:
        self._store, self._record = store, record
        self._hands: defaultdict[str, set[str]] = defaultdict(set)

    async def say(self, session: str, who: Who, seat: Seat, text: str, cell: str | None) -> Remark:
        """Keep a remark; durable when it returns."""
        name = who.display_name or who.name
        private = {"text": text, "name": name}
        actor = "candidate" if who.session is not None else who.name
        event = await self._record.append(session, REMARK, {"cell": cell, "seat": seat}, private=private, actor=actor)
        return _remark(event, private)

    async def resolve(self, session: str, n: int, who: Who, *, resolved: bool) -> Remark:
        """A comment on a cell is settled, or open again. LookupError where there is no such comment."""
        found = next((one for one in await self.said(session) if one.n == n and one.cell is not None), None)
        if found is None:
            raise LookupError(f"there is no comment {n} on a cell")
        if (found.resolved is not None) is resolved:
            return found
        actor, name = "candidate" if who.session is not None else who.name, who.display_name or who.name
        body = {"remark": n, "resolved": resolved}
        await self._record.append(session, RESOLVED, body, private={"name": name}, actor=actor)
        return structs.replace(found, resolved=name if resolved else None)

    async def said(self, session: str) -> list[Remark]:
        """All of them, in order."""

        def work(connection: Connection) -> dict[int, str]:
            table = tables.payload.c
            rows = connection.execute(select(table.seq, table.data).where(table.session == session))
            return {row.seq: row.data for row in rows}

        kept = await self._store.run(work)
        private = {seq: json.decode(data) for seq, data in kept.items()}
        made: dict[int, Remark] = {}
        for one in await self._record.events(session):
            if one.type == REMARK:
                made[one.seq] = _remark(one, private.get(one.seq, {}))
            elif one.type == RESOLVED and (n := int(str(one.body["remark"]))) in made:
                name = str(private.get(one.seq, {}).get("name") or one.actor)
                made[n] = structs.replace(made[n], resolved=name if one.body["resolved"] else None)
        return list(made.values())

    async def raise_hand(self, session: str, who: Who, *, up: bool) -> list[str]:
        """Somebody's hand goes up or down; whose are up now."""
        hands, name = self._hands[session], who.name
        if (name in hands) is not up:
            actor = "candidate" if who.session is not None else name
            await self._record.append(session, HAND, {"up": up}, actor=actor)
            (hands.add if up else hands.discard)(name)
        return self.hands(session)

    def hands(self, session: str) -> list[str]:
        """Whose hands are up, by the names of their accounts."""
        return sorted(self._hands.get(session, ()))


def _remark(event: Event, private: dict[str, Any]) -> Remark:
    cell = event.body["cell"]
    return Remark(
        n=event.seq,
        at=event.at,
        author=str(private.get("name") or event.actor),
        seat=Seat(event.body["seat"]),
        cell=None if cell is None else str(cell),
        text=private.get("text"),
        resolved=None,
    )
