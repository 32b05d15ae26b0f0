"""How fast a page is read: what comes faster waits, and nobody else does."""

from __future__ import annotations

from collections.abc import Callable

# Messages a second. A key is an update and a caret, and a key that is held repeats 30 times a second: 60.
PER_SECOND = 200
BURST = 2000  # what a page was offline with comes as one update; a paste into many cells as some dozens


class Allowance:
    """One person's messages in one room. `now` in seconds on a clock that only goes forward."""

    def __init__(self, now: Callable[[], float], *, per_second: float = PER_SECOND, burst: float = BURST) -> None:
        self._now = now
        self._per_second, self._burst = per_second, burst
        self._left, self._at = burst, now()

    def take(self) -> float:
        """Counts one message, and returns the seconds until the next one is read: 0 for whoever keeps to it."""
        now = self._now()
        self._left = min(self._burst, self._left + (now - self._at) * self._per_second) - 1
        self._at = now
        return max(0.0, -self._left / self._per_second)
