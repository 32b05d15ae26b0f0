"""How much a folder holds that hostile code writes to: counted by descriptor, no link followed, deep nests cut."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass

from greenroom_sandbox.policy import MIB

ENTRIES = 50_000  # files and folders: the pictures of a small data set; counting them takes 0.2 s
COUNTED = 4 * ENTRIES  # nobody counts further; nothing that holds more is ever allowed
DEEPEST = 32  # folders within folders; what hides deeper counts as too much


@dataclass(frozen=True, slots=True)
class Usage:
    """Bytes (a file counts its length or its blocks, whichever is more) and entries."""

    size: int
    entries: int

    def over(self, limit: Usage) -> bool:
        """Whether it is more than a limit, in either."""
        return self.size > limit.size or self.entries > limit.entries

    def or_what_is_there(self, found: Usage) -> Usage:
        """This limit, raised to what a folder holds already: it may lose files and not grow."""
        return Usage(max(self.size, found.size), max(self.entries, min(found.entries, COUNTED)))


def limit(mebibytes: int) -> Usage:
    """A limit of so many MiB, and of entries."""
    return Usage(mebibytes * MIB, ENTRIES)


def used(folder: str) -> Usage:
    """What a folder holds. Counting stops soon after the entries are too many."""
    root = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        return _used(root, 0)
    finally:
        os.close(root)


def _used(folder: int, depth: int) -> Usage:
    size, entries = 0, 0
    with os.scandir(folder) as found:
        for entry in found:
            entries += 1
            if entries > COUNTED or depth > DEEPEST:
                return Usage(size, COUNTED + 1)
            try:
                told = entry.stat(follow_symlinks=False)
                size += max(told.st_size, 512 * told.st_blocks)
                if stat.S_ISDIR(told.st_mode):
                    handle = os.open(entry.name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
                    try:
                        within = _used(handle, depth + 1)
                    finally:
                        os.close(handle)
                    size, entries = size + within.size, entries + within.entries
            except OSError:  # gone meanwhile
                continue
    return Usage(size, entries)
