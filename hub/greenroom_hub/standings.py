"""How the candidate's page stands, for staff: here, quiet or gone. A fact about the connection, and about nobody."""

from __future__ import annotations

from collections.abc import Iterable

from greenroom_proctor.messages import Milliseconds, Standing
from greenroom_proctor.words import Presence

from greenroom_hub.moment import Now

QUIET: Milliseconds = 12_000  # two signs of life were missed: a page gives one every five seconds


class Standings:
    """Those of all sessions. `heard`: the last sign of life of each of the candidate's connections."""

    def __init__(self, now: Now) -> None:
        self.now = now
        self._gone: dict[str, Milliseconds] = {}
        self._told: dict[str, Standing] = {}

    def gone(self, session: str, heard: Milliseconds) -> None:
        """A connection of the candidate's has ended, which was last heard then."""
        self._gone[session] = max(heard, self._gone.get(session, 0))

    def of(self, session: str, heard: Iterable[Milliseconds]) -> Standing | None:
        """How it stands now; None while it was never here."""
        last = max(heard, default=None)
        if last is None:
            gone = self._gone.get(session)
            return None if gone is None else Standing(Presence.GONE, gone)
        return Standing(Presence.QUIET, last) if self.now() - last >= QUIET else Standing(Presence.HERE)

    def changed(self, session: str, heard: Iterable[Milliseconds]) -> Standing | None:
        """How it stands now, when that is something else than what was told last."""
        standing = self.of(session, heard)
        if standing is None or standing == self._told.get(session):
            return None
        self._told[session] = standing
        return standing
