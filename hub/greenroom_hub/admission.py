"""How much one session may say to the service: connections of each person, and messages of all of them together.

Each connection is read no faster than its own pace; these limits are for many connections at once.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque

from greenroom_proctor.messages import Milliseconds

from greenroom_hub.moment import Now

TOO_MANY = 4029  # close code, after HTTP's 429; a page tries again later, and what it has is sent then
PAGES = 12  # of one person in one session: two tabs and a phone are three, and each page has one wire
PER_MINUTE = 2400  # two pages that send all that they may keep while they are offline (1,000 each) beside others
MINUTE: Milliseconds = 60_000


class Admission:
    """The counts of all sessions."""

    def __init__(self, now: Now) -> None:
        self.now = now
        self._open: Counter[tuple[str, str]] = Counter()
        self._said: defaultdict[str, deque[Milliseconds]] = defaultdict(deque)

    def enter(self, session: str, person: str) -> str | None:
        """Why there is no room for one more connection; None where there is, and it is counted."""
        if self._open[session, person] >= PAGES:
            return f"you have {PAGES} pages of this session open already; close some"
        self._open[session, person] += 1
        return None

    def leave(self, session: str, person: str) -> None:
        """One that had entered is gone."""
        self._open[session, person] -= 1
        self._open += Counter()  # drops what is zero
        if all(other != session for other, _ in self._open):
            self._said.pop(session, None)

    def overflows(self, session: str) -> str | None:
        """Counts a message; why it is one too many, if it is."""
        said, at = self._said[session], self.now()
        while said and at - said[0] >= MINUTE:
            said.popleft()
        if len(said) >= PER_MINUTE:
            return f"this session has sent more than {PER_MINUTE} messages within a minute; it goes on later"
        said.append(at)
        return None
