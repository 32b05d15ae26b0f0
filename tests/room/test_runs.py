"""Runs: asked for by people, done by the service, on a real kernel behind a real jupyter_server."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from greenroom_hub.room import kernel_link
from greenroom_hub.room.runs import RESUMED
from greenroom_proctor.words import Action
from room.staging import JupyterGuest, Stage, stage, until
from tornado.httpclient import HTTPClientError


async def test_a_run_writes_into_everybodys_notebook(live: Stage) -> None:
    cleo, iva = await live.page("cleo"), await live.page("iva")
    assert await cleo.run("one", "print('hello')\n6 * 7") == "ok"
    await until(lambda: iva.cell("one")["execution_state"] == "idle" and iva.cell("one")["execution_count"] == 1)
    assert iva.outputs("one") == [
        {"output_type": "stream", "name": "stdout", "text": "hello\n"},
        {"output_type": "execute_result", "data": {"text/plain": "42"}, "metadata": {}, "execution_count": 1},
    ]
    events = await live.house.record.events(live.session)
    await until(lambda: not live.house.rooms._facts)
    events = [event for event in await live.house.record.events(live.session) if event.type == "run"]
    assert [(event.actor, event.body["cell"], event.body["status"]) for event in events] == [
        (live.session, "one", "ok")
    ]
    notebook = await live.notebook()
    assert notebook["metadata"]["language_info"]["name"] == "python"


async def test_a_reload_in_the_middle_of_a_loop_loses_and_doubles_nothing(live: Stage) -> None:
    cleo, iva = await live.page("cleo"), await live.page("iva")
    source = "import time\nfor i in range(20):\n    print(i, flush=True)\n    time.sleep(0.03)"
    held = cleo.cell("one")["source"]
    held.insert(0, source)
    cleo.command(type="run", cell="one", request=1)
    await until(lambda: "3\n" in cleo.text("one"))
    await cleo.close()
    await iva.close()
    again = [await live.page("cleo"), await live.page("iva")]
    await until(lambda: all(page.cell("one")["execution_state"] == "idle" for page in again), "the end of the loop")
    assert {page.text("one") for page in again} == {"".join(f"{i}\n" for i in range(20))}


async def test_a_cell_changed_while_it_runs_runs_again_as_it_is_now(live: Stage) -> None:
    cleo, iva = await live.page("cleo"), await live.page("iva")
    first = asyncio.create_task(cleo.run("one", "seen = [input('1? ')]"))
    await until(lambda: cleo.told("ask"), "the prompt")
    same_again = asyncio.create_task(iva.run("one"))
    changed = asyncio.create_task(cleo.run("one", "print(seen)", 2))
    await until(lambda: iva.source("one") == "print(seen)")
    assert cleo.cell("one")["execution_state"] == "running"
    cleo.command(type="reply", prompt=cleo.told("ask")[0]["prompt"], value="a")
    assert [await one for one in (first, same_again, changed)] == ["ok", "ok", "ok"]
    await until(lambda: cleo.cell("one")["execution_state"] == "idle" and iva.cell("one")["execution_count"] == 2)
    assert iva.text("one") == "['a']\n", "the second run's outputs alone, after the first was over"


async def test_outputs_are_cleared_by_a_writer_but_not_while_the_cell_runs(live: Stage) -> None:
    cleo, iva = await live.page("cleo"), await live.page("iva")
    assert await cleo.run("one", "print('hello')") == "ok"
    cleo.clear("one")
    await until(lambda: iva.outputs("one") == [] and iva.cell("one")["execution_count"] is None)
    assert not cleo.told("document_refused")
    run = asyncio.create_task(iva.run("one", "print('hello')\ninput()"))
    await until(lambda: cleo.text("one") and cleo.told("ask"), "the prompt")
    cleo.clear("one")
    await until(lambda: cleo.told("document_refused"), "the refusal")
    assert "interrupt it first" in cleo.told("document_refused")[0]["why"]
    iva.command(type="reply", prompt=iva.told("ask")[0]["prompt"], value="")
    assert await run == "ok"
    assert iva.text("one").startswith("hello\n")


async def test_input_asks_the_writers_and_the_first_answer_counts(live: Stage) -> None:
    cleo, iva, ole = await live.page("cleo"), await live.page("iva"), await live.page("ole")
    run = asyncio.create_task(cleo.run("one", "name = input('Who? ')\nprint('Hi', name)"))
    await until(lambda: cleo.told("ask") and iva.told("ask"), "the prompt")
    late = await live.page("iva")
    assert late.told("ask") == iva.told("ask")[:1], "who comes later sees the question, too"
    prompt = iva.told("ask")[0]
    assert (prompt["text"], prompt["password"]) == ("Who? ", False)
    ole.command(type="reply", prompt=prompt["prompt"], value="an observer")
    iva.command(type="reply", prompt=prompt["prompt"], value="Iva")
    assert await run == "ok"
    assert cleo.text("one") == "Who? Iva\nHi Iva\n"
    await until(lambda: cleo.told("ask")[-1]["text"] is None, "the question is closed for the other")
    assert not ole.told("ask")


async def test_a_password_is_not_shown(live: Stage) -> None:
    cleo = await live.page("cleo")
    run = asyncio.create_task(cleo.run("one", "import getpass\nword = getpass.getpass('Word: ')\nprint(len(word))"))
    prompt = (await until(lambda: cleo.told("ask"), "the prompt"))[0]
    assert (prompt["cell"], prompt["password"]) == ("one", True)
    cleo.command(type="reply", prompt=prompt["prompt"], value="hunter2")
    assert await run == "ok"
    assert cleo.text("one") == "Word: ········\n7\n"
    assert "hunter2" not in json.dumps(await live.notebook())


@pytest.mark.parametrize(
    ("action", "name"), [("interrupt", "KeyboardInterrupt"), ("restart", "KernelRestarted")], ids=str
)
async def test_a_question_is_closed_when_its_run_ends(live: Stage, action: str, name: str) -> None:
    cleo, iva = await live.page("cleo"), await live.page("iva")
    run = asyncio.create_task(cleo.run("one", "input('Who? ')"))
    prompt = (await until(lambda: cleo.told("ask") and iva.told("ask"), "the prompt"))[0]
    kernel = (await live.house.rooms.open(live.session)).kernel.link.id
    assert (await live.fetch("cleo", f"api/kernels/{kernel}/{action}", "POST", "")).code in {200, 204}
    assert await run == "error"
    assert cleo.outputs("one")[-1]["ename"] == name
    closed = {"type": "ask", "prompt": prompt["prompt"], "cell": "one", "text": None, "password": False}
    await until(lambda: cleo.told("ask")[-1] == closed == iva.told("ask")[-1], "the question is closed for both")
    iva.command(type="reply", prompt=prompt["prompt"], value="late")
    assert await cleo.run("two", "print('on')", request=2) == "ok", "an answer that comes late reaches nothing"
    assert cleo.text("two") == "on\n"
    late = await live.page("iva")
    assert not late.told("ask")


async def test_a_page_that_is_there_before_the_guest_sees_the_kernel_come(tmp_path: Path, guest: JupyterGuest) -> None:
    class Late(JupyterGuest):
        async def start(self, session: str) -> None:
            if not there.is_set():
                raise ConnectionError("the guest is not there yet")

    there = asyncio.Event()
    async with stage(tmp_path / "house", Late(guest.process, guest.url, guest.kernels)) as made:
        await made.begin()
        cleo = await made.page("cleo")
        run = asyncio.create_task(cleo.run("one", "print('came')"))
        await until(lambda: cleo.told("kernel") and cleo.told("kernel")[-1]["text"] == "The kernel is starting.")
        there.set()
        assert await run == "ok"
        assert {notice["status"] for notice in cleo.told("kernel")} == {"starting", "idle"}, "no kernel died"
        assert cleo.text("one") == "came\n"
        assert cleo.told("kernel")[-1] == {"type": "kernel", "status": "idle", "text": ""}


async def test_a_connection_to_the_kernel_that_is_lost_is_told_and_found_again(live: Stage) -> None:
    cleo = await live.page("cleo")
    assert await cleo.run("one", "x = 1") == "ok"
    before = len(cleo.told("kernel"))
    link = (await live.house.rooms.open(live.session)).kernel.link
    assert link._socket is not None
    link._socket.close()
    await until(lambda: len(cleo.told("kernel")) >= before + 2, "lost and found")
    told = [(notice["status"], notice["text"]) for notice in cleo.told("kernel")[before:]]
    assert told == [("restarting", "The kernel is starting."), ("idle", "")]
    assert await cleo.run("two", "print(x)", request=2) == "ok"
    assert cleo.text("two") == "1\n"


async def test_interrupting_ends_a_loop(live: Stage) -> None:
    cleo = await live.page("cleo")
    run = asyncio.create_task(cleo.run("one", "print('on')\nwhile True: pass"))
    await until(lambda: "on" in cleo.text("one"))
    kernel = (await live.house.rooms.open(live.session)).kernel.link.id
    refused = await live.fetch("ole", f"api/kernels/{kernel}/interrupt", "POST", "")
    assert refused.code == 403
    assert (await live.fetch("cleo", f"api/kernels/{kernel}/interrupt", "POST", "")).code == 204
    assert await run == "error"
    assert cleo.outputs("one")[-1]["ename"] == "KeyboardInterrupt"


async def test_an_interrupt_that_meets_a_kernel_which_has_just_ended_is_no_error(live: Stage) -> None:
    cleo = await live.page("cleo")
    assert await cleo.run("one", "x = 1") == "ok"
    link = (await live.house.rooms.open(live.session)).kernel.link
    run = asyncio.create_task(cleo.run("one", "import os; os.kill(os.getpid(), 9)", request=2))
    answers = []
    while not run.done() or not link._ready.is_set():
        answers.append((await live.fetch("cleo", f"api/kernels/{link.id}/interrupt", "POST", "")).code)
    assert await run in {"error", "aborted"}  # the latter where an interrupt was quicker than the cell
    assert set(answers) == {204}
    assert await cleo.run("two", "print('on')", request=3) == "ok"


async def test_an_interrupt_that_the_guest_refuses_says_what_to_do(
    tmp_path: Path, guest: JupyterGuest, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stubborn(JupyterGuest):
        async def fetch(self, session: str, method: str, path: str, body: object = None) -> Any:
            if path.endswith("/interrupt"):
                raise HTTPClientError(500, "not today")
            return await super().fetch(session, method, path, body)

    monkeypatch.setattr(kernel_link, "TRY_AGAIN", 0)
    async with stage(tmp_path / "house", Stubborn(guest.process, guest.url, guest.kernels)) as made:
        await made.begin()
        cleo = await made.page("cleo")
        assert await cleo.run("one", "x = 1") == "ok"
        link = (await made.house.rooms.open(made.session)).kernel.link
        answer = await made.fetch("cleo", f"api/kernels/{link.id}/interrupt", "POST", "")
        assert answer.code == 503
        assert b"could not be interrupted" in answer.body
        assert b"Restart it to stop what runs" in answer.body


async def test_an_interviewer_who_is_early_writes_and_runs_when_the_candidate_has_come(
    tmp_path: Path, guest: JupyterGuest
) -> None:
    async with stage(tmp_path / "house", JupyterGuest(guest.process, guest.url)) as made:
        await made.begin(Action.SCHEDULE)
        early = made.house.guests
        iva = await made.page("iva")
        channel = await made.channel("iva")
        asked = channel.send("kernel_info_request", {})
        assert await iva.run("one", "print('hello')") == "refused"
        assert iva.told("kernel")[-1]["text"] == "Cells can be run once the candidate is in the lobby."
        kernel = (await made.house.rooms.open(made.session)).kernel.link.id
        assert (await made.fetch("iva", f"api/kernels/{kernel}/restart", "POST", "")).code == 409
        assert early.starts == 0, "no guest before there is somebody to host"
        await made.house.sessions.act(made.session, Action.ARRIVE, made.session)
        reply = await channel.find(lambda message: message.parent.get("msg_id") == asked and message.channel == "shell")
        assert reply.content["language_info"]["name"] == "python"
        await until(lambda: iva.told("kernel")[-1]["text"] == "", "the kernel")
        assert await iva.run("one", request=2) == "ok"
        assert iva.text("one") == "hello\n"
        await made.house.sessions.act(made.session, Action.OPEN, "iva")
        cleo = await made.page("cleo")
        assert (cleo.source("one"), cleo.text("one")) == ("print('hello')", "hello\n")


async def test_an_error_stops_the_cells_behind_it(live: Stage) -> None:
    cleo = await live.page("cleo")
    cleo.type("two", "print('never')")
    cleo.cell("one")["source"].insert(0, "import time; time.sleep(0.2)\n1 / 0")
    cleo.command(type="run", cell="one", request=1)
    cleo.command(type="run", cell="two", request=2)
    assert (await cleo.done(1))["status"] == "error"
    assert (await cleo.done(2))["status"] == "aborted"
    await until(lambda: cleo.cell("two")["execution_state"] == "idle")
    assert cleo.outputs("one")[0]["ename"] == "ZeroDivisionError"
    assert cleo.outputs("two") == []
    assert await cleo.run("two", request=3) == "ok", "the room goes on"


async def test_a_kernel_that_dies_says_so_and_comes_back(live: Stage, guest: JupyterGuest) -> None:
    cleo = await live.page("cleo")
    assert await cleo.run("one", "x = 1") == "ok"
    guest.killed += 1
    assert await cleo.run("one", "import os; os.kill(os.getpid(), 9)", request=2) == "error"
    sentence = "The kernel was stopped because it used more than 1024 MiB. Variables are gone; your notebook is not."
    await until(lambda: cleo.outputs("one"))
    assert cleo.outputs("one")[-1]["evalue"] == sentence
    await until(lambda: any(notice["text"] == sentence for notice in cleo.told("kernel")))
    assert await cleo.run("two", "print('x' in dir())", request=3) == "ok"
    assert cleo.text("two") == "False\n"
    assert cleo.told("kernel")[-1] == {"type": "kernel", "status": "idle", "text": ""}


async def test_a_restart_is_a_writers_to_ask_for(live: Stage) -> None:
    cleo = await live.page("cleo")
    run = asyncio.create_task(cleo.run("one", "y = 2\nprint('on')\nimport time; time.sleep(60)"))
    await until(lambda: "on" in cleo.text("one"))
    kernel = (await live.house.rooms.open(live.session)).kernel.link.id
    assert (await live.fetch("ole", f"api/kernels/{kernel}/restart", "POST", "")).code == 403
    assert (await live.fetch("cleo", f"api/kernels/{kernel}/restart", "POST", "")).code == 200
    assert await run == "error"
    assert cleo.outputs("one")[-1]["ename"] == "KernelRestarted"
    assert await cleo.run("two", "print('y' in dir())", request=2) == "ok"
    assert cleo.text("two") == "False\n"


async def cut(made: Stage) -> None:
    """The service's process is gone: what it had not written it never writes, and its kernel link is cut."""
    room = await made.house.rooms.open(made.session)
    await room.settled()
    room.broken = True
    await room.kernel.link.close()


