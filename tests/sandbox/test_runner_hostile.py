"""Hostile jobs on the runner, each by its safe outcome, then an honest one at once; and many of them together."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from greenroom_sandbox import cgroup, processes
from sandbox import hostile_programs
from sandbox.hostile_jobs import HONEST, JOBS
from sandbox.test_runner import Far, far
from sandbox.test_runner_recorded import PATIENT

__all__ = ["far"]

TOGETHER = int(os.environ.get("GREENROOM_SOAK", "40"))  # `make soak`: 300
AT_ONCE = 8


async def honest(far: Far, word: str) -> None:
    far.runner.limits = PATIENT
    status, answer = await far.post({**HONEST, "stdin": word})
    assert (status, answer["run"]["stdout"]) == (200, word[::-1] + "\n"), answer


@pytest.mark.parametrize("name", JOBS)
async def test_a_hostile_job_has_its_safe_outcome_and_an_honest_one_is_next(far: Far, name: str) -> None:
    job = JOBS[name]
    far.runner.limits = PATIENT
    status, answer = await far.post(job.body)
    assert status == 200, answer
    ran = answer[job.stage]
    assert ran["status"] in job.statuses, ran
    if job.prints is not None:
        assert ran["stdout"] == job.prints, ran
    assert len(ran["stdout"]) <= far.runner.output
    await honest(far, "next")


async def test_every_listed_way_out_is_closed_in_a_job(far: Far) -> None:
    far.runner.limits = PATIENT
    tries = hostile_programs.CLOSED
    ran = await far.run("python", hostile_programs.everything(tries))
    found = hostile_programs.answers(ran["stdout"])
    assert set(found) == set(tries)
    assert {name: said for name, said in found.items() if said.startswith("OPEN")} == {}
    await honest(far, "after all of them")


def _seen() -> Iterator[str]:
    """What is on this machine because of us: control groups, processes below us, mounts of boxes, work folders."""
    mine = f"{cgroup.PREFIX}{os.getpid()}-*"
    yield from (str(folder) for folder in (*cgroup.ROOT.glob(f"*/{mine}"), *cgroup.ROOT.glob(mine)))
    for pid in processes.descendants(os.getpid())[1:]:
        try:
            yield Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
        except OSError:
            continue
    yield from (line for line in Path("/proc/self/mounts").read_text().splitlines() if "/home/candidate" in line)
    yield from (str(left) for place in ("/tmp", "/dev/shm", "/var/tmp") for left in Path(place).glob("bean"))


async def test_many_hostile_jobs_together_leave_nothing_and_share_nothing(far: Far) -> None:
    far.runner.limits = PATIENT
    chosen = random.Random(TOGETHER)
    names = [chosen.choice(list(JOBS)) for _ in range(TOGETHER)]
    before, gate = set(_seen()), asyncio.Semaphore(AT_ONCE)

    async def one(index: int, name: str) -> tuple[str, Any]:
        async with gate:
            if index % 4 == 0:
                await honest(far, f"secret of job {index}")
            status, answer = await far.post(JOBS[name].body)
            assert status == 200, answer
            return name, answer

    answers = await asyncio.gather(*(one(index, name) for index, name in enumerate(names)))
    for name, answer in answers:
        job = JOBS[name]
        assert answer[job.stage]["status"] in {*job.statuses, "TO"}, (name, answer)  # the clock, when eight share it
        assert "secret of job" not in str(answer), "a byte of another job"
        if name == "23 and not found" and answer["run"]["status"] is None:
            assert answer["run"]["stdout"] == "[]\n"
    await honest(far, "the engine lives")
    await asyncio.wait_for(far.runner.stop(), 60)
    assert set(_seen()) - before == set()
    assert list(far.runner.work.iterdir()) == []


@pytest.mark.parametrize(
    "field",
    ["run_timeout", "run_cpu_time", "compile_timeout", "compile_cpu_time", "run_memory_limit", "compile_memory_limit"],
)
@pytest.mark.parametrize("value", [0, -1, "3000", 10**12, None])
async def test_14_15_no_limit_can_be_taken_away(far: Far, field: str, value: object) -> None:
    status, answer = await far.post({**HONEST, "stdin": "x", field: value})
    if value is None:
        assert status == 200
    else:
        assert status == 400
        assert field in answer["message"]
