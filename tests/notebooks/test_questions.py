"""The questions that come with Greenroom, in real boxes: solved by their reference solution, failed by plausible wrong
answers, with other numbers for each candidate.

`make questions` tries every wrong answer under three seeds; `make test` one of each, under one.
"""

from __future__ import annotations

import asyncio
import functools
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from greenroom_hub import tasks
from greenroom_hub.grading.checks import Call, Check
from greenroom_hub.grading.grader import Grader, Work
from greenroom_hub.grading.variants import Kit
from greenroom_hub.templates import Content, _read
from greenroom_sandbox import runtimes, stages
from greenroom_sandbox.client import Piston, Refused
from greenroom_sandbox.runner import Runner

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
WRONG = Path(__file__).with_name("wrong")
NAMES = sorted(path.stem for path in WRONG.glob("*.txt"))
ALL = "GREENROOM_ALL_QUESTIONS" in os.environ
SEEDS = (1, 2, 3) if ALL else (1,)
PART = re.compile(r"^# %% ([\w-]+)(?:: ([^\n]*))?\n(.*?)(?=^# %% |\Z)", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Part:
    """Another source for one cell."""

    cell: str
    what: str
    source: str


def parts(text: str) -> list[Part]:
    return [Part(*found) for found in PART.findall(text)]


def template(name: str) -> Content:
    return _read(NOTEBOOKS / f"{name}.ipynb")


def solution(content: Content) -> dict[str, str]:
    assert content.settings.solution is not None
    return {part.cell: part.source for part in parts(content.hidden[content.settings.solution].decode())}


def code(content: Content, sources: dict[str, str]) -> list[str]:
    cells = [cell for cell in content.notebook["cells"] if cell["cell_type"] == "code"]
    assert sources.keys() <= {cell["id"] for cell in cells}
    return [sources.get(cell["id"], cell["source"]) for cell in cells]


def asked_after(content: Content, cell: str) -> list[Check]:
    """The checks whose buttons stand below a cell, before the next one that the candidate writes."""
    ids = [one["id"] for one in content.notebook["cells"] if one["cell_type"] == "code"]
    found: list[Check] = []
    for id in ids[ids.index(cell) + 1 :]:
        if id.startswith("check-"):
            found.append(content.settings.checks.named(id.removeprefix("check-")))
        elif id.startswith(("answer-", "program")):
            break
    assert found, cell
    return found


def shortened(check: Check) -> Check:
    return msgspec.structs.replace(check, cases=1) if isinstance(check, Call) and not ALL else check


WRONGS = [
    pytest.param(name, part, id=f"{name}: {part.what}")
    for name in NAMES
    for part in parts((WRONG / f"{name}.txt").read_text())[: None if ALL else 1]
]


INSTALLED = functools.cache(runtimes.installed)


@pytest.fixture
async def grader() -> AsyncIterator[Grader]:
    """A grader, and the runner for programs in other languages."""
    work = stages.folder_for_work()
    runner = Runner(INSTALLED(), work)
    server, port = runner.serve(0)
    piston = Piston(f"http://127.0.0.1:{port}")

    async def run(language: str, source: str, stdin: str, seconds: float) -> str | None:
        files = [{"content": source}]
        try:
            reply = await piston.execute({"language": language, "version": "*", "files": files, "stdin": stdin}, 60)
        except Refused:
            return None
        return reply.run.stdout if reply.run.code == 0 else None

    yield Grader(Path(sys.prefix) / "environments" / "default", memory=1024, run=run)
    await asyncio.wait_for(runner.stop(), 60)
    server.stop()
    await server.close_all_connections()
    shutil.rmtree(work)


async def kit(grader: Grader, content: Content, seed: int) -> Kit:
    maker = content.settings.checks.maker
    assert maker is not None
    made = await grader.files(content.hidden[maker].decode(), seed)
    return Kit(made, {**content.hidden, **made})


async def passed(
    grader: Grader, checks: Sequence[Check], content: Content, sources: dict[str, str], seed: int
) -> dict[str, bool]:
    given = await kit(grader, content, seed)
    files = {name: data for name, data in given.files.items() if not name.startswith("holdout/")}
    found = {}
    for check in checks:
        outcome = await grader.grade(shortened(check), given.hidden, Work(code(content, sources), files), seed)
        assert outcome.note is None, outcome
        found[check.name] = outcome.passed == outcome.total
    return found


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", NAMES)
async def test_the_reference_solution_passes_every_check(grader: Grader, name: str, seed: int) -> None:
    content = template(name)
    checks = content.settings.checks.items
    found = await passed(grader, checks, content, solution(content), seed)
    assert found == {check.name: True for check in checks}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("name", "wrong"), WRONGS)
async def test_a_plausible_wrong_answer_fails_a_check_below_it(
    grader: Grader, name: str, wrong: Part, seed: int
) -> None:
    content = template(name)
    sources = solution(content) | {wrong.cell: wrong.source}
    found = await passed(grader, asked_after(content, wrong.cell), content, sources, seed)
    assert not all(found.values()), found


@pytest.mark.parametrize("name", NAMES)
async def test_two_candidates_get_other_numbers(grader: Grader, name: str) -> None:
    content = template(name)
    assert content.settings.checks.maker is not None
    maker = content.hidden[content.settings.checks.maker].decode()
    first, other = [await grader.files(maker, seed) for seed in (1, 2)]
    assert first.keys() == other.keys()
    assert all(first[file] != other[file] for file in first)


async def test_a_candidate_gets_the_same_numbers_again(grader: Grader) -> None:
    maker = template("sql_bookshop").hidden["checks/sql_bookshop.py"].decode()
    assert await grader.files(maker, 1) == await grader.files(maker, 1)


@pytest.mark.parametrize("name", NAMES)
def test_a_question_has_what_an_interviewer_needs(name: str) -> None:
    content = template(name)
    settings = content.settings
    assert settings.title
    assert settings.description
    assert len(settings.rubric) >= 3
    assert all(len(line.levels) == 4 for line in settings.rubric)
    minutes = round(settings.duration / 60)
    assert f"**{minutes} minutes.**" in content.notebook["cells"][0]["source"], "the time is stated, and the same"
    buttons = {cell["source"] for cell in content.notebook["cells"] if cell["id"].startswith("check-")}
    assert buttons == {f"%check {check.name}" for check in settings.checks.items}


def test_there_are_eight_templates() -> None:
    assert len(list(NOTEBOOKS.glob("*.ipynb"))) >= 8


def test_the_first_interview_has_a_rubric_a_brief_and_a_further_task() -> None:
    content = _read(NOTEBOOKS / "interview_pandas.ipynb")
    assert len(content.settings.rubric) == 4
    assert content.settings.brief is not None
    assert b"Tidy" in content.hidden[content.settings.brief]
    (task,) = tasks.read(content.settings.tasks, content.hidden)
    assert (task.title, tasks.fault(content.notebook, [task])) == ("5. One more: weights", None)
