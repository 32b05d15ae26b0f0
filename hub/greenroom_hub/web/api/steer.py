"""REST: what interviewers do to the notebook through the service: push a task, lock and unlock cells."""

from __future__ import annotations

from typing import ClassVar

from greenroom_proctor.messages import TaskAdded
from greenroom_proctor.words import Seat
from msgspec import Struct

from greenroom_hub.room import steering
from greenroom_hub.room.room import Room
from greenroom_hub.web.access import Access
from greenroom_hub.web.denied import Denied
from greenroom_hub.web.handler import Handler
from greenroom_hub.web.operation import Operation
from greenroom_hub.web.paths import ONE


class Lock(Struct, frozen=True, forbid_unknown_fields=True):
    """Whether a cell is locked: nobody changes or removes it until it is unlocked. It can be run."""

    locked: bool


class _Steering(Handler):
    async def room(self, session: str) -> Room:
        """The session's room. Denied when nothing may be changed there now."""
        assert self.session is not None
        room = await self.house.rooms.open(session)
        if not room.may_write(Seat.INTERVIEWER):
            raise Denied(409, "The notebook was not changed", f"the session is {self.session.state}")
        return room


class TaskHandler(_Steering):
    """A task of the template that the candidate does not have yet."""

    access: ClassVar = {"POST": Access.INTERVIEWER}
    operations: ClassVar = {"POST": Operation("Put a task at the end of the notebook", status=204)}

    async def post(self, session: str, task: str) -> None:
        """Once; everybody in the room is told."""
        assert self.session is not None
        room = await self.room(session)
        found = next((one for one in self.session.template.tasks if one.name == task), None)
        if found is None:
            raise Denied(404, "The task was not pushed", f"the template has no task {task!r}")
        if room.has_any(found.ids):
            raise Denied(409, "The task was not pushed", "it is in the notebook already")
        body = {"task": task, "locked": steering.marked(found.cells)}
        await self.house.record.append(session, steering.PUSHED, body, actor=self.actor)
        if not room.has_any(found.ids):  # two presses at once
            steering.push(room, found.cells)
            self.house.wires.tell(session, TaskAdded(found.title, found.cells[0]["id"]))
        self.set_status(204)
        self.finish()


class LockHandler(_Steering):
    """A cell's lock."""

    access: ClassVar = {"POST": Access.INTERVIEWER}
    operations: ClassVar = {"POST": Operation("Lock a cell for everybody, or unlock it", None, Lock, 204)}

    async def post(self, session: str, cell: str) -> None:
        """Known to the record before it holds."""
        locked = self.body(Lock).locked
        room = await self.room(session)
        if not room.has_any({cell}):
            raise Denied(404, "The cell was not locked" if locked else "The cell was not unlocked", "it is gone")
        body = {"cell": cell, "locked": locked}
        await self.house.record.append(session, steering.LOCKED, body, actor=self.actor)
        if room.has_any({cell}):
            steering.lock(room, cell, locked=locked)
        self.set_status(204)
        self.finish()


routes = [
    (rf"{ONE}/tasks/(?P<task>[A-Za-z0-9_.-]{{1,100}})", TaskHandler),
    (rf"{ONE}/cells/(?P<cell>[A-Za-z0-9_-]{{1,64}})/lock", LockHandler),
]