async def test_a_run_goes_on_over_a_restart_of_the_service(tmp_path: Path, guest: JupyterGuest) -> None:
    numbers = "".join(f"{i}\n" for i in range(40))
    async with stage(tmp_path / "house", guest) as first:
        session = await first.begin()
        cleo = await first.page("cleo")
        source = "import time\nfor i in range(40):\n    print(i, flush=True)\n    time.sleep(0.05)\nz = 3"
        cleo.cell("two")["source"].insert(0, source)
        cleo.command(type="run", cell="two", request=2)
        await until(lambda: "3\n" in cleo.text("two"))
        await cut(first)
    async with stage(tmp_path / "house", guest) as second:
        second.session = session
        cleo, iva = await second.page("cleo"), await second.page("iva")
        next_run = asyncio.create_task(iva.run("one", "print(z)", 3))
        await until(lambda: cleo.cell("two")["execution_state"] == "idle", "the end of the run")
        assert cleo.cell("two")["execution_count"] == 1
        before, after = cleo.text("two").split(RESUMED)
        assert numbers.startswith(before)
        assert after
        assert numbers.endswith(after)
        assert len(before) + len(after) <= len(numbers), "nothing is doubled; a moment may be missing, where it says so"
        assert await next_run == "ok"
        assert iva.text("one") == "3\n", "the same kernel, with its variables"
        events = [e for e in await second.house.record.events(session) if e.type == "run"]
        assert [(e.body["cell"], e.body["status"], e.actor) for e in events] == [
            ("two", "ok", session), ("one", "ok", "iva"),
        ]  # fmt: skip


