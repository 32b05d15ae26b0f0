"""One session's incidents in memory: what was observed, what goes on, and what excuses it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any

from greenroom_proctor import context
from greenroom_proctor.context import Context
from greenroom_proctor.escalation import Stretch, Watch
from greenroom_proctor.messages import Milliseconds, Observation
from greenroom_proctor.words import Excuse
from msgspec import Struct


class Report(Struct, frozen=True):
    """One observation as it came: whose browser, its number there, and when it was, by the service's clock."""

    browser: str
    n: int
    stretch: Stretch
    seen: Observation

    @property
    def body(self) -> dict[str, Any]:
        """What the record keeps."""
        one, seen = self.stretch, self.seen
        body: dict[str, Any] = {
            "browser": self.browser,
            "n": self.n,
            "id": one.id,
            "signal": one.signal,
            "kind": one.kind,
            "start": one.start,
            "end": one.end,
            "confidence": round(seen.confidence, 3),
            "quality": round(seen.quality, 3),
        }
        if seen.size is not None:
            body["size"] = seen.size
        if seen.by is not None:
            body["by"] = seen.by
        return body


@dataclass(slots=True)
class Docket:
    """One session's incidents, and the stretches that go on, each with the browser that reports it."""

    watch: Watch = field(default_factory=Watch)
    going_on: dict[str, tuple[str, Stretch]] = field(default_factory=dict)
    # Which browser began each observation that is known: it alone knows its own gaps.
    whose: dict[str, str] = field(default_factory=dict)
    contexts: list[Context] = field(default_factory=list)
    asked_until: Milliseconds = 0
    _opened: set[tuple[str, Milliseconds]] = field(default_factory=set)
    _last: set[tuple[str, Milliseconds]] = field(default_factory=set)
    _asked: list[Context] = field(default_factory=list)
    loaded: bool = False
    # One judgement after the other: each begins with what the one before it has decided.
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def note(self, browser: str, stretch: Stretch) -> None:
        """A browser said that this began, or that it ended."""
        self.whose[stretch.id] = browser
        if stretch.end is None:
            self.going_on[stretch.id] = (browser, stretch)
        else:
            self.going_on.pop(stretch.id, None)

    def leave(self, browser: str, heard: Milliseconds) -> list[Stretch]:
        """What a browser reported as going on, ended when it was last heard."""
        left = [one for whose, one in self.going_on.values() if whose == browser]
        self.going_on = {id: held for id, held in self.going_on.items() if held[0] != browser}
        return [replace(one, end=max(one.start, heard)) for one in left]

    def weighed(self, id: str) -> list[Stretch]:
        """The parts of a stretch that are known here: one for each span of the session in which it lay."""
        known = (one for case in self.watch.all() for one in case.stretches)
        return [one for one in known if one.id.partition(".")[0] == id]

    def connected(self, browser: str, at: Milliseconds) -> None:
        """A browser is here, or here again."""
        self._opened.add((browser, at))
        self._gather()

    def gone(self, browser: str, heard: Milliseconds) -> None:
        """A browser was last heard then."""
        self._last.add((browser, heard))
        self._gather()

    def asked(self, at: Milliseconds, until: Milliseconds) -> None:
        """An interviewer asked the candidate to look elsewhere."""
        self.asked_until = max(self.asked_until, until)
        self._asked.append(context.asked(at, until))
        self._gather()

    def divided(self, stretch: Stretch, now: Milliseconds) -> list[tuple[Stretch, Excuse | None]]:
        """An observation in its parts: what is excused, and what is judged."""
        return context.divide(self.contexts, self.whose.get(stretch.id, ""), stretch, now)

    def _gather(self) -> None:
        self.contexts = [*self._asked, *context.gaps(self._opened, self._last)]
