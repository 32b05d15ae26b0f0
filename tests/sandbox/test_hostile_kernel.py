"""Hostile cells in a session's kernel, by their safe outcome, on both backends; then an honest cell at once."""

from __future__ import annotations

import asyncio
import json
import tempfile
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sandbox import hostile_programs
from sandbox.hosting import SESSION, House, Kernel, Paired

pytestmark = pytest.mark.asyncio(loop_scope="module")
ALL = hostile_programs.CLOSED | hostile_programs.IN_A_KERNEL


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["embedded", "docker"])
async def house(request: pytest.FixtureRequest) -> AsyncIterator[House]:
    """One session for all tests of this file, on each backend: what one leaves the next would find."""
    if request.param == "docker":
        request.getfixturevalue("docker")
    with tempfile.TemporaryDirectory(prefix="gr-") as place:
        made = {"embedded": House, "docker": Paired}[request.param](Path(place) / SESSION, Path(place) / "work")
        await made.start()
        try:
            yield made
        finally:
            await made.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def kernel(house: House) -> AsyncIterator[Kernel]:
    made = await house.kernel()
    yield made
    await house.fetch("DELETE", f"api/kernels/{made.id}")


@pytest_asyncio.fixture(loop_scope="module")
async def beside(house: House) -> AsyncIterator[Kernel]:
    """Another kernel of the same candidate, who is at work."""
    made = await house.kernel()
    await made.run("kept = 5")
    yield made
    await house.fetch("DELETE", f"api/kernels/{made.id}")


async def assert_honest_cell_runs(house: House) -> None:
    fresh = await house.kernel()
    assert await fresh.run("6 * 7") == "42"
    await house.fetch("DELETE", f"api/kernels/{fresh.id}")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def answers(house: House) -> dict[str, str]:
    """What became of every try, all made by one cell."""
    made = await house.kernel()
    printed = await made.run(hostile_programs.everything(ALL))
    assert await made.run("6 * 7") == "42"
    await house.fetch("DELETE", f"api/kernels/{made.id}")
    return hostile_programs.answers(printed)


@pytest.mark.parametrize("name", ALL)
async def test_the_way_out_of_a_kernel_is_closed(answers: dict[str, str], name: str) -> None:
    assert answers[name].startswith("closed"), answers[name]


@pytest.mark.parametrize("program", hostile_programs.WORKS.values(), ids=hostile_programs.WORKS.keys())
async def test_what_honest_cells_do_works(kernel: Kernel, program: str) -> None:
    said = await kernel.run(f"{program}\nprint('it works')")
    assert said.endswith("it works\n"), said


async def test_endless_loops_and_sleeps_end_when_interrupted(house: House, kernel: Kernel) -> None:  # 1, 2
    for program in ("while True: pass", "import time; time.sleep(1000)"):
        running = await kernel.begin(f"print('begun', flush=True)\n{program}")
        await kernel.until_printed("begun")
        await house.fetch("POST", f"api/kernels/{kernel.id}/interrupt")
        assert "KeyboardInterrupt" in await kernel.until_idle(running)
    assert await kernel.run("6 * 7") == "42"


async def test_a_gigabyte_ends_the_kernel_for_memory_and_no_other(
    house: House, kernel: Kernel, beside: Kernel
) -> None:  # 3
    before = (await house.agent(ask="state"))["killed_for_memory"]
    await kernel.begin("hog = bytearray(10**9)\nfor i in range(0, 10**9, 4096): hog[i] = 1")
    async with asyncio.timeout(60):
        while (await house.agent(ask="state"))["killed_for_memory"] == before:
            await asyncio.sleep(0.05)
    assert await beside.run("kept") == "5"


async def test_a_fork_bomb_ends_with_its_kernel(house: House) -> None:  # 4, 32
    bomb = await house.kernel()
    await bomb.begin("import os, signal\nsignal.signal(15, 1)\nwhile True:\n  try: os.fork()\n  except OSError: pass")
    await asyncio.sleep(0)
    async with asyncio.timeout(60):  # it has spread when the kernel's own processes are many
        while len(await house.processes()) < 20:
            await asyncio.sleep(0.05)
    await house.fetch("DELETE", f"api/kernels/{bomb.id}")
    async with asyncio.timeout(60):
        while await house.processes():
            await asyncio.sleep(0.05)
    await assert_honest_cell_runs(house)


