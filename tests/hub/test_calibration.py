"""The calibration in the record and the export: numbers, each once, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from greenroom_hub.policy import Policy, Use
from greenroom_hub.web.api import calibration
from greenroom_proctor import export
from greenroom_proctor.words import Action, Signal

READ = {"yaw": 1.23456, "pitch": -8.0, "gaze": 0.5, "ear": 0.31, "luma": 120.0, "std": None, "widening": 0.0}


async def sitting(place: Any, **more: Any) -> tuple[Any, Any, str]:
    ada = await place.staff("ada")
    session = await place.session(interviewers=("ada",), **more)
    await place.house.sessions.act(session.id, Action.ARRIVE, "ada")
    return ada, await place.candidate(session.id), session.id


async def test_it_is_kept_once_and_stands_in_the_export(place: Any) -> None:
    ada, cleo, session = await sitting(place)
    for read in (READ, READ, READ | {"yaw": 2.0}):
        await cleo.json("POST", f"sessions/{session}/calibration", read, status=204)
    await place.house.sessions.act(session, Action.OPEN, "ada")
    await place.house.sessions.act(session, Action.TERMINATE, "ada")
    files = export.unpack((await ada.ask("GET", f"sessions/{session}/export")).body)
    kept = json.loads(files["calibration.json"])
    assert [(one["yaw"], one["std"]) for one in kept] == [(1.235, None), (2, None)]
    assert set(kept[0]) == {"at", *READ}
    await cleo.json("POST", f"sessions/{session}/calibration", READ, status=409)  # it is over


@pytest.mark.parametrize(
    "wrong", [{"yaw": "left"}, {"landmarks": [[0.1, 0.2]]}, {"pitch": 1e9}, {"ear": None}, {"luma": -1}]
)
async def test_anything_but_these_numbers_is_refused(place: Any, wrong: dict[str, Any]) -> None:
    _, cleo, session = await sitting(place)
    await cleo.json("POST", f"sessions/{session}/calibration", READ | wrong, status=400)
    assert [one.type for one in await place.house.record.events(session) if one.type == "calibration"] == []


async def test_a_page_that_reports_for_ever_is_not_listened_to_for_ever(
    place: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calibration, "MOST", 2)
    _, cleo, session = await sitting(place)
    for yaw, status in ((1.0, 204), (2.0, 204), (3.0, 409)):
        await cleo.json("POST", f"sessions/{session}/calibration", READ | {"yaw": yaw}, status=status)


async def test_there_is_none_without_a_camera_check(place: Any) -> None:
    _, cleo, session = await sitting(place, policy=Policy(signals={Signal.FOCUS: Use.ON}))
    refused = await cleo.json("POST", f"sessions/{session}/calibration", READ, status=409)
    assert refused["found"] == "this session has no camera check"
