"""What excuses an observation before anybody is warned of it: the network was gone, or an interviewer had asked. Pure.

Limits: only the beginning of an observation is looked at, and what goes on after the excuse has ended is judged from
there. Whoever cuts their own connection is excused, too: that it was cut stands in the record.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from greenroom_proctor.escalation import Stretch
from greenroom_proctor.messages import Milliseconds
from greenroom_proctor.words import Excuse, Signal

# A page that is back opens the camera, loads its reader and asks for fullscreen again: that took 2–6 s on slow laptops.
SETTLING: Milliseconds = 10_000
# "Please look at the other screen" is said before the button is pressed, and followed at once.
BEFORE: Milliseconds = 10_000
# Two signs of life missed: a page gives one every five seconds.
SILENCE: Milliseconds = 10_000

# What was excused for less than a second before the excuse ended is no line of its own in anybody's timeline.
CRUMB: Milliseconds = 1_000

# Where somebody looks. A face that is gone or a second one is not what an interviewer asks for.
LOOKING = frozenset({Signal.GAZE, Signal.VISIBILITY, Signal.FOCUS, Signal.FULLSCREEN})


@dataclass(frozen=True, slots=True)
class Context:
    """A time in which an observation is excused. `end` is None while it goes on; no signals: every one; no browser:
    whichever reported it."""

    because: Excuse
    start: Milliseconds
    end: Milliseconds | None
    signals: frozenset[Signal] = frozenset()
    browser: str | None = None

    def covers(self, browser: str, seen: Stretch) -> bool:
        """Whether an observation began within it."""
        began = self.start < seen.start and (self.end is None or seen.start < self.end)
        ours = self.browser is None or self.browser == browser
        return began and ours and (not self.signals or seen.signal in self.signals)


def asked(at: Milliseconds, until: Milliseconds) -> Context:
    """An interviewer asked the candidate to look elsewhere."""
    return Context(Excuse.REQUEST, at - BEFORE, until, LOOKING)


def gaps(opened: Iterable[tuple[str, Milliseconds]], last: Iterable[tuple[str, Milliseconds]]) -> list[Context]:
    """The times in which a browser was not heard, and a moment more each: from the `last` words of its connections
    and from when it `opened` them."""
    starts = sorted(set(opened), key=lambda one: one[1])
    found = []
    for browser, heard in sorted(set(last), key=lambda one: one[1]):
        back = next((at for other, at in starts if other == browser and at > heard), None)
        found.append(Context(Excuse.RECONNECT, heard, None if back is None else back + SETTLING, browser=browser))
    return found


def divide(
    contexts: Sequence[Context], browser: str, seen: Stretch, now: Milliseconds
) -> list[tuple[Stretch, Excuse | None]]:
    """An observation as it is judged: what is excused, and what went on after the excuse had ended."""
    context = next((one for one in contexts if one.covers(browser, seen)), None)
    if context is None:
        return [(seen, None)]
    end = context.end
    if end is None or (now if seen.end is None else seen.end) <= end:
        return [(seen, context.because)]
    rest = divide(contexts, browser, replace(seen, id=f"{seen.id}.after", start=end), now)
    return rest if end - seen.start < CRUMB else [(replace(seen, end=end), context.because), *rest]
