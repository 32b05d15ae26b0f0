"""How the guest restarts kernels: one restart at a time.

Jupyter's restarter looks at a kernel every few seconds and restarts it when it is dead; somebody who restarts the
kernel in that moment would have the fresh one killed by the restarter, and with it the cell that runs there.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any

from jupyter_client.ioloop.restarter import AsyncIOLoopKernelRestarter
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager, ServerKernelManager

TURNS: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)  # by kernel: held by whoever restarts it


class TurnRestarter(AsyncIOLoopKernelRestarter):
    """Looks and restarts only in its turn: what somebody else restarts is looked at again afterwards."""

    async def poll(self) -> None:  # type: ignore[override]
        """Restart a kernel that is dead."""
        async with TURNS[self.kernel_manager.kernel_id]:
            await super().poll()


class TurnKernelManager(ServerKernelManager):
    """One kernel."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - traits, as Jupyter has them
        super().__init__(restarter_class=TurnRestarter, **settings)


class TurnKernels(AsyncMappingKernelManager):
    """The guest's kernels."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - traits, as Jupyter has them
        kind = f"{__name__}.{TurnKernelManager.__name__}"
        super().__init__(kernel_manager_class=kind, **settings)  # type: ignore[no-untyped-call]

    async def restart_kernel(  # type: ignore[override]
        self,
        kernel_id: str,
        now: bool = False,
    ) -> Any:  # noqa: ANN401 - as there
        """Restart a kernel, as somebody asked."""
        async with TURNS[kernel_id]:
            return await super().restart_kernel(kernel_id, now=now)  # type: ignore[no-untyped-call]
