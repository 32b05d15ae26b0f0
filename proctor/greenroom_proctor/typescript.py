"""The TypeScript types of the messages, written from their Structs: `python -m greenroom_proctor.typescript`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import msgspec
from msgspec import Struct, inspect

from greenroom_proctor import call, messages, words

HEAD = "/** What travels between a browser and the service. Written by `python -m greenroom_proctor.typescript`. */\n"
WHERE = {messages: "labextension/src/wire/messages.ts", call: "labextension/src/call/messages.ts"}
WIDTH = 120  # characters of a line, as prettier has it

_PLAIN: dict[type[inspect.Type], str] = {
    inspect.StrType: "string",
    inspect.IntType: "number",
    inspect.FloatType: "number",
    inspect.BoolType: "boolean",
    inspect.NoneType: "null",
}


def render(module: ModuleType = messages) -> str:
    """The whole file: a union for each enumeration, an interface for each Struct, a type for each union of ours."""
    structs = [one for one in vars(module).values() if isinstance(one, type) and issubclass(one, Struct)]
    structs = [one for one in structs if one is not Struct]
    enums = [one for one in vars(words).values() if isinstance(one, type) and issubclass(one, StrEnum)]
    used = {name for struct in structs for name in _names(msgspec.inspect.type_info(struct))}
    parts = [_union(enum.__name__, [f"'{word.value}'" for word in enum]) for enum in enums if enum.__name__ in used]
    parts += [_interface(struct) for struct in structs]
    for name, value in vars(module).items():
        members = get_args(value)
        if members and all(member in structs for member in members):
            parts.append(_union(name, [member.__name__ for member in members]))
    return "\n".join([HEAD, *parts])


def _union(name: str, members: list[str]) -> str:
    """On one line where it fits, else below, else one member a line: as prettier has it."""
    head, line = f"export type {name} =", " | ".join(members)
    if len(f"{head} {line};") <= WIDTH:
        return f"{head} {line};\n"
    if len(f"  {line};") <= WIDTH:
        return f"{head}\n  {line};\n"
    return "\n".join([head, *(f"  | {member}" for member in members)]) + ";\n"


def _interface(struct: type[Struct]) -> str:
    about = " ".join((struct.__doc__ or "").split())
    lines = [f"/** {about} */"] if about else []
    lines.append(f"export interface {struct.__name__} {{")
    found = inspect.type_info(struct)
    assert isinstance(found, inspect.StructType)
    if found.tag_field is not None:
        lines.append(f"  {found.tag_field}: '{found.tag}';")
    lines += [f"  {one.encode_name}{'' if one.required else '?'}: {_typed(one.type)};" for one in found.fields]
    return "\n".join([*lines, "}\n"])


def _typed(kind: inspect.Type) -> str:
    match kind:
        case inspect.EnumType(cls) | inspect.StructType(cls):
            return cls.__name__
        case inspect.ListType(item):
            return f"{_typed(item)}[]"
        case inspect.UnionType(types):
            return " | ".join(_typed(one) for one in types)
        case _ if type(kind) in _PLAIN:
            return _PLAIN[type(kind)]
        case _:
            raise TypeError(f"no TypeScript type is known for {kind!r}; add it to greenroom_proctor.typescript")


def _names(kind: inspect.Type) -> Iterator[str]:
    match kind:
        case inspect.EnumType(cls):
            yield cls.__name__
        case inspect.StructType(_, fields):
            for field in fields:
                yield from _names(field.type)
        case inspect.ListType(item):
            yield from _names(item)
        case inspect.UnionType(types):
            for one in types:
                yield from _names(one)
        case _:
            return


def main(arguments: list[str]) -> Any:  # noqa: ANN401 - an exit code or a sentence, as sys.exit takes it
    """Writes the files, or with `--check` says whether they are what they should be."""
    for module, name in WHERE.items():
        where, text = Path(__file__).resolve().parents[2] / name, render(module)
        if "--check" not in arguments:
            where.parent.mkdir(exist_ok=True)
            where.write_text(text)
        elif not where.exists() or where.read_text() != text:
            return f"{name} is not what the messages say; run python -m greenroom_proctor.typescript"
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
