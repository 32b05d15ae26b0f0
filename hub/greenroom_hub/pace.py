"""How the service's threads take turns: the event loop, and the writer of the database."""

from __future__ import annotations

import sys

# Seconds. The writer gives up the interpreter's lock around each statement, and gets it back when the loop has run for
# so long; with Python's own 5 ms, a commit of five statements under load waits 25 ms and everybody with it.
TURN = 0.0005


def keep() -> None:
    """From now on, in this process."""
    sys.setswitchinterval(TURN)
