"""What browsers noticed, on its way into the record: all that came since the last commit goes into the next one."""

from __future__ import annotations

import asyncio
import logging
from typing import NamedTuple, Protocol

from greenroom_proctor.messages import Acknowledged, ToBrowser

from greenroom_hub.docket import Report
from greenroom_hub.incidents import Incidents
from greenroom_hub.record import Record
from greenroom_hub.sessions import Session

log = logging.getLogger("greenroom.intake")

AGAIN = 1013  # close code "try again later": the browser connects again and sends what was not acknowledged


class Teller(Protocol):
    """The wire of a browser."""

    def tell(self, message: ToBrowser) -> None: ...
    def close(self, code: int | None = None, reason: str | None = None) -> None: ...


class _Came(NamedTuple):
    wire: Teller
    session: Session
    report: Report


class Intake:
    """Takes observations in the order in which they come; each is durable and judged when it is acknowledged."""

    def __init__(self, incidents: Incidents, record: Record) -> None:
        self._incidents, self._record = incidents, record
        self._came: list[_Came] = []
        self._task: asyncio.Task[None] | None = None
        self._next: asyncio.Future[None] | None = None  # done when what waits now is stored
        self._current: asyncio.Future[None] | None = None

    def put(self, wire: Teller, session: Session, report: Report) -> None:
        """Takes an observation in."""
        if not self._came:
            self._next = asyncio.get_running_loop().create_future()
        self._came.append(_Came(wire, session, report))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work(), name="observations")

    async def settled(self) -> None:
        """Returns when everything that came so far is stored and judged."""
        if (last := self._next or self._current) is not None:
            await asyncio.shield(last)

    async def _work(self) -> None:
        while self._came:
            batch, self._came = self._came, []
            self._current, self._next = self._next, None
            await self._take(batch)
            if self._current is not None:
                self._current.set_result(None)
                self._current = None

    async def _take(self, batch: list[_Came]) -> None:
        wires: dict[Teller, _Came] = {came.wire: came for came in batch}  # the last of each stands for all before it
        try:
            await self._incidents.take_all([(came.session, came.report) for came in batch])
        except Exception:
            log.exception("%d observations were not stored; their browsers send them again", len(batch))
            for wire in wires:
                wire.close(AGAIN, "the last observations could not be stored; they will be sent again")
            return
        for wire, came in wires.items():
            wire.tell(Acknowledged(came.report.n, self._record.head(came.session.id)))
