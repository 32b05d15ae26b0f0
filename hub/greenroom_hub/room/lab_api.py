"""The small REST API that JupyterLab asks for: one kernel, one session, no files, and settings that people change for
themselves."""

from __future__ import annotations

from typing import Any, ClassVar

import json5
from tornado.web import HTTPError
from tornado.websocket import WebSocketHandler

from greenroom_hub.room import rights
from greenroom_hub.room.awareness import Known
from greenroom_hub.room.channels import require_writer
from greenroom_hub.room.kernel_link import CannotInterrupt, Status
from greenroom_hub.room.lab_extensions import Lab
from greenroom_hub.room.lab_page import DRIVE, notebook_name
from greenroom_hub.room.room import Room
from greenroom_hub.web.access import Access
from greenroom_hub.web.denied import Denied
from greenroom_hub.web.handler import Guarded, Handler

EPOCH = "1970-01-01T00:00:00Z"
LARGEST_SETTING = 65_536  # bytes of one plugin's settings
INTERRUPT_FAILED = "Restart it to stop what runs; variables are lost then."
MOST_SETTINGS = 50  # plugins whose settings one person changes


class RoomHandler(Handler):
    """A route below a room."""

    access: ClassVar = {"GET": Access.SEATED}
    states: ClassVar = rights.ENTERS

    async def room(self) -> Room:
        """The room."""
        assert self.session is not None
        return await self.house.rooms.open(self.session.id)


class ConstantHandler(RoomHandler):
    """The same answer for everybody."""

    def initialize(self, value: object) -> None:
        """Which answer."""
        self.value = value

    def get(self, **_kwargs: str) -> None:
        """The answer."""
        self.answer(self.value)


class MeHandler(RoomHandler):
    """Who looks at the page, as JupyterLab wants it."""

    def get(self, **_kwargs: str) -> None:
        """Name and colour."""
        assert self.seat is not None
        user = Known(self.who.name, self.who.display_name or self.who.name, self.seat.value).user()
        self.answer({"identity": {key: value for key, value in user.items() if key != "seat"}, "permissions": {}})


class KernelsHandler(RoomHandler):
    """The one kernel, in a list or alone."""

    async def get(self, kernel: str = "", **_kwargs: str) -> None:
        """What it is."""
        room = await self.room()
        if kernel and kernel != room.kernel.link.id:
            raise HTTPError(404, "this room has another kernel")
        self.answer(kernel_model(room) if kernel else [kernel_model(room)])


class KernelActionHandler(RoomHandler):
    """Interrupts or restarts the kernel."""

    access: ClassVar = {"POST": Access.WRITER}

    async def post(self, kernel: str, action: str, **_kwargs: str) -> None:
        """Does it, for those who may write now."""
        room = await self.room()
        require_writer(self.seat, room)
        if kernel != room.kernel.link.id:
            raise HTTPError(404, "this room has another kernel")
        if action == "interrupt":
            try:
                await room.kernel.interrupt()
            except CannotInterrupt as reason:
                raise Denied(503, str(reason), "the kernel goes on", INTERRUPT_FAILED) from None
            self.set_status(204)
            self.finish()
        else:
            await room.kernel.restart()
            self.answer(kernel_model(room))


class SessionsHandler(RoomHandler):
    """The one notebook with its kernel. It is always there: starting it changes nothing, and nobody ends it."""

    access: ClassVar = dict.fromkeys(("GET", "POST", "PATCH", "DELETE"), Access.SEATED)

    async def get(self, id: str = "", **_kwargs: str) -> None:  # noqa: ARG002 - there is but one
        """What it is."""
        model = await self._model()
        self.answer(model if self.path_kwargs.get("id") else [model])

    async def post(self, **_kwargs: str) -> None:
        """It runs already."""
        self.answer(await self._model(), 201)

    async def patch(self, **_kwargs: str) -> None:
        """It stays what it is."""
        self.answer(await self._model())

    def delete(self, **_kwargs: str) -> None:
        """It stays."""
        self.set_status(204)
        self.finish()

    async def _model(self) -> dict[str, Any]:
        room = await self.room()
        assert self.session is not None
        assert self.seat is not None
        path = f"{DRIVE}:{notebook_name(self.session)}"
        name = notebook_name(self.session)
        model = {"id": room.kernel.link.id, "path": path, "name": name, "type": "notebook"}
        return {**model, "kernel": kernel_model(room), "notebook": {"path": path, "name": name}}


