"""Variants: the files of each session, made from its own seed, so that no two candidates get the same numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from greenroom_hub.grading.checks import MADE
from greenroom_hub.grading.grader import Grader
from greenroom_hub.sessions import Session

KEPT = 64  # sessions whose files stay in memory: they can be made again from the seed


@dataclass(frozen=True, slots=True)
class Kit:
    """What one session is held with: `files` are the candidate's, `hidden` are the checks'."""

    files: Mapping[str, bytes]
    hidden: Mapping[str, bytes]


def seed_of(session: str) -> int:
    """A session's seed: of its id, so that its record is enough to make the same files again."""
    return int.from_bytes(hashlib.sha256(session.encode()).digest()[:4], "big")


class Variants:
    """The kits of all sessions."""

    def __init__(self, grader: Grader) -> None:
        self._grader = grader
        self._known: dict[str, Kit] = {}

    async def of(self, session: Session) -> Kit:
        """A session's kit. Broken says why the template's maker did not make it."""
        template = session.template
        maker = template.settings.checks.maker
        if maker is None:
            return Kit(template.files, template.hidden)
        if session.id not in self._known:
            made = await self._grader.files(template.hidden[maker].decode(), seed_of(session.id))
            if len(self._known) >= KEPT:
                del self._known[next(iter(self._known))]
            self._known[session.id] = Kit(
                {**template.files, **{name: data for name, data in made.items() if not name.startswith(MADE)}},
                {**template.hidden, **{name: data for name, data in made.items() if name.startswith(MADE)}},
            )
        return self._known[session.id]
