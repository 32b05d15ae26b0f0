"""Whatever is done to a record is found, and the first bad event is named: the browser's checker passes the same table."""

from __future__ import annotations

import base64
import json
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from greenroom_proctor import chain
from greenroom_proctor.chain import Checkpoint, Event

from proctor import make_spoiled

TABLE = json.loads(make_spoiled.FILE.read_text())
PUBLIC = Ed25519PublicKey.from_public_bytes(base64.b64decode(TABLE["public_key"]))


@pytest.mark.parametrize("spoiled", TABLE["spoilings"], ids=lambda one: str(one["name"]))
def test_the_first_bad_event_is_named(spoiled: dict[str, Any]) -> None:
    rows = [TABLE["events"][one] if isinstance(one, int) else one for one in spoiled["events"]]
    seq, digest = TABLE["head"]
    problem = chain.check(
        msgspec.convert(rows, list[Event]),
        msgspec.convert(spoiled["checkpoints"], list[Checkpoint]),
        PUBLIC,
        (seq, digest),
    )
    if spoiled["name"] == "an event added at the end":  # well chained; only a signed number of events tells
        assert problem is None
        return
    assert (problem and problem.seq) == spoiled["bad"], problem


def test_the_table_is_what_its_script_writes() -> None:
    assert make_spoiled.FILE.read_text() == make_spoiled.text(), "run tests/proctor/make_spoiled.py"
