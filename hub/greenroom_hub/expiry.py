"""What time does to a session without anybody's doing: the deadline, and waiting too long."""

from __future__ import annotations

from collections.abc import Iterable

from greenroom_proctor.messages import Milliseconds
from greenroom_proctor.words import Action, State
from tornado.ioloop import PeriodicCallback

from greenroom_hub.life import Refusal
from greenroom_hub.logins import Logins
from greenroom_hub.moment import HOUR, Now
from greenroom_hub.sessions import Session, Sessions

# A candidate who arrived and whose door nobody opened the same day was forgotten.
LOBBY: Milliseconds = 24 * HOUR
# Ten times an invitation's default life: nobody comes any more.
SCHEDULED: Milliseconds = 30 * 24 * HOUR
# How late the end may come. A tenth of a second is less than the page takes to show it.
EVERY: Milliseconds = 100
SWEEP: Milliseconds = 60_000


def due(session: Session, now: Milliseconds) -> Action | None:
    """What has to happen to a session by now."""
    deadline = session.deadline
    if deadline is not None and deadline <= now:
        return Action.EXPIRE
    if session.state is State.LOBBY and (session.when(Action.ARRIVE) or now) + LOBBY <= now:
        return Action.CANCEL
    if session.state is State.SCHEDULED and session.created + SCHEDULED <= now:
        return Action.MISS
    return None


class Timekeeper:
    """Looks at the server's clock and moves sessions whose time has come."""

    def __init__(self, sessions: Sessions, logins: Logins, now: Now) -> None:
        self._sessions = sessions
        self._logins = logins
        self._now = now
        self._timers = [PeriodicCallback(self.look, EVERY), PeriodicCallback(logins.sweep, SWEEP)]

    def start(self) -> None:
        """From now on. A look that takes longer than the interval is not started twice."""
        for timer in self._timers:
            timer.start()

    def stop(self) -> None:
        """Looks no more."""
        for timer in self._timers:
            timer.stop()

    async def look(self) -> None:
        """Does what is due now."""
        await self._act(self._sessions.known())

    async def _act(self, sessions: Iterable[Session]) -> None:
        now = self._now()
        for session, action in [(one, due(one, now)) for one in sessions]:
            if action is None:
                continue
            try:
                await self._sessions.act(session.id, action, "clock")
            except Refusal:  # somebody was faster: handed in, or extended
                continue
