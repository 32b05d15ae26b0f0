"""Reading a Yjs update without applying it."""

from __future__ import annotations

from typing import Any

import pytest
from greenroom_hub.room import frames, yjs
from greenroom_hub.room.lib0 import Malformed
from greenroom_hub.room.notebooks import seed
from hypothesis import given
from hypothesis import strategies as some
from pycrdt import Array, Doc, Map, Text, XmlElement, XmlFragment
from room.staging import NOTEBOOK

VALUES = some.recursive(
    some.none() | some.booleans() | some.floats(allow_nan=False) | some.text(alphabet=some.characters(codec="utf-8")),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text("ab", max_size=2), inner, max_size=3),
    max_leaves=8,
)


@given(some.lists(some.tuples(some.sampled_from(["type", "set", "delete", "insert"]), VALUES), max_size=8))
def test_every_update_is_read_as_yjs_reads_it(steps: list[tuple[str, Any]]) -> None:
    doc: Doc[Any] = Doc()
    doc.apply_update(seed_row := seed(NOTEBOOK))
    cells: Array[Any] = doc.get("cells", type=Array)
    have = frames.state_vector(doc.get_state())
    updates: list[bytes] = []
    doc.observe(lambda event: updates.append(event.update))
    for verb, value in steps:
        if verb == "type":
            cells[0]["source"].insert(0, str(value) or "x")
        elif verb == "set":
            cells[0]["metadata"]["tags"] = value
        elif verb == "delete" and len(cells) > 1:
            del cells[1]
        else:
            cells.insert(0, Map({"id": "n", "source": Text(str(value)), "metadata": Map({"v": value})}))
    mirror: Doc[Any] = Doc()
    mirror.apply_update(seed_row)
    for update in updates:
        contents = yjs.read(update)
        assert contents.fits(have)
        for client, (start, end) in contents.spans.items():
            assert start == have.get(client, 0)
            have[client] = end
        mirror.apply_update(update)
        assert have == frames.state_vector(mirror.get_state())
    whole = yjs.read(doc.get_update())
    assert whole.fits({})


def test_an_update_whose_predecessor_is_missing_does_not_fit() -> None:
    doc: Doc[Any] = Doc()
    doc.apply_update(seed(NOTEBOOK))
    have = frames.state_vector(doc.get_state())
    updates: list[bytes] = []
    doc.observe(lambda event: updates.append(event.update))
    source = doc.get("cells", type=Array)[0]["source"]
    source.insert(0, "a")
    source.insert(1, "b")
    del source[0:1]
    assert [yjs.read(update).fits(have) for update in updates] == [True, False, False]


@given(some.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        yjs.read(data)
    except (Malformed, yjs.Unwelcome):
        return


@given(some.binary(max_size=60))
def test_any_frame_is_read_or_refused(data: bytes) -> None:
    try:
        frames.read(data)
    except Malformed:
        return


def test_what_no_notebook_has_is_unwelcome() -> None:
    doc: Doc[Any] = Doc()
    fragment = doc.get("cells", type=XmlFragment)
    fragment.children.append(XmlElement("script"))
    with pytest.raises(yjs.Unwelcome):
        yjs.read(doc.get_update())
    other: Doc[Any] = Doc()
    other.get("elsewhere", type=Map)["x"] = 1.0
    with pytest.raises(yjs.Unwelcome, match="'elsewhere'"):
        yjs.read(other.get_update())
