"""The receipt of a submission: what was handed in, when, and the organisation's signature. Checked offline. Pure.

Limits: a receipt shows that the organisation's key signed these hashes. It says nothing about who typed the work.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Struct

from greenroom_proctor import canonical
from greenroom_proctor.chain import key_id

SCHEMA = "greenroom.receipt.v1"
NOTEBOOK = "notebook.ipynb"


class Part(Struct, frozen=True):
    """One file that was handed in."""

    name: str
    sha256: str
    bytes: int


class Counted(Struct, frozen=True):
    """How far a log had come: the number of its rows and a hash over them (of a chain: of its newest event)."""

    rows: int
    sha256: str


class Receipt(Struct, frozen=True, forbid_unknown_fields=True):
    """What the candidate holds. `handed_in` is UTC, ISO 8601; `reason`: submitted, expired or terminated.

    `files_missing` is a sentence when the files that cells wrote could not be handed over, else null.
    """

    schema: str
    session: str
    title: str
    candidate: str
    handed_in: str
    reason: str
    parts: list[Part]
    files_missing: str | None
    document: Counted
    record: Counted
    key: str
    public_key: str
    signature: str = ""


class Check(Struct, frozen=True):
    """One thing that was looked at. `good` is null when it could not be."""

    what: str
    good: bool | None
    text: str


def part(name: str, content: bytes) -> Part:
    """A file's line in the receipt."""
    return Part(name, hashlib.sha256(content).hexdigest(), len(content))


def _content(receipt: Receipt) -> bytes:
    plain: dict[str, canonical.Value] = {
        "schema": receipt.schema,
        "session": receipt.session,
        "title": receipt.title,
        "candidate": receipt.candidate,
        "handed_in": receipt.handed_in,
        "reason": receipt.reason,
        "parts": [{"name": one.name, "sha256": one.sha256, "bytes": one.bytes} for one in receipt.parts],
        "files_missing": receipt.files_missing,
        "document": {"rows": receipt.document.rows, "sha256": receipt.document.sha256},
        "record": {"rows": receipt.record.rows, "sha256": receipt.record.sha256},
        "key": receipt.key,
        "public_key": receipt.public_key,
    }
    return canonical.encode(plain)


def sign(private: Ed25519PrivateKey, receipt: Receipt) -> Receipt:
    """The receipt with the key's id, the key and the signature in it."""
    public = private.public_key()
    encoded = base64.b64encode(public.public_bytes_raw()).decode()
    named = _replace(receipt, key=key_id(public), public_key=encoded)
    return _replace(named, signature=base64.b64encode(private.sign(_content(named))).decode())


def _replace(receipt: Receipt, **changes: str) -> Receipt:
    fields = {name: getattr(receipt, name) for name in receipt.__struct_fields__}
    return Receipt(**{**fields, **changes})


def verify(receipt: Receipt, key: Ed25519PublicKey | None, files: Mapping[str, bytes]) -> list[Check]:
    """Look at the signature and at every file given.

    `key`: the organisation's published one; without it the receipt's own is used, and whose that is stays open.
    """
    return [*_signature(receipt, key), *_files(receipt.parts, files)]


def _signature(receipt: Receipt, key: Ed25519PublicKey | None) -> list[Check]:
    if receipt.schema != SCHEMA:
        return [Check("receipt", False, f"this is no receipt this program knows: {receipt.schema!r}, not {SCHEMA!r}")]
    try:
        public = key or Ed25519PublicKey.from_public_bytes(base64.b64decode(receipt.public_key, validate=True))
        public.verify(base64.b64decode(receipt.signature, validate=True), _content(receipt))
    except InvalidSignature:
        return [Check("signature", False, "the receipt was changed after it was signed, or another key signed it")]
    except ValueError as error:
        return [Check("signature", False, f"the signature cannot be read: {error}")]
    name = key_id(public)
    if key is None:
        open_question = (
            f"the key {name} stands in the receipt itself: compare it with the one the organisation publishes"
        )
        return [Check("signature", True, f"signed by the key {name}"), Check("key", None, open_question)]
    return [Check("signature", True, f"signed by the organisation's key {name}")]


def _files(parts: Sequence[Part], files: Mapping[str, bytes]) -> list[Check]:
    by_hash = {one.sha256: one for one in parts}
    checks = []
    for name, content in files.items():
        known = by_hash.get(hashlib.sha256(content).hexdigest())
        if known is None:
            checks.append(Check(name, False, f"{name} is not what was handed in: its hash is not in the receipt"))
        else:
            checks.append(Check(name, True, f"{name} is {known.name} as it was handed in"))
    return checks
