"""Writes tests/resources/spoiled.json: a record, and what can be done to one, each with the number of the first bad
event. Both checkers, Python's and the browser's, are held to it. Run it after a change:
`.venv/bin/python tests/proctor/make_spoiled.py`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from greenroom_proctor import chain
from greenroom_proctor.chain import Event

FILE = Path(__file__).parents[1] / "resources" / "spoiled.json"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))  # of this test alone
SESSION, BEGAN, EVENTS = "s-spoiled001", 1_764_000_000_000, 120

Row = dict[str, Any]
Rows = list[Row]


def record() -> tuple[list[Event], list[chain.Checkpoint]]:
    """A plain record with a signature every fifty events and at its end, one name and one number outside ASCII's ways."""
    events: list[Event] = []
    for number in range(1, EVENTS + 1):
        last = (events[-1].seq, events[-1].hash) if events else (0, chain.START)
        body: dict[str, Any] = {
            "n": number,
            "quality": number / 7,
            "who": "Zoë 🙂" if number % 10 == 0 else "candidate",
        }
        events.append(chain.link(SESSION, last, BEGAN + 250 * number, "observation", "candidate", body))
    marks = [chain.sign(KEY, one, one.at) for one in events if one.seq % chain.EVERY == 0 or one.seq == EVENTS]
    return events, marks


def _change(seq: int, /, **fields: Any) -> Callable[[Rows], Rows]:
    return lambda rows: [one | fields if one["seq"] == seq else one for one in rows]


def _body(seq: int, /, **fields: Any) -> Callable[[Rows], Rows]:
    return lambda rows: [one | {"body": one["body"] | fields} if one["seq"] == seq else one for one in rows]


def _linked(rows: Rows, **fields: Any) -> Row:
    """What somebody without the key, who knows the code, would write after these events."""
    last = rows[-1]
    plain: Row = {"type": "observation", "actor": "candidate", "body": {"n": 0}, "session": SESSION, "at": last["at"]}
    plain |= fields
    event = chain.link(
        plain["session"],
        (last["seq"], last["hash"]),
        plain["at"],
        plain["type"],
        plain["actor"],
        plain["body"],
    )
    return plainly(event)


def _rewritten(seq: int, /, **fields: Any) -> Callable[[Rows], Rows]:
    """One event is changed, and every hash from it on is made anew."""

    def change(rows: Rows) -> Rows:
        made = rows[: seq - 1]
        for one in rows[seq - 1 :]:
            made.append(_linked(made, **{**one, **(fields if one["seq"] == seq else {})}))
        return made

    return change


def _flipped(text: str) -> str:
    return ("0" if text[0] != "0" else "1") + text[1:]


Spoiling = tuple[str, int | None, Callable[[Rows], Rows], Callable[[Rows], Rows]]


def spoilings() -> list[tuple[str, int | None, Callable[[Rows], Rows], Callable[[Rows], Rows]]]:
    """The name, the first bad event, and what is done to the events and to the signatures."""

    def same(rows: Rows) -> Rows:
        return rows

    return [
        ("nothing", None, same, same),
        ("a number in a body flipped", 17, _body(17, n=18), same),
        ("a fraction in a body changed in its last digit", 33, _body(33, quality=33 / 7 + 1e-15), same),
        ("a letter in a body changed", 40, _body(40, who="Zoe 🙂"), same),
        ("a field added to a body", 5, _body(5, more=None), same),
        ("a body emptied", 1, _change(1, body={}), same),
        ("a type changed", 60, _change(60, type="run"), same),
        ("an actor changed", 61, _change(61, actor="service"), same),
        ("a time changed", 62, _change(62, at=BEGAN), same),
        ("a session changed", 63, _change(63, session="s-other00000"), same),
        ("a hash flipped", 70, lambda rows: _change(70, hash=_flipped(rows[69]["hash"]))(rows), same),
        ("a hash before flipped", 71, lambda rows: _change(71, previous=_flipped(rows[70]["previous"]))(rows), same),
        ("a number of an event changed", 80, _change(80, seq=81), same),
        ("the first event dropped", 1, lambda rows: rows[1:], same),
        ("an event dropped", 44, lambda rows: rows[:43] + rows[44:], same),
        ("ten events dropped", 90, lambda rows: rows[:89] + rows[99:], same),
        ("two events swapped", 20, lambda rows: [*rows[:19], rows[20], rows[19], *rows[21:]], same),
        ("the last two events swapped", 119, lambda rows: [*rows[:118], rows[119], rows[118]], same),
        ("an event twice", 31, lambda rows: [*rows[:30], rows[29], *rows[30:]], same),
        (
            "an event inserted, well chained to the one before",
            57,
            lambda rows: [*rows[:55], _linked(rows[:55]), *rows[55:]],
            same,
        ),
        ("the end cut off", 101, lambda rows: rows[:100], same),
        ("the last event cut off", 120, lambda rows: rows[:119], same),
        ("everything cut off", 1, lambda rows: [], same),
        ("the end cut off, and its signatures", 101, lambda rows: rows[:100], lambda marks: marks[:2]),
        ("an event changed and all after it hashed anew", 50, _rewritten(23, body={"n": 99}), same),
        ("the last event changed and hashed anew", 120, _rewritten(120, body={"n": 99}), same),
        ("an event changed, hashed anew, signatures dropped", 120, _rewritten(23, body={"n": 99}), lambda marks: []),
        ("an event of another session chained in", 30, _rewritten(30, session="s-other00000"), same),
        ("an event dated back and hashed anew", 35, _rewritten(35, at=BEGAN), same),
        ("an event added at the end", 121, lambda rows: [*rows, _linked(rows)], same),
        ("a signature flipped", 50, same, lambda marks: [marks[0] | {"signature": marks[1]["signature"]}, *marks[1:]]),
        ("a signature's time changed", 100, same, lambda marks: [marks[0], marks[1] | {"at": 1}, *marks[2:]]),
    ]


def plainly(row: msgspec.Struct) -> Row:
    """A row as JSON holds it."""
    plain: Row = msgspec.to_builtins(row)
    return plain


def text() -> str:
    """What stands in the file: the record, its head, and of each spoiling only the rows that differ."""
    events, marks = record()
    rows, signed = [plainly(one) for one in events], [plainly(one) for one in marks]
    known = {json.dumps(one): index for index, one in enumerate(rows)}

    def short(spoiled: Rows) -> list[Any]:
        return [known.get(json.dumps(one), one) for one in spoiled]

    made = [
        {"name": name, "bad": bad, "events": short(change(rows)), "checkpoints": mark(signed)}
        for name, bad, change, mark in spoilings()
    ]
    public = msgspec.to_builtins(KEY.public_key().public_bytes_raw())
    lines = [
        f' "about": {json.dumps(__doc__)}',
        f' "public_key": {json.dumps(public)}',
        f' "head": {json.dumps([events[-1].seq, events[-1].hash])}',
        ' "events": [\n' + ",\n".join(f"  {json.dumps(one)}" for one in rows) + "\n ]",
        ' "spoilings": [\n' + ",\n".join(f"  {json.dumps(one)}" for one in made) + "\n ]",
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    FILE.write_text(text())
