"""The chain finds every kind of tampering, and names the first bad event."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from greenroom_proctor import canonical, chain
from greenroom_proctor.chain import Event
from msgspec.structs import replace

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def made(count: int = 120) -> tuple[list[Event], list[chain.Checkpoint]]:
    events: list[Event] = []
    checkpoints = []
    last = (0, chain.START)
    for number in range(count):
        event = chain.link("s-abcdefghjk", last, 1_000 + number, "run", "candidate", {"number": number})
        events.append(event)
        last = (event.seq, event.hash)
        if event.seq % chain.EVERY == 0:
            checkpoints.append(chain.sign(KEY, event, event.at))
    return events, checkpoints


def drop(events: list[Event]) -> list[Event]:
    return events[:40] + events[41:]


def change(events: list[Event]) -> list[Event]:
    return [*events[:40], replace(events[40], body={"number": 0}), *events[41:]]


def redate(events: list[Event]) -> list[Event]:
    return [*events[:40], replace(events[40], at=5_000), *events[41:]]


def reorder(events: list[Event]) -> list[Event]:
    return [*events[:40], events[41], events[40], *events[42:]]


def insert(events: list[Event]) -> list[Event]:
    slipped = chain.link("s-abcdefghjk", (40, events[39].hash), events[39].at, "run", "candidate", {})
    return [*events[:40], slipped, *events[40:]]


def rewrite(events: list[Event]) -> list[Event]:
    """A hub that writes a whole new chain from event 41 on."""
    told = events[:40]
    for event in events[40:]:
        told.append(chain.link(event.session, (told[-1].seq, told[-1].hash), event.at, "run", "somebody", event.body))
    return told


def test_an_untouched_chain_is_good() -> None:
    events, checkpoints = made()
    assert chain.check(events, checkpoints, KEY.public_key(), (120, events[-1].hash)) is None


@pytest.mark.parametrize(
    ("tamper", "first"), [(drop, 41), (change, 41), (redate, 41), (reorder, 41), (insert, 42), (rewrite, 50)]
)
def test_tampering_is_found_at_the_first_bad_event(tamper: Callable[[list[Event]], list[Event]], first: int) -> None:
    events, checkpoints = made()
    problem = chain.check(tamper(events), checkpoints, KEY.public_key())
    assert problem is not None
    assert problem.seq == first


def test_a_cut_record_is_found_by_a_kept_head() -> None:
    events, checkpoints = made()
    assert chain.check(events[:110], checkpoints, KEY.public_key()) is None
    problem = chain.check(events[:110], checkpoints, KEY.public_key(), (120, events[-1].hash))
    assert problem is not None
    assert "cut" in problem.why
    assert chain.check(events[:90], checkpoints, KEY.public_key()) is not None


def test_another_key_is_found() -> None:
    events, checkpoints = made()
    other = Ed25519PrivateKey.generate().public_key()
    problem = chain.check(events, checkpoints, other)
    assert problem is not None
    assert problem.seq == chain.EVERY


def test_any_single_flip_is_found() -> None:
    events, checkpoints = made(60)
    chance = random.Random(7)
    for _ in range(200):
        place = chance.randrange(60)
        field, value = chance.choice(
            [
                ("actor", "x"),
                ("type", "x"),
                ("at", 1),
                ("body", {}),
                ("hash", "0" * 64),
                ("previous", "1" * 64),
                ("seq", 999),
            ]
        )
        changed = [*events[:place], replace(events[place], **{field: value}), *events[place + 1 :]]
        problem = chain.check(changed, checkpoints, KEY.public_key())
        assert problem is not None, (place, field)
        assert problem.seq in {place + 1, place + 2}


def test_a_commitment_hides_and_binds() -> None:
    first = chain.commitment(b"salt", {"text": "hello"})
    assert first != chain.commitment(b"other", {"text": "hello"})
    assert first != chain.commitment(b"salt", {"text": "hullo"})
    assert "hello" not in first


def test_the_hash_is_over_the_canonical_json_of_everything_but_itself() -> None:
    event = chain.link("s-abcdefghjk", (6, "a" * 64), 1_000, "run", 'ä "x"', {"z": [1.5, "é"], "a": None})
    content: dict[str, canonical.Value] = {
        "version": 1,
        "session": "s-abcdefghjk",
        "seq": 7,
        "at": 1_000,
        "type": "run",
        "actor": 'ä "x"',
        "body": {"z": [1.5, "é"], "a": None},
        "previous": "a" * 64,
    }
    assert event.hash == hashlib.sha256(canonical.encode(content)).hexdigest()
