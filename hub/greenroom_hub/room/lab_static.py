"""JupyterLab's files, the same for every room, packed once and kept by browsers for good."""

from __future__ import annotations

import asyncio
import gzip
import mimetypes
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

from tornado.web import HTTPError

from greenroom_hub.room.lab_extensions import Lab
from greenroom_hub.settings import PREFIX
from greenroom_hub.web.access import Access
from greenroom_hub.web.handler import Handler

STATIC = f"{PREFIX}lab-static/"
FOR_GOOD = "public, max-age=31536000, immutable"
PACKED = frozenset({".js", ".css", ".json", ".svg", ".map", ".wasm", ".txt", ".html"})
SMALL = 1024  # bytes below which packing gains nothing


class LabStaticHandler(Handler):
    """One file. Its address names the version of all files, so it never changes."""

    access: ClassVar = {"GET": Access.ANYONE, "HEAD": Access.ANYONE}

    def initialize(self, lab: Lab) -> None:
        """Which files there are."""
        self.lab = lab

    async def get(self, part: str, path: str) -> None:
        """The file, packed when the browser can unpack it."""
        file = self._find(part, path)
        takes_gzip = "gzip" in self.request.headers.get("Accept-Encoding", "") and file.suffix in PACKED
        body, packed = await asyncio.to_thread(_read, file, packed=takes_gzip)
        self.set_header("Cache-Control", FOR_GOOD)
        self.set_header("Content-Type", mimetypes.guess_type(file.name)[0] or "application/octet-stream")
        self.set_header("Vary", "Accept-Encoding")
        if packed:
            self.set_header("Content-Encoding", "gzip")
        self.finish(body)

    async def head(self, part: str, path: str) -> None:
        """The same without its content."""
        await self.get(part, path)

    def _find(self, part: str, path: str) -> Path:
        folder, rest = self._folder(part, path)
        file = (folder / rest).resolve()
        if not file.is_relative_to(folder.resolve()) or not file.is_file():
            raise HTTPError(404, f"there is no {part}/{path}")
        return file

    def _folder(self, part: str, path: str) -> tuple[Path, str]:
        if part != "extensions":
            return self.lab.share / "lab" / ("static" if part == "core" else "themes"), path
        for name, folder in self.lab.folders.items():
            if path.startswith(f"{name}/"):
                return folder, path.removeprefix(f"{name}/")
        raise HTTPError(404, f"there is no extension in {path}")


def _read(file: Path, *, packed: bool) -> tuple[bytes, bool]:
    if not packed or file.stat().st_size < SMALL:
        return file.read_bytes(), False
    return _packed(file, file.stat().st_mtime_ns), True


@lru_cache(maxsize=512)  # all files of a page are about 300; their packed form takes 8 MB
def _packed(file: Path, _changed: int) -> bytes:
    return gzip.compress(file.read_bytes(), 6)
