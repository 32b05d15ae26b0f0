"""Comparing what a box says with what was expected. Pure; nothing that comes out of a box is ever more than data here.

Limits: dictionaries and sets compare without order, lists, tables and their indexes with it. Numbers of numpy count as
Python's. An int is no float, True is no 1. NaN equals NaN, since an answer may well be "not known".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Tree = Mapping[str, Any]
_Same = Callable[[Tree, Mapping[str, Any], float, int], bool]
DEEPEST = 40


def same(expected: Tree, found: object, tolerance: float, depth: int = 0) -> bool:
    """Whether a value is the expected one. Malformed is different. `tolerance` is for floats only."""
    if depth > DEEPEST or not isinstance(found, Mapping) or found.get("t") != expected["t"]:
        return False
    return _TABLE.get(expected["t"], _exact)(expected, found, tolerance, depth)


def _exact(expected: Tree, found: Mapping[str, Any], _tolerance: float, _depth: int) -> bool:
    value = found.get("v")
    return type(value) is type(expected["v"]) and bool(value == expected["v"])


def _index(expected: Tree, found: Mapping[str, Any], tolerance: float, depth: int) -> bool:
    return _rows(expected["index"], found.get("index"), tolerance, depth)


def _in_order(expected: Tree, found: Mapping[str, Any], tolerance: float, depth: int) -> bool:
    return _rows(expected["v"], found.get("v"), tolerance, depth)


def _in_any_order(expected: Tree, found: Mapping[str, Any], tolerance: float, depth: int) -> bool:
    return _unordered(expected["v"], found.get("v"), tolerance, depth)


_TABLE: Mapping[str, _Same] = {
    "other": lambda *_: False,  # what has no plain form equals nothing, not even itself
    "float": lambda expected, found, tolerance, _: _floats(expected["v"], found.get("v"), tolerance),
    "list": _in_order,
    "tuple": _in_order,
    "array": _in_order,
    "dict": _in_any_order,
    "set": _in_any_order,
    "series": lambda *both: _index(*both) and _in_order(*both),
    "frame": lambda expected, found, tolerance, depth: (
        _index(expected, found, tolerance, depth) and _columns(expected["v"], found.get("v"), tolerance, depth)
    ),
}


def _floats(expected: str, found: object, tolerance: float) -> bool:
    if not isinstance(found, str) or len(found) > 40:
        return False
    try:
        wanted, given = float(expected), float(found)
    except ValueError:
        return False
    if math.isnan(wanted) or math.isinf(wanted):
        return repr(wanted) == repr(given)
    return wanted == given or abs(wanted - given) <= tolerance * max(1.0, abs(wanted))


def _rows(expected: Sequence[Tree], found: object, tolerance: float, depth: int) -> bool:
    if not isinstance(found, list) or len(found) != len(expected):
        return False
    return all(same(one, other, tolerance, depth + 1) for one, other in zip(expected, found, strict=True))


def _columns(expected: Sequence[Sequence[Any]], found: object, tolerance: float, depth: int) -> bool:
    if not isinstance(found, list) or len(found) != len(expected):
        return False
    return all(
        isinstance(other, list)
        and len(other) == 2
        and same(name, other[0], 0.0, depth + 1)
        and _rows(column, other[1], tolerance, depth)
        for (name, column), other in zip(expected, found, strict=True)
    )


def _unordered(expected: Sequence[Any], found: object, tolerance: float, depth: int) -> bool:
    """Each expected one finds a partner of its own."""
    if not isinstance(found, list) or len(found) != len(expected):
        return False
    left = list(found)
    for one in expected:
        index = next((i for i, other in enumerate(left) if _entry(one, other, tolerance, depth)), None)
        if index is None:
            return False
        del left[index]
    return True


def _entry(one: Any, other: object, tolerance: float, depth: int) -> bool:  # noqa: ANN401 - a pair, or a value
    if isinstance(one, Mapping):
        return same(one, other, tolerance, depth + 1)
    pair = isinstance(other, list) and len(other) == 2
    return pair and same(one[0], other[0], 0.0, depth + 1) and same(one[1], other[1], tolerance, depth + 1)  # type: ignore[index]


def numbers(found: object) -> list[str | float] | None:
    """Predictions as plain values: a list, array or series of numbers and words. None when it is anything else."""
    if not isinstance(found, Mapping) or found.get("t") not in {"list", "tuple", "array", "series"}:
        return None
    values = found.get("v")
    if not isinstance(values, list):
        return None
    plain = [_plain(one) for one in values]
    return None if any(one is None for one in plain) else [one for one in plain if one is not None]


def _plain(found: object) -> str | float | None:
    if not isinstance(found, Mapping):
        return None
    kind, value = found.get("t"), found.get("v")
    if kind == "str" and isinstance(value, str):
        return value
    if kind == "bool" and isinstance(value, bool):
        return str(value)
    if kind in {"int", "float"} and isinstance(value, str) and len(value) <= 40:
        try:
            return float(value)
        except ValueError:
            return None
    return None
