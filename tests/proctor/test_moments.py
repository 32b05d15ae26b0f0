"""What has no length: sizes, never texts."""

from __future__ import annotations

import msgspec
import pytest
from greenroom_proctor import rules
from greenroom_proctor.messages import FromBrowser
from greenroom_proctor.words import Signal

PASTE = {
    "id": "abcdefgh",
    "signal": "clipboard",
    "kind": "external_paste",
    "start": 1.0,
    "end": 1.0,
    "confidence": 1.0,
    "quality": 1.0,
    "size": 120,
    "by": "editor",
}


def sent(**more: object) -> bytes:
    return msgspec.json.encode({"type": "observe", "n": 1, "observation": {**PASTE, **more}})


def test_every_moment_belongs_to_the_clipboard() -> None:
    assert {one.signal for one in rules.load().detector.moments} == {Signal.CLIPBOARD}


def test_a_paste_travels_with_its_size_and_what_measured_it() -> None:
    said = msgspec.json.decode(sent(), type=FromBrowser)
    assert msgspec.to_builtins(said)["observation"] == PASTE


@pytest.mark.parametrize(
    "more",
    [{"text": "import os"}, {"size": "import os"}, {"size": 0}, {"by": "a colleague"}, {"landmarks": [0.1, 0.2]}],
    ids=lambda more: next(iter(more)),
)
def test_there_is_no_field_for_a_text_or_a_picture(more: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(sent(**more), type=FromBrowser)
