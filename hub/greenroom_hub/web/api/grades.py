"""REST: the grade of a submission, for staff. A candidate reads the counts in the timeline."""

from __future__ import annotations

from typing import ClassVar

from greenroom_proctor.grade import Grade

from greenroom_hub.web.access import Access
from greenroom_hub.web.handler import Handler
from greenroom_hub.web.operation import Operation
from greenroom_hub.web.paths import ONE


class GradeHandler(Handler):
    """The signed grade."""

    access: ClassVar = {"GET": Access.PANEL, "POST": Access.STEER}
    operations: ClassVar = {
        "GET": Operation("The grade by the template's hidden checks, signed", Grade),
        "POST": Operation("Grade what was handed in, if that was not done yet", Grade),
    }

    async def get(self, session: str) -> None:
        """The grade that was given."""
        found = await self.house.grades.get(session)
        if found is None:
            raise LookupError("this session has no grade: nothing was handed in and graded yet")
        self.answer(found)

    async def post(self, session: str) -> None:
        """Grade it now; the same grade when it was graded before."""
        found = await self.house.grades.grade(session)
        if found is None:
            raise LookupError("this session's template has no hidden checks")
        self.answer(found)


routes = [(f"{ONE}/grade", GradeHandler)]
