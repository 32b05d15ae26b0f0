"""The kernelspec of a room, as JupyterLab asks for it: the task's own kernel, with its language mode and icon."""

from __future__ import annotations

from typing import Any

from greenroom_sandbox.languages import BY_KERNEL
from tornado.web import HTTPError

from greenroom_hub.room.lab_api import RoomHandler
from greenroom_hub.room.notebooks import kernelspec


def listed(metadata: Any, icons: str) -> dict[str, Any]:  # noqa: ANN401 - a notebook's metadata
    """Jupyter's list of kernelspecs, with one in it. `icons`: the address below which icons lie."""
    spec = kernelspec(metadata)
    name = spec["name"]
    shown = {
        "argv": [],
        "env": {},
        "display_name": spec["display_name"],
        "language": spec["language"],
        "interrupt_mode": "signal",
        "metadata": {},
    }
    resources = {"logo-svg": f"{icons}{name}/logo-svg.svg"} if name in BY_KERNEL else {}
    return {"default": name, "kernelspecs": {name: {"name": name, "resources": resources, "spec": shown}}}


class KernelspecsHandler(RoomHandler):
    """The kernel of this room's notebook. Others are not on offer: the task says what it is about."""

    def get(self, **_kwargs: str) -> None:
        """The list."""
        assert self.session is not None
        template = self.session.template.notebook
        self.answer(
            listed(template.get("metadata", {}), self.request.path.replace("/api/kernelspecs", "/kernelspecs/"))
        )


class IconHandler(RoomHandler):
    """A wrapper kernel's icon."""

    def get(self, kernel: str, **_kwargs: str) -> None:
        """An SVG of ours, without scripts."""
        if kernel not in BY_KERNEL:
            raise HTTPError(404)
        self.set_header("Content-Type", "image/svg+xml")
        self.set_header("Cache-Control", "private, max-age=86400")
        self.finish(BY_KERNEL[kernel].icon)
