"""Hidden checks of a real service: the button in a real kernel through the door, tries, and the signed grade."""

from __future__ import annotations

import asyncio
import copy
import hashlib
import json
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from greenroom_hub import verify
from greenroom_hub.door import Door
from greenroom_hub.grading.checks import Call, Checks
from greenroom_hub.grading.tries import Counted, Failed, Progress, Refusal
from greenroom_hub.settings import CHECKOUT
from greenroom_hub.signing import published
from greenroom_hub.templates import Sidecar, _read
from greenroom_proctor import grade
from greenroom_proctor.grade import Grade
from greenroom_proctor.words import Action
from hub.conftest import Place
from hub.test_door import ask
from sandbox.hosting import House

HONEST = """def late_share(parcels):
    done = parcels[parcels.delivered.notna()]
    late = (done.delivered - done.ordered).dt.days > done.promised_days
    return late.groupby(done.carrier).mean().to_dict()"""


async def opened(place: Place, answer: str = HONEST, actions: tuple[Action, ...] = (Action.ARRIVE, Action.OPEN)) -> str:
    """A live session of the interview that comes with Greenroom, with this answer to its second question."""
    content = _read(CHECKOUT / "notebooks" / "interview_pandas.ipynb")
    notebook = copy.deepcopy(content.notebook)
    next(cell for cell in notebook["cells"] if cell["id"] == "answer-2")["source"] = answer
    await place.staff("ada")
    version = await place.house.templates.put("i", notebook, content.files, content.settings, "ada", content.hidden)
    session = await place.house.sessions.create(template=version, author="ada", title="T", candidate="Jo")
    for action in actions:
        await place.house.sessions.act(session.id, action, "ada")
    return session.id


REFERENCE = (
    b"def double(n): return 2 * n\ndef cases(random, count): return [[random.randint(1, 99)] for _ in range(count)]"
)


async def small(place: Place, answer: str, reference: bytes = REFERENCE) -> str:
    """A live session of a task that needs no table."""
    check = Call(name="double", title="Doubles", function="double", reference="r.py", cases=2)
    cells = [{"cell_type": "code", "source": answer, "metadata": {}}]
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    await place.staff("ada")
    settings = Sidecar(checks=Checks(items=(check,), tries=2))
    version = await place.house.templates.put("b", notebook, {}, settings, "ada", {"r.py": reference})
    session = await place.house.sessions.create(template=version, author="ada", title="T", candidate="Jo")
    for action in (Action.ARRIVE, Action.OPEN):
        await place.house.sessions.act(session.id, action, "ada")
    return session.id


@pytest.fixture(autouse=True)
async def _rooms(place: Place) -> AsyncIterator[None]:
    yield
    await place.house.rooms.close()


async def tried(place: Place, session: str, name: str = "double") -> list[Any]:
    return [chunk async for chunk in place.house.checking.run(session, name, "kernel")]


async def test_the_button_checks_the_document_through_the_door(place: Place) -> None:
    session = await small(place, "def double(n): return 2 * n")
    with tempfile.TemporaryDirectory(prefix="gr-") as folder:
        house = House(Path(folder) / session, Path(folder) / "work")
        path = house.runtime / "door" / "door.sock"
        door = Door(place.house.gateway, session, path, checking=place.house.checking)
        await house.start()
        try:
            await door.start()
            kernel = await house.kernel()
            assert await kernel.run("%check") == "double  Doubles (2 tries are left)\n"
            assert await kernel.run("%check double") == ""
            assert "no check called" in await kernel.run("%check other")
            pressed = (
                "import check_button\n"
                "b = check_button.CheckButton('/run/greenroom/door.sock', {'name': 'double', 'title': 'T', 'left': 2})\n"
                "said = []; b.said.observe(lambda change: said.append(change['new']), 'value')\n"
                "b.button.click(); print(*said, sep='\\n'); print(b.button.disabled)"
            )
            said = (await kernel.run(pressed)).splitlines()
            assert said[0] == '<span role="status">Checking …</span>'
            assert said[-3] == '<span role="status">Checking … 2 of 2 cases were asked.</span>'
            assert said[-2:] == ['<span role="status">All hidden cases passed; 1 try is left.</span>', "False"]
            # Nothing that the kernel can reach says what is asked.
            status, listed = await ask(path, "GET", "/checks")
            assert (status, json.loads(listed)) == (
                200,
                [{"name": "double", "title": "Doubles", "left": 1}],
            )
            assert (await ask(path, "POST", "/check", b'{"check": "double", "seed": 1}'))[0] == 400
            assert (await ask(path, "POST", "/check", b'{"check": "other"}'))[0] == 404
        finally:
            await door.stop()
            await house.stop()


async def test_tries_are_limited_and_counted_in_the_record(place: Place) -> None:
    session = await small(place, "def double(n): return 3 * n")
    for left in (1, 0):
        chunks = await tried(place, session)
        assert chunks == [Progress(1, 2), Progress(2, 2), Counted(0, 2, None, left)]
    with pytest.raises(Refusal, match="All 2 tries of this check are used"):
        await tried(place, session)
    assert (await place.house.checking.offers(session))[0].left == 0
    events = [event for event in await place.house.record.events(session) if event.type.startswith("check.")]
    assert [event.body["number"] for event in events if event.type == "check.ended"] == [1, 2]
    assert {"check", "number", "passed", "total"} == set(events[-1].body), "no case, no seed, no answer"


