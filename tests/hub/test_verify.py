"""`greenroom verify`, as somebody with a receipt calls it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from greenroom_hub.signing import published, signing_key
from greenroom_proctor import receipt
from greenroom_proctor.receipt import Counted, Receipt

NOTEBOOK = b'{"cells": []}'


@pytest.fixture
def files(tmp_path: Path) -> Path:
    key = signing_key(tmp_path)
    signed = receipt.sign(
        key,
        Receipt(
            receipt.SCHEMA, "s-abcdefghjk", "Pandas", "Jane", "2026-11-23T12:00:00Z", "submitted",
            [receipt.part(receipt.NOTEBOOK, NOTEBOOK)], None, Counted(1, "a" * 64), Counted(1, "b" * 64), "", "",
        ),
    )  # fmt: skip
    (tmp_path / "receipt.json").write_bytes(msgspec.json.encode(signed))
    (tmp_path / "key.json").write_bytes(msgspec.json.encode(published("Org", key.public_key())))
    (tmp_path / "notebook.ipynb").write_bytes(NOTEBOOK)
    return tmp_path


def verify(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    program = [
        sys.executable,
        "-c",
        "import sys; from greenroom_hub.cli import main; sys.exit(main())",
        "verify",
        *words,
    ]
    return subprocess.run(program, cwd=folder, capture_output=True, text=True, check=False)


def test_a_good_receipt_is_good(files: Path) -> None:
    done = verify(files, "receipt.json", "notebook.ipynb", "--key", "key.json")
    assert (done.returncode, done.stderr) == (0, "")
    assert "organisation's key" in done.stdout


def test_a_changed_byte_is_named(files: Path) -> None:
    text = (files / "receipt.json").read_text()
    (files / "receipt.json").write_text(text.replace("12:00:00", "11:00:00"))
    done = verify(files, "receipt.json", "--key", "key.json")
    assert done.returncode == 1
    assert "changed after it was signed" in done.stdout


def test_a_changed_notebook_is_named(files: Path) -> None:
    (files / "notebook.ipynb").write_bytes(NOTEBOOK + b"\n")
    done = verify(files, "receipt.json", "notebook.ipynb")
    assert done.returncode == 1
    assert "notebook.ipynb is not what was handed in" in done.stdout


def test_another_organisation_s_key_is_refused(files: Path) -> None:
    other = published("Other", Ed25519PrivateKey.generate().public_key())
    (files / "other.json").write_bytes(msgspec.json.encode(other))
    assert verify(files, "receipt.json", "--key", "other.json").returncode == 1


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"PK\x03\x04", b"\xff\xfe", b'{"schema": 1}'])
def test_what_is_no_receipt_gets_a_sentence(files: Path, content: bytes) -> None:
    (files / "receipt.json").write_bytes(content)
    done = verify(files, "receipt.json")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "receipt" in done.stderr


def test_the_key_is_made_once_and_private(tmp_path: Path) -> None:
    first, second = signing_key(tmp_path), signing_key(tmp_path)
    assert first.private_bytes_raw() == second.private_bytes_raw()
    assert (tmp_path / "secrets" / "signing-key.pem").stat().st_mode & 0o777 == 0o600
