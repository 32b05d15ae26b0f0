"""The export of a session: one zip that anybody can check offline, event by event, and recompute the score from. Pure.

Limits: it shows that nothing was changed since the organisation's key signed it, and since anybody kept a head of the
chain. It cannot show that what was written was true.
"""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Struct

from greenroom_proctor import canonical, chain, receipt, score
from greenroom_proctor.chain import Checkpoint, Event
from greenroom_proctor.receipt import Check, Counted, Part
from greenroom_proctor.rules import Rules

SCHEMA = "greenroom.export.v1"
MANIFEST = "manifest.json"
EVENTS = "events.jsonl"
CHECKPOINTS = "checkpoints.jsonl"
PAYLOADS = "payloads.jsonl"
RULES = "rules.json"
SCORE = "score.json"
RECEIPT = "receipt.json"
T = TypeVar("T")
LARGEST = 512 * 2**20  # bytes unpacked: an exam's files and its record; more is no export of ours


class Payload(Struct, frozen=True):
    """What an event says of a person, kept apart. A payload that was erased is not here, and its event still holds."""

    seq: int
    salt: bytes
    data: dict[str, Any]


class Manifest(Struct, frozen=True, forbid_unknown_fields=True):
    """The signed list of what is in the zip. `made` is UTC, ISO 8601; `versions`: of what wrote it."""

    schema: str
    session: str
    made: str
    versions: dict[str, str]
    parts: list[Part]
    record: Counted
    key: str = ""
    public_key: str = ""
    signature: str = ""


class BadExportError(ValueError):
    """What was found instead of an export."""


def pack(
    private: Ed25519PrivateKey, made: str, versions: dict[str, str], events: list[Event], files: Mapping[str, bytes]
) -> bytes:
    """The zip of a session: `files` by name, the events among them, and the manifest that signs for all of it."""
    last = events[-1]
    content = {EVENTS: lines(events), **files}
    public = private.public_key()
    plain = Manifest(
        schema=SCHEMA,
        session=last.session,
        made=made,
        versions=versions,
        parts=[receipt.part(name, data) for name, data in content.items()],
        record=Counted(last.seq, last.hash),
        key=chain.key_id(public),
        public_key=base64.b64encode(public.public_bytes_raw()).decode(),
    )
    signature = base64.b64encode(private.sign(_signed(plain))).decode()
    signed = msgspec.structs.replace(plain, signature=signature)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MANIFEST, msgspec.json.format(msgspec.json.encode(signed)))
        for name, data in content.items():
            archive.writestr(name, data)
    return packed.getvalue()


def lines(rows: Iterable[Struct]) -> bytes:
    """Rows as JSON, one a line."""
    return b"".join(msgspec.json.encode(one) + b"\n" for one in rows)


def _signed(manifest: Manifest) -> bytes:
    content = msgspec.to_builtins(manifest)
    del content["signature"]
    return canonical.encode(content)


