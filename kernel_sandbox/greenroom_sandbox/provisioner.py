"""The guest's side of starting kernels: it asks the agent, over one socket, and never starts anything itself."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase

SOCKET = "/run/agent.sock"
PLACE = "/run/k"


async def ask(**question: object) -> dict[str, Any]:
    """One question to the agent. RuntimeError with the agent's words when it refuses."""
    reader, writer = await asyncio.open_unix_connection(os.environ.get("GREENROOM_AGENT", SOCKET))
    try:
        writer.write(json.dumps(question).encode() + b"\n")
        await writer.drain()
        answer: dict[str, Any] = json.loads(await reader.readline() or b'{"error": "the agent is gone"}')
    finally:
        writer.close()
    if "error" in answer:
        raise RuntimeError(answer["error"])
    return answer


class AgentProvisioner(KernelProvisionerBase):
    """A kernel in a box that the agent made."""

    code: int | None = None
    started = False

    @property
    def has_process(self) -> bool:
        """Whether a kernel was started and has not been seen to end."""
        return self.started and self.code is None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Choose the sockets' place, which the kernel's box and this one share."""
        manager = self.parent
        assert manager is not None
        manager.transport = "ipc"
        manager.ip = f"{PLACE}/{self.kernel_id}/s"
        manager.write_connection_file()
        self.connection_info = manager.get_connection_info()
        kwargs.pop("extra_arguments", None)
        return await super().pre_launch(cmd=["agent"], **kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Have the agent start it."""
        self.code = None
        text = {
            key: value.decode() if isinstance(value, bytes) else value for key, value in self.connection_info.items()
        }
        assert self.parent is not None
        await ask(ask="start", kernel=self.kernel_id, connection={**text, "kernel_name": self.parent.kernel_name})
        self.started = True
        return self.connection_info

    async def poll(self) -> int | None:
        """None while it runs, else its exit code."""
        if self.has_process:
            self.code = (await ask(ask="poll", kernel=self.kernel_id))["code"]
        return self.code if self.started else 0

    async def wait(self) -> int | None:
        """Its exit code, when it has ended."""
        if self.has_process:
            self.code = (await ask(ask="wait", kernel=self.kernel_id))["code"]
        self.started = False
        return self.code

    async def send_signal(self, signum: int) -> None:
        """Interrupt or kill it."""
        if self.has_process:
            await ask(ask="signal", kernel=self.kernel_id, signal=int(signum))

    async def kill(self, restart: bool = False) -> None:
        """Kill it."""
        await self.send_signal(signal.SIGKILL)

    async def terminate(self, restart: bool = False) -> None:
        """Ask it to end; a box ends at once."""
        await self.send_signal(signal.SIGTERM)

    async def cleanup(self, restart: bool = False) -> None:
        """Nothing of its own lies in the guest."""
