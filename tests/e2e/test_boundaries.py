"""The boundaries of the design, tried from a real cell in a real browser, in both deployments."""

from __future__ import annotations

import base64
import os
import signal
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from e2e.serving import Served, serving
from e2e.test_serve import begin, enter, family, named
from greenroom_hub.pairs import Pairs
from greenroom_hub.room.wire_format import SUBPROTOCOL, message
from greenroom_hub.settings import Greenroom
from greenroom_sandbox import containers
from playwright.async_api import Browser, Locator, Page, async_playwright, expect
from sandbox import hostile_programs

CHROMIUM = ("--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync")
expect.set_options(timeout=60_000)

# A page that says to the kernel itself what only the service says: 1 when the channel took the connection.
FORGE = """async ([path, protocol, text]) => {
    const kernels = await (await fetch(path + '/api/kernels')).json();
    const url = location.origin.replace('http', 'ws') + `${path}/api/kernels/${kernels[0].id}/channels?session_id=forger`;
    const socket = new WebSocket(url, [protocol]);
    await new Promise((done, fail) => { socket.onopen = done; socket.onerror = fail; });
    socket.send(Uint8Array.from(atob(text), letter => letter.charCodeAt(0)));
    return 1;
}"""
ASK = "async path => (await fetch('/services/greenroom/api/v1/sessions/' + path)).json()"

TRIES = hostile_programs.CLOSED | hostile_programs.IN_A_KERNEL


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=[*CHROMIUM])
        yield browser
        await browser.close()


async def run(page: Page, code: str) -> str:
    """What a cell prints that the candidate writes and runs: the first of the notebook."""
    line, end = base64.b64encode(code.encode()).decode(), uuid.uuid4().hex
    cell = page.locator(".jp-Notebook .jp-CodeCell").first
    await cell.locator(".cm-content").click()
    await page.keyboard.press("Control+A")
    await page.keyboard.insert_text(f"exec(__import__('base64').b64decode('{line}')); print('END' + '-{end}')")
    await page.keyboard.press("Control+Enter")
    output = cell.locator(".jp-OutputArea").first
    await expect(output).to_contain_text(f"END-{end}")
    return await output.text_content() or ""


async def assert_boundaries(candidate: Page, interviewer: Page, served: Served, session: str) -> None:
    """1: the cell's code. 2: the guest. 6: what it prints."""
    await run(candidate, "print('a first cell')")
    said = await run(candidate, hostile_programs.everything(TRIES | ports(served)))
    answers = hostile_programs.answers(said)
    assert {name: answer for name, answer in answers.items() if not answer.startswith("closed")} == {}
    secrets = (served.data / "secrets").iterdir()
    words = [file.read_text().strip() for file in secrets if file.suffix != ".pem"]
    looked = "import os\nfound = open('/proc/self/environ', 'rb').read() + b''.join(open(f'/proc/{p}/cmdline', 'rb').read() for p in os.listdir('/proc') if p.isdigit())\nprint(found.hex())"
    seen = bytes.fromhex((await run(candidate, looked)).split("END-")[0].strip())
    assert not [word for word in words if word.encode() in seen]
    for page in (candidate, interviewer):
        status = await page.evaluate("async path => (await fetch(path)).status", f"/user/{session}/api/kernels")
        assert status in {403, 404, 424}, status
    spoken = "from IPython.display import HTML, display\ndisplay(HTML('<b>spoken</b><img src=x onerror=\"window.heard = 1\"><script>window.heard = 1</script>'))"
    await run(candidate, spoken)
    for page in (candidate, interviewer):
        frame = page.frame_locator("iframe.gr-frame").first  # of nobody's origin, since it wants to run something
        await expect(frame.locator("b", has_text="spoken")).to_be_visible()
        assert await page.evaluate("window.heard === undefined")


def ports(served: Served) -> dict[str, str]:
    """Every port this Greenroom listens on, as a try to reach it from a cell."""
    return {f"port-{served.port}": f"socket.create_connection(('127.0.0.1', {served.port}), 2)"}


@pytest.mark.parametrize("backend", ["embedded", "docker"])
async def test_no_boundary_falls_to_a_cell(
    backend: str, request: pytest.FixtureRequest, tmp_path: Path, chromium: Browser
) -> None:
    if backend == "docker":
        request.getfixturevalue("docker")
    data = tmp_path / "data"
    async with serving(data, backend=backend) as served:
        interviewer = await enter(chromium, served.links["interviewer"])
        candidate = await enter(chromium, served.links["candidate"])
        session = await begin(candidate, interviewer)
        for page in (candidate, interviewer):
            page.set_default_timeout(60_000)
            await page.goto(f"http://127.0.0.1:{served.port}/services/greenroom/room/{session}/lab")
            await page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
        await assert_boundaries(candidate, interviewer, served, session)
        await assert_the_service_alone_runs_cells(candidate, interviewer, session)
        await assert_pages_come_from_the_service(candidate)
        await run(candidate, "open('answer.txt', 'w').write('42')")
        await assert_the_service_decides(candidate, interviewer, served, session)
        if backend == "docker":
            await assert_a_crash_loses_nothing(candidate, data, session)
        await hand_in(candidate)
        files = await candidate.evaluate("async path => (await fetch(path)).status", submission(session, "files.zip"))
        assert files == 200
    assert served.process.returncode == 0, served.said
    assert_nothing_is_left(data, backend)


