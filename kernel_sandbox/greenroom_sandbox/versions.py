"""Version ranges in the words of npm's semver, as far as a Piston request uses them: `*`, `3`, `3.11.x`, `^3.9`,
`~3.11`, `>=3.9 <4`, `3.9 - 3.12`, `2 || 3`. A pre-release tag is not understood: no installed runtime has one."""

from __future__ import annotations

import re

Version = tuple[int, int, int]
Bounds = tuple[Version, Version]
"""From (included) and to (excluded)."""

_LAST = 2**31
_COMPARATOR = re.compile(r"(\^|~>?|>=|<=|>|<|=)?\s*v?(\d{1,9}|[xX*])(?:\.(\d{1,9}|[xX*]))?(?:\.(\d{1,9}|[xX*]))?$")


def parse(text: str) -> Version:
    """A version as three numbers, missing ones zero: "5.2.15(1)-release" is (5, 2, 15)."""
    numbers = [int(n) for n in re.findall(r"\d+", text.partition("-")[0])[:3]]
    major, minor, patch = (*numbers, 0, 0, 0)[:3]
    return major, minor, patch


def matches(version: str, wanted: str) -> bool:
    """Whether `version` lies in the range `wanted`. A range that cannot be read contains nothing."""
    found = parse(version)
    return any(_all(found, part.strip()) for part in wanted.split("||"))


def _all(found: Version, part: str) -> bool:
    if span := re.fullmatch(r"(\S+)\s+-\s+(\S+)", part):
        part = f">={span[1]} <={span[2]}"
    part = re.sub(r"(\^|~>?|>=|<=|>|<|=)\s+", r"\1", part)
    for comparator in part.split() or ["*"]:
        bounds = _bounds(comparator)
        if bounds is None or not bounds[0] <= found < bounds[1]:
            return False
    return True


def _bounds(comparator: str) -> Bounds | None:
    match = _COMPARATOR.match(comparator)
    if match is None:
        return None
    given = [int(n) for n in match.groups()[1:] if n is not None and n.isdigit()]
    start = _fill(given)
    end = _after(given)
    operator = match[1] or "="
    first, last = (0, 0, 0), (_LAST, 0, 0)
    table: dict[str, Bounds] = {
        "=": (start, end),
        "~": (start, _after(given[:2])),
        "~>": (start, _after(given[:2])),
        "^": (start, _after(_caret(given))),
        ">=": (start, last),
        ">": (end, last),
        "<": (first, start),
        "<=": (first, end),
    }
    return table[operator]


def _fill(given: list[int]) -> Version:
    major, minor, patch = (*given, 0, 0, 0)[:3]
    return major, minor, patch


def _after(given: list[int]) -> Version:
    """The first version after all those that begin with `given`."""
    if not given:
        return _LAST, 0, 0
    return _fill([*given[:-1], given[-1] + 1])


def _caret(given: list[int]) -> list[int]:
    """The part of a caret range that must not change: up to the first number that is not zero."""
    for index, number in enumerate(given):
        if number:
            return given[: index + 1]
    return given
