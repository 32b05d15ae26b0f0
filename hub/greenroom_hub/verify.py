"""`greenroom verify`: check a receipt, and files against it, offline."""

from __future__ import annotations

import argparse
import base64
import sys
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from greenroom_proctor import receipt

from greenroom_hub.signing import PublishedKey

MARKS = {True: "good", False: "BAD ", None: "open"}
LARGEST = 64 * 2**20  # bytes of a receipt; more is no receipt


def main(argv: list[str]) -> int:
    """Check a receipt. Exit code 0 when all is good, 1 with the first bad thing named last, 2 for a wrong call."""
    parser = argparse.ArgumentParser(prog="greenroom verify", description=main.__doc__)
    parser.add_argument("receipt", type=Path, help="the receipt")
    parser.add_argument("files", type=Path, nargs="*", help="the notebook and other files, to compare with the receipt")
    parser.add_argument("--key", type=Path, help="the organisation's published key, saved from its /key page")
    words = parser.parse_args(argv)
    try:
        checks = _check(words.receipt, words.key, words.files)
    except (OSError, ValueError) as error:
        print(f"greenroom verify: {error}", file=sys.stderr)
        return 1
    for one in checks:
        print(f"{MARKS[one.good]}  {one.text}")
    first = next((one for one in checks if one.good is False), None)
    if first is not None:
        print(f"greenroom verify: the first bad thing is: {first.what}", file=sys.stderr)
    return int(first is not None)


def _check(file: Path, key: Path | None, files: list[Path]) -> list[receipt.Check]:
    content = file.read_bytes()[:LARGEST]
    if content[:2] == b"PK":
        raise ValueError(f"{file} is a zip; exports cannot be checked yet, only receipts")
    try:
        given = msgspec.json.decode(content, type=receipt.Receipt)
    except msgspec.DecodeError as error:
        raise ValueError(f"{file} is no receipt: {error}") from None
    return receipt.verify(given, _key(key) if key else None, {str(one): one.read_bytes() for one in files})


def _key(file: Path) -> Ed25519PublicKey:
    try:
        published = msgspec.json.decode(file.read_bytes(), type=PublishedKey)
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(published.public_key, validate=True))
    except (msgspec.DecodeError, ValueError) as error:
        raise ValueError(f"{file} is no published key: {error}") from None
