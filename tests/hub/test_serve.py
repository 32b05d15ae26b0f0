"""What `greenroom serve` refuses before it starts anything."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from greenroom_hub import serve
from greenroom_hub.ports import Ports
from greenroom_hub.secrets import Secrets
from greenroom_hub.settings import Greenroom
from hub.certificates import certificate


def settings(tmp_path: Path, **given: object) -> Greenroom:
    tmp_path.mkdir(exist_ok=True)
    return Greenroom(data=str(tmp_path), **given)


def test_a_port_in_use_names_the_port_and_another(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        with pytest.raises(serve.CannotServe, match=rf"port {port} .*in use.*GREENROOM_PORT={port + 1}"):
            serve.check(settings(tmp_path, port=port))


def refused(tmp_path: Path, **given: object) -> str:
    """Why these settings are refused."""
    with pytest.raises(serve.CannotServe) as error:
        serve.check(settings(tmp_path, port=Ports.free().hub, **given))
    return str(error.value)


def test_a_certificate_that_browsers_would_refuse_is_refused_with_the_reason(tmp_path: Path) -> None:
    assert "/nowhere/cert.pem cannot be read" in refused(tmp_path, tls="/nowhere/cert.pem:/nowhere/key.pem")
    assert "CERTIFICATE:KEY" in refused(tmp_path, tls="/nowhere/both.pem")
    mine, _ = certificate(tmp_path / "one")
    _, other = certificate(tmp_path / "two")
    assert "no certificate with its key" in refused(tmp_path, tls=f"{mine}:{other}")
    old = ":".join(map(str, certificate(tmp_path / "old", days=-1)))
    assert "browsers refuse it. Renew it" in refused(tmp_path, tls=old)
    locked = ":".join(map(str, certificate(tmp_path / "locked", password=b"secret")))
    assert "the key asks for a password" in refused(tmp_path, tls=locked)


def test_on_all_addresses_the_certificate_names_the_host(tmp_path: Path) -> None:
    tls = ":".join(map(str, certificate(tmp_path)))
    assert Greenroom(bind="0.0.0.0", port=443, tls=tls).url == "https://room.example.org"
    assert Greenroom(bind="0.0.0.0", port=8443, tls=tls).near == "https://127.0.0.1:8443"
    assert Greenroom(bind="::1", port=8443).url == "http://[::1]:8443"


@pytest.mark.parametrize("url", ["room.example.org", "ftp://room.example.org", "https://"])
def test_a_public_url_that_is_none_is_refused(tmp_path: Path, url: str) -> None:
    assert "must be like https://" in refused(tmp_path, public_url=url)


def test_a_public_url_with_a_path_is_refused(tmp_path: Path) -> None:
    assert "not https://example.org/room" in refused(tmp_path, public_url="https://example.org/room/")


def test_a_long_path_for_sockets_is_refused(tmp_path: Path) -> None:
    with pytest.raises(serve.CannotServe, match="GREENROOM_RUNTIME"):
        serve.check(settings(tmp_path, port=Ports.free().hub, runtime="/run/" + "x" * 100))


def test_an_unknown_backend_is_refused(tmp_path: Path) -> None:
    with pytest.raises(serve.CannotServe, match="'embedded' and 'docker' are known"):
        serve.check(settings(tmp_path, port=Ports.free().hub, backend="lxc"))


def test_without_a_docker_the_docker_backend_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    with pytest.raises(serve.CannotServe, match="systemctl start docker"):
        serve.check(settings(tmp_path, port=Ports.free().hub, backend="docker"))


def test_what_docker_lacks_is_named(docker: str, tmp_path: Path) -> None:
    port = Ports.free().hub
    with pytest.raises(serve.CannotServe, match=r"no image 'greenroom:none'. Build it"):
        serve.check(settings(tmp_path, port=port, backend="docker", docker_image="greenroom:none"))
    with pytest.raises(serve.CannotServe, match=r"no runtime 'runsc-none'; it has .*runc"):
        serve.check(settings(tmp_path, port=port, backend="docker", docker_runtime="runsc-none"))
    serve.check(settings(tmp_path, port=port, backend="docker"))


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
