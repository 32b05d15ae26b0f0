"""An export is checked file by file and event by event, and the score in it is computed anew."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from greenroom_proctor import chain, export, receipt, rules, score
from greenroom_proctor.chain import Event
from greenroom_proctor.receipt import Counted, Receipt

KEY = Ed25519PrivateKey.generate()
SESSION = "s-abcdefghjk"
NOTEBOOK = b'{"cells": []}'
SALT = b"0123456789abcdef"
RULES = rules.load()

FACTS: list[tuple[str, dict[str, Any]]] = [
    ("session.created", {"template": "a" * 64, "policy": {}}),
    ("incident.warning", {"id": "a", "signal": "gaze", "kind": "gaze_away", "count": 1, "rules": 2}),
    ("incident.flag", {"id": "a", "signal": "gaze", "kind": "gaze_away", "count": 2, "rules": 2}),
    ("incident.warning", {"id": "b", "signal": "face", "kind": "face_absent", "count": 1, "rules": 2}),
    ("submission", {"parts": 1}),
]


def events() -> list[Event]:
    made: list[Event] = []
    for number, (type, body) in enumerate(FACTS):
        last = (made[-1].seq, made[-1].hash) if made else (0, chain.START)
        private = {"private": chain.commitment(SALT, {"title": "Pandas"})} if number == 0 else {}
        made.append(chain.link(SESSION, last, 1000 + number, type, "service", body | private))
    return made


def files(shown: export.Shown | None = None) -> dict[str, bytes]:
    facts = events()
    last = facts[-1]
    signed = receipt.sign(
        KEY,
        Receipt(
            receipt.SCHEMA, SESSION, "Pandas", "Jane", "2026-11-23T12:00:00Z", "submitted",
            [receipt.part(receipt.NOTEBOOK, NOTEBOOK)], None, Counted(1, "a" * 64), Counted(last.seq, last.hash), "", "",
        ),
    )  # fmt: skip
    shown = shown or export.Shown(score.score(RULES.score, RULES.version, facts))
    return {
        receipt.NOTEBOOK: NOTEBOOK,
        export.CHECKPOINTS: export.lines([chain.sign(KEY, last, last.at)]),
        export.PAYLOADS: export.lines([export.Payload(1, SALT, {"title": "Pandas"})]),
        export.RULES: msgspec.json.encode(RULES),
        export.SCORE: msgspec.json.encode(shown),
        export.RECEIPT: msgspec.json.encode(signed),
    }


def pack(shown: export.Shown | None = None) -> bytes:
    return export.pack(KEY, "2026-11-23T13:00:00Z", {"greenroom": "0.1.0"}, events(), files(shown))


def bad(parts: dict[str, bytes]) -> list[tuple[str, str]]:
    return [(one.what, one.text) for one in export.verify(parts, KEY.public_key()) if one.good is False]


def test_a_good_export_is_good() -> None:
    checks = export.verify(export.unpack(pack()), KEY.public_key())
    assert [one.good for one in checks] == [True] * 6
    assert [one.text for one in checks][-1] == "the score 95 follows from the events and the rules of version 2"


def test_without_the_published_key_one_question_stays_open() -> None:
    checks = export.verify(export.unpack(pack()), None)
    assert [one.what for one in checks if one.good is None] == ["key"]


def test_a_score_that_nobody_may_read_yet_is_no_fault() -> None:
    checks = export.verify(export.unpack(pack(export.Shown(None, "the candidate may still write notes"))), None)
    assert ("score.json", None) in [(one.what, one.good) for one in checks]


def _event(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    def work(parts: dict[str, bytes]) -> dict[str, bytes]:
        return parts | {export.EVENTS: b"\n".join(change(parts[export.EVENTS].splitlines()))}

    return work


SPOILED: list[tuple[str, Callable[[dict[str, bytes]], dict[str, bytes]], str]] = [
    ("flipped", _event(lambda rows: [rows[0], rows[1].replace(b"gaze_away", b"face_seen"), *rows[2:]]), "event 2"),
    ("dropped", _event(lambda rows: rows[:2] + rows[3:]), "event 3"),
    ("reordered", _event(lambda rows: [rows[1], rows[0], *rows[2:]]), "event 1"),
    ("inserted", _event(lambda rows: [*rows[:3], rows[2], *rows[3:]]), "event 4"),
    ("truncated", _event(lambda rows: rows[:-1]), "event 5"),
    ("emptied", _event(lambda rows: []), "event 1"),
    ("payload", lambda parts: parts | {export.PAYLOADS: parts[export.PAYLOADS].replace(b"Pandas", b"Polars")}, "event 1"),
    ("notebook", lambda parts: parts | {receipt.NOTEBOOK: b"{}"}, receipt.NOTEBOOK),
    ("score", lambda parts: parts | {export.SCORE: parts[export.SCORE].replace(b'"value":95', b'"value":99')}, "score.json"),
    ("rules", lambda parts: parts | {export.RULES: parts[export.RULES].replace(b'"flag":4', b'"flag":3')}, "rules.json"),
    ("added", lambda parts: parts | {"more.txt": b""}, "more.txt"),
    ("missing", lambda parts: {name: data for name, data in parts.items() if name != export.CHECKPOINTS}, "checkpoints.jsonl"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "what"), [one[1:] for one in SPOILED], ids=[one[0] for one in SPOILED])
def test_what_was_done_to_an_export_is_named(change: Callable[[dict[str, bytes]], dict[str, bytes]], what: str) -> None:
    assert bad(change(export.unpack(pack())))[0][0] == what


def test_another_key_s_export_is_not_the_organisation_s() -> None:
    checks = export.verify(export.unpack(pack()), Ed25519PrivateKey.generate().public_key())
    assert next(one.text for one in checks if one.good is False).startswith(
        "the signature at event 5 is not by the key"
    )


def test_a_receipt_that_was_kept_names_its_event() -> None:
    parts = export.unpack(pack())
    kept = msgspec.json.decode(parts[export.RECEIPT], type=Receipt)
    assert export.names(parts, kept, "mine").good
    other = msgspec.structs.replace(kept, record=Counted(3, "f" * 64))
    assert export.names(parts, other, "mine").text == "mine names another event 3"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({export.EVENTS: b'{"seq": '}, "events.jsonl: row 1 cannot be read"),
        ({export.EVENTS: b"\xff\n"}, "events.jsonl: row 1 cannot be read"),
        ({export.MANIFEST: b"{}"}, "manifest.json cannot be read"),
        ({export.SCORE: b""}, "score.json cannot be read"),
    ],
)
def test_what_cannot_be_read_gets_a_sentence(change: dict[str, bytes], why: str) -> None:
    with pytest.raises(export.BadExportError, match=why):
        export.verify(export.unpack(pack()) | change, None)


def test_a_zip_that_is_none_or_too_large_gets_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(export.BadExportError, match="the zip cannot be read"):
        export.unpack(b"PK\x03\x04 and no more")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a", b"0" * 100)
    monkeypatch.setattr(export, "LARGEST", 99)
    with pytest.raises(export.BadExportError, match="larger than 99 bytes"):
        export.unpack(packed.getvalue())


def test_the_manifest_signs_for_the_number_of_events() -> None:
    parts = export.unpack(pack())
    manifest = json.loads(parts[export.MANIFEST])
    facts = events()
    added = chain.link(SESSION, (facts[-1].seq, facts[-1].hash), 2000, "run", "candidate", {})
    spoiled = parts | {export.EVENTS: parts[export.EVENTS] + export.lines([added])}
    assert manifest["record"]["rows"] == 5
    assert bad(spoiled)[0] == ("event 6", "event 6 came after the export was signed")
