"""Files in a work folder that hostile code also writes to: every step by descriptor, no link is ever followed."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator, Mapping

MOST_FILES = 500  # a submission is work to be read by people
DEEPEST = 8
DEEPEST_GIVEN = 64  # more than a running kernel is allowed


class TooMuch(Exception):  # noqa: N818 - no error: a limit on what is handed over, told to the candidate
    """The folder holds more than may be handed over."""


def put(folder: str, files: Mapping[str, bytes], uid: int | None) -> None:
    """Write files, `data/orders.csv` into a folder of its own. Replaces a file that was there, be it a link."""
    root = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        for path, content in files.items():
            *folders, name = _parts(path)
            handle = _folder(root, folders, uid)
            try:
                _put(handle, name, content, uid)
            finally:
                os.close(handle)
    finally:
        os.close(root)


def _parts(path: str) -> list[str]:
    parts = path.split("/")
    if len(parts) > DEEPEST or not path.isprintable() or any(part in {"", ".", ".."} for part in parts):
        raise ValueError(f"the file name {path!r} was refused; give a relative path such as data/orders.csv")
    return parts


def _folder(root: int, names: list[str], uid: int | None) -> int:
    """A descriptor of a folder below `root`, made where it is missing. OSError when a link or a file is in the way."""
    here = os.dup(root)
    for name in names:
        made = False
        try:
            with contextlib.suppress(FileExistsError):
                os.mkdir(name, 0o755, dir_fd=here)
                made = True
            below = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=here)
        finally:
            os.close(here)
        here = below
        if made and uid is not None:
            os.fchown(here, uid, uid)
    return here


def _put(root: int, name: str, content: bytes, uid: int | None) -> None:
    draft = f".{name}.new"
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644, dir_fd=root)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        if uid is not None:
            os.fchown(handle, uid, uid)
    os.rename(draft, name, src_dir_fd=root, dst_dir_fd=root)


def give(folder: str, uid: int) -> None:
    """Make everything in a folder somebody's: each start of a session has another uid. Nothing may run in it yet."""
    root = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        _give(root, uid, 0)
    finally:
        os.close(root)


def _give(folder: int, uid: int, depth: int) -> None:
    os.fchown(folder, uid, uid)
    for name in os.listdir(folder):
        if depth < DEEPEST_GIVEN and stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            handle = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
            try:
                _give(handle, uid, depth + 1)
            finally:
                os.close(handle)
        else:
            os.chown(name, uid, uid, dir_fd=folder, follow_symlinks=False)


def collect(folder: str, limit: int) -> dict[str, bytes]:
    """The regular files by their path. `TooMuch` over `limit` bytes in all.

    Left out: links, hidden ones, and names no person can read, such as with line breaks or in no known encoding.
    """
    found: dict[str, bytes] = {}
    root = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        for path, content in _walk(root, "", limit, 0):
            found[path] = content
            limit -= len(content)
            if limit < 0 or len(found) > MOST_FILES:
                raise TooMuch(f"the work folder holds more than may be handed over ({MOST_FILES} files)")
    finally:
        os.close(root)
    return found


def check(found: Mapping[str, bytes], limit: int) -> None:
    """Refuse what `collect` would not have found. ValueError for names, `TooMuch` for sizes."""
    for path in found:
        if any(part.startswith(".") for part in _parts(path)):
            raise ValueError(f"the file name {path!r} was refused; hidden files are left out")
    if len(found) > MOST_FILES or sum(map(len, found.values())) > limit:
        raise TooMuch(f"the work folder holds more than may be handed over ({MOST_FILES} files)")


def _walk(folder: int, prefix: str, limit: int, depth: int) -> Iterator[tuple[str, bytes]]:
    for name in sorted(os.listdir(folder)):
        if name.startswith(".") or depth >= DEEPEST or not name.isprintable():
            continue
        try:
            # O_NONBLOCK: a pipe somebody left here must not hold us up.
            handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
        except OSError:  # a link, a socket, or gone meanwhile
            continue
        try:
            mode = os.fstat(handle).st_mode
            if stat.S_ISDIR(mode):
                yield from _walk(handle, f"{prefix}{name}/", limit, depth + 1)
            elif stat.S_ISREG(mode):
                yield f"{prefix}{name}", _read(handle, limit)
        finally:
            os.close(handle)


def _read(handle: int, limit: int) -> bytes:
    pieces, left = [], limit + 1  # one byte over says that it is too much
    while left > 0 and (piece := os.read(handle, min(left, 1 << 20))):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)
