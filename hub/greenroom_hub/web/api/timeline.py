"""REST: the timeline, which is the record as a person may read it."""

from __future__ import annotations

from typing import ClassVar

from greenroom_hub.web.access import Access
from greenroom_hub.web.api.shapes import EventView
from greenroom_hub.web.denied import Denied
from greenroom_hub.web.handler import Handler
from greenroom_hub.web.operation import Operation
from greenroom_hub.web.paths import ONE


class TimelineHandler(Handler):
    """What happened in a session. The candidate reads the same chain: no event about a person is hidden from them."""

    access: ClassVar = {"GET": Access.LOOK}
    operations: ClassVar = {"GET": Operation("The events after the one numbered ?after=", list[EventView])}

    async def get(self, session: str) -> None:
        """The events, oldest first."""
        text = self.get_argument("after", "0")
        if not text.isdecimal() or len(text) > 9:
            raise Denied(400, "The timeline was not read", f"after is {text!r}", "Give the number of an event.")
        events = await self.house.record.events(session, int(text))
        self.answer([EventView(**{name: getattr(one, name) for name in EventView.__struct_fields__}) for one in events])


routes = [(f"{ONE}/timeline", TimelineHandler)]