async def assert_the_service_alone_runs_cells(candidate: Page, interviewer: Page, session: str) -> None:
    """4: a page that asks the kernel itself gets nothing run; a run survives a reload, and is a fact of the record."""
    content = {"code": "open('forged.txt', 'w').write('x')", "silent": False, "store_history": True}
    asked = base64.b64encode(message("shell", "execute_request", content, "forger").packed()).decode()
    room = f"/services/greenroom/room/{session}"
    assert await candidate.evaluate(FORGE, [room, SUBPROTOCOL, asked]) == 1
    loop = "import os, time\nfor n in range(30): print('line', n); time.sleep(0.1)\nprint('forged', os.path.exists('forged.txt'))"
    cell = candidate.locator(".jp-Notebook .jp-CodeCell").first
    await cell.locator(".cm-content").click()
    await candidate.keyboard.press("Control+A")
    await candidate.keyboard.insert_text(loop)
    await candidate.keyboard.press("Control+Enter")
    await expect(cell.locator(".jp-OutputArea-output").first).to_contain_text("line 1")
    await candidate.reload()
    for page in (candidate, interviewer):
        shown = page.locator(".jp-Notebook .jp-CodeCell").first.locator(".jp-OutputArea-output").first
        await expect(shown).to_contain_text("forged False")
        assert (await shown.inner_text()).split() == [
            *(word for n in range(30) for word in ("line", str(n))),
            *("forged", "False"),
        ]
    events = await interviewer.evaluate(ASK, f"{session}/timeline")
    assert len([event for event in events if event["type"] == "run" and event["actor"] == session]) >= 4
    # 7: the page that was gone is a fact about the connection, and nothing about the person.
    assert [event for event in events if event["type"] == "connection.closed"]
    assert not [event for event in events if event["type"] == "incident.flag" and event["body"]["signal"] == "network"]


async def assert_pages_come_from_the_service(candidate: Page) -> None:
    """5: all that the room's page loaded came from the service."""
    loaded = await candidate.evaluate("performance.getEntriesByType('resource').map(one => one.name)")
    origin = await candidate.evaluate("location.origin")
    assert len(loaded) > 10
    assert [name for name in loaded if not name.startswith((f"{origin}/services/greenroom/", "data:", "blob:"))] == []


async def assert_the_service_decides(candidate: Page, interviewer: Page, served: Served, session: str) -> None:
    """8: with the hub gone cells run on and the interviewer extends; with the service gone nothing is lost."""
    saved = candidate.locator(".gr-saved")
    await expect(saved).to_have_text("Saved")
    os.kill(named(family(served.process.pid), "-m\0jupyterhub\0"), signal.SIGKILL)
    extend = """async path => (await fetch('/services/greenroom/api/v1/sessions/' + path, {method: 'POST',
        headers: {'Content-Type': 'application/json'}, body: '{"seconds": 300}'})).status"""
    assert await interviewer.evaluate(extend, f"{session}/extend") == 200
    assert "42" in await run(candidate, "print(open('answer.txt').read())")
    await served.hear("The hub is back.")
    await expect(saved).to_have_text("Saved")
    os.kill(named(family(served.process.pid), "greenroom_hub.service"), signal.SIGKILL)
    await served.hear("The service is back.")
    await expect(candidate.locator(".gr-here")).to_contain_text("Here: ")  # the page has found it again
    await expect(saved).to_have_text("Saved")
    await expect(candidate.locator(".jp-Notebook .jp-CodeCell").first).to_contain_text("b64decode")
    assert "43" in await run(candidate, "print(int(open('answer.txt').read()) + 1)")
    events = await interviewer.evaluate(ASK, f"{session}/timeline")
    assert [event["body"]["seconds"] for event in events if event["type"] == "session.extend"] == [300]


async def assert_a_crash_loses_nothing(candidate: Page, data: Path, session: str) -> None:
    """3: the kernels' container is killed; the document is where it was, and after a moment cells run again."""

    async def read(dialog: Locator) -> None:
        await dialog.locator("button").last.click()

    # JupyterLab says that the kernel has gone, whenever it notices; whoever reads that presses OK.
    await candidate.add_locator_handler(candidate.locator(".jp-Dialog"), read)
    house = Greenroom(data=str(data)).house
    Pairs(house).client.kill(containers.name(house, session, "kernels"))
    await expect(candidate.locator(".jp-Notebook .jp-CodeCell").first).to_contain_text("b64decode")
    assert "42" in await run(candidate, "print(open('answer.txt').read())")
    await candidate.remove_locator_handler(candidate.locator(".jp-Dialog"))


def submission(session: str, what: str) -> str:
    return f"/services/greenroom/api/v1/sessions/{session}/submission/{what}"


async def hand_in(candidate: Page) -> None:
    await candidate.get_by_role("button", name="Hand in", exact=True).click()
    await candidate.locator(".jp-Dialog").get_by_role("button", name="Hand in").click()
    await expect(candidate.get_by_text("Handed in at")).to_be_visible()


def assert_nothing_is_left(data: Path, backend: str) -> None:
    """After Ctrl-C: no folder of sockets, no mount, no container, no network, no volume."""
    settings = Greenroom(data=str(data))
    assert not settings.runtime_folder.exists()
    assert str(settings.runtime_folder) not in Path("/proc/self/mountinfo").read_text()
    if backend == "docker":
        client = Pairs(settings.house).client
        assert client.containers(all=True, filters={"label": f"{containers.HOUSE}={settings.house}"}) == []
        assert {network["Driver"] for network in client.networks()} <= {"null", "host", "bridge"}
        assert not client.volumes()["Volumes"]
    assert not [line for line in os.popen("ps ax -o args").read().splitlines() if str(settings.runtime_folder) in line]
