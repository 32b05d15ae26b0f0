"""Now, in milliseconds since the epoch, UTC. Comes in as an argument wherever it matters."""

from __future__ import annotations

import time
from collections.abc import Callable

from greenroom_proctor.messages import Milliseconds

Now = Callable[[], Milliseconds]

HOUR: Milliseconds = 3_600_000


def now() -> Milliseconds:
    """The server's clock."""
    return time.time_ns() // 1_000_000
