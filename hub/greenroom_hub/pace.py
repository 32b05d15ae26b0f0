"""How the service's work takes turns: the event loop, the writer of the database, and the collection of garbage."""

from __future__ import annotations

import gc
import sys

# Seconds. The writer gives up the interpreter's lock around each statement, and gets it back when the loop has run for
# so long; with Python's own 5 ms, a commit of five statements under load waits 25 ms and everybody with it.
TURN = 0.0005
# Objects made, and collections of the generation before, until a generation is looked through.
COLLECT = (10_000, 20, 20)


def keep() -> None:
    """From now on, in this process. To be called when everything has been imported."""
    sys.setswitchinterval(TURN)
    # What was imported stays for good. Looking through all of it takes 0.2 s, in which nobody is answered.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT)
