"""How often somebody may do something: a sliding minute."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

MINUTE = 60.0


class Rate:
    """Counts per name. `now` in seconds on any clock that only goes forward."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._taken: dict[str, deque[float]] = {}

    def take(self, name: str, most: int) -> float:
        """0 when it is granted, and then counted; else the seconds until it would be."""
        now = self._now()
        for other in [one for one, times in self._taken.items() if now - times[-1] >= MINUTE]:
            del self._taken[other]
        times = self._taken.setdefault(name, deque())
        while times and now - times[0] >= MINUTE:
            times.popleft()
        if len(times) < most:
            times.append(now)
            return 0.0
        return MINUTE - (now - times[-most])
