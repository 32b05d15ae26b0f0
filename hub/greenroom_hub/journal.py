"""Where facts about a session go. The record is one; the parts that only add facts ask for no more than this."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Journal(Protocol):
    """A log that keeps what it is told."""

    async def append(
        self, session: str, type: str, body: Mapping[str, Any], *, private: Mapping[str, Any] | None = None, actor: str
    ) -> object:
        """Adds one fact, durable when it returns."""
