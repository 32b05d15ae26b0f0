"""Scorecards: what each interviewer thinks of each line of the template's rubric.

A card is its author's own until it is handed in; from then on it stays as it is, and those who have handed in theirs
read it. So nobody is led by somebody else's judgement. The record gets the fact and a salted commitment, not the card.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import msgspec
import sqlalchemy as sa
from greenroom_proctor import chain
from greenroom_proctor.messages import Milliseconds
from msgspec import Meta, Struct
from sqlalchemy import Connection

from greenroom_hub.moment import Now
from greenroom_hub.record import SALT, Record
from greenroom_hub.store import tables
from greenroom_hub.store.database import Store
from greenroom_hub.templates import Criterion

HANDED_IN = "scorecard.handed_in"


class Advice(StrEnum):
    """What an interviewer would do, by this session alone. A person decides afterwards."""

    STRONG_NO = "strong_no"
    NO = "no"
    YES = "yes"
    STRONG_YES = "strong_yes"


class Line(Struct, frozen=True, forbid_unknown_fields=True):
    """One criterion. `level` counts the rubric's anchors from 0, the weakest; null: not seen."""

    criterion: Annotated[str, Meta(min_length=1, max_length=100)]
    level: Annotated[int, Meta(ge=0, le=5)] | None = None
    why: Annotated[str, Meta(max_length=2000)] = ""


class Card(Struct, frozen=True, forbid_unknown_fields=True):
    """What one interviewer thinks."""

    lines: Annotated[tuple[Line, ...], Meta(max_length=12)] = ()
    summary: Annotated[str, Meta(max_length=4000)] = ""
    advice: Advice | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A card as it stands; `handed_in` is when, or None while it is a draft."""

    person: str
    card: Card
    at: Milliseconds
    handed_in: Milliseconds | None


class Final(Exception):  # noqa: N818 - read as a sentence
    """The card was handed in and stays as it is."""


class Scorecards:
    """The cards of all sessions."""

    def __init__(self, store: Store, record: Record, now: Now) -> None:
        self._store, self._record, self._now = store, record, now

    async def list(self, session: str) -> list[Kept]:
        """All of a session, drafts too. Who may read which: `shown`."""
        query = sa.select(tables.scorecard).where(tables.scorecard.c.session == session)
        return await self._store.run(lambda connection: [_kept(row) for row in connection.execute(query)])

    async def save(self, session: str, person: str, card: Card) -> Kept:
        """Keeps a draft. Final when the card was handed in."""
        at, table = self._now(), tables.scorecard

        def work(connection: Connection) -> Kept:
            _refuse_final(connection, session, person)
            connection.execute(table.delete().where(table.c.session == session, table.c.person == person))
            text = msgspec.json.encode(card).decode()
            connection.execute(table.insert().values(session=session, person=person, at=at, card=text, handed_in=None))
            return Kept(person, card, at, None)

        return await self._store.run(work)

    async def hand_in(self, session: str, person: str) -> None:
        """The draft becomes the card, for good. LookupError where there is no draft, Final where it was handed in."""
        at, table, salt = self._now(), tables.scorecard, secrets.token_bytes(SALT)

        def work(connection: Connection) -> dict[str, object]:
            _refuse_final(connection, session, person)
            mine = sa.and_(table.c.session == session, table.c.person == person)
            row = connection.execute(sa.select(table).where(mine)).one_or_none()
            if row is None:
                raise LookupError("you have written nothing on your scorecard yet")
            connection.execute(table.update().where(mine).values(handed_in=at, salt=salt))
            return {"person": person, "card": chain.commitment(salt, msgspec.json.decode(row.card))}

        await self._record.append(session, HANDED_IN, work, actor=person)


def shown(cards: list[Kept], person: str) -> list[Kept]:
    """The cards of others that somebody may read: those handed in, once their own is."""
    if not any(one.person == person and one.handed_in is not None for one in cards):
        return []
    return [one for one in cards if one.person != person and one.handed_in is not None]


def fault(card: Card, rubric: tuple[Criterion, ...]) -> str | None:
    """What does not fit the rubric, for a person; None when all does."""
    levels = {one.criterion: len(one.levels) for one in rubric}
    names = [line.criterion for line in card.lines]
    for line in card.lines:
        if line.criterion not in levels:
            return f"the rubric has no line {line.criterion!r}"
        if line.level is not None and line.level >= levels[line.criterion]:
            return f"{line.criterion!r} has {levels[line.criterion]} levels, and {line.level + 1} was named"
    return "a line is there twice" if len(set(names)) < len(names) else None


def _refuse_final(connection: Connection, session: str, person: str) -> None:
    table = tables.scorecard
    query = sa.select(table.c.handed_in).where(table.c.session == session, table.c.person == person)
    if connection.execute(query).scalar() is not None:
        raise Final("your scorecard was handed in")


def _kept(row: sa.Row[tuple[object, ...]]) -> Kept:
    values = dict(row._mapping)
    return Kept(values["person"], msgspec.json.decode(values["card"], type=Card), values["at"], values["handed_in"])
