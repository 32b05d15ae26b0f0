"""Notes, the window for them, the score that waits for both, excuses and the export, through the service."""

from __future__ import annotations

import zipfile
from typing import Any

import msgspec
import pytest
from greenroom_hub.sessions import Session
from greenroom_hub.verify import main as verify
from greenroom_proctor import export, rules
from greenroom_proctor.words import Action


async def incident(place: Any, session: Session, id: str = "a", kind: str = "gaze_away", signal: str = "gaze") -> None:
    """What the wire writes when a stretch has become a warning."""
    now = place.house.record._now()
    seen = {"browser": "b", "n": 1, "id": id, "signal": signal, "kind": kind, "start": now, "end": now + 6000}
    await place.house.record.append(
        session.id, "observation", seen | {"confidence": 1.0, "quality": 1.0}, actor="candidate"
    )
    told = {"id": id, "signal": signal, "kind": kind, "count": 1, "rules": rules.load().version}
    await place.house.record.append(session.id, "incident.warning", told, actor="service")


async def sitting(place: Any, *, over: bool = True) -> tuple[Session, Any, Any]:
    """A session with one incident, its interviewer and its candidate."""
    ada = await place.staff("ada")
    session = await place.session(interviewers=("ada",))
    cleo = await place.candidate(session.id)
    for action in (Action.ARRIVE, Action.OPEN):
        await place.house.sessions.act(session.id, action, "ada")
    await incident(place, session)
    if over:
        await place.house.sessions.act(session.id, Action.TERMINATE, "ada")
    return session, ada, cleo


async def score(who: Any, session: Session, status: int = 200) -> Any:
    return await who.json("GET", f"sessions/{session.id}/score", status=status)


async def test_the_score_waits_for_the_window_and_then_for_the_notes_to_be_read(place: Any) -> None:
    session, ada, cleo = await sitting(place)
    assert "may write notes until" in (await score(ada, session, 409))["found"]
    note = {"incident": "a", "answer": "someone_came_in", "text": "My flatmate asked for the key."}
    said = await cleo.json("POST", f"sessions/{session.id}/notes", note)
    assert [(one["incident"], one["answer"], one["text"]) for one in said["notes"]] == [tuple(note.values())]
    await cleo.json("POST", f"sessions/{session.id}/notes/waive", status=204)
    assert "have not read" in (await score(ada, session, 409))["found"]
    read = await ada.json("GET", f"sessions/{session.id}/notes")
    assert (read["notes"][0]["text"], read["waived"], read["open"]) == (note["text"], True, False)
    found = await score(ada, session)
    assert (found["value"], found["reasons"][0]["kind"], found["reasons"][0]["points"]) == (99, "gaze_away", 1)
    assert (await score(cleo, session))["value"] == 99


async def test_reading_before_the_window_has_closed_opens_nothing(place: Any) -> None:
    session, ada, cleo = await sitting(place)
    await ada.json("GET", f"sessions/{session.id}/notes")
    await cleo.json("POST", f"sessions/{session.id}/notes/waive", status=204)
    await score(ada, session, 409)


async def test_the_window_closes_by_itself(place: Any) -> None:
    session, ada, cleo = await sitting(place)
    end = place.house.sessions._known[session.id].when(Action.TERMINATE)
    place.house.notes._now = lambda: end + 48 * 3_600_000
    refused = await cleo.json("POST", f"sessions/{session.id}/notes", {"incident": "a"}, status=409)
    assert refused["found"] == "the time for notes is over"
    await ada.json("GET", f"sessions/{session.id}/notes")
    await score(ada, session)


async def test_one_who_has_read_does_not_open_it_for_another(place: Any) -> None:
    session, ada, cleo = await sitting(place)
    await cleo.json("POST", f"sessions/{session.id}/notes/waive", status=204)
    await ada.json("GET", f"sessions/{session.id}/notes")
    bob = await place.staff("bob")
    await ada.json("PUT", f"sessions/{session.id}/seats/bob", {"seat": "interviewer"})
    await score(bob, session, 409)


async def test_there_is_no_score_during_the_session_and_notes_are_taken(place: Any) -> None:
    session, ada, cleo = await sitting(place, over=False)
    assert (await score(ada, session, 409))["found"] == "the session is live"
    said = await cleo.json("POST", f"sessions/{session.id}/notes", {"incident": "a", "answer": "thinking"})
    assert (said["closes"], said["open"]) == (None, True)
    await cleo.json("POST", f"sessions/{session.id}/notes/waive", status=409)