async def test_processes_run_out_before_the_machine_s(kernel: Kernel) -> None:  # 5
    program = "import os, signal\nn = 0; kept = []\ntry:\n  while n < 1000:\n    pid = os.fork()\n    if pid == 0: signal.pause()\n    kept.append(pid); n += 1\nexcept OSError as error: print(n, error.errno)\nfor pid in kept: os.kill(pid, 9); os.waitpid(pid, 0)"
    count, code = (await kernel.run(program)).split()
    assert (int(count) < 64, code) == (True, "11")
    assert await kernel.run("6 * 7") == "42"


async def test_a_flood_of_output_breaks_nothing(house: House, kernel: Kernel) -> None:  # 6, 7, 8
    await kernel.run("import sys\nfor n in range(200): print('x' * 100_000); print('y' * 10_000, file=sys.stderr)")
    assert await kernel.run("6 * 7") == "42"


async def test_a_large_file_is_refused(kernel: Kernel) -> None:  # 9
    assert "File too large" in await kernel.run("open('big', 'wb').truncate(300 << 20)")
    assert await kernel.run("import os\nos.remove('big')\n6 * 7") == "42"


async def test_descriptors_run_out(kernel: Kernel) -> None:  # 11
    program = "import os\nkept = []\ntry:\n  while True: kept.append(os.dup(1))\nexcept OSError as error: code = error.errno\nfor one in kept: os.close(one)\nprint(code)"
    assert await kernel.run(program) == "24\n"
    assert await kernel.run("6 * 7") == "42"


async def test_nothing_lies_there_for_the_next_kernel(house: House) -> None:  # 23
    first = await house.kernel()
    await first.run(
        "for place in ('/tmp', '/var/tmp', '/run/lock', '/dev/shm'):\n  try: open(place + '/left', 'w')\n  except OSError: pass"
    )
    await house.fetch("DELETE", f"api/kernels/{first.id}")
    second = await house.kernel()
    found = await second.run(
        "import os\nprint([p for p in ('/tmp', '/var/tmp', '/run/lock', '/dev/shm') if os.path.exists(p + '/left')])"
    )
    await house.fetch("DELETE", f"api/kernels/{second.id}")
    assert found == "[]\n"


async def test_a_kernel_sees_no_file_of_another_one(house: House, kernel: Kernel, beside: Kernel) -> None:  # 24
    said = await kernel.run(
        f"import glob, os\nfor place in ('/run/k/{beside.id}/connection.json', '/run/k/{beside.id}'):\n  try: print('OPEN', open(place).read() if 'json' in place else os.listdir(place))\n  except OSError as error: print('closed', error)"
    )
    assert said.count("closed") == 2, said


async def test_a_kernel_kills_only_itself(house: House, kernel: Kernel, beside: Kernel) -> None:  # 28
    await kernel.begin(
        "import os, signal\nopen('begun', 'w').write('x')\n"
        "for pid in (1, os.getppid(), *range(2, 5000), -1):\n"
        "  for number in (signal.SIGTERM, signal.SIGKILL):\n"
        "    try: os.kill(pid, number) if pid != os.getpid() else None\n    except OSError: pass"
    )
    async with asyncio.timeout(60):
        while "begun" not in (await house.agent(ask="collect", limit=1 << 20))["files"]:
            await asyncio.sleep(0.05)
    assert await beside.run("kept") == "5"
    await house.fetch("GET", "api")


async def test_only_a_kernel_s_own_processes_are_of_use_to_it(house: House, kernel: Kernel) -> None:  # 29
    program = "import os\nfor pid in [int(p) for p in os.listdir('/proc') if p.isdigit()]:\n  if pid == os.getpid(): continue\n  for name in ('environ', 'mem', 'maps', 'fd', 'cwd', 'root'):\n    try: print('OPEN', pid, name, os.listdir(f'/proc/{pid}/fd') if name == 'fd' else open(f'/proc/{pid}/{name}', 'rb').read(1))\n    except OSError: pass"
    assert await kernel.run(program) == ""


async def test_the_environment_is_a_short_list_without_secrets(kernel: Kernel) -> None:  # 31
    names = set((await kernel.run("import os\nprint(*os.environ)")).split())
    assert not [name for name in names if any(word in name for word in ("TOKEN", "SECRET", "KEY", "HUB", "GREENROOM"))]


