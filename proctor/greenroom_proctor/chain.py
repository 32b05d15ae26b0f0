"""The chain of events: each holds the hash of the one before it, and checkpoints are signed. Pure.

Limits: a chain shows that nothing in it was changed, dropped, moved or slipped in since a checkpoint, a receipt or
anybody else kept a head. It cannot show that what was written was true, and events after the last kept head could be
cut off.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Struct

from greenroom_proctor import canonical
from greenroom_proctor.canonical import Value

VERSION = 1
START = "0" * 64  # what stands before the first event
EVERY = 50  # events between two checkpoints: one signature costs as much as ten hashes


class Event(Struct, frozen=True):
    """A fact. `seq` counts from 1 in each session; `at` is milliseconds since the epoch by the service's clock."""

    session: str
    seq: int
    at: int
    type: str
    actor: str
    body: dict[str, Any]  # what JSON can carry; recursive types cannot be decoded into
    previous: str
    hash: str


class Checkpoint(Struct, frozen=True):
    """A signature over the chain up to the event `seq`. `key` is the key's id."""

    session: str
    seq: int
    at: int
    hash: str
    key: str
    signature: bytes


class Problem(Struct, frozen=True):
    """The first event that is not as it was written, and what is wrong with it."""

    seq: int
    why: str


def commitment(salt: bytes, private: Mapping[str, Value]) -> str:
    """What stands in an event for a payload about a person: the payload can be erased, and the chain stays whole."""
    return hashlib.sha256(salt + canonical.encode(private)).hexdigest()


def event_hash(session: str, seq: int, at: int, type: str, actor: str, body: Mapping[str, Value], previous: str) -> str:
    """SHA-256 over the canonical JSON of everything but the hash itself."""
    return _digest(session, seq, at, type, actor, canonical.encode(body), previous)


def _digest(session: str, seq: int, at: int, type: str, actor: str, body: bytes, previous: str) -> str:
    """The names stand in the order of RFC 8785, so that the body need not be encoded twice."""
    head = b'{"actor":%b,"at":%b,"body":' % (canonical.encode(actor), canonical.encode(at))
    named: tuple[Value, ...] = (previous, seq, session, type, VERSION)
    tail = b',"previous":%b,"seq":%b,"session":%b,"type":%b,"version":%b}' % tuple(map(canonical.encode, named))
    return hashlib.sha256(head + body + tail).hexdigest()


def link(session: str, last: tuple[int, str], at: int, type: str, actor: str, body: dict[str, Value]) -> Event:
    """The event that comes after `last` (its number and hash; (0, START) for the first)."""
    return written(session, last, at, type, actor, body)[0]


def written(
    session: str, last: tuple[int, str], at: int, type: str, actor: str, body: dict[str, Value]
) -> tuple[Event, str]:
    """The event that comes after `last`, and its body as canonical JSON."""
    seq, previous, text = last[0] + 1, last[1], canonical.encode(body)
    digest = _digest(session, seq, at, type, actor, text, previous)
    return Event(session, seq, at, type, actor, body, previous, digest), text.decode()


def key_id(public: Ed25519PublicKey) -> str:
    """The name of a key: the first 16 hexadecimal digits of the SHA-256 of its 32 bytes."""
    return hashlib.sha256(public.public_bytes_raw()).hexdigest()[:16]


def _signed(session: str, seq: int, at: int, digest: str) -> bytes:
    content: dict[str, Value] = {"checkpoint": VERSION, "session": session, "seq": seq, "at": at, "hash": digest}
    return canonical.encode(content)


def sign(private: Ed25519PrivateKey, event: Event, at: int) -> Checkpoint:
    """A checkpoint at this event."""
    signature = private.sign(_signed(event.session, event.seq, at, event.hash))
    return Checkpoint(event.session, event.seq, at, event.hash, key_id(private.public_key()), signature)


def check(
    events: Sequence[Event],
    checkpoints: Sequence[Checkpoint] = (),
    key: Ed25519PublicKey | None = None,
    head: tuple[int, str] | None = None,
) -> Problem | None:
    """The first bad event, or None. `head`: the number and hash of a later head somebody kept, such as a receipt's."""
    return _links(events) or _marks(events, checkpoints, head) or _signatures(checkpoints, key)


def _links(events: Sequence[Event]) -> Problem | None:
    previous, at = START, 0
    for seq, event in enumerate(events, 1):
        if why := _wrong(event, seq, previous, at, events[0].session):
            return Problem(seq, why)
        previous, at = event.hash, event.at
    return None


def _wrong(event: Event, seq: int, previous: str, at: int, session: str) -> str | None:
    tests = (
        (event.seq == seq, f"event {seq} is missing; event {event.seq} stands in its place"),
        (event.previous == previous, f"event {seq} does not follow the event before it"),
        (event.hash == _hash_of(event), f"event {seq} was changed: its content does not give its hash"),
        (event.session == session, f"event {seq} belongs to another session, {event.session}"),
        (event.at >= at, f"event {seq} is dated before the event before it"),
    )
    return next((why for good, why in tests if not good), None)


def _hash_of(event: Event) -> str:
    return event_hash(event.session, event.seq, event.at, event.type, event.actor, event.body, event.previous)


def _marks(events: Sequence[Event], checkpoints: Sequence[Checkpoint], head: tuple[int, str] | None) -> Problem | None:
    marks = [(one.seq, one.hash) for one in checkpoints] + ([head] if head else [])
    for seq, digest in sorted(marks):
        if seq > len(events):
            return Problem(len(events) + 1, f"the record was cut: {seq} events were signed for, {len(events)} are here")
        if seq > 0 and events[seq - 1].hash != digest:
            return Problem(seq, f"event {seq} is not the one that was signed for")
    return None


def _signatures(checkpoints: Sequence[Checkpoint], key: Ed25519PublicKey | None) -> Problem | None:
    for one in checkpoints:
        if key is not None and not _good(key, one):
            return Problem(one.seq, f"the signature at event {one.seq} is not by the key given")
    return None


def _good(key: Ed25519PublicKey, one: Checkpoint) -> bool:
    try:
        key.verify(one.signature, _signed(one.session, one.seq, one.at, one.hash))
    except InvalidSignature:
        return False
    return True
