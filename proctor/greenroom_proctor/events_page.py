"""docs/events.md, written from the types of events: `python -m greenroom_proctor.events_page`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from msgspec import inspect

from greenroom_proctor.event_types import TYPES, Body
from greenroom_proctor.words import Kind, Seat, Signal, State

WHERE = "docs/events.md"
HEAD = """# The events of the record

Written by `python -m greenroom_proctor.events_page` from
[`event_types.py`](../proctor/greenroom_proctor/event_types.py); a test fails when they differ.

Every event has a `session`, a number `seq` that counts from 1, a time `at` (milliseconds since the epoch, by the
service's clock), a `type`, an `actor` (an account's name, or `candidate`, `service`, `clock`, `kernel`), a `body`, and
the hashes `previous` and `hash` that chain it. A body may also hold `private`: the salted commitment to a payload that
is kept apart, so that erasing it leaves the chain whole.

The words:
"""
_PLAIN: dict[type[inspect.Type], str] = {
    inspect.AnyType: "any",
    inspect.StrType: "text",
    inspect.IntType: "whole number",
    inspect.FloatType: "number",
    inspect.BoolType: "true or false",
    inspect.NoneType: "null",
}


def render() -> str:
    """The whole page."""
    lists = [
        f"- a {one.__name__.lower()}: {', '.join(f'`{word}`' for word in one)}" for one in (State, Seat, Signal, Kind)
    ]
    return "\n".join([HEAD, *lists, "", *(_section(name, shape) for name, shape in TYPES.items())])


def _section(name: str, shape: type[Body]) -> str:
    about = " ".join((shape.__doc__ or "").split())
    return "\n".join([f"## `{name}`", "", about, "", "| field | is | |", "|---|---|---|", *_rows(shape), ""])


def _rows(shape: type[Body]) -> Iterator[str]:
    found = inspect.type_info(shape)
    assert isinstance(found, inspect.StructType)
    for field in found.fields:
        kind, about = _described(field.type)
        yield f"| `{field.encode_name}`{'' if field.required else ' (optional)'} | {_word(kind)} | {about} |"


def _described(kind: inspect.Type) -> tuple[inspect.Type, str]:
    if isinstance(kind, inspect.Metadata):
        return kind.type, str((kind.extra_json_schema or {}).get("description", ""))
    return kind, ""


def _word(kind: inspect.Type) -> str:
    match kind:
        case inspect.EnumType(cls):
            return f"a {cls.__name__.lower()}"
        case inspect.ListType(item):
            return f"list of {_word(item)}"
        case inspect.DictType():
            return "object"
        case inspect.UnionType(types):
            return " or ".join(_word(one) for one in types)
        case inspect.Metadata(inner):
            return _word(inner)
        case _ if type(kind) in _PLAIN:
            return _PLAIN[type(kind)]
        case _:
            raise TypeError(f"no word is known for {kind!r}; add it to greenroom_proctor.events_page")


def main() -> int:
    """Writes the page."""
    (Path(__file__).resolve().parents[2] / WHERE).write_text(render())
    return 0


if __name__ == "__main__":
    sys.exit(main())