async def test_a_daemon_ends_with_its_kernel(house: House) -> None:  # 32
    parent = await house.kernel()
    await parent.run(
        "import os\nif os.fork() == 0:\n  os.setsid()\n  if os.fork() == 0: os.execv('/usr/bin/sleep', ['sleep', '1000'])\n  os._exit(0)\nos.wait()"
    )
    await house.fetch("DELETE", f"api/kernels/{parent.id}")
    async with asyncio.timeout(60):
        while await house.processes():
            await asyncio.sleep(0.05)


async def test_a_crash_is_a_kernel_s_end_and_nothing_else_s(house: House, kernel: Kernel) -> None:  # 35
    await kernel.begin("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)")
    async with asyncio.timeout(60):
        while json.dumps((await house.agent(ask="state"))["kernels"].get(kernel.id)) == "[null, null]":
            await asyncio.sleep(0.05)
    await assert_honest_cell_runs(house)


async def test_three_kernels_at_once_start_run_and_end(house: House) -> None:  # 37
    kernels = await asyncio.gather(*(house.kernel() for _ in range(3)))
    assert await asyncio.gather(*(one.run(f"{number} + 1") for number, one in enumerate(kernels))) == ["1", "2", "3"]
    await asyncio.gather(*(house.fetch("DELETE", f"api/kernels/{one.id}") for one in kernels))
    assert await house.processes() == []


async def test_a_program_made_in_memory_is_held_in_like_any_other(kernel: Kernel) -> None:
    program = "import os, subprocess\nhandle = os.memfd_create('program', 0); os.write(handle, open('/bin/cat', 'rb').read())\nprint(subprocess.run([f'/proc/self/fd/{handle}', '/proc/self/status'], pass_fds=[handle], capture_output=True, text=True))"
    said = await kernel.run(program)
    assert "NoNewPrivs" not in said or ("NoNewPrivs:\\\\t1" in said or "NoNewPrivs:\\t1" in said), said


HOSTILE_MESSAGES = {
    "no-delimiter": "[b'nonsense']",
    "no-frames": "[b'<IDS|MSG>']",
    "forged-signature": "[b'<IDS|MSG>', b'0' * 64, b'{}', b'{}', b'{}', b'{}']",
    "no-json": "[b'<IDS|MSG>', sign(b'{', b'{', b'{', b'{'), b'{', b'{', b'{', b'{']",
    "wrong-shapes": "[b'<IDS|MSG>', sign(b'[]', b'1', b'null', b'\"x\"'), b'[]', b'1', b'null', b'\"x\"']",
    "no-type": "[b'<IDS|MSG>', sign(b'{}', b'{}', b'{}', b'{}'), b'{}', b'{}', b'{}', b'{}']",
    "deep": "[b'<IDS|MSG>', sign(*[b'[' * 100000] * 4), *[b'[' * 100000] * 4]",
    "huge": "[b'<IDS|MSG>', sign(b'{}', b'{}', b'{}', b'{}'), b'{}', b'{}', b'{}', b'{}', b'x' * (2 << 20)]",
    "many-frames": "[b'<IDS|MSG>'] + [b'x'] * 5000",
}


@pytest.mark.parametrize("frames", HOSTILE_MESSAGES.values(), ids=HOSTILE_MESSAGES.keys())
async def test_messages_a_hostile_kernel_makes_harm_nobody(
    house: House, kernel: Kernel, beside: Kernel, frames: str
) -> None:
    """Straight onto the kernel's output socket, with its own key: the guest is the one who reads. Its own channel may end."""
    sent = f"sent-{uuid.uuid4().hex}"
    await kernel.begin(
        f"from ipykernel.kernelapp import IPKernelApp\napp = IPKernelApp.instance()\n"
        f"def sign(*parts): return app.session.sign(list(parts))\n"
        f"for _ in range(20): app.iopub_socket.send_multipart({frames})\nopen({sent!r}, 'w').write('x')"
    )
    async with asyncio.timeout(60):
        while sent not in (await house.agent(ask="collect", limit=1 << 20))["files"]:
            await asyncio.sleep(0.05)
    await house.fetch("GET", "api")
    assert await beside.run("6 * 7") == "42"