async def test_one_check_at_a_time_and_only_while_live(place: Place) -> None:
    session = await small(place, "while True: pass")
    chunks = place.house.checking.run(session, "double", "kernel")

    async def hear() -> object:
        return await anext(chunks)

    first = asyncio.create_task(hear())
    while not place.house.checking._busy:
        await asyncio.sleep(0.01)
    with pytest.raises(Refusal, match="under way already"):
        await tried(place, session)
    while not place.house.checking._grader.queue.inside:
        await asyncio.sleep(0.01)
    first.cancel()
    await asyncio.wait([first])
    await chunks.aclose()  # type: ignore[attr-defined]
    assert (await place.house.checking.offers(session))[0].left == 2, "one that was left is no try"
    await place.house.sessions.act(session, Action.PAUSE, "ada")
    with pytest.raises(Refusal, match="while the session is live; it is paused"):
        await tried(place, session)


async def test_a_broken_reference_is_no_try(place: Place) -> None:
    session = await small(place, "1", b"1/0")
    said = "The check could not be asked. This was no try; tell your interviewer."
    assert await tried(place, session) == [Failed(said)]
    assert (await place.house.checking.offers(session))[0].left == 2


async def test_the_grade_is_bound_to_the_submission_signed_and_for_staff(place: Place, tmp_path: Path) -> None:
    session = await opened(place, actions=(Action.ARRIVE, Action.OPEN, Action.SUBMIT))
    staff, candidate = await place.staff("ada"), await place.candidate(session)
    assert (await staff.ask("GET", f"sessions/{session}/grade")).code == 404
    receipt = await place.house.submissions.freeze(session)
    given = await place.house.grades.grade(session)
    assert given is not None
    assert given.notebook == receipt.parts[0].sha256
    assert [(one.check, one.passed, one.total) for one in given.marks] == [("late_share", 5, 5)]
    assert await staff.json("GET", f"sessions/{session}/grade") == msgspec.to_builtins(given)
    assert await staff.json("POST", f"sessions/{session}/grade") == msgspec.to_builtins(given), "once"
    assert (await candidate.ask("GET", f"sessions/{session}/grade")).code == 403
    body = (await place.house.record.events(session))[-1].body
    assert body["passed"] == body["total"] == 5
    await _verified(place, tmp_path, given, receipt.parts[0].sha256)


async def _verified(place: Place, tmp_path: Path, given: Grade, notebook: str) -> None:
    """`greenroom verify` of a grade, of a changed one, and with the notebook beside it."""
    file, key, work = tmp_path / "grade.json", tmp_path / "key.json", tmp_path / "n.ipynb"
    key.write_bytes(place.house.submissions.published("Org"))
    work.write_bytes(place.house.submissions.blobs.get(notebook))
    file.write_bytes(msgspec.json.encode(given))
    assert verify.main([str(file), str(work), "--key", str(key)]) == 0
    mark = msgspec.structs.replace(given.marks[0], passed=4)
    file.write_bytes(msgspec.json.encode(msgspec.structs.replace(given, marks=[mark])))
    assert verify.main([str(file), "--key", str(key)]) == 1
    file.write_bytes(msgspec.json.encode(given))
    work.write_bytes(b"{}")
    assert verify.main([str(file), str(work), "--key", str(key)]) == 1
    other = published("Other", Ed25519PrivateKey.generate().public_key())
    key.write_bytes(msgspec.json.encode(other))
    assert verify.main([str(file), "--key", str(key)]) == 1


async def test_nothing_hidden_reaches_a_candidate(place: Place) -> None:
    session = await opened(place)
    candidate = await place.candidate(session)
    for path in ("sessions", f"sessions/{session}", f"sessions/{session}/timeline", "templates"):
        answer = await candidate.ask("GET", path)
        for word in (b"Brieftaube", b"reference", b"checks/", b"tolerance"):
            assert word not in answer.body, path
    notebook = json.dumps((await place.house.rooms.notebook(session))[0])
    assert "Brieftaube" not in notebook
    assert "checks/interview_pandas.py" not in set((await place.house.sessions.get(session)).template.files)


@pytest.mark.parametrize(
    ("settings", "files", "hidden", "why"),
    [
        ({"items": [1]}, {}, {}, "reference"),
        ({"items": [1]}, {"r.py": b""}, {"r.py": b""}, "is among the files that candidates get"),
        ({"items": [1, 1]}, {}, {"r.py": b""}, "two are called 'x'"),
    ],
)
async def test_a_template_with_wrong_checks_is_refused_in_words(
    place: Place, settings: dict[str, Any], files: dict[str, bytes], hidden: dict[str, bytes], why: str
) -> None:
    one = {"kind": "call", "name": "x", "title": "X", "function": "f", "reference": "r.py"}
    with pytest.raises(ValueError, match=why if why != "reference" else "needs the hidden file 'r.py'"):
        await place.house.templates.put(
            "t",
            {
                "nbformat": 4,
                "nbformat_minor": 5,
                "metadata": {},
                "cells": [{"cell_type": "code", "source": "1", "metadata": {}}],
            },
            files,
            Sidecar(checks=msgspec.convert({"items": [one for _ in settings["items"]]}, Checks)),
            "ada",
            hidden,
        )


def test_a_grade_of_another_form_is_refused() -> None:
    plain = Grade("greenroom.grade.v9", "s", hashlib.sha256(b"").hexdigest(), "t", "", "1", [])
    assert grade.verify(plain, None)[0].good is False
