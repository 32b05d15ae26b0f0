"""Signing in through a real JupyterHub, its proxy and an OpenID Connect provider, all started by `greenroom serve`."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from greenroom_hub.ports import Ports
from greenroom_hub.settings import PREFIX

TOP = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent

CONFIG = """
load_subconfig({main!r})
c.GreenroomAuthenticator.client_id = "hub"
c.GreenroomAuthenticator.client_secret = "secret"
c.GreenroomAuthenticator.authorize_url = "{provider}/oauth2/authorize"
c.GreenroomAuthenticator.token_url = "{provider}/oauth2/token"
c.GreenroomAuthenticator.userdata_url = "{provider}/userinfo"
c.GreenroomAuthenticator.scope = ["openid", "profile"]
c.GreenroomAuthenticator.username_claim = "sub"
c.GreenroomAuthenticator.allowed_users = {{"ada", "s-abcdefghij"}}
"""


@dataclass
class House:
    """A running Greenroom."""

    url: str
    provider: str
    data: Path
    config: Path
    links: dict[str, str]

    def browser(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, follow_redirects=True, headers={"Accept": "text/html"}, timeout=30)

    def logs(self) -> str:
        return "".join(file.read_text() for file in (self.data / "log").glob("*.log"))

    def invitation(self) -> tuple[str, str]:
        """A fresh session's id and the link of its candidate, made by the demo's interviewer."""
        with self.staff() as ada:
            headers = {"Origin": self.url}
            new = {"template": "interview_pandas", "candidate": "Jo Doe"}
            session = ada.post(f"{PREFIX}api/v1/sessions", json=new, headers=headers).json()["id"]
            link = ada.post(f"{PREFIX}api/v1/sessions/{session}/invitations", json={}, headers=headers).json()["url"]
        return session, link

    @contextmanager
    def staff(self) -> Iterator[httpx.Client]:
        with self.browser() as browser:
            by_provider(browser, self, "ada")
            yield browser


def enter(browser: httpx.Client, link: str) -> httpx.Response:
    """What the link's page does: it takes the token out of the fragment, which no request carries, and posts it."""
    page, _, token = link.partition("#")
    form = browser.get(page)
    xsrf = re.search(r'name="_xsrf" value="([^"]+)"', form.text)
    assert xsrf, form.text
    return browser.post(page, data={"_xsrf": xsrf[1], "token": token})


def by_provider(browser: httpx.Client, house: House, name: str) -> httpx.Response:
    """A member of staff: the login page, the provider's page, and back."""
    login = browser.get(PREFIX)
    button = re.search(r'href="([^"]*oauth_login[^"]*)"', login.text)
    assert button, login.text
    form = browser.get(button[1].replace("&amp;", "&"))
    assert str(form.url).startswith(house.provider)
    return browser.post(form.url, data={"sub": name})


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    ports = Ports.free()
    with tempfile.TemporaryDirectory(prefix="grsign-") as place:
        provider = f"http://127.0.0.1:{ports.runner}"
        config = Path(place) / "config.py"
        config.write_text(CONFIG.format(main=str(TOP / "jupyterhub_config.py"), provider=provider))
        environment = {
            **os.environ,
            "GREENROOM_DATA": f"{place}/data",
            "GREENROOM_RUNTIME": f"{place}/run",
            "GREENROOM_PORT": str(ports.hub),
            "GREENROOM_OAUTHENTICATOR": "generic",
        }
        claims = [json.dumps({"sub": name, "name": name.title()}) for name in ("ada", "mallory", "s-abcdefghij")]
        words = [word for claim in claims for word in ("--user-claims", claim)]
        with (Path(place) / "provider.log").open("wb") as log:
            idp = subprocess.Popen(
                [BIN / "oidc-provider-mock", "--port", str(ports.runner), *words], stdout=log, stderr=log
            )
        serve = subprocess.Popen(
            [BIN / "greenroom", "serve", "--demo", "--config", str(config)],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=TOP,
        )  # fmt: skip
        try:
            yield _ready(serve, House(f"http://127.0.0.1:{ports.hub}", provider, Path(place) / "data", config, {}))
        finally:
            serve.send_signal(signal.SIGINT)
            assert serve.wait(30) == 0
            idp.terminate()
            idp.wait(10)
        for port in (ports.hub,):
            socket.create_server(("127.0.0.1", port)).close()  # nothing listens any more


def _ready(serve: subprocess.Popen[str], house: House) -> House:
    assert serve.stdout is not None
    said = ""
    for line in serve.stdout:
        said += line
        if found := re.search(r"(interviewer|candidate):\s+(\S+)", line):
            house.links[found[1]] = found[2]
        if len(house.links) == 2:
            return house
    raise AssertionError(said + (house.logs() if (house.data / "log").exists() else ""))


def test_staff_sign_in_at_the_provider(house: House) -> None:
    with house.browser() as ada:
        page = by_provider(ada, house, "ada")
        assert (page.status_code, page.url.path) == (200, PREFIX)
        assert 'data-page="staff"' in page.text
        assert "&quot;display_name&quot;:&quot;Ada&quot;" in page.text


@pytest.mark.parametrize("name", ["mallory", "s-abcdefghij"], ids=["not on the list", "named like a session"])
def test_the_provider_alone_lets_nobody_in(house: House, name: str) -> None:
    with house.browser() as browser:
        assert by_provider(browser, house, name).status_code == 403
        assert browser.get(f"{PREFIX}api/v1/sessions").status_code == 401 or "hub" in str(browser.get(PREFIX).url)


