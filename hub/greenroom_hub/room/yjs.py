"""What is in a Yjs update (version 1), read without applying it.

Applying an update whose predecessors are missing makes the document keep it aside and apply it later, inside somebody
else's transaction. So the service finds out before: which clients' structs an update carries, and what it builds upon.
The format is that of Yjs' `UpdateEncoderV1`: structs by client, then a delete set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from greenroom_hub.room.lib0 import Malformed, Reader

_GC, _SKIP = 0, 10
_DELETED, _JSON, _STRING, _TYPE, _ANY = 1, 2, 4, 7, 8
_ARRAY, _MAP, _TEXT = 0, 1, 2
_SEQUENCES = frozenset({"cells"})  # jupyter_ydoc's roots of a notebook
_MAPS = frozenset({"meta", "state"})
MOST_STRUCTS = 200_000  # 1 MiB holds fewer honest ones


class Unwelcome(ValueError):  # noqa: N818 - it names what came, not what went wrong here
    """A well-formed update with something in it that no notebook has (embedded documents, moves, XML). `client` wrote
    it."""

    client = 0


@dataclass(slots=True)
class Contents:
    """What an update carries.

    `spans`: client → (first clock, clock after the last); `needs`: client → how far it must be known before; `deletes`:
    client → the clock after the last deleted one; `gap`: a stretch is left out in the middle.
    """

    spans: dict[int, tuple[int, int]] = field(default_factory=dict)
    needs: dict[int, int] = field(default_factory=dict)
    deletes: dict[int, int] = field(default_factory=dict)
    gap: bool = False
    at: tuple[int, int] = (0, 0)  # the client and clock of the struct that is read

    def need(self, client: int, clock: int) -> None:
        """Notes that `clock` of `client` must be known. A struct that waits for itself would wait for ever."""
        if client == self.at[0] and clock >= self.at[1]:
            raise Malformed("refused an update that builds upon itself")
        if self.needs.get(client, 0) <= clock:
            self.needs[client] = clock + 1

    def adds(self, have: Mapping[int, int]) -> set[int]:
        """The clients of whom this update brings something new."""
        return {client for client, (_, end) in self.spans.items() if end > have.get(client, 0)}

    def fits(self, have: Mapping[int, int]) -> bool:
        """Whether everything it builds upon is known, or in the update itself."""
        if self.gap or any(start > have.get(client, 0) for client, (start, _) in self.spans.items()):
            return False
        known = dict(have)
        for client, (_, end) in self.spans.items():
            known[client] = max(end, known.get(client, 0))
        return all(
            clock <= known.get(client, 0) for wanted in (self.needs, self.deletes) for client, clock in wanted.items()
        )


def read(update: bytes) -> Contents:
    """Reads an update. Raises `Malformed` or `Unwelcome`."""
    reader, contents = Reader(update), Contents()
    for _ in range(reader.uint()):
        _structs(reader, contents)
    for _ in range(reader.uint()):
        client = reader.uint()
        for _ in range(reader.uint()):
            clock, length = reader.uint(), reader.uint()
            contents.deletes[client] = max(clock + length, contents.deletes.get(client, 0))
    if not reader.done:
        raise Malformed(f"refused an update with {len(reader.data) - reader.at} bytes after its end")
    return contents


def _structs(reader: Reader, contents: Contents) -> None:
    count, client, clock = reader.uint(), reader.uint(), reader.uint()
    if count > MOST_STRUCTS:
        raise Malformed(f"refused an update of {count} structs; {MOST_STRUCTS} is the most")
    if client in contents.spans:
        raise Malformed(f"refused an update that lists client {client} twice")
    start = clock
    try:
        for _ in range(count):
            contents.at = client, clock
            clock += _struct(reader, contents)
    except Unwelcome as error:
        error.client = client
        raise
    contents.spans[client] = (start, clock)


def _struct(reader: Reader, contents: Contents) -> int:
    info = reader.byte()
    kind = info & 31
    if kind in {_GC, _SKIP}:
        contents.gap = contents.gap or kind == _SKIP
        return reader.uint()
    _place(reader, info, contents)
    return _content(reader, kind)


def _place(reader: Reader, info: int, contents: Contents) -> None:
    if info & 128:
        contents.need(reader.uint(), reader.uint())
    if info & 64:
        contents.need(reader.uint(), reader.uint())
    if info & 192:
        return
    root = reader.text() if reader.uint() == 1 else None
    if root is None:
        contents.need(reader.uint(), reader.uint())
    elif root not in (_MAPS if info & 32 else _SEQUENCES):
        raise Unwelcome(f"refused a change of {root!r}; a notebook has 'cells', 'meta' and 'state'")
    if info & 32:
        reader.block()  # the key in a map


def _content(reader: Reader, kind: int) -> int:
    """Reads one struct's content and returns its length in clock ticks."""
    if kind == _STRING:
        text = reader.text()
        return len(text) + sum(1 for letter in text if letter > "\uffff") if not text.isascii() else len(text)
    if kind == _DELETED:
        return reader.uint()
    if kind == _TYPE:
        if (ref := reader.uint()) not in {_ARRAY, _MAP, _TEXT}:
            raise Unwelcome(f"refused a shared type of kind {ref}; a notebook has arrays, maps and texts")
        return 1
    if kind in {_ANY, _JSON}:
        length = reader.uint()
        for _ in range(length):
            if kind == _ANY:
                reader.skip_any()
            else:
                reader.block()
        return length
    raise Unwelcome(f"refused content of kind {kind}; a notebook has texts, values, arrays and maps")
