"""The guest: a bare jupyter_server inside its box. It hosts kernels and nothing else; only the service talks to it.

`guest_main.py SESSION`; the token comes on standard input, or in a container in a file that is removed at once: it is
in no argument and in no environment.
"""

from __future__ import annotations

import ctypes
import os
import socket
import sys
import threading
import time
from pathlib import Path

from jupyter_server.serverapp import ServerApp

SOCKET = "/run/guest/guest.sock"
TOKEN = Path("/run/guest/token")
START = 60  # seconds the agent in the other container has to start; measured: under 1


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
        "--ServerApp.kernel_manager_class=greenroom_sandbox.guest_kernels.TurnKernels",
        "--AsyncMappingKernelManager.kernel_info_timeout=30",
    ]


def end_with_agent(path: str) -> None:
    """Stay connected to the agent, and end when it does: without it there are no kernels, and another guest is due."""
    agent = socket.socket(socket.AF_UNIX)
    until = time.monotonic() + START
    while agent.connect_ex(path):
        if time.monotonic() > until:
            raise SystemExit(f"the agent did not open {path} in {START} s: its container's log says why")
        time.sleep(0.02)
    agent.sendall(b'{"ask": "stay"}\n')

    def wait() -> None:
        agent.recv(1)
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def main() -> None:
    """Read the token and serve until killed."""
    ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)  # undumpable: nobody of this uid reads our memory or environment
    if TOKEN.exists():
        token = TOKEN.read_text().strip()
        TOKEN.unlink()
        end_with_agent(os.environ["GREENROOM_AGENT"])
    else:
        token = sys.stdin.readline().strip()
    ServerApp.launch_instance(argv=arguments(sys.argv[1], token))


if __name__ == "__main__":
    main()
