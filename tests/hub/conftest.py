"""The service without a hub: a real house on a real database, served on a free port; logins are made directly."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from greenroom_hub.house import House
from greenroom_hub.identity import Identified
from greenroom_hub.people import Person
from greenroom_hub.policy import Policy
from greenroom_hub.ports import Ports
from greenroom_hub.secrets import Secrets
from greenroom_hub.service import application, build
from greenroom_hub.sessions import Session
from greenroom_hub.settings import PREFIX, Greenroom
from greenroom_hub.templates import Sidecar
from greenroom_proctor.words import Role
from tornado.httpclient import AsyncHTTPClient, HTTPResponse
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application

NOTEBOOK: dict[str, Any] = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {},
    "cells": [{"cell_type": "code", "id": "first", "metadata": {}, "source": "1 + 1"}],
}


class NoHub:
    """Nobody vouches for anybody, but for the tokens in `scripts`."""

    def __init__(self) -> None:
        self.scripts: dict[str, Person] = {}

    def authorize_url(self, state: str, verifier: str) -> str:
        return f"/hub/api/oauth2/authorize?state={state}"

    async def exchange(self, code: str, verifier: str) -> Identified | None:
        return None

    async def person_of(self, token: str) -> Person | None:
        return self.scripts.get(token)


@dataclass
class Browser:
    """Somebody with a cookie, on a page of the service."""

    url: str
    cookie: str = ""

    async def ask(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> HTTPResponse:
        sent = {"Origin": self.url, "Sec-Fetch-Site": "same-origin"}
        if self.cookie:
            sent["Cookie"] = f"greenroom={self.cookie}"
        if body is not None:
            sent["Content-Type"] = "application/json"
        return await AsyncHTTPClient().fetch(
            self.url + (path if path.startswith(PREFIX) else f"{PREFIX}api/v1/{path}"),
            method=method,
            headers=sent | (headers or {}),
            body=msgspec.json.encode(body) if body is not None else None,
            allow_nonstandard_methods=True,
            raise_error=False,
            follow_redirects=False,
        )

    async def json(self, method: str, path: str, body: object = None, *, status: int = 200) -> Any:
        answer = await self.ask(method, path, body)
        assert answer.code == status, (answer.code, answer.body)
        return msgspec.json.decode(answer.body) if answer.body else None


@dataclass
class Place:
    """A running service."""

    house: House
    hub: NoHub
    url: str
    secrets: Secrets
    application: Application

    def stranger(self) -> Browser:
        return Browser(self.url)

    async def staff(self, name: str, role: Role = Role.INTERVIEWER) -> Browser:
        await self.house.people.put(name, name.title(), role)
        secret, _ = await self.house.logins.start(name, name.title())
        return Browser(self.url, secret)

    async def candidate(self, session: str) -> Browser:
        secret, _ = await self.house.logins.start(session, "Jo Doe", session)
        return Browser(self.url, secret)

    async def session(self, author: str = "ada", **more: Any) -> Session:
        await self.house.people.put(author, author.title(), Role.INTERVIEWER)
        template = await self.house.templates.put("task", NOTEBOOK, {"data.csv": b"a\n1\n"}, Sidecar(), author)
        made = {"title": "Task", "candidate": "Jo Doe", "policy": Policy(), **more}
        return await self.house.sessions.create(template=template, author=author, **made)


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    socket, port = bind_unused_port()
    settings = Greenroom(data=str(tmp_path / "data"), port=port)
    settings.data_folder.mkdir()
    house, secrets, hub = build(settings, Ports(1, 1, 1, 1)), Secrets.of(settings.data_folder), NoHub()
    served = application(house, hub, secrets)
    server = HTTPServer(served)
    server.add_socket(socket)
    yield Place(house, hub, settings.url, secrets, served)
    server.stop()
    await house.rooms.close()
    await server.close_all_connections()
    house.store.close()