class ContentsHandler(RoomHandler):
    """A folder with nothing in it."""

    def get(self, path: str | None = None, **_kwargs: str) -> None:
        """The folder; nothing else is there. Without a path it is None: tornado names every group of the address."""
        if (path or "").strip("/"):
            raise HTTPError(404, "a room has no files beside its notebook")
        times = {"created": EPOCH, "last_modified": EPOCH}
        kind = {"type": "directory", "format": "json", "mimetype": None, "size": None, "writable": False}
        self.answer({"name": "", "path": "", "content": [], **kind, **times})


class SettingsHandler(RoomHandler):
    """The settings of JupyterLab's plugins. What a person changes holds for them until the service restarts."""

    access: ClassVar = {"GET": Access.SEATED, "PUT": Access.SEATED}

    def initialize(self, lab: Lab, changed: dict[tuple[str, str], str]) -> None:
        """All settings, and what people changed."""
        self.lab = lab
        self.changed = changed

    def get(self, id: str = "", **_kwargs: str) -> None:
        """All settings, their ids, or one plugin's."""
        if id:
            self.answer(self._one(id))
        elif self.get_query_argument("ids_only", "") == "true":
            self.answer({"settings": [{"id": known} for known in self.lab.settings]})
        else:
            self.answer({"settings": [self._one(known) for known in self.lab.settings]})

    def put(self, id: str, **_kwargs: str) -> None:
        """Changes one plugin's."""
        raw = self.body(dict[str, str]).get("raw", "")
        mine = sum(1 for name, _ in self.changed if name == self.who.name)
        if id not in self.lab.settings or len(raw) > LARGEST_SETTING or mine >= MOST_SETTINGS:
            raise HTTPError(400, f"the settings of {id} were not kept: unknown, too long, or one of too many")
        self.changed[self.who.name, id] = raw
        self.set_status(204)
        self.finish()

    def _one(self, id: str) -> dict[str, Any]:
        found = self.lab.settings.get(id)
        if found is None:
            raise HTTPError(404, f"no plugin has the settings {id}")
        raw = self.changed.get((self.who.name, id))
        if raw is None:
            return found
        try:
            return {**found, "raw": raw, "settings": json5.loads(raw)}
        except ValueError:
            return found


class WorkspacesHandler(RoomHandler):
    """Where panels are: nothing is kept."""

    access: ClassVar = dict.fromkeys(("GET", "PUT", "DELETE"), Access.SEATED)

    def get(self, id: str = "", **_kwargs: str) -> None:
        """An empty workspace."""
        empty = {"data": {}, "metadata": {"id": id or "default"}}
        self.answer(empty if id else {"workspaces": {"ids": [], "values": []}})

    def put(self, **_kwargs: str) -> None:
        """Taken, and not kept."""
        self.set_status(204)
        self.finish()

    def delete(self, **_kwargs: str) -> None:
        """There is nothing to take away."""
        self.set_status(204)
        self.finish()


class EventsSocket(Guarded, WebSocketHandler):
    """JupyterLab listens here for events of its server. There are none."""

    access: ClassVar = {"GET": Access.SEATED}
    states: ClassVar = rights.ENTERS

    def open(self, *_args: str, **_kwargs: str) -> None:
        """Nothing is ever said."""

    def on_message(self, message: str | bytes) -> None:
        """Nothing is ever heard."""


def kernel_model(room: Room) -> dict[str, Any]:
    """The kernel as Jupyter's REST API tells it."""
    link = room.kernel.link
    state = Status.DEAD if room.frozen else link.status
    return {
        "id": link.id,
        "name": link.kernel_name,
        "execution_state": state.value,
        "last_activity": EPOCH,
        "connections": len(room.kernel.browsers),
    }


TRANSLATIONS = {"data": {"en": {"displayName": "English", "nativeName": "English"}}, "message": ""}
