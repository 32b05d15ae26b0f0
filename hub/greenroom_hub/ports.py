"""The loopback ports of one start: chosen by `greenroom serve`, told to its children in the environment."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Ports:
    """Loopback ports of the processes behind the public one."""

    hub: int
    service: int
    proxy_api: int
    runner: int

    @classmethod
    def free(cls) -> Ports:
        """Ports nobody listens on now. All are held at once while choosing, so that they differ."""
        names = fields(cls)
        held = [socket.create_server(("127.0.0.1", 0)) for _ in names]
        chosen = [one.getsockname()[1] for one in held]
        for one in held:
            one.close()
        return cls(*chosen)

    @classmethod
    def from_environment(cls) -> Ports:
        """The ports the parent chose. KeyError when a process is started without `greenroom serve`."""
        return cls(**{field.name: int(os.environ[_variable(field.name)]) for field in fields(cls)})

    def environment(self) -> dict[str, str]:
        """What to add to a child's environment."""
        return {_variable(field.name): str(getattr(self, field.name)) for field in fields(self)}


def _variable(name: str) -> str:
    return f"GREENROOM_INTERNAL_{name.upper()}_PORT"
