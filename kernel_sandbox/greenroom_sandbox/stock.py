"""Boxes made beforehand: whoever runs a program does not wait until its box has been made.

Each is as fresh as any: nothing of any job was ever in it, and it is used once. They are made while nothing runs, so
that no job pays for the next one's box; when many come at once, those that find no box here have theirs made as ever.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from greenroom_sandbox import ready
from greenroom_sandbox.policy import Policy
from greenroom_sandbox.ready import Ready

_Kind = tuple[int, int, int, tuple[str, ...]]


def _kind(policy: Policy) -> _Kind:
    """What of a policy is fixed once a box is made; the rest comes with the orders."""
    return policy.memory, policy.processes, policy.disk, policy.read_only


class Stock:
    """At most `most` boxes, of the kinds that were taken last: the next jobs are likely as the last ones were.

    `busy`: whether something runs.
    """

    def __init__(self, most: int, busy: Callable[[], bool]) -> None:
        self._busy = busy
        self._taken: deque[Policy] = deque(maxlen=most)
        self.ready: list[Ready] = []
        self._filling: asyncio.Task[None] | None = None

    async def take(self, policy: Policy) -> Ready:
        """A box for `policy`, made before if there is one."""
        self._taken.append(policy)
        for box in self.ready:
            if box.alive and _kind(box.policy) == _kind(policy):
                self.ready.remove(box)
                return box
        return await ready.made(policy)

    def fill(self) -> None:
        """Begin to make what is missing, unless something runs."""
        if self._filling is None or self._filling.done():
            self._filling = asyncio.create_task(self._fill())

    async def filled(self) -> None:
        """Return when nothing is missing, or something runs."""
        if self._filling is not None:
            await self._filling

    async def close(self) -> None:
        """Throw all away."""
        self._taken.clear()
        await self.filled()
        await self._throw(self.ready)

    async def _fill(self) -> None:
        while not self._busy():
            missing, surplus = list(self._taken), []
            for box in self.ready:
                same = next((one for one in missing if box.alive and _kind(one) == _kind(box.policy)), None)
                if same is None:
                    surplus.append(box)
                else:
                    missing.remove(same)
            await self._throw(surplus)
            if not missing:
                return
            self.ready.append(await ready.made(missing[0]))

    async def _throw(self, boxes: list[Ready]) -> None:
        for box in list(boxes):
            self.ready.remove(box)
            await box.throw_away()