async def test_what_runs_after_a_restart_can_be_interrupted(tmp_path: Path, guest: JupyterGuest) -> None:
    async with stage(tmp_path / "house", guest) as first:
        session = await first.begin()
        cleo = await first.page("cleo")
        cleo.cell("two")["source"].insert(0, "import time\nwhile True: print('.', end='', flush=True); time.sleep(.1)")
        cleo.command(type="run", cell="two", request=2)
        await until(lambda: "." in cleo.text("two"))
        await cut(first)
    async with stage(tmp_path / "house", guest) as second:
        second.session = session
        cleo = await second.page("cleo")
        await until(lambda: RESUMED in cleo.text("two"), "the run's next word")
        kernel = (await second.house.rooms.open(session)).kernel.link.id
        assert (await second.fetch("cleo", f"api/kernels/{kernel}/interrupt", "POST", "")).code == 204
        await until(lambda: cleo.cell("two")["execution_state"] == "idle", "the end of the run")
        assert cleo.outputs("two")[-1]["ename"] == "KeyboardInterrupt"


async def test_a_run_whose_kernel_ended_meanwhile_says_so(tmp_path: Path, guest: JupyterGuest) -> None:
    async with stage(tmp_path / "house", guest) as first:
        session = await first.begin()
        cleo = await first.page("cleo")
        assert await cleo.run("one", "z = 3") == "ok"
        cleo.cell("two")["source"].insert(0, "import time; time.sleep(600)")
        cleo.command(type="run", cell="two", request=2)
        await until(lambda: cleo.cell("two")["execution_state"] == "running")
        await cut(first)
    for kernel in guest.kernels.pop(session):
        await guest.fetch(session, "DELETE", f"/api/kernels/{kernel}")
    async with stage(tmp_path / "house", guest) as second:
        second.session = session
        cleo = await second.page("cleo")
        await until(lambda: cleo.cell("two")["execution_state"] == "idle", "the end of the run")
        assert "variables are gone" in cleo.text("two")
        await until(lambda: any("Variables are gone" in notice["text"] for notice in cleo.told("kernel")))
        assert await cleo.run("one", "'z' in globals()", 4) == "ok"


