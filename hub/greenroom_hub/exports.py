"""Exports: a session's notebook, log, record, policy, calibration, versions and score in one signed zip."""

from __future__ import annotations

import base64
import datetime
import json
import platform
from importlib.metadata import version
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from greenroom_proctor import canonical, export, receipt, rules, score
from greenroom_proctor.chain import Event
from greenroom_proctor.export import Payload, Shown
from sqlalchemy import Connection, select

from greenroom_hub.moment import Now
from greenroom_hub.notes import Notes
from greenroom_hub.record import Record
from greenroom_hub.room.rooms import Rooms
from greenroom_hub.room.update_log import UpdateLog
from greenroom_hub.sessions import Session
from greenroom_hub.store import tables
from greenroom_hub.store.database import Store
from greenroom_hub.submission import Submissions


class Exports:
    """Makes exports. Each is sealed: the chain is signed at its last event."""

    def __init__(
        self,
        store: Store,
        record: Record,
        rooms: Rooms,
        submissions: Submissions,
        notes: Notes,
        key: Ed25519PrivateKey,
        now: Now,
    ) -> None:
        self._store, self._record, self._rooms, self._submissions = store, record, rooms, submissions
        self._notes, self._key, self._now = notes, key, now
        self._rules = rules.load()

    async def score(self, session: Session) -> score.Score:
        """The score as it stands now, from the record alone."""
        return score.score(self._rules.score, self._rules.version, await self._record.events(session.id))

    async def make(self, session: Session, person: str | None) -> bytes:
        """The zip, for this member of staff, or for the candidate (None)."""
        obstacle = await self._notes.obstacle(session, person)
        files = await self._work(session)
        await self._store.run(lambda connection: self._seal(connection, session.id))
        events = await self._record.events(session.id)
        shown = (
            Shown(None, obstacle[0]) if obstacle else Shown(score.score(self._rules.score, self._rules.version, events))
        )
        made = datetime.datetime.fromtimestamp(self._now() // 1000, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        versions = {
            "greenroom": version("greenroom"),
            "rules": str(self._rules.version),
            "python": platform.python_version(),
        }
        return export.pack(self._key, made, versions, events, {**files, **await self._rest(session, events, shown)})

    def _seal(self, connection: Connection, session: str) -> None:
        table = tables.event
        last = connection.execute(
            select(table).where(table.c.session == session).order_by(table.c.seq.desc()).limit(1)
        ).one()
        self._record.seal(connection, Event(**{**last._mapping, "body": json.loads(last.body)}))

    async def _work(self, session: Session) -> dict[str, bytes]:
        """The notebook and its log, and what was handed in with it."""
        given = await self._submissions.get(session.id)
        rows = await UpdateLog(self._store, session.id).rows()
        log: list[dict[str, Any]] = [
            {
                "seq": one.seq,
                "at": one.at,
                "author": one.author,
                "connection": one.connection,
                "data": base64.b64encode(one.data).decode(),
            }
            for one in rows
        ]
        files = {"document.jsonl": b"".join(canonical.encode(one) + b"\n" for one in log)}
        if given is None:
            notebook, _, _ = await self._rooms.notebook(session.id)
            files[receipt.NOTEBOOK] = (
                json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True).encode() + b"\n"
            )
            return files
        files |= {part.name: self._submissions.blobs.get(part.sha256) for part in given.parts}
        return files | {export.RECEIPT: msgspec.json.format(msgspec.json.encode(given))}

    async def _rest(self, session: Session, events: list[Event], shown: Shown) -> dict[str, bytes]:
        calibrations: list[dict[str, Any]] = [{"at": one.at, **one.body} for one in events if one.type == "calibration"]
        return {
            export.CHECKPOINTS: export.lines(await self._record.checkpoints(session.id)),
            export.PAYLOADS: export.lines(await self._payloads(session.id)),
            export.RULES: msgspec.json.encode(self._rules),
            export.SCORE: msgspec.json.format(msgspec.json.encode(shown)),
            "policy.json": msgspec.json.format(msgspec.json.encode(session.policy)),
            "calibration.json": canonical.encode(calibrations),
        }

    async def _payloads(self, session: str) -> list[Payload]:
        table = tables.payload
        query = select(table).where(table.c.session == session).order_by(table.c.seq)

        def work(connection: Connection) -> list[Payload]:
            rows: list[Any] = list(connection.execute(query))
            return [Payload(row.seq, row.salt, json.loads(row.data)) for row in rows]

        return await self._store.run(work)
