"""lib0's binary encoding, as far as Yjs and y-websocket use it: variable integers, strings, buffers and values."""

from __future__ import annotations

import struct

MOST = 2**53 - 1  # JavaScript's largest whole number: on a larger one every other page would stop reading
DEEPEST = 32  # a value nested deeper than any notebook's metadata, and far from Python's recursion limit


class Malformed(ValueError):  # noqa: N818 - it names what came, not what went wrong here
    """Bytes that no client of ours would send."""


def uint(number: int) -> bytes:
    """A number as lib0's varUint."""
    out = bytearray()
    while number > 127:
        out.append(128 | number & 127)
        number >>= 7
    out.append(number)
    return bytes(out)


def block(data: bytes) -> bytes:
    """Bytes with their length before them (varUint8Array; a varString is the same with UTF-8)."""
    return uint(len(data)) + data


class Reader:
    """A place in some bytes. Every read moves on, and raises `Malformed` past the end."""

    __slots__ = ("at", "data")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    @property
    def done(self) -> bool:
        """Whether everything has been read."""
        return self.at >= len(self.data)

    def byte(self) -> int:
        """The next byte."""
        try:
            value = self.data[self.at]
        except IndexError:
            raise Malformed("refused a message that ends too early") from None
        self.at += 1
        return value

    def uint(self) -> int:
        """A varUint."""
        number = self.byte()
        if number < 128:  # nearly all are
            return number
        number &= 127
        shift = 7
        while True:
            byte = self.byte()
            number |= (byte & 127) << shift
            shift += 7
            if number > MOST or shift > 63:
                raise Malformed("refused a number of more than 53 bits")
            if byte < 128:
                return number

    def skip_int(self) -> None:
        """A signed varInt: the first byte has one bit less, the rest is alike."""
        if self.byte() >= 128:
            self.uint()

    def take(self, length: int) -> bytes:
        """So many bytes as they are."""
        end = self.at + length
        if end > len(self.data):
            raise Malformed(f"refused a message that ends {end - len(self.data)} bytes too early")
        value = self.data[self.at : end]
        self.at = end
        return value

    def block(self) -> bytes:
        """Bytes with their length before them."""
        return self.take(self.uint())

    def text(self) -> str:
        """A varString."""
        try:
            return self.block().decode()
        except UnicodeDecodeError as error:
            raise Malformed(f"refused a text that is not UTF-8: {error}") from None

    def skip_any(self, depth: int = 0) -> None:
        """One value of lib0's `any` encoding, checked and dropped."""
        kind = self.byte()
        if depth > DEEPEST:
            raise Malformed(f"refused a value nested deeper than {DEEPEST}")
        if kind in {127, 126, 121, 120}:  # undefined, null, false, true
            return
        if kind in _FIXED:
            self.take(_FIXED[kind])
        elif kind == 125:
            self.skip_int()
        elif kind in {119, 116}:  # string, Uint8Array
            self.block()
        elif kind in {118, 117}:  # object, array
            for _ in range(self.uint()):
                if kind == 118:
                    self.block()
                self.skip_any(depth + 1)
        else:
            raise Malformed(f"refused a value of unknown kind {kind}")


_FIXED = {124: struct.calcsize("f"), 123: struct.calcsize("d"), 122: struct.calcsize("q")}
