"""User ids for boxes: each claimed by one box on this machine, and free again when its holder is gone."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

FIRST, COUNT = 61_000, 2_000  # a range in which Debian puts no account
LOCKS = Path("/run/greenroom-uids")


@contextlib.contextmanager
def claim() -> Iterator[int | None]:
    """A uid nobody else has while the block runs; None for an ordinary user, whose boxes are mapped.

    A lock on a file holds it, so a holder that is killed frees it too.
    """
    if os.geteuid() != 0:
        yield None
        return
    LOCKS.mkdir(mode=0o700, exist_ok=True)
    for uid in range(FIRST, FIRST + COUNT):
        handle = os.open(LOCKS / str(uid), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            continue
        try:
            yield uid
        finally:
            os.close(handle)
        return
    raise RuntimeError(f"all {COUNT} user ids from {FIRST} on are in use by boxes; stop some and try again")
