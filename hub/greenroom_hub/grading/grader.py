"""The grader: one fresh box a case, each running the notebook from the top before it is asked once."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import greenroom_sandbox
import msgspec
from greenroom_sandbox import box
from greenroom_sandbox.box import Result, Status
from greenroom_sandbox.boxes import interpreter_folders
from greenroom_sandbox.client import Unreachable
from greenroom_sandbox.policy import MIB, Policy
from greenroom_sandbox.queue import Full, Queue

from greenroom_hub.grading import holdout, program, values
from greenroom_hub.grading.checks import Call, Check, Predict, Program
from greenroom_hub.grading.holdout import Holdout
from greenroom_hub.grading.program import MAGIC, Run

ANSWER = 4 * MIB  # bytes of one answer; a table of 20,000 rows
REFERENCE = 16 * MIB  # bytes of all cases of a check together
REFERENCE_SECONDS = 60.0  # of processor time
PATIENCE = 4  # times as long on the clock: other boxes may want the processors, too
_DRIVER = "asking.py"
_ENVIRONMENT = {
    "MPLBACKEND": "Agg",
    "IPYTHONDIR": "/tmp/ipython",  # noqa: S108 - in the box, whose /tmp is its own
    "MPLCONFIGDIR": "/tmp/matplotlib",  # noqa: S108
}


class Broken(Exception):  # noqa: N818 - read as a sentence
    """A check that could not be asked: the house's fault, not the candidate's."""


@dataclass(frozen=True, slots=True)
class Work:
    """What is graded: the code cells in their order, and the template's files as they were given out."""

    cells: Sequence[str]
    files: Mapping[str, bytes]


