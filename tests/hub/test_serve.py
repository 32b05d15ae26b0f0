"""What `greenroom serve` refuses before it starts anything."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from greenroom_hub import serve
from greenroom_hub.ports import Ports
from greenroom_hub.secrets import Secrets
from greenroom_hub.settings import Greenroom


def settings(tmp_path: Path, **given: object) -> Greenroom:
    tmp_path.mkdir(exist_ok=True)
    return Greenroom(data=str(tmp_path), **given)


def test_a_port_in_use_names_the_port_and_another(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        with pytest.raises(serve.CannotServe, match=rf"port {port} .*in use.*GREENROOM_PORT={port + 1}"):
            serve.check(settings(tmp_path, port=port))


def test_a_missing_certificate_is_named(tmp_path: Path) -> None:
    with pytest.raises(serve.CannotServe, match=r"/nowhere/cert.pem cannot be read"):
        serve.check(settings(tmp_path, port=Ports.free().hub, tls="/nowhere/cert.pem:/nowhere/key.pem"))


def test_a_long_path_for_sockets_is_refused(tmp_path: Path) -> None:
    with pytest.raises(serve.CannotServe, match="GREENROOM_RUNTIME"):
        serve.check(settings(tmp_path, port=Ports.free().hub, runtime="/run/" + "x" * 100))


def test_what_is_not_built_says_so(tmp_path: Path) -> None:
    with pytest.raises(serve.CannotServe, match="not built yet"):
        serve.check(settings(tmp_path, port=Ports.free().hub, backend="docker"))


def test_two_parents_on_one_folder_are_refused(tmp_path: Path) -> None:
    with serve.alone(tmp_path), pytest.raises(serve.CannotServe, match="another Greenroom"), serve.alone(tmp_path):
        pass


def test_a_setting_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENROOM_PORT", "9123")
    assert Greenroom().url == "http://127.0.0.1:9123"


def test_a_public_url_behind_a_reverse_proxy_is_what_people_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENROOM_PUBLIC_URL", "https://room.example.org/")
    assert (Greenroom().url, Greenroom().secure) == ("https://room.example.org", True)


def test_secrets_are_made_once_and_private(tmp_path: Path) -> None:
    first, second = Secrets.of(tmp_path), Secrets.of(tmp_path)
    assert first == second
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "secrets").iterdir()} == {0o600}
    assert first.service_token not in repr(first)
    assert len({first.service_token, first.proxy_token, first.cookie_secret, first.hub_cookie_secret}) == 4
