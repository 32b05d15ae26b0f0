"""A few rounds of what `make crash` does by the hundred: each fault once."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from crash.rounds import FAULTS, Rounds


@pytest.mark.parametrize("seed", [1])
async def test_nothing_acknowledged_is_lost_or_doubled(tmp_path: Path, seed: int) -> None:
    made = Rounds(tmp_path, random.Random(seed))
    async with made.staged():
        await made._until(lambda: all(len(tab.cells) >= 3 for tab in made.tabs.values()), "everybody there")
        for fault in FAULTS:
            await made.round([fault])
        assert set(made.happened) == set(FAULTS)
        assert made.said
