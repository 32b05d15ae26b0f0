"""The frames on a document's websocket: y-websocket's, and Greenroom's 5 (notice) and 6 (command)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
from greenroom_proctor.messages import RoomCommand, RoomNotice

from greenroom_hub.room.lib0 import Malformed, Reader, block, uint

SYNC, AWARENESS, QUERY_AWARENESS, NOTICE, COMMAND = 0, 1, 3, 5, 6
STEP_ONE, STEP_TWO, UPDATE = 0, 1, 2

NOTHING = b"\x00\x00"  # the update without structs and without deletions

_commands: msgspec.json.Decoder[RoomCommand] = msgspec.json.Decoder(RoomCommand)


@dataclass(frozen=True, slots=True)
class StateAsked:
    """Somebody tells what they have (a state vector) and asks for the rest."""

    state: bytes


@dataclass(frozen=True, slots=True)
class UpdateSent:
    """An update of the document; `step_two` when it answers our question."""

    update: bytes
    step_two: bool


@dataclass(frozen=True, slots=True)
class Presence:
    """One client's awareness entry: `state` is JSON, `null` when it leaves."""

    client: int
    clock: int
    state: str


@dataclass(frozen=True, slots=True)
class PresenceSent:
    """Awareness entries."""

    entries: tuple[Presence, ...]


@dataclass(frozen=True, slots=True)
class PresenceAsked:
    """Somebody asks who is here."""


@dataclass(frozen=True, slots=True)
class CommandSent:
    """A command, in order with the updates before it."""

    command: RoomCommand


Frame = StateAsked | UpdateSent | PresenceSent | PresenceAsked | CommandSent


def read(data: bytes) -> Frame:
    """What a browser sent. Raises `Malformed`."""
    reader = Reader(data)
    kind = reader.uint()
    if kind == SYNC:
        step = reader.uint()
        if step == STEP_ONE:
            return StateAsked(reader.block())
        if step in {STEP_TWO, UPDATE}:
            return UpdateSent(reader.block(), step == STEP_TWO)
        raise Malformed(f"refused a sync message of unknown step {step}")
    if kind == AWARENESS:
        return PresenceSent(_presences(Reader(reader.block())))
    if kind == QUERY_AWARENESS:
        return PresenceAsked()
    if kind == COMMAND:
        try:
            return CommandSent(_commands.decode(reader.block()))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Malformed(f"refused a command: {error}") from None
    raise Malformed(f"refused a frame of unknown kind {kind}")


def _presences(reader: Reader) -> tuple[Presence, ...]:
    return tuple(Presence(reader.uint(), reader.uint(), reader.text()) for _ in range(reader.uint()))


def ask_state(state: bytes) -> bytes:
    """A frame that tells what we have and asks for the rest."""
    return bytes((SYNC, STEP_ONE)) + block(state)


def answer_state(update: bytes) -> bytes:
    """A frame that answers somebody's question."""
    return bytes((SYNC, STEP_TWO)) + block(update)


def update(data: bytes) -> bytes:
    """A frame with an update."""
    return bytes((SYNC, UPDATE)) + block(data)


def presence(entries: Iterable[Presence]) -> bytes:
    """A frame with awareness entries."""
    parts = [uint(e.client) + uint(e.clock) + block(e.state.encode()) for e in entries]
    return bytes((AWARENESS,)) + block(uint(len(parts)) + b"".join(parts))


def notice(message: RoomNotice) -> bytes:
    """A frame with a notice of ours."""
    return bytes((NOTICE,)) + block(msgspec.json.encode(message))


def state_vector(data: bytes) -> dict[int, int]:
    """A state vector: how many clock ticks of each client are known."""
    reader = Reader(data)
    return {reader.uint(): reader.uint() for _ in range(reader.uint())}