def test_a_candidate_enters_by_an_invitation_which_looking_at_does_not_use_up(house: House) -> None:
    session, link = house.invitation()
    with house.browser() as jo:
        for _ in range(3):
            assert jo.get(link).status_code == 200
        page = enter(jo, link)
        assert (page.status_code, page.url.path) == (200, f"{PREFIX}s/{session}")
        assert 'data-page="candidate"' in page.text
        assert jo.get(PREFIX).url.path == f"{PREFIX}s/{session}"
        assert jo.get(f"{PREFIX}sessions/{session}").status_code == 403
        assert jo.get(f"{PREFIX}api/v1/sessions", headers={"Accept": "*/*"}).status_code == 403
    assert link.partition("#")[2] not in house.logs()


def test_the_seat_moves_to_whoever_opens_the_link_and_back(house: House) -> None:
    session, link = house.invitation()
    with house.browser() as laptop, house.browser() as phone:
        mine = f"{PREFIX}api/v1/sessions/{session}"
        plain = {"Accept": "*/*"}
        enter(laptop, link)
        assert laptop.get(mine, headers=plain).status_code == 200
        enter(phone, link)
        assert phone.get(mine, headers=plain).status_code == 200
        assert laptop.get(mine, headers=plain).status_code == 401
        # the hub, too, has forgotten the first browser: its old cookie signs nobody in again
        assert laptop.get(f"{PREFIX}s/{session}").url.path == "/hub/login"
        enter(laptop, link)
        assert laptop.get(mine, headers=plain).status_code == 200
        assert phone.get(mine, headers=plain).status_code == 401


def test_staff_are_warned_before_their_browser_becomes_the_candidates(house: House) -> None:
    session, link = house.invitation()
    with house.staff() as ada:
        form = ada.get(link)
        assert "signed in as <strong>ada</strong>" in form.text
        assert ada.get(PREFIX).url.path == PREFIX  # looking changed nothing
        assert enter(ada, link).url.path == f"{PREFIX}s/{session}"
        assert ada.get(f"{PREFIX}api/v1/people", headers={"Accept": "*/*"}).status_code == 403


def test_an_invitation_that_was_taken_back_says_so(house: House) -> None:
    session, link = house.invitation()
    with house.staff() as ada, house.browser() as jo:
        path = f"{PREFIX}api/v1/sessions/{session}/invitations"
        one = ada.get(path).json()[0]["id"]
        assert ada.delete(f"{path}/{one}", headers={"Origin": house.url}).status_code == 204
        refused = enter(jo, link)
        assert refused.status_code == 403
        assert "This invitation was taken back" in refused.text


def test_a_staff_link_works_once(house: House) -> None:
    with house.browser() as first, house.browser() as second:
        page = enter(first, house.links["interviewer"])
        assert page.status_code == 200
        assert page.url.path.startswith(f"{PREFIX}sessions/s-")
        refused = enter(second, house.links["interviewer"])
        assert refused.status_code == 403
        assert "works once" in refused.text
    assert house.links["interviewer"].partition("#")[2] not in house.logs()


def test_a_post_that_the_page_did_not_make_is_refused(house: House) -> None:
    _, link = house.invitation()
    page, _, token = link.partition("#")
    with house.browser() as jo:
        assert jo.post(page, data={"token": token}).status_code == 403
        jo.get(page)
        assert jo.post(page, data={"token": token, "_xsrf": "guessed"}).status_code == 403


def test_the_pages_of_links_leak_nothing(house: House) -> None:
    with house.browser() as jo:
        headers = jo.get("/hub/invitation").headers
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in headers["Content-Security-Policy"]


@pytest.mark.parametrize("page", ["home", "token", "spawn", "spawn/ada", "admin", "user-redirect/x"])
def test_a_page_of_the_hub_leads_back_to_the_house(house: House, page: str) -> None:
    with house.staff() as ada:
        assert ada.get(f"/hub/{page}").url.path == PREFIX


def test_a_candidate_can_do_nothing_at_the_hub(house: House) -> None:
    session, link = house.invitation()
    with house.browser() as jo:
        enter(jo, link)
        for method, path in (
            ("GET", "users"),
            ("GET", f"users/{session}/tokens"),
            ("POST", f"users/{session}/tokens"),
            ("POST", f"users/{session}/server"),
            ("DELETE", f"users/{session}/server"),
            ("GET", "services"),
        ):
            answer = jo.request(method, f"/hub/api/{path}", headers={"Accept": "*/*", "Origin": house.url})
            assert answer.status_code in {403, 404}, (method, path, answer.text)


def test_the_house_goes_on_while_the_hub_is_down(house: House) -> None:
    with house.staff() as ada:
        for cmdline in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = cmdline.read_bytes().split(b"\0")
            except OSError:
                continue
            if b"jupyterhub" in words and str(house.config).encode() in words:
                os.kill(int(cmdline.parent.name), signal.SIGKILL)
        assert ada.get(PREFIX).status_code == 200
        assert ada.get(f"{PREFIX}api/v1/sessions").status_code == 200
        _wait_for_the_hub(house)
        assert ada.get("/hub/home").url.path == PREFIX  # signed in there, too, without doing it again


def _wait_for_the_hub(house: House) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if httpx.get(f"{house.url}/hub/health").status_code == 200:
            return
    raise AssertionError(house.logs()[-3000:])
