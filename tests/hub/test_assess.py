"""What interviewers keep among themselves: private notes, scorecards and the brief, through the service."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from greenroom_hub.sessions import Session
from greenroom_hub.templates import Criterion, Sidecar
from greenroom_proctor.words import Action, Role, Seat

NOTEBOOK: dict[str, Any] = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {},
    "cells": [{"cell_type": "code", "id": "first", "metadata": {}, "source": "1 + 1"}],
}
TASK: dict[str, Any] = {
    **NOTEBOOK,
    "cells": [
        {"cell_type": "markdown", "id": "more", "metadata": {"editable": False}, "source": "## One more: weigh it"},
        {"cell_type": "code", "id": "more-answer", "metadata": {}, "source": ""},
    ],
}
HIDDEN = {"s.py": b"# %% first\n42", "b.md": b"Look for **doubt**.", "weights.ipynb": json.dumps(TASK).encode()}
SIDECAR = Sidecar(
    rubric=(Criterion("Doubts", ("none", "some", "asks")), Criterion("Draws", ("no", "yes"))),
    solution="s.py",
    brief="b.md",
    tasks=("weights.ipynb",),
)
CARD = {
    "lines": [{"criterion": "Doubts", "level": 2, "why": "asked about returns"}],
    "summary": "good",
    "advice": "yes",
}


async def sitting(place: Any, *actions: Action) -> tuple[Session, Any, Any]:
    """A session with a rubric; its two interviewers."""
    ada, bob = [await place.staff(name) for name in ("ada", "bob")]
    template = await place.house.templates.put("t", NOTEBOOK, {}, SIDECAR, "ada", HIDDEN)
    made = {"title": "T", "candidate": "Jo", "author": "ada", "interviewers": ("bob",)}
    session = await place.house.sessions.create(template=template, **made)
    for action in actions or (Action.ARRIVE, Action.OPEN):
        await place.house.sessions.act(session.id, action, "ada")
    return session, ada, bob


async def cards(who: Any, session: Session) -> Any:
    return await who.json("GET", f"sessions/{session.id}/scorecard")


async def test_a_card_is_hidden_from_others_until_both_are_handed_in(place: Any) -> None:
    session, ada, bob = await sitting(place)
    path = f"sessions/{session.id}/scorecard"
    assert await cards(ada, session) == {"mine": None, "others": [], "waiting": ["Bob"]}
    said = await ada.json("PUT", path, CARD)
    assert (said["mine"]["card"]["lines"][0]["level"], said["mine"]["handed_in"]) == (2, None)
    await ada.json("POST", f"{path}/hand-in")
    assert (await cards(bob, session))["others"] == [], "one who has not handed in is led by nobody"
    await bob.json("PUT", path, {**CARD, "summary": "weak", "advice": "no"})
    assert (await cards(ada, session))["others"] == [], "a draft is its author's"
    said = await bob.json("POST", f"{path}/hand-in")
    assert [(one["author"], one["card"]["summary"]) for one in said["others"]] == [("Ada", "good")]
    said = await cards(ada, session)
    assert ([(one["author"], one["card"]["advice"]) for one in said["others"]], said["waiting"]) == (
        [("Bob", "no")],
        [],
    )


async def test_a_card_that_was_handed_in_stays_and_the_record_can_show_that_it_was_this_one(place: Any) -> None:
    session, ada, _ = await sitting(place)
    path = f"sessions/{session.id}/scorecard"
    assert "written nothing" in (await ada.json("POST", f"{path}/hand-in", status=404))["refused"]
    await ada.json("PUT", path, CARD)
    await ada.json("POST", f"{path}/hand-in")
    assert "was handed in" in (await ada.json("PUT", path, CARD, status=409))["found"]
    assert "was handed in" in (await ada.json("POST", f"{path}/hand-in", status=409))["found"]
    (event,) = [one for one in await place.house.record.events(session.id) if one.type == "scorecard.handed_in"]
    assert (event.actor, event.body["person"], len(event.body["card"])) == ("ada", "ada", 64)
    assert "asked about" not in str(event)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([{"criterion": "Sings", "level": 0}], "the rubric has no line 'Sings'"),
        ([{"criterion": "Draws", "level": 2}], "'Draws' has 2 levels, and 3 was named"),
        ([{"criterion": "Draws"}, {"criterion": "Draws"}], "a line is there twice"),
    ],
    ids=["unknown", "too high", "twice"],
)
async def test_a_card_that_does_not_fit_the_rubric_is_refused(place: Any, lines: Any, why: str) -> None:
    session, ada, _ = await sitting(place)
    path = f"sessions/{session.id}/scorecard"
    assert (await ada.json("PUT", path, {"lines": lines}, status=400))["found"] == why


async def test_nothing_is_handed_in_before_there_was_anything_to_see(place: Any) -> None:
    session, ada, _ = await sitting(place, Action.ARRIVE)
    await ada.json("PUT", f"sessions/{session.id}/scorecard", CARD)
    await ada.json("POST", f"sessions/{session.id}/scorecard/hand-in", status=409)


async def test_notes_have_times_and_are_read_by_others_when_both_cards_are_handed_in(place: Any) -> None:
    session, ada, bob = await sitting(place)
    path = f"sessions/{session.id}/memos"
    made = await ada.json("POST", path, {"text": "asks before typing", "cell": "first"}, status=201)
    await bob.json("POST", path, {"text": "slow start"}, status=201)
    found = await ada.json("GET", path)
    assert [(one["text"], one["cell"], one["mine"]) for one in found] == [("asks before typing", "first", True)]
    assert made["at"] >= session.created
    await bob.json("DELETE", f"{path}/{made['n']}", status=404)
    for who in (ada, bob):
        await who.json("PUT", f"sessions/{session.id}/scorecard", CARD)
        await who.json("POST", f"sessions/{session.id}/scorecard/hand-in")
    assert [(one["author"], one["mine"]) for one in await bob.json("GET", path)] == [("Ada", False), ("Bob", True)]
    await ada.json("DELETE", f"{path}/{made['n']}", status=204)
    assert [one["author"] for one in await ada.json("GET", path)] == ["Bob"]


async def test_the_brief_is_for_interviewers(place: Any) -> None:
    session, ada, _ = await sitting(place)
    found = await ada.json("GET", f"sessions/{session.id}/brief")
    assert (found["brief"], found["solution"]) == ("Look for **doubt**.", "# %% first\n42")
    assert found["rubric"][0]["levels"] == ["none", "some", "asks"]
    assert found["tasks"] == [{"name": "weights", "title": "One more: weigh it", "pushed": False}]
    olga = await place.staff("olga")
    await place.house.seats.put(session.id, "olga", Seat.OBSERVER)
    for who in (olga, await place.staff("root", Role.ADMIN), await place.candidate(session.id)):
        for what in ("brief", "memos", "scorecard"):
            await who.json("GET", f"sessions/{session.id}/{what}", status=403)


async def test_nothing_of_it_is_in_the_candidate_s_record_and_export(place: Any) -> None:
    session, ada, _ = await sitting(place)
    jo = await place.candidate(session.id)
    await ada.json("POST", f"sessions/{session.id}/memos", {"text": "zebra in the note"}, status=201)
    await ada.json("PUT", f"sessions/{session.id}/scorecard", {**CARD, "summary": "zebra on the card"})
    await ada.json("POST", f"sessions/{session.id}/scorecard/hand-in")
    timeline = await jo.ask("GET", f"sessions/{session.id}/timeline")
    assert b"scorecard.handed_in" in timeline.body
    export = await jo.ask("GET", f"sessions/{session.id}/export")
    with zipfile.ZipFile(io.BytesIO(export.body)) as archive:
        kept = b"".join(archive.read(name) for name in archive.namelist())
    assert session.id.encode() in kept
    assert b"zebra" not in timeline.body + kept


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"{", "the task weights.ipynb: "),
        (json.dumps({**TASK, "cells": NOTEBOOK["cells"]}).encode(), "has a cell 'first', and so has"),
    ],
    ids=["no notebook", "a cell twice"],
)
async def test_a_template_with_a_task_that_does_not_fit_is_refused(place: Any, content: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        await place.house.templates.put("t", NOTEBOOK, {}, SIDECAR, "ada", {**HIDDEN, "weights.ipynb": content})
