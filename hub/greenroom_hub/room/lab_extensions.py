"""JupyterLab as a room has it: which parts of it, which extensions beside it, and with which settings."""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from jupyterlab_server.settings_utils import get_settings

from greenroom_hub.settings import CHECKOUT

OURS = "@greenroom/lab"
BESIDE = ("@jupyter/collaboration-extension", "@jupyter-widgets/jupyterlab-manager")

# Whole packages that have no place in a room: other files, other kernels, other pages, settings of a server that is not
# there; and what would run a cell's output as a program.
PACKAGES = (
    "@jupyterlab/audio-extension",
    "@jupyterlab/console-extension",
    "@jupyterlab/csvviewer-extension",
    "@jupyterlab/debugger-extension",
    "@jupyterlab/extensionmanager-extension",
    "@jupyterlab/filebrowser-extension",
    "@jupyterlab/fileeditor-extension",
    "@jupyterlab/help-extension",
    "@jupyterlab/htmlviewer-extension",
    "@jupyterlab/hub-extension",
    "@jupyterlab/imageviewer-extension",
    "@jupyterlab/javascript-extension",
    "@jupyterlab/launcher-extension",
    "@jupyterlab/logconsole-extension",
    "@jupyterlab/lsp-extension",
    "@jupyterlab/markdownviewer-extension",
    "@jupyterlab/pdf-extension",
    "@jupyterlab/pluginmanager-extension",
    "@jupyterlab/running-extension",
    "@jupyterlab/settingeditor-extension",
    "@jupyterlab/terminal-extension",
    "@jupyterlab/vega5-extension",
    "@jupyterlab/video-extension",
    "@jupyterlab/workspaces-extension",
)

# Single plugins of packages that stay, and why
PLUGINS = (
    # the page has no server that could be asked
    "@jupyterlab/application-extension:faviconbusy",
    "@jupyterlab/application-extension:notfound",
    "@jupyterlab/application-extension:mimedocument",
    "@jupyterlab/application-extension:property-inspector",
    "@jupyterlab/apputils-extension:announcements",
    "@jupyterlab/apputils-extension:kernel-status",
    "@jupyterlab/apputils-extension:kernels-settings",
    "@jupyterlab/apputils-extension:licenses-client",
    "@jupyterlab/apputils-extension:licenses-plugin",
    "@jupyterlab/apputils-extension:running-sessions-status",
    "@jupyterlab/apputils-extension:subshell-settings",
    "@jupyterlab/apputils-extension:workspaces",
    "@jupyterlab/completer-extension:inline-history",
    # there is one document, and it is always saved
    "@jupyterlab/docmanager-extension:download",
    "@jupyterlab/docmanager-extension:open-browser-tab",
    "@jupyterlab/docmanager-extension:path-status",
    "@jupyterlab/docmanager-extension:recents",
    "@jupyterlab/docmanager-extension:reopen-recently-closed",
    "@jupyterlab/docmanager-extension:saving-status",
    "@jupyterlab/mainmenu-extension:recents",
    "@jupyter/collaboration-extension:shared-link",
    # the service runs the cells
    "@jupyterlab/notebook-extension:cell-executor",
    # they need what is not there, or would write what a page may not write
    "@jupyterlab/inspector-extension:consoles",
    "@jupyterlab/notebook-extension:active-cell-tool",
    "@jupyterlab/notebook-extension:cloned-outputs",
    "@jupyterlab/notebook-extension:code-console",
    "@jupyterlab/notebook-extension:kernel-status",
    "@jupyterlab/notebook-extension:export",
    "@jupyterlab/notebook-extension:language-server",
    "@jupyterlab/notebook-extension:log-output",
    "@jupyterlab/notebook-extension:metadata-editor",
    "@jupyterlab/notebook-extension:open-with-no-kernel",
    "@jupyterlab/notebook-extension:tools",
    "@jupyterlab/notebook-extension:trust-status",
    "@jupyterlab/notebook-extension:update-raw-mimetype",
    "@jupyterlab/metadataform-extension:metadataforms",
    "@jupyterlab/celltags-extension:plugin",
    "@jupyterlab/tooltip-extension:consoles",
    "@jupyterlab/tooltip-extension:files",
    "@jupyter-widgets/jupyterlab-manager:saveWidgetState",
)