def unpack(content: bytes) -> dict[str, bytes]:
    """The files of an export. Raises BadExportError."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(one.file_size for one in archive.infolist()) > LARGEST:
                raise BadExportError(f"unpacked it is larger than {LARGEST} bytes, which no export is")
            names = archive.namelist()
            if len(set(names)) < len(names):
                raise BadExportError("a name stands in the zip twice")
            return {name: archive.read(name) for name in names}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise BadExportError(f"the zip cannot be read: {error}") from None


def verify(files: Mapping[str, bytes], key: Ed25519PublicKey | None) -> list[Check]:
    """Look at everything: the chain first, since its first bad event says most. Raises BadExportError.

    `key`: the organisation's published one; without it the export's own is used, and whose that is stays open.
    """
    manifest = _read(files, MANIFEST, Manifest)
    if manifest.schema != SCHEMA:
        raise BadExportError(f"it is {manifest.schema!r}, and this program knows {SCHEMA!r}")
    own = _key(manifest)
    events, marks = _rows(files, EVENTS, Event), _rows(files, CHECKPOINTS, Checkpoint)
    return [
        _chain(events, marks, key or own, manifest),
        *_payloads(events, _rows(files, PAYLOADS, Payload)),
        *_parts(manifest, files),
        *_signature(manifest, key, own),
        *_receipt(files, events, key),
        *_score(files, events),
    ]


def _key(manifest: Manifest) -> Ed25519PublicKey:
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(manifest.public_key, validate=True))
    except ValueError as error:
        raise BadExportError(f"the public key in {MANIFEST} cannot be read: {error}") from None


def _read(files: Mapping[str, bytes], name: str, type: type[T]) -> T:
    if name not in files:
        raise BadExportError(f"{name} is not in the zip")
    try:
        return msgspec.json.decode(files[name], type=type)
    except msgspec.DecodeError as error:
        raise BadExportError(f"{name} cannot be read: {error}") from None


def _rows(files: Mapping[str, bytes], name: str, type: type[T]) -> list[T]:
    decoder = msgspec.json.Decoder(type)
    rows = []
    for number, line in enumerate(files.get(name, b"").splitlines(), 1):
        try:
            rows.append(decoder.decode(line))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadExportError(f"{name}: row {number} cannot be read: {error}") from None
    return rows


def _chain(events: list[Event], marks: list[Checkpoint], key: Ed25519PublicKey, manifest: Manifest) -> Check:
    record = manifest.record
    problem = chain.check(events, marks, key, (record.rows, record.sha256))
    if problem is None and events and events[0].session != manifest.session:
        problem = chain.Problem(1, f"event 1 belongs to another session, {events[0].session}")
    if problem is None and len(events) > record.rows:
        problem = chain.Problem(record.rows + 1, f"event {record.rows + 1} came after the export was signed")
    if problem is not None:
        return Check(f"event {problem.seq}", False, problem.why)
    return Check("events", True, f"{len(events)} events follow one another, {len(marks)} signatures on the way")


def _payloads(events: list[Event], payloads: list[Payload]) -> list[Check]:
    committed = {one.seq: one.body["private"] for one in events if "private" in one.body}
    for one in payloads:
        if committed.get(one.seq) != chain.commitment(one.salt, one.data):
            return [
                Check(f"event {one.seq}", False, f"what event {one.seq} says of a person is not what was committed")
            ]
    erased = len(committed) - len({one.seq for one in payloads})
    text = f"{len(payloads)} payloads are what their events committed to" + (
        f", {erased} were erased" if erased else ""
    )
    return [Check(PAYLOADS, True, text)]


def _parts(manifest: Manifest, files: Mapping[str, bytes]) -> list[Check]:
    known = {one.name for one in manifest.parts}
    bad = [
        Check(one.name, False, f"{one.name} is missing" if one.name not in files else f"{one.name} was changed")
        for one in manifest.parts
        if one.name not in files or receipt.part(one.name, files[one.name]) != one
    ]
    added = [
        Check(name, False, f"{name} was added after the export was signed")
        for name in files
        if name not in known and name != MANIFEST
    ]
    return bad + added or [Check("files", True, f"{len(manifest.parts)} files are as they were exported")]


def _signature(manifest: Manifest, key: Ed25519PublicKey | None, own: Ed25519PublicKey) -> list[Check]:
    name = chain.key_id(key or own)
    try:
        (key or own).verify(base64.b64decode(manifest.signature, validate=True), _signed(manifest))
    except (InvalidSignature, ValueError):
        return [Check("signature", False, f"the manifest was changed, or was not signed by the key {name}")]
    if key is not None:
        return [Check("signature", True, f"signed by the organisation's key {name}")]
    question = f"the key {name} stands in the export itself: compare it with the one the organisation publishes"
    return [Check("signature", True, f"signed by the key {name}"), Check("key", None, question)]


def _receipt(files: Mapping[str, bytes], events: list[Event], key: Ed25519PublicKey | None) -> list[Check]:
    if RECEIPT not in files:
        return [Check(RECEIPT, None, "nothing had been handed in when this was exported")]
    given = _read(files, RECEIPT, receipt.Receipt)
    bad = [one for one in receipt.verify(given, key, {}) if one.good is False]
    if bad:
        return bad
    head = _head(events, given, "the candidate's receipt")
    if head.good is False:
        return [head]
    notebook = files.get(receipt.NOTEBOOK, b"")
    if receipt.part(receipt.NOTEBOOK, notebook) != given.parts[0]:
        return [Check(receipt.NOTEBOOK, False, "the notebook is not the one that was handed in")]
    return [head]


def names(files: Mapping[str, bytes], given: receipt.Receipt, whose: str) -> Check:
    """Whether a receipt, such as the one that the candidate kept, names an event of this export."""
    return _head(_rows(files, EVENTS, Event), given, whose)


def _head(events: list[Event], given: receipt.Receipt, whose: str) -> Check:
    rows = given.record.rows
    if not 0 < rows <= len(events) or events[rows - 1].hash != given.record.sha256:
        return Check(f"event {rows}", False, f"{whose} names another event {rows}")
    return Check(RECEIPT, True, f"{whose} names event {rows} as it stands here")


class Shown(Struct, frozen=True):
    """The score as it stands in an export; null with the reason while nobody may read it."""

    score: score.Score | None
    why: str = ""


def _score(files: Mapping[str, bytes], events: list[Event]) -> list[Check]:
    shown = _read(files, SCORE, Shown)
    if shown.score is None:
        return [Check(SCORE, None, f"there is no score in it: {shown.why}")]
    table = _read(files, RULES, Rules)
    try:
        again = score.score(table.score, table.version, events)
    except (KeyError, TypeError, ValueError) as error:
        return [Check(SCORE, False, f"the score cannot be computed from these events: {error!r}")]
    if again != shown.score:
        text = f"the score says {shown.score.value}; computed anew from the events and rules it is {again.value}"
        return [Check(SCORE, False, f"{text}, or its reasons differ")]
    return [
        Check(SCORE, True, f"the score {again.value} follows from the events and the rules of version {table.version}")
    ]
