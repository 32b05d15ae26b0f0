"""The guest: a bare jupyter_server inside its box. It hosts kernels and nothing else; only the service talks to it.

`guest_main.py SESSION`; the token comes on standard input, so that it is in no argument and in no environment.
"""

from __future__ import annotations

import ctypes
import sys

from jupyter_server.serverapp import ServerApp

SOCKET = "/run/guest/guest.sock"


def arguments(session: str, token: str) -> list[str]:
    """The server's settings. No extension, no terminal, no page."""
    return [
        f"--ServerApp.sock={SOCKET}",
        f"--ServerApp.base_url=/user/{session}/",
        f"--IdentityProvider.token={token}",
        # Without a network even asking for an address fails; the socket alone decides who comes in.
        "--ServerApp.ip=localhost",
        "--ServerApp.allow_remote_access=True",
        "--ServerApp.allow_root=True",
        "--ServerApp.open_browser=False",
        "--ServerApp.root_dir=/home/candidate",
        "--ServerApp.terminals_enabled=False",
        "--ServerApp.log_level=WARN",
        # The service caps outputs itself, with a mark; the server's own limit would drop them in silence.
        "--ZMQChannelsWebsocketConnection.limit_rate=False",
        "--KernelSpecManager.ensure_native_kernel=False",
        "--MultiKernelManager.default_kernel_name=python3",
        "--AsyncMappingKernelManager.kernel_info_timeout=30",
    ]


def main() -> None:
    """Read the token and serve until killed."""
    ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)  # undumpable: nobody of this uid reads our memory or environment
    token = sys.stdin.readline().strip()
    ServerApp.launch_instance(argv=arguments(sys.argv[1], token))


if __name__ == "__main__":
    main()
