"""`greenroom verify`: check an export, a grade, or a receipt and files against it, offline."""

from __future__ import annotations

import argparse
import base64
import hashlib
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from greenroom_proctor import export, grade, receipt

from greenroom_hub.signing import PublishedKey

MARKS = {True: "good", False: "BAD ", None: "open"}
LARGEST = 64 * 2**20  # bytes of a receipt; more is no receipt


def main(argv: list[str]) -> int:
    """Check an export or a receipt. Exit code 0: all is good; 1: the first bad thing is named last; 2: a wrong call."""
    parser = argparse.ArgumentParser(prog="greenroom verify", description=main.__doc__)
    parser.add_argument("file", type=Path, metavar="FILE", help="an export (.zip) or a receipt (.json)")
    parser.add_argument("files", type=Path, nargs="*", help="the notebook and other files, to compare with the receipt")
    parser.add_argument("--key", type=Path, help="the organisation's published key, saved from its /key page")
    words = parser.parse_args(argv)
    try:
        checks = _check(words.file, words.key, words.files)
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
    content = file.read_bytes()
    if content[:2] == b"PK":
        return _export(file, content, _key(key) if key else None, files)
    if len(content) > LARGEST:
        raise ValueError(f"{file} is neither an export nor a receipt: it has {len(content)} bytes")
    try:
        if msgspec.json.decode(content, type=_Named).schema == grade.SCHEMA:
            return _check_grade(msgspec.json.decode(content, type=grade.Grade), key, files)
        given = msgspec.json.decode(content, type=receipt.Receipt)
    except msgspec.DecodeError as error:
        raise ValueError(f"{file} is neither an export nor a receipt: {error}") from None
    return receipt.verify(given, _key(key) if key else None, {str(one): one.read_bytes() for one in files})


def _export(file: Path, content: bytes, key: Ed25519PublicKey | None, more: list[Path]) -> list[receipt.Check]:
    try:
        parts = export.unpack(content)
        checks = export.verify(parts, key)
        heads = [_receipts(one, parts) for one in more]
    except export.BadExportError as error:
        raise ValueError(f"{file} is no export that can be checked: {error}") from None
    return [*checks, *heads]


def _receipts(file: Path, parts: Mapping[str, bytes]) -> receipt.Check:
    """Whether a receipt that somebody kept names an event of this export."""
    try:
        given = msgspec.json.decode(file.read_bytes(), type=receipt.Receipt)
    except msgspec.DecodeError as error:
        raise ValueError(f"{file} is no receipt: {error}") from None
    return export.names(parts, given, str(file))


class _Named(msgspec.Struct):
    schema: str = ""


def _check_grade(given: grade.Grade, key: Path | None, files: list[Path]) -> list[receipt.Check]:
    found = grade.verify(given, _key(key) if key else None)
    for one in files:
        good = hashlib.sha256(one.read_bytes()).hexdigest() == given.notebook
        found.append(receipt.Check(str(one), good, f"{one} is {'' if good else 'not '}the notebook that was graded"))
    return found


def _key(file: Path) -> Ed25519PublicKey:
    try:
        published = msgspec.json.decode(file.read_bytes(), type=PublishedKey)
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(published.public_key, validate=True))
    except (msgspec.DecodeError, ValueError) as error:
        raise ValueError(f"{file} is no published key: {error}") from None