async def test_displays_pagers_clearing_and_progress_bars(live: Stage) -> None:
    cleo = await live.page("cleo")
    assert (
        await cleo.run("one", "from IPython.display import display, clear_output\nd = display('a', display_id=True)")
        == "ok"
    )
    assert await cleo.run("two", "d.update('b')", request=2) == "ok"
    await until(lambda: cleo.outputs("one")[0]["data"]["text/plain"] == "'b'")
    source = "for i in range(30):\n    clear_output(wait=True)\n    print(i)"
    assert await cleo.run("two", source, request=3) == "ok"
    await until(lambda: cleo.text("two") == "29\n")
    source = (
        "import sys, time\nfor i in range(5):\n    sys.stdout.write(f'\\r{i}/5'); sys.stdout.flush(); time.sleep(0.06)"
    )
    assert await cleo.run("two", source, request=4) == "ok"
    assert cleo.text("two") == "4/5"
    assert await cleo.run("two", "len?", request=5) == "ok"
    assert "Return the number of items" in json.dumps(cleo.outputs("two"))


async def test_a_script_in_an_output_is_left_out(live: Stage) -> None:
    cleo = await live.page("cleo")
    source = "from IPython.display import Javascript, display\ndisplay(Javascript('alert(1)'))"
    assert await cleo.run("one", source) == "ok"
    assert "alert" not in json.dumps(cleo.outputs("one"))
    assert set(cleo.outputs("one")[0]["data"]) == {"text/plain"}


