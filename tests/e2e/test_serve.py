"""`greenroom serve` from start to end: HTTPS, processes that die, an ordinary user, and what is left behind."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import ssl
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from e2e.serving import Served, free_port, serving
from greenroom_hub.settings import Greenroom
from hub.certificates import certificate
from playwright.async_api import Browser, Page, async_playwright
from sandbox.hosting import TOP
from sandbox.test_ordinary_user import NOBODY, environment
from tornado.httpclient import AsyncHTTPClient

CHROMIUM = ("--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync")


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=[*CHROMIUM])
        yield browser
        await browser.close()


async def enter(browser: Browser, link: str) -> Page:
    """Somebody who came in by a link, in a browser of their own."""
    page = await (await browser.new_context(ignore_https_errors=True)).new_page()
    await page.goto(link)
    await page.click("#go")
    await page.wait_for_selector("main h1")
    return page


async def begin(candidate: Page, interviewer: Page) -> str:
    """The candidate agrees and comes into the lobby, and the interviewer opens the door. Returns the session."""
    session = candidate.url.rsplit("/", 1)[1]
    post = """async ([path, body]) => (await fetch('/services/greenroom/api/v1/sessions/' + path, {
        method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)})).status"""
    wording = await candidate.evaluate("JSON.parse(document.body.dataset.props).wording")
    assert await candidate.evaluate(post, [f"{session}/consent", {"wording": wording, "accepted": True}]) == 200
    assert await candidate.evaluate(post, [f"{session}/arrive", {}]) == 200
    assert await interviewer.evaluate(post, [f"{session}/open", {}]) == 200
    return session


async def assert_private(browser: Browser, served: Served) -> None:
    """Both people come in over HTTPS: cameras may be asked for, each cookie is Secure, and the wire is wss."""
    sockets: list[str] = []
    for who, link in served.links.items():
        assert link.startswith("https://")
        page = await (await browser.new_context(ignore_https_errors=True)).new_page()
        page.on("websocket", lambda socket: sockets.append(socket.url))
        await page.goto(link)
        await page.click("#go")
        await page.wait_for_selector("main h1")
        assert await page.evaluate("isSecureContext")
        cookies = await page.context.cookies()
        assert {"greenroom"} <= {cookie["name"] for cookie in cookies}
        assert [cookie["name"] for cookie in cookies if not cookie["secure"]] == [], who
        if who == "interviewer":
            await page.wait_for_selector('body[data-line="open"]')
    assert sockets
    assert all(url.startswith("wss://") for url in sockets)


async def test_https_by_one_setting(tmp_path: Path, chromium: Browser) -> None:
    plain = free_port()
    pair = ":".join(map(str, certificate(tmp_path)))
    async with serving(tmp_path / "data", tls=pair, redirect_port=str(plain)) as served:
        await assert_private(chromium, served)
        answer = await AsyncHTTPClient().fetch(
            f"http://127.0.0.1:{plain}/hub/invitation", follow_redirects=False, raise_error=False
        )
        assert answer.code in {301, 302, 307, 308}
        assert answer.headers["Location"] == f"https://127.0.0.1:{served.port}/hub/invitation"


@asynccontextmanager
async def reverse_proxy(folder: Path, port: int, to: int) -> AsyncIterator[None]:
    """What stands in front of many a house: it ends TLS, and hands on what it gets."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate(folder))

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", to)
        await asyncio.gather(carry(reader, far_writer), carry(far_reader, writer))

    server = await asyncio.start_server(accept, "127.0.0.1", port, ssl=context)
    yield
    server.close()


async def test_behind_a_reverse_proxy_with_the_public_url_named(tmp_path: Path, chromium: Browser) -> None:
    front = free_port()
    async with (
        serving(tmp_path / "data", public_url=f"https://127.0.0.1:{front}") as served,
        reverse_proxy(tmp_path, front, served.port),
    ):
        assert all(link.startswith(f"https://127.0.0.1:{front}/hub/") for link in served.links.values())
        await assert_private(chromium, served)


