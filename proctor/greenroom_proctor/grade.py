"""The grade of a submission: how many hidden cases it passed, bound to its hash and signed. Checked offline. Pure.

Limits: it shows that the organisation's key signed these counts for this notebook. What the checks ask stays hidden.
"""

from __future__ import annotations

import base64

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Struct

from greenroom_proctor import canonical
from greenroom_proctor.chain import key_id
from greenroom_proctor.receipt import Check

SCHEMA = "greenroom.grade.v1"


class Mark(Struct, frozen=True):
    """One check: `passed` of `total` cases; null when it could not be asked, and `note` says why."""

    check: str
    title: str
    passed: int | None
    total: int
    note: str | None


class Grade(Struct, frozen=True, forbid_unknown_fields=True):
    """What staff hold. `notebook`: SHA-256 of the notebook as it was handed in; `graded`: UTC, ISO 8601.

    `seed` makes the same cases again; `template` is the version whose checks were asked.
    """

    schema: str
    session: str
    notebook: str
    template: str
    graded: str
    seed: str
    marks: list[Mark]
    key: str = ""
    public_key: str = ""
    signature: str = ""


def _content(grade: Grade) -> bytes:
    plain = msgspec.to_builtins(grade)
    del plain["signature"]
    return canonical.encode(plain)


def sign(private: Ed25519PrivateKey, grade: Grade) -> Grade:
    """The grade with the key's id, the key and the signature in it."""
    public = private.public_key()
    encoded = base64.b64encode(public.public_bytes_raw()).decode()
    named = msgspec.structs.replace(grade, key=key_id(public), public_key=encoded)
    return msgspec.structs.replace(named, signature=base64.b64encode(private.sign(_content(named))).decode())


def verify(grade: Grade, key: Ed25519PublicKey | None) -> list[Check]:
    """Look at the signature. `key`: the organisation's published one; without it whose key it is stays open."""
    if grade.schema != SCHEMA:
        return [Check("grade", False, f"this is no grade this program knows: {grade.schema!r}, not {SCHEMA!r}")]
    try:
        public = key or Ed25519PublicKey.from_public_bytes(base64.b64decode(grade.public_key, validate=True))
        public.verify(base64.b64decode(grade.signature, validate=True), _content(grade))
    except InvalidSignature:
        return [Check("signature", False, "the grade was changed after it was signed, or another key signed it")]
    except ValueError as error:
        return [Check("signature", False, f"the signature cannot be read: {error}")]
    found = [Check("signature", True, f"the grade of the notebook {grade.notebook} was signed by {key_id(public)}")]
    if key is None:
        found.append(
            Check(
                "key", None, f"the key {key_id(public)} stands in the grade itself: compare it with the published one"
            )
        )
    return found
