"""Submissions: what was handed in, frozen once, and the receipt for it."""

from __future__ import annotations

import asyncio
import datetime
import io
import json
import logging
import zipfile
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from greenroom_proctor import receipt
from greenroom_proctor.chain import Event
from greenroom_proctor.receipt import Counted, Part, Receipt
from greenroom_proctor.words import State
from sqlalchemy import Connection

from greenroom_hub.blobs import Blobs
from greenroom_hub.guests import GuestError, Guests
from greenroom_hub.record import Record
from greenroom_hub.room.rooms import Rooms
from greenroom_hub.sessions import Session, Sessions
from greenroom_hub.signing import published
from greenroom_hub.store import tables
from greenroom_hub.store.database import Store
from greenroom_hub.web.access import Access
from greenroom_hub.web.handler import Handler

log = logging.getLogger("greenroom.submissions")

HANDED_IN = frozenset({State.SUBMITTED, State.EXPIRED, State.TERMINATED})
FILES = "files/"


class Submissions:
    """Freezes each session's work exactly once; a crash in between is finished at the next start."""

    def __init__(
        self,
        store: Store,
        record: Record,
        sessions: Sessions,
        rooms: Rooms,
        guests: Guests,
        blobs: Blobs,
        key: Ed25519PrivateKey,
    ) -> None:
        self._store, self._record, self._sessions, self._rooms, self._guests = store, record, sessions, rooms, guests
        self._key = key
        self.blobs = blobs
        self._freezing: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def freeze(self, id: str) -> Receipt:
        """The receipt; made now if it was not made before. The container may stop when this returns."""
        async with self._freezing[id]:
            if (known := await self.get(id)) is not None:
                return known
            await self._rooms.freeze(id)
            files, missing = await self._collect(id)
            notebook, rows, digest = await self._rooms.notebook(id)
            content = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True).encode() + b"\n"
            parts = [receipt.part(receipt.NOTEBOOK, content)]
            self.blobs.put(content)
            for name, data in sorted(files.items()):
                self.blobs.put(data)
                parts.append(receipt.part(FILES + name, data))
            return await self._sign(await self._sessions.get(id), parts, missing, Counted(rows, digest))

    async def _collect(self, id: str) -> tuple[dict[str, bytes], str | None]:
        try:
            return await self._guests.collect_files(id), None
        except GuestError as error:
            # The notebook is safe in the service; a lost guest must not keep it from being handed in.
            log.warning("the files of %s were not collected: %s", id, error)
            return {}, f"The files that cells wrote could not be collected: {error}."

    async def _sign(self, session: Session, parts: list[Part], missing: str | None, document: Counted) -> Receipt:
        body = {
            "parts": len(parts),
            "notebook": parts[0].sha256,
            "document": document.sha256,
            "complete": missing is None,
        }
        made: list[Receipt] = []

        def work(connection: Connection, event: Event) -> None:
            """The fact, the signature on the chain and the receipt: all of it, or nothing."""
            self._record.seal(connection, event)
            stamp = datetime.datetime.fromtimestamp(event.at // 1000, datetime.UTC)
            plain = Receipt(
                schema=receipt.SCHEMA,
                session=session.id,
                title=session.title,
                candidate=session.candidate,
                handed_in=stamp.strftime("%Y-%m-%dT%H:%M:%SZ"),
                reason=session.state,
                parts=parts,
                files_missing=missing,
                document=document,
                record=Counted(event.seq, event.hash),
                key="",
                public_key="",
            )
            made.append(receipt.sign(self._key, plain))
            _insert(connection, session.id, event.at, made[0])

        await self._record.append(session.id, "submission", body, actor="service", within=work)
        return made[0]

    async def get(self, id: str) -> Receipt | None:
        """The receipt of a session that was handed in."""
        which = sa.select(tables.submission.c.receipt).where(tables.submission.c.session == id)
        text = await self._store.run(lambda connection: connection.execute(which).scalar())
        return None if text is None else msgspec.json.decode(text, type=Receipt)

    async def resume(self) -> None:
        """Finish what a crash left: sessions that are over and have no receipt."""
        for session in await self._sessions.list():
            if session.state in HANDED_IN and await self.get(session.id) is None:
                await self.freeze(session.id)

    def published(self, organisation: str) -> bytes:
        """The organisation's public key, as JSON."""
        return msgspec.json.encode(published(organisation, self._key.public_key()))


def _insert(connection: Connection, id: str, at: int, signed: Receipt) -> None:
    known = sa.select(tables.blob.c.hash).where(tables.blob.c.session == id)
    hashes = set(connection.execute(known).scalars())
    for part in {one.sha256: one for one in signed.parts}.values():
        if part.sha256 not in hashes:
            kind = "application/x-ipynb+json" if part.name == receipt.NOTEBOOK else "application/octet-stream"
            row = {"session": id, "hash": part.sha256, "size": part.bytes, "type": kind, "created": at}
            connection.execute(tables.blob.insert().values(row))
    manifest = msgspec.json.encode(signed.parts).decode()
    row = {"session": id, "at": at, "manifest": manifest, "receipt": msgspec.json.encode(signed).decode()}
    connection.execute(tables.submission.insert().values(row))


class _Download(Handler):
    """A file of a submission, for its candidate and its staff."""

    access: ClassVar[Mapping[str, Access]] = {"GET": Access.LOOK}

    async def _receipt(self, session: str) -> Receipt:
        found = await self.house.submissions.get(session)
        if found is None:
            raise LookupError("nothing was handed in yet")
        return found

    def _send(self, content: bytes, kind: str, name: str) -> None:
        self.set_header("Content-Type", kind)
        self.set_header("Content-Disposition", f'attachment; filename="{name}"')
        self.finish(content)


class ReceiptFile(_Download):
    """The signed receipt."""

    async def get(self, session: str) -> None:
        """Download it."""
        found = await self._receipt(session)
        self._send(msgspec.json.format(msgspec.json.encode(found)), "application/json", f"{session}-receipt.json")


class NotebookFile(_Download):
    """The notebook as it was handed in."""

    async def get(self, session: str) -> None:
        """Download it."""
        found = await self._receipt(session)
        content = self.house.submissions.blobs.get(found.parts[0].sha256)
        self._send(content, "application/x-ipynb+json", f"{session}.ipynb")


class FilesZip(_Download):
    """The files that cells wrote."""

    async def get(self, session: str) -> None:
        """Download them in one zip."""
        found = await self._receipt(session)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in found.parts[1:]:
                archive.writestr(part.name.removeprefix(FILES), self.house.submissions.blobs.get(part.sha256))
        self._send(packed.getvalue(), "application/zip", f"{session}-files.zip")


class Key(Handler):
    """The organisation's public key."""

    access: ClassVar[Mapping[str, Access]] = {"GET": Access.ANYONE}

    def get(self) -> None:
        """Anyone may have it."""
        self.set_header("Content-Type", "application/json")
        self.finish(self.house.submissions.published(self.house.settings.organisation))


_OF_SESSION = r"api/v1/sessions/(?P<session>s-[a-z0-9]{10})/submission/"
routes: list[tuple[Any, ...]] = [
    (_OF_SESSION + "receipt", ReceiptFile),
    (_OF_SESSION + "notebook", NotebookFile),
    (_OF_SESSION + r"files\.zip", FilesZip),
    ("key", Key),
]
