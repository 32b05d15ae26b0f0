"""Grades: each submission asked by all hidden checks of its template, once, the counts signed and kept."""

from __future__ import annotations

import asyncio
import datetime
import json
import secrets
from collections import defaultdict

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from greenroom_proctor import grade
from greenroom_proctor.chain import Event
from greenroom_proctor.grade import Grade, Mark
from sqlalchemy import Connection
from tornado.log import app_log

from greenroom_hub.grading.checks import Check
from greenroom_hub.grading.grader import Broken, Grader, Work
from greenroom_hub.grading.tries import code_of
from greenroom_hub.grading.variants import Kit, Variants
from greenroom_hub.record import Record
from greenroom_hub.sessions import Session, Sessions
from greenroom_hub.store import tables
from greenroom_hub.submission import Submissions

GRADED = "submission.graded"
_NOT_ASKED = "The check could not be asked; the service's log says why."


class Grades:
    """Grades each submission once; a crash in between is made up for by asking again."""

    def __init__(
        self,
        record: Record,
        sessions: Sessions,
        submissions: Submissions,
        grader: Grader,
        variants: Variants,
        key: Ed25519PrivateKey,
    ) -> None:
        self._record, self._sessions, self._submissions = record, sessions, submissions
        self._grader, self._variants, self._key = grader, variants, key
        self._turn: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def get(self, session: str) -> Grade | None:
        """The grade, if it was given."""
        for event in await self._record.events(session):
            if event.type == GRADED:
                return msgspec.json.decode(self._submissions.blobs.get(str(event.body["grade"])), type=Grade)
        return None

    async def grade(self, id: str) -> Grade | None:
        """The grade of what was handed in, made now if it was not. None where the template asks nothing."""
        session = await self._sessions.get(id)
        if not session.template.settings.checks.items:
            return None
        async with self._turn[id]:
            return await self.get(id) or await self._make(session)

    async def _make(self, session: Session) -> Grade:
        receipt = await self._submissions.get(session.id)
        if receipt is None:
            raise LookupError(f"nothing was handed in for {session.id} yet")
        notebook = self._submissions.blobs.get(receipt.parts[0].sha256)
        kit = await self._variants.of(session)
        work = Work(code_of(json.loads(notebook)), kit.files)
        seed = secrets.randbits(63)
        marks = [await self._mark(one, kit, work, seed) for one in session.template.settings.checks.items]
        plain = Grade(
            schema=grade.SCHEMA,
            session=session.id,
            notebook=receipt.parts[0].sha256,
            template=session.template.id,
            graded=datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            seed=str(seed),
            marks=marks,
        )
        return await self._keep(session.id, grade.sign(self._key, plain))

    async def _mark(self, check: Check, kit: Kit, work: Work, seed: int) -> Mark:
        try:
            outcome = await self._grader.grade(check, kit.hidden, work, seed)
        except Broken as broken:
            app_log.error("%s", broken)
            return Mark(check.name, check.title, None, 0, _NOT_ASKED)
        return Mark(check.name, check.title, outcome.passed, outcome.total, outcome.note)

    async def _keep(self, session: str, signed: Grade) -> Grade:
        content = msgspec.json.format(msgspec.json.encode(signed))
        name = self._submissions.blobs.put(content)

        def work(connection: Connection, event: Event) -> None:
            row = {
                "session": session,
                "hash": name,
                "size": len(content),
                "type": "application/json",
                "created": event.at,
            }
            connection.execute(tables.blob.insert().values(row))

        body = {
            "notebook": signed.notebook,
            "grade": name,
            "passed": sum(one.passed or 0 for one in signed.marks),
            "total": sum(one.total for one in signed.marks),
        }
        await self._record.append(session, GRADED, body, actor="service", within=work)
        return signed