@pytest.mark.parametrize(
    "body", [{"incident": "nothing"}, {"incident": "a", "answer": "bored"}, {"incident": "a", "text": "x" * 2001}]
)
async def test_a_note_to_nothing_or_of_another_form_is_refused(place: Any, body: dict[str, Any]) -> None:
    session, _, cleo = await sitting(place)
    answer = await cleo.ask("POST", f"sessions/{session.id}/notes", body)
    assert answer.code in {400, 404}


async def test_an_excused_incident_counts_for_nothing(place: Any) -> None:
    session, ada, cleo = await sitting(place)
    await ada.json("POST", f"sessions/{session.id}/incidents/a/excuse", {"reason": "The fire alarm."}, status=204)
    await cleo.json("POST", f"sessions/{session.id}/notes/waive", status=204)
    assert (await score(cleo, session))["value"] == 100


async def test_the_text_of_a_note_is_private_and_the_timeline_shows_that_there_is_one(place: Any) -> None:
    session, _, cleo = await sitting(place)
    await cleo.json("POST", f"sessions/{session.id}/notes", {"incident": "a", "text": "a secret"})
    facts = await cleo.json("GET", f"sessions/{session.id}/timeline")
    (note,) = [one for one in facts if one["type"] == "incident.note"]
    assert set(note["body"]) == {"id", "answer", "private"}


async def test_an_export_is_verified_and_holds_the_score_once_it_is_open(
    place: Any, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    session, ada, cleo = await sitting(place)
    closed = export.unpack((await ada.ask("GET", f"sessions/{session.id}/export")).body)
    assert msgspec.json.decode(closed["score.json"])["score"] is None
    await cleo.json("POST", f"sessions/{session.id}/notes/waive", status=204)
    await ada.json("GET", f"sessions/{session.id}/notes")
    content = (await ada.ask("GET", f"sessions/{session.id}/export")).body
    files = export.unpack(content)
    assert {
        "notebook.ipynb",
        "document.jsonl",
        "events.jsonl",
        "policy.json",
        "calibration.json",
        "rules.json",
        "score.json",
        "manifest.json",
    } <= set(files)
    assert msgspec.json.decode(files["score.json"])["score"]["value"] == 99
    (tmp_path / "export.zip").write_bytes(content)
    key = await ada.ask("GET", "/services/greenroom/key")
    (tmp_path / "key.json").write_bytes(key.body)
    assert verify([str(tmp_path / "export.zip"), "--key", str(tmp_path / "key.json")]) == 0
    with zipfile.ZipFile(tmp_path / "spoiled.zip", "w") as spoiled:
        for name, data in files.items():
            spoiled.writestr(
                name, data.replace(b"incident.warning", b"incident.flag") if name == "events.jsonl" else data
            )
    capsys.readouterr()
    assert verify([str(tmp_path / "spoiled.zip")]) == 1
    warned = next(one for one in await place.house.record.events(session.id) if one.type == "incident.warning")
    assert capsys.readouterr().err.strip() == f"greenroom verify: the first bad thing is: event {warned.seq}"


async def test_an_excuse_has_a_reason_that_the_candidate_reads_and_the_incident_rises_no_further(place: Any) -> None:
    session, ada, cleo = await sitting(place)
    assert (await ada.ask("POST", f"sessions/{session.id}/incidents/a/excuse", {"reason": ""})).code == 400
    for reason in ("The fire alarm.", "Said twice."):
        await ada.json("POST", f"sessions/{session.id}/incidents/a/excuse", {"reason": reason}, status=204)
    said = await cleo.json("GET", f"sessions/{session.id}/notes")
    assert [(one["because"], one["by"], one["reason"]) for one in said["excuses"]] == [
        ("explained", "ada", "The fire alarm.")
    ]
    assert [one["excused"] for one in said["incidents"]] == ["explained"]
    (fact,) = [one for one in await place.house.record.events(session.id) if one.type == "incident.excused"]
    assert set(fact.body) == {"id", "signal", "kind", "because", "private"}


async def test_looking_at_the_window_reads_no_notes(place: Any) -> None:
    session, ada, cleo = await sitting(place)
    await cleo.json("POST", f"sessions/{session.id}/notes/waive", status=204)
    window = await ada.json("GET", f"sessions/{session.id}/notes/window")
    assert (window["open"], window["waived"], window["read"]) == (False, True, False)
    await score(ada, session, 409)
    await ada.json("GET", f"sessions/{session.id}/notes")
    assert (await ada.json("GET", f"sessions/{session.id}/notes/window"))["read"]