class _Files(msgspec.Struct):
    files: dict[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many cases passed. `note`: what the candidate should know, from before any case was asked."""

    passed: int
    total: int
    note: str | None = None


@dataclass(frozen=True, slots=True)
class _Question:
    """One case: what a box is asked, and how what it says is judged, out here."""

    ask: Mapping[str, object]
    judge: Callable[[object], bool]


class Grader:
    """Grades in boxes with one Python environment. `memory` in MiB for each box; a few boxes at once, in turn.

    `run` runs a candidate's program in another language.
    """

    def __init__(self, environment: Path, memory: int, run: Run | None = None, at_once: int | None = None) -> None:
        self._environment, self._memory, self._run = environment, memory, run
        self._driver = Path(greenroom_sandbox.__file__).with_name(_DRIVER).read_bytes()
        self.queue = Queue(at_once or os.cpu_count() or 1, waiting=2000)

    async def grade(
        self,
        check: Check,
        hidden: Mapping[str, bytes],
        work: Work,
        seed: int,
        tell: Callable[[int, int], None] = lambda _done, _total: None,
    ) -> Outcome:
        """The outcome of one check. `tell` hears how many cases have been asked, of how many. Broken says why not."""
        questions = await self._questions(check, hidden, seed)
        first, note = await self._ask(check, work, questions[0])
        tell(1, len(questions))
        if note is not None:
            return Outcome(0, len(questions), note)
        done = 1

        async def one(question: _Question) -> bool:
            nonlocal done
            passed, _ = await self._ask(check, work, question)
            done += 1
            tell(done, len(questions))
            return passed

        async with asyncio.TaskGroup() as group:
            rest = [group.create_task(one(question)) for question in questions[1:]]
        return Outcome(first + sum(task.result() for task in rest), len(questions))

    async def _questions(self, check: Check, hidden: Mapping[str, bytes], seed: int) -> list[_Question]:
        if isinstance(check, Predict):
            kept = Holdout.read(hidden[check.holdout], check.target)
            return [_Question({"csv": kept.features}, lambda found: holdout.passes(check, kept, found))]
        cases = await self._cases(check, hidden, seed)
        make = _text_case if isinstance(check, Program) else _case
        try:
            return [make(check, one) for one in cases[: check.cases]] or _none(check)
        except (KeyError, TypeError) as error:
            raise Broken(f"the reference of the check {check.name} made a case that is none") from error

    async def _cases(self, check: Call | Program, hidden: Mapping[str, bytes], seed: int) -> list[Any]:
        order = {
            "do": "reference",
            "source": hidden[check.reference].decode(),
            "function": check.function,
            "cases": check.cases,
            "seed": seed,
        }
        result = await self._box(order, None, REFERENCE_SECONDS, REFERENCE, {})
        try:
            return list(msgspec.json.decode(result.stdout)["cases"])
        except (msgspec.DecodeError, KeyError, TypeError) as error:
            raise Broken(f"the reference of the check {check.name} did not make its cases: {_said(result)}") from error

    async def files(self, maker: str, seed: int) -> dict[str, bytes]:
        """What a template's maker makes from a seed. Broken says why not."""
        order = {"do": "files", "source": maker, "seed": seed}
        result = await self._box(order, None, REFERENCE_SECONDS, REFERENCE, {})
        try:
            found = msgspec.json.decode(result.stdout, type=_Files).files
        except msgspec.DecodeError as error:
            raise Broken(f"the template's maker did not make its files: {_said(result)}") from error
        return {name: text.encode() for name, text in found.items()}

    async def _print(self, check: Program, work: Work, question: _Question) -> tuple[bool, str | None]:
        found = program.last_program(work.cells)
        if found is None:
            return False, f"The notebook has no cell that begins with {MAGIC} and a language."
        if self._run is None:
            raise Broken(f"the check {check.name} runs a program, and there is nothing here to run it")
        text = str(question.ask["stdin"])
        try:
            printed = await self._run(found.language, found.text, text, check.seconds)
        except (Unreachable, Full) as error:
            raise Broken(f"the check {check.name} could not run a program: {error}") from error
        return question.judge(printed), None

    async def _ask(self, check: Check, work: Work, question: _Question) -> tuple[bool, str | None]:
        if isinstance(check, Program):
            return await self._print(check, work, question)
        order = {"do": "notebook", "cells": list(work.cells), "function": check.function}
        nonce = secrets.token_hex(16)
        result = await self._box(order, {**question.ask, "nonce": nonce}, check.seconds, ANSWER, work.files)
        lines = result.stdout.split(b"\n")
        ready = _decoded(lines[0])
        if not isinstance(ready, dict) or ready.get("ready") is not True:
            return False, _note(check, result, ready)
        answer = _decoded(lines[1]) if len(lines) == 3 and lines[2] == b"" else None
        if result.status is not Status.OK or not isinstance(answer, dict) or answer.get("nonce") != nonce:
            return False, None
        return question.judge(answer.get("value")), None

    async def _box(
        self, order: object, question: object, seconds: float, output: int, files: Mapping[str, bytes]
    ) -> Result:
        """One box: it is given its order, and the question only when it says that it is ready."""
        ready = asyncio.Event()

        def heard(stream: str, data: bytes) -> None:
            if stream == "stdout" and b"\n" in data:
                ready.set()

        async def said() -> AsyncIterator[bytes]:
            yield msgspec.json.encode(order) + b"\n"
            if question is not None:
                await ready.wait()
                yield msgspec.json.encode(question) + b"\n"

        policy = Policy(
            wall=PATIENCE * seconds,
            cpu=seconds,
            memory=self._memory,
            processes=128,
            open_files=1024,
            output=output,
            read_only=interpreter_folders(self._environment),
        )
        python = str(self._environment / "bin" / "python")
        async with self.queue.turn():
            return await box.run(
                policy,
                [python, _DRIVER],
                files={**files, _DRIVER: self._driver},
                stdin=said(),
                env=_ENVIRONMENT,
                on_output=heard,
            )


def _case(check: Call | Program, case: Mapping[str, Any]) -> _Question:
    expected = case["expected"]
    return _Question(
        {"args": case["args"]}, lambda found: values.same(expected, found, getattr(check, "tolerance", 0.0))
    )


def _text_case(_check: Call | Program, case: Mapping[str, Any]) -> _Question:
    text, expected = case["texts"][0], case["expected"]["v"]
    return _Question({"stdin": text}, lambda found: program.prints(expected, found if isinstance(found, str) else None))


def _said(result: Result) -> str:
    return (result.stderr.decode(errors="replace").strip().rpartition("\n")[2] or result.status.value)[:300]


def _none(check: Call | Program) -> list[_Question]:
    raise Broken(f"the reference of the check {check.name} made no case")


def _decoded(line: bytes) -> object:
    try:
        return msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError):
        return None


def _note(check: Check, result: Result, ready: object) -> str:
    """What went wrong before any case was asked: nothing of a case can be in it."""
    if result.status is Status.TIME:
        return f"The notebook, run from the top, did not end within {check.seconds:g} s of processor time."
    if result.status is Status.MEMORY:
        return "The notebook, run from the top, used more memory than there is."
    if not isinstance(ready, dict):
        return "The notebook, run from the top, ended its kernel."
    return f"After the notebook was run from the top there is no function {check.function}()."