async def test_five_megabytes_of_output_are_cut_with_a_note(live: Stage) -> None:
    cleo = await live.page("cleo")
    assert await cleo.run("one", "for i in range(5000): print('x' * 999)") == "ok"
    await until(lambda: "left out" in cleo.text("one"))
    assert 1_000_000 <= len(cleo.text("one")) <= 1_000_200
    assert "only the first 1,000,000 bytes are shown; 4,000,000 more were left out" in cleo.text("one")


async def test_text_of_every_kind_arrives_whole(live: Stage) -> None:
    cleo = await live.page("cleo")
    source = (
        "import sys\nfor part in ('é', '😀', 'x\\r', 'é\\n', '\\ud800'):\n    print(part, end='', flush=True)\n2**70"
    )
    await cleo.run("one", source)
    assert cleo.text("one").startswith("é")
    assert cleo.outputs("one")[-1]["output_type"] in {"execute_result", "error"}


async def test_a_cell_moved_while_it_runs_loses_nothing(live: Stage) -> None:
    cleo = await live.page("cleo")
    source = "import time\nfor i in range(20):\n    print(i, flush=True)\n    time.sleep(0.03)"
    cleo.cell("one")["source"].insert(0, source)
    cleo.command(type="run", cell="one", request=1)
    await until(lambda: "2\n" in cleo.text("one"))
    cleo.move("one", 0)
    await cleo.done(1)
    await until(lambda: cleo.cell("one")["execution_state"] == "idle")
    assert not cleo.told("document_refused")
    assert cleo.text("one") == "".join(f"{i}\n" for i in range(20))


