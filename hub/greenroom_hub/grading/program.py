"""A program of the candidate's, as it stands in the notebook: found, and judged by what it prints."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

MAGIC = "%%piston"

Run = Callable[[str, str, str, float], Awaitable[str | None]]
"""Language, source, standard input, seconds → what it printed; None when it did not end well."""


@dataclass(frozen=True, slots=True)
class Source:
    """A program and its language."""

    language: str
    text: str


def last_program(cells: Sequence[str]) -> Source | None:
    """The last `%%piston` cell of a notebook. What else stands in its first line is for trying it out."""
    for cell in reversed(cells):
        first, _, rest = cell.partition("\n")
        words = first.split()
        if words[:1] == [MAGIC] and len(words) > 1:
            return Source(words[1].lower(), rest)
    return None


def prints(expected: str, found: str | None) -> bool:
    """Whether the lines are the expected ones; what is blank at a line's end, or after the last, does not count."""
    return found is not None and _lines(expected) == _lines(found)


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.rstrip().split("\n")]
