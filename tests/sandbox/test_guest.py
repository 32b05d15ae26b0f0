"""A guest and its kernels, through the agent's and the guest's sockets."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from greenroom_sandbox import uids
from sandbox.hosting import SESSION, TOP, House, Paired
from tornado.httpclient import HTTPClientError


@pytest.fixture(params=["embedded", "docker"])
async def house(request: pytest.FixtureRequest) -> AsyncIterator[House]:
    """A session's guest and kernels, on both backends."""
    if request.param == "docker":
        request.getfixturevalue("docker")
    kind = {"embedded": House, "docker": Paired}[request.param]
    with tempfile.TemporaryDirectory(prefix="gr-") as place:
        made = kind(Path(place) / SESSION, Path(place) / "work")
        await made.start()
        try:
            yield made
        finally:
            await made.stop()


async def test_a_cell_runs_and_sees_none_of_the_server(house: House) -> None:
    kernel = await house.kernel()
    assert await kernel.run("1 + 1") == "2"
    seen = await kernel.run("import os\nprint(*sorted(os.environ)); print(os.getuid())")
    assert "TOKEN" not in seen
    assert "secret" not in await kernel.run("!cat /proc/*/environ /proc/*/cmdline 2>/dev/null | tr '\\0' ' '")
    pids = await kernel.run("print(len([p for p in os.listdir('/proc') if p.isdigit()]))")
    assert int(pids) <= 4
    for place in ("/run/guest", "/run/agent.sock", str(house.runtime), str(TOP / "pyproject.toml")):
        said = await kernel.run(f"os.stat({place!r})")
        assert "FileNotFoundError" in said or "PermissionError" in said, place
    assert "Error" in await kernel.run("import socket; socket.create_connection(('127.0.0.1', 8888), 2)")


async def test_the_environment_of_a_cell_has_the_usual_libraries(house: House) -> None:
    kernel = await house.kernel()
    said = await kernel.run(
        "import numpy, pandas, matplotlib, sklearn, ipywidgets; print(pandas.DataFrame({'a': [1, 2]}).a.sum())"
    )
    assert said.strip().endswith("3")
    assert "<table" in await kernel.run("print(pandas.DataFrame({'a': [1, 2]}).style.highlight_max().to_html())")


async def test_a_plot_is_drawn(house: House) -> None:
    kernel = await house.kernel()
    assert "Error" not in await kernel.run("import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.savefig('plot.png')")
    found = await house.agent(ask="collect", limit=10_000_000)
    assert base64.b64decode(found["files"]["plot.png"]).startswith(b"\x89PNG")


async def test_children_print_and_work_in_parallel(house: House) -> None:
    kernel = await house.kernel()
    code = "import multiprocessing as m\ndef double(x): return 2 * x\nwith m.get_context('fork').Pool(2) as pool: print(pool.map(double, [1, 2]))"
    assert await kernel.run(code) == "[2, 4]\n"


async def test_an_interrupt_stops_the_cell_and_not_the_kernel(house: House) -> None:
    kernel = await house.kernel()
    await kernel.run("x = 5")
    running = await kernel.begin("print('begun', flush=True)\nwhile True: pass")
    await kernel.until_printed("begun")
    await house.fetch("POST", f"api/kernels/{kernel.id}/interrupt")
    assert "KeyboardInterrupt" in await kernel.until_idle(running)
    assert await kernel.run("x") == "5"


async def test_out_of_memory_kills_the_kernel_and_a_restart_works(house: House) -> None:
    kernel = await house.kernel()
    await kernel.begin("hog = bytearray(10**9)\nfor i in range(0, 10**9, 4096): hog[i] = 1")
    async with asyncio.timeout(20):
        while (await house.agent(ask="state"))["killed_for_memory"] == 0:
            await asyncio.sleep(0.05)
    await house.fetch("GET", "api")
    await house.fetch("POST", f"api/kernels/{kernel.id}/restart")
    again = await house.reopen(kernel)
    assert await again.run("6 * 7") == "42"


async def test_a_link_in_the_work_folder_is_not_followed(house: House) -> None:
    kernel = await house.kernel()
    said = await kernel.run("import os\nos.symlink('/etc/shadow', 'link')")
    assert "Error" in said
    (house.work / "planted").symlink_to("/etc/passwd")
    (house.work / "real.txt").write_text("mine")
    found = await house.agent(ask="collect", limit=1_000)
    assert set(found["files"]) == {"real.txt"}


async def test_files_handed_in_are_there(house: House) -> None:
    await house.agent(ask="put", files={"data.csv": base64.b64encode(b"a,b\n1,2\n").decode()})
    kernel = await house.kernel()
    assert await kernel.run("print(open('data.csv').read())") == "a,b\n1,2\n\n"
    assert "error" in await house.agent(ask="put", files={"../evil": ""})


async def test_too_many_files_are_refused_in_words(house: House) -> None:
    (house.work / "large").write_bytes(b"x" * 2_000)
    assert (await house.agent(ask="collect", limit=1_000))["too_much"]


async def test_the_guest_answers_nobody_without_the_token(house: House) -> None:
    with pytest.raises(HTTPClientError) as refused:
        await house.fetch("GET", "api/kernels", token="wrong")
    assert refused.value.code == 403


