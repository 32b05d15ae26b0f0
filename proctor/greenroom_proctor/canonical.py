"""Canonical JSON, RFC 8785: one value, one sequence of bytes, in every language; what is hashed and signed is this."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from json.encoder import encode_basestring as _quoted
from typing import Any

import msgspec

SHORTEST = 1e-4  # below it, an encoder may go over to powers of ten earlier than ECMAScript does
LARGEST = 2**53 - 1  # integers beyond it are not the same number in JavaScript

Value = None | bool | int | float | str | Sequence["Value"] | Mapping[str, "Value"]


def encode(value: Value) -> bytes:
    """The canonical bytes. ValueError for what JSON cannot carry the same way everywhere."""
    if isinstance(value, str) and value.isascii():
        return _plainly.encode(value)
    try:
        return _plainly.encode(_plain(value))
    except _NotPlainError:
        return _text(value).encode()


class _NotPlainError(Exception):
    """A value that a common encoder may spell in another way."""


# Nearly all that is recorded is plain: for it, an encoder in C gives the same bytes in a tenth of the time.
_plainly = msgspec.json.Encoder(order="sorted")


def _plain(value: Value) -> Value:
    """The value, where every name and text is ASCII and every number short; whole floats as integers."""
    if isinstance(value, dict):  # and no Mapping: to ask for one costs more than all the rest
        if all(isinstance(name, str) and name.isascii() for name in value):
            return {name: _plain(one) for name, one in value.items()}
    elif isinstance(value, float):
        if abs(value) <= LARGEST and value == int(value):
            return int(value)
        if SHORTEST < abs(value) < LARGEST:
            return value
    elif value is None or isinstance(value, str | int):
        if value.isascii() if isinstance(value, str) else value is None or abs(value) <= LARGEST:
            return value
    elif isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    raise _NotPlainError


def _text(value: Value) -> str:
    write: Callable[[Any], str] = _WRITERS.get(type(value)) or _writer(value)
    return write(value)


def _writer(value: object) -> Callable[[Any], str]:
    for kind, write in _KINDS:
        if isinstance(value, kind):
            return write
    raise ValueError(f"a {type(value).__name__} was refused: JSON has no such value")


def _integer(value: int) -> str:
    if abs(value) > LARGEST:
        raise ValueError(f"the number {value} was refused: beyond 2^53 - 1 it is not the same everywhere")
    return str(int(value))


def _mapping(value: Mapping[str, Value]) -> str:
    names = sorted(value)
    if not "".join(names).isascii():
        # RFC 8785, 3.2.3: sorted by UTF-16 code units, not by code points
        names.sort(key=lambda name: name.encode("utf-16-be", "surrogatepass"))
    return "{" + ",".join([f"{_string(name)}:{_text(value[name])}" for name in names]) + "}"


def _list(value: Sequence[Value]) -> str:
    return "[" + ",".join([_text(one) for one in value]) + "]"


def _string(text: str) -> str:
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise ValueError("a text with half a surrogate pair was refused: it has no bytes") from None
    return _quoted(text)


def number(value: float) -> str:
    """A float as ECMAScript's Number::toString writes it (ECMA-262, 6.1.6.1.20)."""
    if not math.isfinite(value):
        raise ValueError(f"the number {value} was refused: JSON has no such number")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = f"{abs(value)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    # the number is 0.DIGITS × 10^point
    point = int(exponent or 0) + (len(whole) if whole.strip("0") else len(digits) - len(fraction))
    digits = digits.rstrip("0")
    count = len(digits)
    if count <= point <= 21:
        return sign + digits + "0" * (point - count)
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    tail = f".{digits[1:]}" if count > 1 else ""
    return f"{sign}{digits[0]}{tail}e{'+' if point > 0 else '-'}{abs(point - 1)}"


# By the exact type, which is quick; what inherits from one of them is looked for.
_WRITERS: dict[type, Callable[[Any], str]] = {
    str: _string,
    int: _integer,
    float: number,
    dict: _mapping,
    list: _list,
    bool: {True: "true", False: "false"}.__getitem__,
    type(None): lambda _: "null",
}
_KINDS: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (str, _string),
    (int, _integer),
    (float, number),
    (Mapping, _mapping),
    (Sequence, _list),
)