OVERRIDES = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False, "confirmClosingDocument": False},
    "@jupyterlab/notebook-extension:tracker": {
        "kernelShutdown": False,
        "recordTiming": False,
        "useSystemClipboardForCells": False,
    },
    # what is left in them has its place elsewhere: tabs there is one, settings there are none
    "@jupyterlab/mainmenu-extension:plugin": {
        "menus": [{"id": f"jp-mainmenu-{name}", "disabled": True} for name in ("file", "tabs", "settings", "help")]
    },
    "@jupyterlab/notebook-extension:panel": {
        "toolbar": [{"name": name, "disabled": True} for name in ("save", "kernelName")]
    },
    "@jupyterlab/completer-extension:inline-completer": {"providers": {}},
    # a button in a cell's output would run JupyterLab's commands
    "@jupyterlab/apputils-extension:sanitizer": {"allowCommandLinker": False, "allowNamedProperties": False},
}


class LabMissingError(RuntimeError):
    """A part of the page is not installed."""


def _stays(plugin: str) -> bool:
    return plugin.partition(":")[0] not in PACKAGES and plugin not in PLUGINS


@dataclass(frozen=True)
class Lab:
    """What is on disk. `share`: the environment's folder for Jupyter; `ours`: our built extension, if it is built."""

    share: Path
    ours: Path | None

    @classmethod
    def installed(cls) -> Lab:
        """The environment's JupyterLab, and our extension from the checkout or the environment."""
        share = Path(sys.prefix) / "share" / "jupyter"
        if not (share / "lab" / "static" / "index.html").is_file():
            raise LabMissingError(f"JupyterLab's pages are not in {share}/lab; install greenroom[hub] again")
        places = (CHECKOUT / "labextension" / "dist" / "lab", share / "labextensions" / OURS)
        return cls(share, next((place for place in places if (place / "package.json").is_file()), None))

    @cached_property
    def folders(self) -> dict[str, Path]:
        """Every extension's folder, by name."""
        found = {name: self.share / "labextensions" / name for name in BESIDE}
        if self.ours is not None:
            found[OURS] = self.ours
        return {name: folder for name, folder in found.items() if (folder / "package.json").is_file()}

    @cached_property
    def federated(self) -> list[dict[str, str]]:
        """The extensions as JupyterLab's loader wants them."""
        listed = []
        for name, folder in self.folders.items():
            build = json.loads((folder / "package.json").read_text())["jupyterlab"]["_build"]
            listed.append({"name": name, **{key: build[key] for key in _LOADED if key in build}})
        return listed

    @cached_property
    def main(self) -> str:
        """The name of JupyterLab's first script."""
        page = (self.share / "lab" / "static" / "index.html").read_text()
        return page.split("{{page_config.fullStaticUrl}}/")[1].split("?")[0].split('"')[0]

    @cached_property
    def version(self) -> str:
        """Stands for all files together: it is in their addresses, so that they can be cached for good."""
        package = (self.share / "lab" / "static" / "package.json").read_bytes()
        known = json.dumps([self.main, self.federated]).encode()
        return hashlib.sha256(package + known).hexdigest()[:12]

    @cached_property
    def integrity(self) -> str:
        """What the page says of JupyterLab's first file; a browser refuses any other (Subresource Integrity)."""
        content = (self.share / "lab" / "static" / self.main).read_bytes()
        return f"sha384-{base64.b64encode(hashlib.sha384(content).digest()).decode()}"

    @cached_property
    def lab_version(self) -> str:
        """JupyterLab's own version."""
        found: str = json.loads((self.share / "lab" / "static" / "package.json").read_text())["jupyterlab"]["version"]
        return found

    @cached_property
    def settings(self) -> dict[str, dict[str, Any]]:
        """The settings of every plugin that a room has, by id. Others are neither offered nor taken."""
        schemas, extensions = self.share / "lab" / "schemas", self.share / "labextensions"
        listed, _ = get_settings("", str(schemas), "", overrides=OVERRIDES, labextensions_path=[str(extensions)])
        found = {entry["id"]: entry for entry in listed["settings"] if _stays(entry["id"])}
        return found | {entry["id"]: entry for entry in self._our_settings()}

    def _our_settings(self) -> list[dict[str, Any]]:
        if self.ours is None:
            return []
        return [
            {"id": f"{OURS}:{file.stem}", "schema": json.loads(file.read_text()), "raw": "{}", "settings": {}}
            | {"version": "0.1.0", "created": None, "last_modified": None}
            for file in sorted((self.ours / "schemas" / OURS).glob("*.json"))
        ]


_LOADED = ("load", "extension", "mimeExtension", "style", "liteExtension")