HOSTILE = (
    b"",
    b"{}",
    b"[]",
    b"null\n",
    b'{"ask": "start", "kernel": "../../etc"}',
    b'{"ask": "signal", "kernel": "' + b"0" * 36 + b'", "signal": 9}',
    b"x" * 200_000,
)


async def test_a_hostile_guest_gets_words_and_the_agent_lives(house: House) -> None:
    for line in HOSTILE:
        answer = await house.as_guest(line + b"\n")
        assert answer == b"" or "error" in json.loads(answer), line
    assert (await house.agent(ask="state"))["kernels"] == {}


async def test_the_end_leaves_no_process_group_or_folder(house: House) -> None:
    kernel = await house.kernel()
    await kernel.run("1")
    await house.stop()
    assert not house.runtime.exists()
    assert house.left() == []


async def test_the_agent_answers_the_guest_and_the_service_and_no_kernel(house: House) -> None:
    kernel = await house.kernel()
    for name in ("guest", "service"):
        said = await kernel.run(f"""
import socket
for place in ('/run/agent/{name}.sock', '/run/agent.sock', '{house.runtime}/agent/{name}.sock'):
    try:
        agent = socket.socket(socket.AF_UNIX); agent.connect(place); agent.sendall(b'{{"ask": "state"}}\\n')
        print('OPEN' if agent.recv(100) else 'closed')
    except OSError as error: print('closed', error)
""")
        assert said.count("closed") == 3, said


async def test_a_forked_child_s_prints_arrive(house: House) -> None:
    kernel = await house.kernel()
    code = "import os\nif os.fork() == 0:\n  print('from the child', flush=True)\n  os._exit(0)\n_ = os.wait()\nimport time; time.sleep(0.3)"
    assert "from the child" in await kernel.run(code)


async def test_the_folder_of_sockets_takes_nothing_but_sockets(house: House) -> None:
    """The guest follows what lies there; a link could lead it to the agent."""
    kernel = await house.kernel()
    place = f"/run/k/{kernel.id}"
    for attempt in (
        f"os.symlink('/run/agent.sock', '{place}/s-9')",
        f"os.mkfifo('{place}/s-9')",
        f"open('{place}/large', 'w')",
        f"open('{place}/connection.json', 'w')",
        f"os.mkdir('{place}/folder')",
        "open('/run/k/other', 'w')",
    ):
        assert "Error" in await kernel.run(f"import os\n{attempt}"), attempt


async def test_a_kernel_that_fills_the_disk_is_killed_and_may_clean_up(house: House) -> None:
    kernel = await house.kernel()
    await kernel.begin("for n in range(100):\n  with open(f'f{n}', 'wb') as f: f.truncate(200 << 20)")
    async with asyncio.timeout(20):
        while (await house.agent(ask="state"))["killed_for_disk"] == 0:
            await asyncio.sleep(0.05)
    await house.fetch("POST", f"api/kernels/{kernel.id}/restart")
    again = await house.reopen(kernel)
    await again.run("import os\nfor name in os.listdir(): os.remove(name)")
    assert await again.run("os.listdir()") == "[]"


async def test_kernels_that_ended_make_room_for_others(house: House) -> None:
    for _ in range(5):
        kernel = await house.kernel()
        await house.fetch("DELETE", f"api/kernels/{kernel.id}")
    assert await (await house.kernel()).run("1 + 1") == "2"


async def test_a_session_has_a_handful_of_kernels_and_not_more(house: House) -> None:
    asked = await asyncio.gather(
        *(house.fetch("POST", "api/kernels", {"name": "python3"}) for _ in range(6)), return_exceptions=True
    )
    assert sum(isinstance(answer, dict) for answer in asked) == 3


async def test_two_kernels_share_one_memory(house: House) -> None:
    """300 MiB for both: two that take 200 each are too much together."""
    first, second = await house.kernel(), await house.kernel()
    if os.geteuid() == 0:
        await first.run("kept = bytearray(b'x') * (150 << 20)")
        await second.begin("kept = bytearray(b'x') * (150 << 20)")
        async with asyncio.timeout(20):
            while (await house.agent(ask="state"))["killed_for_memory"] == 0:
                await asyncio.sleep(0.05)


async def test_the_guest_has_our_kernels_and_no_page(house: House) -> None:
    specs = await house.fetch("GET", "api/kernelspecs")
    assert [name for name in specs["kernelspecs"] if not name.startswith("greenroom-")] == ["python3"]
    assert specs["kernelspecs"]["python3"]["spec"]["display_name"] == "Python 3"
    for path in ("lab", "tree", "api/terminals", "lsp/status"):
        with pytest.raises(HTTPClientError) as nothing:
            await house.fetch("GET", path)
        assert nothing.value.code == 404, path


async def test_files_of_an_earlier_start_stay_the_candidate_s(house: House) -> None:
    kernel = await house.kernel()
    await kernel.run("import os; os.mkdir('sub'); open('sub/a', 'w').write('1'); os.chmod('sub/a', 0o600)")
    await house.stop()
    with uids.claim(), uids.claim():  # so that the next start gets others
        await house.start()
        later = await house.kernel()
        assert (
            await later.run("import os; open('sub/a', 'a').write('2'); open('sub/b', 'w'); open('sub/a').read()")
            == "'12'"
        )
