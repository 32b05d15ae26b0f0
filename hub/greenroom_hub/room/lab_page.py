"""JupyterLab's page as people in a room get it."""

from __future__ import annotations

import json
import re
from typing import Any, ClassVar

import msgspec
from greenroom_proctor.words import Seat

from greenroom_hub import bundle
from greenroom_hub.room import rights
from greenroom_hub.room.awareness import Known
from greenroom_hub.room.lab_extensions import PACKAGES, PLUGINS, Lab
from greenroom_hub.room.lab_static import STATIC
from greenroom_hub.sessions import Session
from greenroom_hub.settings import PREFIX
from greenroom_hub.web.access import Access
from greenroom_hub.web.handler import Handler

DRIVE = "Room"

# JupyterLab compiles schemas with `Function`, hence 'unsafe-eval'; inline scripts and event attributes stay out.
POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-eval' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "connect-src 'self'; img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' data: blob: mediastream:; "
    "worker-src 'self' blob:; frame-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<link rel="icon" href="data:,">
<script id="jupyter-config-data" type="application/json">{config}</script>
<script defer src="{main}" integrity="{integrity}"></script>
</head>
<body class="jp-ThemedContainer"></body>
</html>
"""


class LabPageHandler(Handler):
    """The page of one room, for one person."""

    access: ClassVar = {"GET": Access.SEATED}
    states: ClassVar = rights.ENTERS
    holds_calls = True

    def initialize(self, lab: Lab) -> None:
        """Which JupyterLab."""
        self.lab = lab

    def content_security_policy(self) -> str:
        """What a room's page may load."""
        return POLICY

    def get(self, *_args: str, **_kwargs: str) -> None:
        """The page. What it needs to know is in it as data."""
        assert self.session is not None
        assert self.seat is not None
        person = Known(self.who.name, self.who.display_name or self.who.name, self.seat.value)
        config = page_config(self.lab, self.session, self.seat, person)
        if (workspace := _WORKSPACE.search(self.request.path)) is not None:
            config["workspace"] = workspace[1]
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(
            _PAGE.format(
                title=_escaped(self.session.title),
                config=json.dumps(config).replace("<", "\\u003c"),
                main=f"{config['fullStaticUrl']}/{self.lab.main}",
                integrity=self.lab.integrity,
            )
        )


# A second tab gets a name of its own from JupyterLab and is loaded again under it; told the first one's name, it would
# be loaded again for ever.
_WORKSPACE = re.compile(r"/lab/workspaces/([A-Za-z0-9-]{1,64})$")


def page_config(lab: Lab, session: Session, seat: Seat, person: Known) -> dict[str, Any]:
    """JupyterLab's page options, with `greenroom`, the JSON that our extension reads."""
    base = f"{PREFIX}room/{session.id}/"
    files = f"{STATIC}{lab.version}"
    return {
        "appName": "JupyterLab",
        "appNamespace": "lab",
        "appVersion": lab.lab_version,
        "baseUrl": base,
        "wsUrl": "",
        "cacheFiles": True,
        "devMode": False,
        "buildAvailable": False,
        "buildCheck": False,
        "exposeAppInBrowser": False,
        "terminalsAvailable": False,
        "quitButton": False,
        "mode": "multiple-document",
        "workspace": "default",
        "treePath": "",
        "preferredPath": "/",
        "serverRoot": "",
        "store_id": 0,
        "ignorePlugins": [],
        "notebookVersion": "[2,21,1]",
        "news": {"disabled": True},
        "federated_extensions": lab.federated,
        "disabledExtensions": [*PACKAGES, *PLUGINS],
        "greenroom": json.dumps(room_config(session, seat, person)),
        **_addresses(base, files),
    }


def _addresses(base: str, files: str) -> dict[str, str]:
    api = f"{base}lab/api"
    found = {"appUrl": "/lab", "fullAppUrl": f"{base}lab", "fullStaticUrl": f"{files}/core"}
    for name, url in (
        ("settingsUrl", f"{api}/settings"),
        ("translationsApiUrl", f"{api}/translations"),
        ("workspacesApiUrl", f"{api}/workspaces"),
        ("licensesUrl", f"{api}/licenses"),
        ("listingsUrl", f"{api}/listings"),
        ("labextensionsUrl", f"{files}/extensions"),
        ("themesUrl", f"{files}/themes"),
        ("mathjaxUrl", ""),
    ):
        found[f"full{name[0].upper()}{name[1:]}"] = url
        # JupyterLab puts the base before the short one, which therefore is relative to it.
        found[name] = url.replace(base, "/").replace(PREFIX, "/../../") if url else ""
    return found


def room_config(session: Session, seat: Seat, person: Known) -> dict[str, Any]:
    """What our extension needs to know: the page option `greenroom`."""
    name = notebook_name(session)
    return {
        "session": session.id,
        "title": session.title,
        "seat": seat.value,
        "state": session.state.value,
        "me": person.user(),
        "notebook": {"drive": DRIVE, "name": name, "path": f"{DRIVE}:{name}"},
        "paths": {
            "document": f"{PREFIX}room/{session.id}/document",
            "presence": f"{PREFIX}room/{session.id}/presence",
            "wire": f"{PREFIX}api/v1/sessions/{session.id}/wire",
            "call": f"{PREFIX}api/v1/sessions/{session.id}/call",
            "api": f"{PREFIX}api/v1/sessions/{session.id}",
            "camera": f"{bundle.current().folder}camera/",
            "frame": f"{PREFIX}frame",
            "programs": f"{bundle.current().folder}frame/",
            "exit": f"{PREFIX}s/{session.id}" if seat is Seat.CANDIDATE else f"{PREFIX}sessions/{session.id}",
        },
        "bundle": bundle.current().fingerprint,
        "policy": msgspec.to_builtins(session.policy),
    }


def notebook_name(session: Session) -> str:
    """What the notebook is called in the page."""
    return f"{session.template.template}.ipynb"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