def family(parent: int) -> set[int]:
    """Every process that descends from one, also those with a session of their own."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    found = {parent}
    while more := {pid for pid, above in parents.items() if above in found} - found:
        found |= more
    return found - {parent}


def named(pids: set[int], word: str) -> int:
    """The one process among these with a word in its command line."""
    (found,) = (pid for pid in pids if word in Path(f"/proc/{pid}/cmdline").read_text())
    return found


async def test_what_dies_comes_back_and_the_end_leaves_nothing(tmp_path: Path, chromium: Browser) -> None:
    data = tmp_path / "data"
    async with serving(data) as served:
        interviewer, candidate = [await enter(chromium, served.links[who]) for who in ("interviewer", "candidate")]
        session = await begin(candidate, interviewer)
        runtime = Greenroom(data=str(data)).runtime_folder
        async with asyncio.timeout(60):
            while not (runtime / session / "agent" / "pid").exists():
                await asyncio.sleep(0.1)
        for name, word in (
            ("service", "greenroom_hub.service"),
            ("proxy", "configurable-http-proxy"),
            ("hub", "-m\0jupyterhub\0"),
        ):
            os.kill(named(family(served.process.pid), word), signal.SIGKILL)
            await served.hear(f"The {name} was killed by SIGKILL; starting it again.")
            await served.hear(f"The {name} is back.")
        await interviewer.reload()
        await interviewer.wait_for_selector('body[data-line="open"]')
        everybody = family(served.process.pid)
        assert await served.stop() == 0
    assert [pid for pid in everybody if Path(f"/proc/{pid}").exists()] == []
    assert not runtime.exists()
    groups = {path.name for path in Path("/sys/fs/cgroup").glob("**/greenroom-*-*")}
    assert [name for name in groups if int(name.split("-")[1]) in everybody] == []
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", served.port), 1)


async def test_a_process_that_cannot_start_is_named_with_the_end_of_its_log(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "greenroom.sqlite").write_text("this is no database, whoever put it here")
    with pytest.raises(
        AssertionError,
        match=r"(?s)stopped, because the service ended with exit code 1\..*service.log ends with:.*not a database",
    ):
        async with serving(tmp_path / "data"):
            pass


@pytest.fixture
def user() -> Iterator[tuple[str, int | None, Path]]:
    """A Python that an ordinary user can read, the user, and a folder of theirs."""
    folder = Path(tempfile.mkdtemp(prefix="gr-u-", dir="/var/tmp"))
    folder.chmod(0o755)
    try:
        server = environment(folder / "server", TOP / ".venv")
        (server / "environments").mkdir()
        (server / "share").symlink_to(TOP / ".venv" / "share")
        environment(server / "environments" / "default", TOP / ".venv" / "environments" / "default")
        (folder / "home").mkdir()
        own = NOBODY if os.geteuid() == 0 else None
        if own is not None:
            os.chown(folder / "home", own, own)
        yield str(server / "bin" / "python"), own, folder / "home"
    finally:
        shutil.rmtree(folder)


async def test_an_ordinary_user_serves_too_and_is_told_what_is_weaker(
    user: tuple[str, int | None, Path], chromium: Browser
) -> None:
    python, uid, home = user
    async with serving(home / "data", python=python, user=uid, runtime=str(home / "run"), home=str(home)) as served:
        assert "Running as an ordinary user" in served.said
        interviewer, candidate = [await enter(chromium, served.links[who]) for who in ("interviewer", "candidate")]
        session = await begin(candidate, interviewer)
        await candidate.goto(f"http://127.0.0.1:{served.port}/services/greenroom/room/{session}/lab")
        await candidate.locator(".jp-CodeCell").first.click()
        await candidate.keyboard.press("Control+Enter")
        await candidate.wait_for_selector(".jp-CodeCell .jp-OutputArea-output")
        assert await served.stop() == 0
