"""What every test can have: a Docker with the image in it, the machine's own or one that is started for the tests.

`make test` runs two tests at a time (pytest-xdist): a file's tests one after another in one process, and all that need
a Docker likewise, as there is one.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from greenroom_hub.bench import dockerd


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder whose name is short: a socket's whole path has at most 107 bytes, and pytest's own names are long."""
    with tempfile.TemporaryDirectory(prefix="gr-", ignore_cleanup_errors=True) as place:
        yield Path(place)


@pytest.fixture(scope="session")
def docker() -> Iterator[str]:
    """The id of this checkout's image in a Docker that runs. `DOCKER_HOST` is set from then on."""
    if os.geteuid() != 0:
        pytest.skip("sessions in containers need root")
    with dockerd.docker() as image:
        yield image


def pytest_itemcollected(item: pytest.Item) -> None:
    """Says which tests stay together."""
    assert isinstance(item, pytest.Function)
    chosen = item.callspec.params.values() if hasattr(item, "callspec") else ()
    docker = "docker" in item.fixturenames or "docker" in chosen
    item.add_marker(pytest.mark.xdist_group("docker" if docker else item.nodeid.split("::")[0]))