async def test_a_copy_of_what_ran_keeps_its_output(live: Stage) -> None:
    cleo = await live.page("cleo")
    assert await cleo.run("one", "print(5)\n7") == "ok"
    await until(lambda: len(cleo.outputs("one")) == 2)
    copy = cleo.cell("one").to_py() or {}
    copy.pop("execution_state")
    cleo.insert(0, **{**copy, "id": "copy"})
    del cleo.cells[2]
    cleo.insert(1, **copy)
    iva = await live.page("iva")
    await until(lambda: len(iva.cells) == 4)
    assert not cleo.told("document_refused")
    assert iva.outputs("copy") == iva.outputs("one")


async def test_output_widgets_capture_in_the_service(live: Stage) -> None:
    cleo = await live.page("cleo")
    source = "import ipywidgets\no = ipywidgets.Output()\nwith o: print('inside')\nprint('outside')"
    assert await cleo.run("one", source) == "ok"
    assert cleo.text("one") == "outside\n"
    assert await cleo.run("two", "import time; time.sleep(0.1)\nprint(o.outputs)", request=2) == "ok"
    assert await cleo.run("two", "print(o.outputs[0]['text'])", request=3) == "ok"
    await until(lambda: cleo.text("two") == "inside\n\n")


async def test_the_end_of_the_session_ends_what_runs(live: Stage) -> None:
    cleo = await live.page("cleo")
    run = asyncio.create_task(cleo.run("one", "print('on')\nwhile True: pass"))
    await until(lambda: "on" in cleo.text("one"))
    await live.house.sessions.act(live.session, Action.SUBMIT, live.session)
    assert await run == "error"
    cell = (await live.notebook())["cells"][1]
    assert cell["outputs"][-1]["ename"] == "SessionEnded"
    assert (await live.fetch("cleo", "api/kernels")).code == 200


