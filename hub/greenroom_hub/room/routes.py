"""The addresses of rooms."""

from __future__ import annotations

from typing import Any

from greenroom_hub.room import kernelspecs, lab_api
from greenroom_hub.room.channels import KernelSocket
from greenroom_hub.room.lab_extensions import Lab
from greenroom_hub.room.lab_page import LabPageHandler
from greenroom_hub.room.lab_static import STATIC, LabStaticHandler
from greenroom_hub.room.output_frame import PATH, OutputFrame
from greenroom_hub.room.socket import DocumentSocket, PresenceSocket
from greenroom_hub.settings import PREFIX
from greenroom_hub.web.paths import SESSION

ROOM = f"{PREFIX}room/{SESSION}"


def _routes() -> list[tuple[Any, ...]]:
    lab = Lab.installed()
    settings = {"lab": lab, "changed": {}}
    return [
        (f"{ROOM}/document", DocumentSocket),
        (f"{ROOM}/presence", PresenceSocket),
        (f"{ROOM}/api/kernels/(?P<kernel>[0-9a-f-]+)/channels", KernelSocket),
        (f"{ROOM}/api/kernels/(?P<kernel>[0-9a-f-]+)/(?P<action>interrupt|restart)", lab_api.KernelActionHandler),
        (f"{ROOM}/api/kernels/(?P<kernel>[0-9a-f-]+)", lab_api.KernelsHandler),
        (f"{ROOM}/api/kernels", lab_api.KernelsHandler),
        (f"{ROOM}/api/sessions(?:/(?P<id>[0-9a-f-]+))?", lab_api.SessionsHandler),
        (f"{ROOM}/api/contents(?P<path>/.*)?", lab_api.ContentsHandler),
        (f"{ROOM}/api/events/subscribe", lab_api.EventsSocket),
        (f"{ROOM}/api/me", lab_api.MeHandler),
        (f"{ROOM}/api/kernelspecs", kernelspecs.KernelspecsHandler),
        (f"{ROOM}/kernelspecs/(?P<kernel>[a-z0-9-]+)/logo-svg.svg", kernelspecs.IconHandler),
        (f"{ROOM}/api/terminals", lab_api.ConstantHandler, {"value": []}),
        (f"{ROOM}/api/nbconvert", lab_api.ConstantHandler, {"value": {}}),
        (f"{ROOM}/api/status", lab_api.ConstantHandler, {"value": {"kernels": 1, "connections": 0}}),
        (f"{ROOM}/api/?", lab_api.ConstantHandler, {"value": {"version": "2.21.1"}}),
        (f"{ROOM}/lab/api/settings(?:/(?P<id>.+))?", lab_api.SettingsHandler, settings),
        (f"{ROOM}/lab/api/translations", lab_api.ConstantHandler, {"value": lab_api.TRANSLATIONS}),
        (f"{ROOM}/lab/api/translations/.*", lab_api.ConstantHandler, {"value": {"data": {}, "message": ""}}),
        (f"{ROOM}/lab/api/workspaces(?:/(?P<id>.+))?", lab_api.WorkspacesHandler),
        (f"{ROOM}/lab/api/(?:listings|licenses)/?.*", lab_api.ConstantHandler, {"value": {}}),
        (f"{ROOM}/lab(?!/api/)(?:/.*)?", LabPageHandler, {"lab": lab}),
        (PATH, OutputFrame),
        (f"{STATIC}{lab.version}/(core|extensions|themes)/(.+)", LabStaticHandler, {"lab": lab}),
    ]


routes: list[tuple[Any, ...]] = _routes()
