"""The stages that the tests of rooms play on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from room.staging import JupyterGuest, NoGuests, Stage, jupyter_guest, stage


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def guest(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[JupyterGuest]:
    """One jupyter_server for all tests of rooms."""
    async with jupyter_guest(tmp_path_factory.mktemp("guest")) as running:
        yield running


@pytest_asyncio.fixture
async def quiet(tmp_path: Path) -> AsyncIterator[Stage]:
    """A live session without a kernel."""
    async with stage(tmp_path / "house", NoGuests()) as made:
        await made.begin()
        yield made


@pytest_asyncio.fixture
async def live(tmp_path: Path, guest: JupyterGuest) -> AsyncIterator[Stage]:
    """A live session with a kernel."""
    async with stage(tmp_path / "house", guest) as made:
        await made.begin()
        yield made
