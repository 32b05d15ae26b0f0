"""A receipt is good, or says what is wrong with it."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from greenroom_proctor import receipt
from greenroom_proctor.receipt import Counted, Receipt
from msgspec.structs import replace

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
NOTEBOOK = b'{"cells": []}'


def made() -> Receipt:
    return receipt.sign(
        KEY,
        Receipt(
            schema=receipt.SCHEMA,
            session="s-abcdefghjk",
            title="Pandas",
            candidate="Jane Doe",
            handed_in="2026-11-23T12:00:00Z",
            reason="submitted",
            parts=[receipt.part(receipt.NOTEBOOK, NOTEBOOK), receipt.part("files/out.csv", b"1,2\n")],
            files_missing=None,
            document=Counted(12, "a" * 64),
            record=Counted(34, "b" * 64),
            key="",
            public_key="",
        ),
    )


def bad(checks: list[receipt.Check]) -> list[str]:
    return [one.what for one in checks if one.good is False]


def test_a_signed_receipt_with_its_files_is_good() -> None:
    checks = receipt.verify(made(), KEY.public_key(), {"downloaded.ipynb": NOTEBOOK})
    assert bad(checks) == []
    assert checks[-1].text == "downloaded.ipynb is notebook.ipynb as it was handed in"


def test_a_changed_notebook_is_named() -> None:
    assert bad(receipt.verify(made(), KEY.public_key(), {"n.ipynb": NOTEBOOK + b" "})) == ["n.ipynb"]


@pytest.mark.parametrize(
    "change",
    [
        {"handed_in": "2026-11-23T11:00:00Z"},
        {"candidate": "John Doe"},
        {"parts": []},
        {"reason": "expired"},
        {"files_missing": "gone"},
        {"record": Counted(35, "b" * 64)},
        {"signature": "AAAA"},
        {"signature": "not base64"},
    ],
)
def test_any_change_breaks_the_signature(change: dict[str, object]) -> None:
    assert bad(receipt.verify(replace(made(), **change), KEY.public_key(), {})) == ["signature"]


def test_another_key_s_signature_is_refused() -> None:
    assert bad(receipt.verify(made(), Ed25519PrivateKey.generate().public_key(), {})) == ["signature"]


def test_without_the_organisation_s_key_the_question_stays_open() -> None:
    checks = receipt.verify(made(), None, {})
    assert bad(checks) == []
    assert [one.what for one in checks if one.good is None] == ["key"]


def test_another_kind_of_file_is_no_receipt() -> None:
    assert bad(receipt.verify(replace(made(), schema="other"), None, {})) == ["receipt"]
