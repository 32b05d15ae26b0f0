"""The organisation's key: made at the first start, kept in the secrets folder, its public half published."""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from greenroom_proctor.chain import key_id
from msgspec import Struct

FILE = "signing-key.pem"


class PublishedKey(Struct, frozen=True):
    """What anyone may know of the key: its id, the key in base64, and its whole SHA-256 to compare over the phone."""

    organisation: str
    key: str
    public_key: str
    fingerprint: str


def signing_key(data: Path) -> Ed25519PrivateKey:
    """The key below `data`; made when it is missing. TypeError when the file holds something else."""
    file = data / "secrets" / FILE
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        found = serialization.load_pem_private_key(file.read_bytes(), None)
        if not isinstance(found, Ed25519PrivateKey):
            raise TypeError(f"{file} holds no Ed25519 key; put the right file back, or every receipt is void") from None
        return found
    made = Ed25519PrivateKey.generate()
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    with os.fdopen(handle, "wb") as new:
        new.write(made.private_bytes(*form))
        new.flush()
        os.fsync(handle)
    return made


def published(organisation: str, key: Ed25519PublicKey) -> PublishedKey:
    """The public half, as `greenroom verify --key` and the verify page read it."""
    raw = key.public_bytes_raw()
    return PublishedKey(organisation, key_id(key), base64.b64encode(raw).decode(), hashlib.sha256(raw).hexdigest())
