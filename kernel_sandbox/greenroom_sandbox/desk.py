"""The agent's desk: what the guest and the service may ask of it, over one unix socket each.

Whoever asks is distrusted: a kernel may have taken the guest over.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import functools
import json
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from greenroom_sandbox import files
from greenroom_sandbox.kernels import Connection, Kernels, Reason
from greenroom_sandbox.policy import MIB

LINE = 128 * MIB  # the longest line: files in base64; the guest's own lines are held to 64 KiB
GUEST_LINE = 64 * 1024


class _Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the guest may ask."""

    ask: str
    kernel: str = ""
    connection: Connection | None = None
    signal: int | None = None


@dataclass(slots=True)
class Desk:
    """Answers for one session. `uid` is the kernels', whose the files that are put there become; None: our own.

    `guest_gone` is set when a guest that said it stays is there no more.
    """

    kernels: Kernels
    work: str
    uid: int | None
    guest_gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(
        self, folder: Path, *, guest: int | None = None, service: int | None = None, mode: int = 0o600
    ) -> None:
        """Open both sockets. The guest's is shown to the guest, the service's to no box.

        `guest` and `service`: the only uids that are answered there; None where the sockets' own rights decide.
        """
        for name, answer, longest, uid in (
            ("guest.sock", self.for_guest, GUEST_LINE, guest),
            ("service.sock", self.for_service, LINE, service),
        ):
            path = folder / name
            path.unlink(missing_ok=True)
            await asyncio.start_unix_server(functools.partial(self._converse, answer, uid), path, limit=longest)
            path.chmod(mode)

    async def for_guest(self, line: bytes) -> dict[str, object] | None:
        """Answer the guest; None to one that stays until it ends."""
        question = msgspec.json.decode(line, type=_Question)
        name = question.kernel
        if question.ask == "stay":
            return None
        if len(name) != 36 or set(name) - set("0123456789abcdef-"):
            raise ValueError(f"the kernel id {name[:40]!r} was refused; it is a lower-case UUID")
        if question.ask == "start" and question.connection is not None:
            await self.kernels.start(name, question.connection)
            return {"started": True}
        if name not in self.kernels.running and name not in self.kernels.codes:
            raise ValueError(f"there is no kernel {name}")
        if question.ask == "poll":
            return {"code": self.kernels.code(name)}
        if question.ask == "wait":
            return {"code": await self.kernels.wait(name)}
        if question.ask == "signal" and question.signal is not None:
            self.kernels.signal(name, question.signal)
            return {"signalled": True}
        raise ValueError(f"{question.ask!r} was refused; start, poll, wait and signal are known")

    async def for_service(self, line: bytes) -> dict[str, object]:
        """Answer the service: put files into the work folder, collect them, tell why a kernel ended."""
        question = json.loads(line)
        if question["ask"] == "put":
            content = {name: base64.b64decode(data) for name, data in question["files"].items()}
            await asyncio.to_thread(files.put, self.work, content, self.uid)
            self.kernels.given += sum(map(len, content.values()))
            return {"put": len(content)}
        if question["ask"] == "collect":
            found = await asyncio.to_thread(files.collect, self.work, question["limit"])
            return {"files": {name: base64.b64encode(data).decode() for name, data in found.items()}}
        if question["ask"] == "state":
            return {
                "kernels": {name: [one.ended, one.reason] for name, one in self.kernels.running.items()},
                **{f"killed_for_{reason}": self.kernels.killed_for(reason) for reason in Reason},
            }
        raise ValueError(f"{question['ask']!r} was refused; put, collect and state are known")

    async def _converse(
        self,
        answer: Callable[[bytes], Awaitable[dict[str, object] | None]],
        uid: int | None,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        """One question, one answer. Whatever is wrong with the question becomes words, never the agent's end."""
        if uid is not None and _peer(writer) != uid:
            writer.close()
            return
        try:
            said = await answer(await asyncio.wait_for(reader.readline(), 60))
        except (ValueError, KeyError, TypeError, AttributeError, RuntimeError, OSError, msgspec.MsgspecError) as error:
            said = {"error": str(error) or type(error).__name__}
        except files.TooMuch as error:
            said = {"error": str(error), "too_much": True}
        with contextlib.suppress(OSError):
            if said is None:
                await reader.read(1)
                self.guest_gone.set()
            else:
                writer.write(json.dumps(said).encode() + b"\n")
                await writer.drain()
            writer.close()


def _peer(writer: asyncio.StreamWriter) -> int:
    """The uid at the other end, as the kernel of this machine says it."""
    told = writer.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    return int(struct.unpack("iII", told)[1])
