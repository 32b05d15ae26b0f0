"""What every test can have: a Docker with the image in it, the machine's own or one that is started for the tests."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from greenroom_hub.bench import dockerd


@pytest.fixture(scope="session")
def docker() -> Iterator[str]:
    """The id of this checkout's image in a Docker that runs. `DOCKER_HOST` is set from then on."""
    if os.geteuid() != 0:
        pytest.skip("sessions in containers need root")
    with dockerd.docker() as image:
        yield image
