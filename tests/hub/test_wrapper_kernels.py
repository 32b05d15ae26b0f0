"""Wrapper kernels through a real guest and the room's door: cells that are programs of Bash, C and JavaScript."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from greenroom_hub.door import Door
from greenroom_hub.policy import Policy
from greenroom_hub.room.kernelspecs import listed
from greenroom_hub.room.notebooks import KERNELSPEC, prepared
from greenroom_hub.templates import _offered
from greenroom_sandbox import runtimes
from greenroom_sandbox.languages import FOLDER, LANGUAGES
from hub.test_gateway import Place, place
from sandbox.hosting import House, Kernel, Paired
from sandbox.test_runner_recorded import PATIENT

__all__ = ["place"]


@pytest.fixture(params=["embedded", "docker"])
async def house(request: pytest.FixtureRequest, place: Place) -> AsyncIterator[House]:
    """A session with its door, on both backends."""
    if request.param == "docker":
        request.getfixturevalue("docker")
    place.runner.limits = PATIENT
    await place.gateway.check()
    with tempfile.TemporaryDirectory(prefix="gr-") as folder:
        made = {"embedded": House, "docker": Paired}[request.param](Path(folder) / place.session, Path(folder) / "work")
        door = Door(place.gateway, place.session, made.runtime / "door" / "door.sock")
        await made.start()
        await door.start()
        yield made
        await door.stop()
        await made.stop()


async def asked(kernel: Kernel, code: str, answer: Callable[[], Any]) -> str:
    """Run a cell; when it asks, `answer` says what, or does something else and gives None."""
    message = kernel.session.msg("execute_request", {"code": code, "silent": False, "allow_stdin": True})
    message["channel"] = "shell"
    await kernel.channel.write_message(json.dumps(message, default=str))
    said = ""
    async with asyncio.timeout(90):
        while True:
            heard = json.loads(str(await kernel.channel.read_message()))
            content, kind = heard["content"], heard["header"]["msg_type"]
            if kind == "input_request":
                reply = kernel.session.msg("input_reply", {"value": answer()})
                reply["channel"] = "stdin"
                await kernel.channel.write_message(json.dumps(reply, default=str))
            said += content.get("text", "") if kind == "stream" else ""
            said += f"{content['ename']}: {content['evalue']}" if kind == "error" else ""
            if kind == "status" and content["execution_state"] == "idle" and said:
                return said


async def test_a_cell_of_bash_streams_asks_and_takes_files_and_arguments(house: House, place: Place) -> None:
    kernel = await house.kernel("greenroom-bash")
    assert await kernel.run("echo hi; echo no >&2; exit 3") in {
        "hi\nno\nRunError: the program ended with exit code 3\n",
        "no\nhi\nRunError: the program ended with exit code 3\n",
    }
    assert await kernel.run("%%file data/x.txt\none\ntwo\n") == (
        "data/x.txt is kept (2 lines); it goes with every later run.\n"
    )
    assert await kernel.run('%%args "a b" c\ncat data/x.txt; echo $1 $#') == "one\ntwo\na b 2\n"
    assert await asked(kernel, "echo -n 'name? '; read x; echo hello $x", lambda: "Ada") == "name? hello Ada\n"
    assert await kernel.run("read x; echo $? nobody to ask") == "1 nobody to ask\n"
    assert "%%nothing is not known here" in await kernel.run("%%nothing\nx")
    assert [body["language"] for body in place.record.runs] == ["bash"] * 4


async def test_an_interrupt_lets_a_program_say_a_last_word_and_the_next_cell_runs(house: House) -> None:
    kernel = await house.kernel("greenroom-bash")
    id = await kernel.begin("trap 'echo last word; exit 1' INT; echo go; while :; do sleep 0.1; done")
    async with asyncio.timeout(60):
        while json.loads(str(await kernel.channel.read_message()))["content"].get("text") != "go\n":
            continue
    await house.fetch("POST", f"api/kernels/{kernel.id}/interrupt")
    said = await kernel.until_idle(id)
    assert said == "last word\nKeyboardInterrupt: the program was interrupted\n"
    id = await kernel.begin("trap '' INT; echo go; while :; do :; done")
    async with asyncio.timeout(60):
        while json.loads(str(await kernel.channel.read_message()))["content"].get("text") != "go\n":
            continue
    await house.fetch("POST", f"api/kernels/{kernel.id}/interrupt")
    assert "KeyboardInterrupt" in await kernel.until_idle(id), "one that will not hear is killed"
    assert await kernel.run("echo next") == "next\n"


async def test_a_compiler_s_words_are_told_apart_from_the_program_s(house: House) -> None:
    kernel = await house.kernel("greenroom-c")
    wrong = await kernel.run("int main({")
    assert wrong.startswith("— the compiler says —\nmain.c:1:10: error:")
    assert wrong.endswith("CompileError: the compilation ended with exit code 1\n")
    assert await kernel.run('#include <stdio.h>\nint main(){puts("x");return 4;}') == (
        "x\nRunError: the program ended with exit code 4\n"
    )
    await kernel.run("%%file twice.h\nint twice(int n) { return 2 * n; }")
    program = '#include <stdio.h>\n#include "twice.h"\nint main(){int n; scanf("%d", &n); printf("%d\\n", twice(n));}'
    assert await asked(kernel, program, lambda: "21") == "42\n"
    info = await house.fetch("GET", f"api/kernels/{kernel.id}")
    assert info["name"] == "greenroom-c"


async def test_a_language_that_the_policy_does_not_offer_is_refused(house: House) -> None:
    kernel = await house.kernel("greenroom-javascript")
    assert '"javascript" cannot be run here; this session has bash, c, python.' in await kernel.run("console.log(1)")


async def test_a_third_language_runs_where_it_is_offered(house: House) -> None:
    kernel = await house.kernel("greenroom-python")
    assert await asked(kernel, "print('hello', input('who? '))", lambda: "Eve") == "who? hello Eve\n"


def test_the_kernelspecs_are_written_from_the_table() -> None:
    for one in LANGUAGES:
        assert json.loads((FOLDER / one.kernel / "kernel.json").read_text()) == one.spec, (
            "run python -m greenroom_sandbox.languages"
        )
        assert (FOLDER / one.kernel / "logo-svg.svg").read_text() == one.icon
    assert {one.language for one in LANGUAGES} == {one.info.language for one in runtimes.KNOWN}


@pytest.mark.parametrize(
    ("asked", "name"), [("greenroom-c", "greenroom-c"), ("python3", "python3"), ("evil", "python3"), (None, "python3")]
)
def test_a_room_s_kernel_is_the_task_s_or_python(asked: str | None, name: str) -> None:
    metadata = {} if asked is None else {"kernelspec": {"name": asked, "display_name": "x", "language": "x"}}
    made = prepared({"cells": [], "metadata": metadata})
    assert dict(made["metadata"]["kernelspec"])["name"] == name
    found = listed(metadata, "/icons/")
    assert list(found["kernelspecs"]) == [found["default"]] == [name]
    resources = found["kernelspecs"][name]["resources"]
    assert resources == ({"logo-svg": "/icons/greenroom-c/logo-svg.svg"} if name != KERNELSPEC["name"] else {})


def test_a_task_in_a_language_that_its_policy_lacks_is_refused_in_words() -> None:
    notebook = {"metadata": {"kernelspec": {"name": "greenroom-c"}}}
    with pytest.raises(ValueError, match="which the policy does not offer: it has python, bash"):
        _offered(notebook, Policy())
    _offered(notebook, Policy(languages=("c",)))
