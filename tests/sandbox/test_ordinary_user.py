"""A session whose operator is an ordinary user: user namespaces, rlimits and watchdogs instead of uids and groups."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sandbox.hosting import SESSION, TOP, House, Operator
from tornado.httpclient import HTTPClientError

NOBODY = 65534
DEBIAN_PYTHON = "/usr/bin/python3"


def environment(place: Path, like: Path) -> Path:
    """A virtual environment with the packages of another one, made from a Python that an ordinary user can read."""
    subprocess.run([DEBIAN_PYTHON, "-m", "venv", "--without-pip", place], check=True)
    packages = next((like / "lib").glob("python3.*/site-packages"))
    own = next((place / "lib").glob("python3.*/site-packages"))
    subprocess.run(["cp", "-a", "--link", "--no-clobber", f"{packages}/.", str(own)], check=True)
    return place


@pytest.fixture(scope="module")
def operator() -> Iterator[Operator]:
    """Whoever runs the tests; where that is root, an unprivileged user."""
    if os.geteuid() != 0:
        yield Operator()
        return
    folder = Path(tempfile.mkdtemp(prefix="greenroom-user-", dir="/var/tmp"))
    folder.chmod(0o755)
    try:
        server = environment(folder / "server", TOP / ".venv")
        kernels = environment(folder / "kernels", TOP / ".venv" / "environments" / "default")
        yield Operator(str(server / "bin" / "python"), kernels, NOBODY)
    finally:
        shutil.rmtree(folder)


@pytest.fixture
async def house(operator: Operator) -> AsyncIterator[House]:
    with tempfile.TemporaryDirectory(prefix="gr-") as place:
        if operator.uid is not None:
            os.chown(place, operator.uid, operator.uid)
        made = House(Path(place) / SESSION, Path(place) / "work", operator)
        await made.start()
        try:
            yield made
        finally:
            await made.stop()


async def test_a_session_works_and_its_kernel_sees_nothing_of_the_server(house: House) -> None:
    kernel = await house.kernel()
    assert (await kernel.run("import pandas; print(pandas.DataFrame({'a': [1, 2]}).a.sum())")).strip().endswith("3")
    for place in ("/run/guest", "/run/agent.sock", house.runtime, house.work, TOP / "pyproject.toml"):
        assert "FileNotFoundError" in await kernel.run(f"import os; os.stat({str(place)!r})"), place
    assert "secret" not in await kernel.run("!cat /proc/*/environ /proc/*/cmdline 2>/dev/null | tr '\\0' ' '")
    await kernel.run("open('mine.txt', 'w').write('kept')")
    assert set((await house.agent(ask="collect", limit=1_000))["files"]) == {"mine.txt"}


async def test_the_watchdog_kills_a_memory_hog_and_a_restart_works(house: House) -> None:
    kernel = await house.kernel()
    await kernel.begin("hog = bytearray(10**9)\nfor i in range(0, 10**9, 4096): hog[i] = 1")
    async with asyncio.timeout(20):
        while (await house.agent(ask="state"))["killed_for_memory"] == 0:
            await asyncio.sleep(0.05)
    await house.fetch("POST", f"api/kernels/{kernel.id}/restart")
    again = await house.reopen(kernel)
    assert await again.run("6 * 7") == "42"


async def test_an_interrupt_reaches_the_cell(house: House) -> None:
    kernel = await house.kernel()
    running = await kernel.begin("print('begun', flush=True)\nwhile True: pass")
    while "begun" not in str(await kernel.channel.read_message() or "begun"):
        pass
    await house.fetch("POST", f"api/kernels/{kernel.id}/interrupt")
    assert "KeyboardInterrupt" in await kernel.until_idle(running)


async def test_a_wrong_token_opens_nothing(house: House) -> None:
    with pytest.raises(HTTPClientError) as refused:
        await house.fetch("GET", "api/kernels", token="wrong")
    assert refused.value.code == 403
