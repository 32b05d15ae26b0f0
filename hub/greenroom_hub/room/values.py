"""JSON values on their way into and out of a shared document, where every number is a JavaScript number."""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

from greenroom_hub.room.lib0 import DEEPEST

Json = Any  # what json.loads gives; a recursive type says no more and checks slower

_SAFE = 2**53  # beyond it a JavaScript number is no longer exact


def shared(value: Json) -> Json:
    """A value as JavaScript would hold it: whole numbers as floats (an int would become a BigInt in the browser), text
    without lone surrogates (UTF-8 cannot carry them)."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return float(value) if -_SAFE <= value <= _SAFE else str(value)
    if isinstance(value, dict):
        return {clean(str(key)): shared(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [shared(item) for item in value]
    return value


def plain(value: Json) -> Json:
    """The way back: floats that are whole numbers as ints."""
    if isinstance(value, float) and value.is_integer() and abs(value) <= _SAFE:
        return int(value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def clean(text: str) -> str:
    """Text that can be written as UTF-8."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def foreign(value: Json, depth: int = 0) -> bool:
    """Whether there is something in a value that is no JSON of a page: bytes, NaN, a BigInt, endless nesting."""
    if value is None or isinstance(value, str | bool):
        return False
    if isinstance(value, float):
        return not math.isfinite(value)
    if depth > DEEPEST:
        return True
    if isinstance(value, dict):
        return any(foreign(item, depth + 1) for item in value.values())
    return any(foreign(item, depth + 1) for item in value) if isinstance(value, list | tuple) else True


def same(one: Json, other: Json) -> bool:
    """Whether two values are equal as JSON, 1 and 1.0 being one number, true and 1 two values."""
    return canonical(one) == canonical(other)


def canonical(value: Json) -> bytes:
    """One spelling for each value."""
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode(
        "utf-8", "surrogatepass"
    )


def digest(value: Json) -> bytes:
    """A fingerprint of a value."""
    return hashlib.sha256(canonical(value)).digest()
