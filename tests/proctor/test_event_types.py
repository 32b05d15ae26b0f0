"""Every event has a form that is written down, and a fact of another form is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from greenroom_proctor import canonical, event_types, events_page
from greenroom_proctor.words import Action, Level, Seat, State


def test_the_page_of_events_is_written_from_the_table() -> None:
    written = Path(__file__).resolve().parents[2] / events_page.WHERE
    assert written.read_text() == events_page.render(), "run python -m greenroom_proctor.events_page"


def test_every_type_and_every_field_is_described() -> None:
    for line in events_page.render().splitlines():
        assert not line.endswith("|  |"), f"a field without a description: {line}"
    for name, shape in event_types.TYPES.items():
        assert shape.__doc__, name
        assert f"## `{name}`" in events_page.render()


def test_every_action_and_every_level_that_is_told_has_its_event() -> None:
    told = {f"incident.{level}" for level in Level if level is not Level.NOTED}
    assert {f"session.{action}" for action in Action} | told <= set(event_types.TYPES)


@pytest.mark.parametrize(
    ("type", "body", "why"),
    [
        ("seat.lent", {}, "no such type"),
        ("seat.given", {"person": "ada"}, "missing required field `seat`"),
        ("seat.given", {"person": "ada", "seat": "king"}, "king"),
        ("seat.taken", {"person": "ada", "mood": "bad"}, "unknown field `mood`"),
        ("seat.taken", {"person": 7}, "Expected `str`, got `int`"),
        ("session.open", {"state": "live", "seconds": 4}, "unknown field `seconds`"),
    ],
)
def test_another_form_is_refused(type: str, body: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why) as refused:
        event_types.check(type, body)
    assert f"the event '{type}' was refused" in str(refused.value)


@pytest.mark.parametrize(
    ("type", "body"),
    [
        ("session.open", {"state": State.LIVE}),
        ("session.open", {"state": State.LIVE, "reason": None}),
        ("session.extend", {"state": State.LIVE, "seconds": 600, "reason": "the fire alarm"}),
        ("seat.given", {"person": "ada", "seat": Seat.OBSERVER}),
    ],
)
def test_what_is_taken_can_be_hashed(type: str, body: dict[str, Any]) -> None:
    event_types.check(type, body)
    assert canonical.encode(body)
