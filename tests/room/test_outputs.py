"""What a cell prints, as nbformat outputs."""

from __future__ import annotations

from typing import Any

import pytest
from greenroom_hub.room.outputs import CAP, SCRIPT_NOTE, Added, Cleared, Replaced, Tape, Told, begins_with, overwrite


def printed(*texts: str, name: str = "stdout") -> Tape:
    tape = Tape()
    for text in texts:
        tape.play("stream", {"name": name, "text": text})
    return tape


def test_a_stream_is_one_output() -> None:
    assert printed("a", "b\n", "c").outputs == [{"output_type": "stream", "name": "stdout", "text": "ab\nc"}]


def test_streams_that_take_turns_stay_apart() -> None:
    tape = printed("a")
    tape.play("stream", {"name": "stderr", "text": "b"})
    tape.play("stream", {"name": "stdout", "text": "c"})
    assert [output["text"] for output in tape.outputs] == ["a", "b", "c"]


def test_edits_say_only_what_is_new() -> None:
    tape = printed("é10%")
    assert tape.play("stream", {"name": "stdout", "text": "!"}) == [Told(0, "!")]
    assert tape.play("stream", {"name": "stdout", "text": "\ré20%"}) == [Told(4, "20%!")]
    assert tape.play("clear_output", {"wait": False}) == [Cleared()]


@pytest.mark.parametrize(
    ("texts", "shown"),
    [
        (("10%\r20%",), "20%"),
        (("10%", "\r5%"), "5%%"),
        (("10%\r", "20%\r"), "20%\r"),
        (("a\r\n", "b"), "a\nb"),
        (("a\r", "\nb"), "a\nb"),
        (("one\ntwo\rT",), "one\nTwo"),
    ],
)
def test_a_carriage_return_writes_over_the_line(texts: tuple[str, ...], shown: str) -> None:
    line = ""
    for text in texts:
        line = overwrite(line, text)
    assert line == shown
    assert printed(*texts).outputs[0]["text"] == shown


def test_clearing_with_wait_clears_when_something_comes() -> None:
    tape = printed("old")
    assert tape.play("clear_output", {"wait": True}) == []
    assert tape.outputs[0]["text"] == "old"
    edits = tape.play("stream", {"name": "stdout", "text": "new"})
    assert edits == [Cleared(), Added({"output_type": "stream", "name": "stdout", "text": "new"})]


def test_a_display_is_changed_where_it_stands() -> None:
    tape = printed("before")
    content: dict[str, Any] = {"data": {"text/plain": "1"}, "metadata": {}, "transient": {"display_id": "d"}}
    tape.play("display_data", content)
    edits = tape.play("update_display_data", {**content, "data": {"text/plain": "2"}})
    assert isinstance(edits[0], Replaced)
    assert (edits[0].index, tape.outputs[1]["data"]) == (1, {"text/plain": "2"})


def test_what_is_over_the_cap_is_counted() -> None:
    tape = printed("x" * (CAP - 10), "y" * 30)
    assert tape.outputs[0]["text"].endswith("x" + "y" * 10)
    tape.play("display_data", {"data": {"text/plain": "z" * 100}, "metadata": {}})
    assert len(tape.outputs) == 1
    assert tape.dropped > 120
    assert "more were left out" in getattr(tape.close()[0], "output", {})["text"]


@pytest.mark.parametrize("kind", ["application/javascript", "text/javascript", "Application/JavaScript"])
def test_scripts_leave_a_note(kind: str) -> None:
    tape = Tape()
    tape.play("display_data", {"data": {kind: "alert(1)"}, "metadata": {}})
    assert tape.outputs[0]["data"] == {"text/plain": SCRIPT_NOTE}


def test_whole_numbers_become_javascripts() -> None:
    tape = Tape()
    tape.play("display_data", {"data": {"application/json": {"n": 2, "big": 2**60, "yes": True}}, "metadata": {}})
    found = tape.outputs[0]["data"]["application/json"]
    assert [type(found[key]) for key in ("n", "big", "yes")] == [float, str, bool]


def test_an_earlier_moment_of_an_output_is_known_again() -> None:
    now = printed("abc").outputs
    assert begins_with(now, printed("ab").outputs)
    assert begins_with(now, [])
    assert not begins_with(now, printed("abd").outputs)
    assert not begins_with(now, printed("abc", name="stderr").outputs)
    assert not begins_with([], now)
