"""What is different for one candidate: in the policy, on the clock and in the record, with a reason that is kept apart."""

from __future__ import annotations

from typing import Any

import pytest

NO_CAMERA = {"adjustment": "camera_off", "reason": "They wear an eye patch."}
NO_FULLSCREEN = {"adjustment": "signal_off", "signal": "fullscreen", "reason": "They use a magnifier."}
MORE_TIME = {"adjustment": "more_time", "minutes": 15, "reason": "They type with one hand."}


async def made(place: Any, *accommodations: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    ada = await place.staff("ada")
    await place.session()  # puts the template
    policy = {"accommodations": accommodations}
    body = {"template": "task", "candidate": "Jo Doe", "duration": 3600, "policy": policy}
    return ada, await ada.json("POST", "sessions", body, status=201)


async def test_they_take_signals_away_and_add_time_and_everybody_reads_why(place: Any) -> None:
    _, session = await made(place, NO_CAMERA, NO_FULLSCREEN, MORE_TIME)
    cleo = await place.candidate(session["id"])
    seen = await cleo.json("GET", f"sessions/{session['id']}")
    used = {signal for signal, use in seen["policy"]["signals"].items() if use != "off"}
    assert used == {"visibility", "focus", "screen", "clipboard", "network"}
    assert not seen["policy"]["calibration"]
    assert seen["clock"]["duration"] == 3600 + 15 * 60
    assert [one["reason"] for one in seen["policy"]["accommodations"]] == [
        one["reason"] for one in (NO_CAMERA, NO_FULLSCREEN, MORE_TIME)
    ]


async def test_the_record_has_them_and_their_reasons_are_kept_apart(place: Any) -> None:
    ada, session = await made(place, NO_CAMERA, MORE_TIME)
    facts = await ada.json("GET", f"sessions/{session['id']}/timeline")
    (created,) = [one["body"] for one in facts if one["type"] == "session.created"]
    assert [one["adjustment"] for one in created["policy"]["accommodations"]] == ["camera_off", "more_time"]
    assert "patch" not in str(facts)
    assert created["private"]
    (more,) = [one["body"] for one in facts if one["type"] == "session.extend"]
    assert (more["seconds"], more["reason"]) == (900, "accommodation")


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"adjustment": "camera_off"}, "reason"),
        ({"adjustment": "signal_off", "reason": "x"}, "'signal_off' and nothing else has 'signal'"),
        ({"adjustment": "more_time", "reason": "x"}, "'more_time' and nothing else has 'minutes'"),
        ({**NO_CAMERA, "minutes": 5}, "'more_time' and nothing else has 'minutes'"),
        ({**MORE_TIME, "minutes": 0}, ">= 1"),
    ],
)
async def test_one_that_says_nothing_clear_is_refused(place: Any, wrong: dict[str, Any], why: str) -> None:
    ada = await place.staff("ada")
    await place.session()
    body = {"template": "task", "candidate": "Jo", "policy": {"accommodations": [wrong]}}
    assert why in (await ada.json("POST", "sessions", body, status=400))["found"]