@pytest.mark.parametrize("who", ["cleo", "iva", "ole"])
async def test_nobody_executes_over_the_kernel_channel(live: Stage, who: str) -> None:
    cleo = await live.page("cleo")
    assert await cleo.run("one", "n = 0") == "ok"
    channel = await live.channel(who)
    assert (await channel.ask("kernel_info_request", {})).content["status"] == "ok"
    code = {"code": "n += 1", "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
    reply = await channel.ask("execute_request", code)
    assert reply.content["status"] == "error"
    assert "refused" in reply.content["evalue"]
    for channel_name, kind in (
        ("shell", "history_request"),
        ("control", "shutdown_request"),
        ("control", "debug_request"),
    ):
        assert (await channel.ask(kind, {}, channel_name)).content["status"] == "error"
    assert await cleo.run("one", "print(n)", request=2) == "ok"
    assert cleo.text("one") == "0\n"


async def test_what_is_answered_for_the_kernel_carries_the_kernels_session(live: Stage) -> None:
    channel = await live.channel("cleo")
    await channel.ask("kernel_info_request", {})
    denied = await channel.ask("history_request", {})
    real = await channel.ask("complete_request", {"code": "impor", "cursor_pos": 5})
    assert "import" in real.content["matches"]
    assert denied.header["session"] == real.header["session"] != ""


async def test_an_observer_asks_for_widgets_and_moves_none(live: Stage) -> None:
    cleo = await live.page("cleo")
    source = "import ipywidgets\ns = ipywidgets.IntSlider(3)\ndisplay(s)\nprint(s.comm.comm_id)"
    assert await cleo.run("one", source) == "ok"
    comm = cleo.outputs("one")[-1]["text"].strip()
    ole, iva = await live.channel("ole", "ole-1"), await live.channel("iva", "iva-1")
    await ole.ask("kernel_info_request", {})
    info = await ole.ask("comm_info_request", {"target_name": "jupyter.widget"})
    assert comm in info.content["comms"]
    update = {"comm_id": comm, "data": {"method": "update", "state": {"value": 50}, "buffer_paths": []}}
    ole.send("comm_msg", update)
    ole.send("comm_open", {"comm_id": "c", "target_name": "jupyter.widget.control", "data": {}}, version="1.0.0")
    ole.send("comm_msg", {"comm_id": "c", "data": {"method": "request_states"}})
    states = await ole.find(lambda m: m.kind == "comm_msg" and m.content["data"].get("method") == "update_states")
    assert states.content["data"]["states"][comm]["state"]["value"] == 3
    update["data"] = {"method": "update", "state": {"value": 7}, "buffer_paths": []}
    iva.send("comm_msg", update)
    await ole.find(lambda m: m.kind == "comm_msg" and m.content["data"].get("state", {}).get("value") == 7)


async def test_a_message_in_another_clients_name_closes_the_channel(live: Stage) -> None:
    channel = await live.channel("ole", "mine")
    channel.send("comm_info_request", {}, session="cleos")
    with pytest.raises(AssertionError, match="1007"):
        await channel.find(lambda _message: False)
