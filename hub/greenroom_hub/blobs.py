"""Blobs: files named by the SHA-256 of their content, written once and never changed."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path

NAME = re.compile(r"[0-9a-f]{64}")


class Blobs:
    """The blobs below one folder, in sub-folders by their first two digits."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _place(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise ValueError(f"the blob name {name[:80]!r} was refused; it is 64 hexadecimal digits")
        return self._folder / name[:2] / name

    def put(self, content: bytes) -> str:
        """Keep `content`, on disk when this returns, and return its name. The same content is kept once."""
        name = hashlib.sha256(content).hexdigest()
        place = self._place(name)
        if place.exists():
            return name
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=place.parent, prefix=".draft-")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(handle)
        Path(draft).replace(place)
        _sync(place.parent)
        return name

    def get(self, name: str) -> bytes:
        """The content. LookupError when there is none; ValueError when the disk gives back something else."""
        try:
            content = self._place(name).read_bytes()
        except FileNotFoundError:
            raise LookupError(f"there is no blob {name}") from None
        if hashlib.sha256(content).hexdigest() != name:
            raise ValueError(f"the blob {name} is damaged on disk; restore it from a backup")
        return content


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
