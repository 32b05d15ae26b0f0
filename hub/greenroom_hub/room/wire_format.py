"""The kernel websocket's binary format, `v1.kernel.websocket.jupyter.org`, and Jupyter's messages in it."""

from __future__ import annotations

import itertools
import struct
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

import msgspec

from greenroom_hub.room.lib0 import Malformed
from greenroom_hub.room.values import Json

SUBPROTOCOL = "v1.kernel.websocket.jupyter.org"
MOST_PARTS = 64  # five and the buffers of a widget's message
_VERSION = "5.4"


@dataclass(frozen=True)
class Message:
    """One message. `parts`: header, parent header, metadata and content as JSON, then buffers."""

    channel: str
    parts: tuple[bytes, ...]

    @cached_property
    def header(self) -> Json:
        """Who sent what when."""
        return _object(self.parts[0])

    @cached_property
    def parent(self) -> Json:
        """The header of what it answers."""
        return _object(self.parts[1])

    @cached_property
    def content(self) -> Json:
        """What it says."""
        return _object(self.parts[3])

    @property
    def kind(self) -> str:
        """Its type, such as execute_reply."""
        return str(self.header.get("msg_type", ""))

    def packed(self) -> bytes:
        """As it goes over a websocket."""
        parts = (self.channel.encode(), *self.parts)
        offsets = [8 * (len(parts) + 2)]
        for part in parts:
            offsets.append(offsets[-1] + len(part))
        return struct.pack(f"<{len(offsets) + 1}Q", len(offsets), *offsets) + b"".join(parts)


def read(data: bytes) -> Message:
    """A message from a websocket's frame. Raises `Malformed`."""
    if len(data) < 8:
        raise Malformed("refused a kernel message of less than 8 bytes")
    (count,) = struct.unpack_from("<Q", data)
    if not 6 <= count <= MOST_PARTS or len(data) < 8 * (count + 1):
        raise Malformed(f"refused a kernel message of {count} offsets; between 6 and {MOST_PARTS} make sense")
    offsets = struct.unpack_from(f"<{count}Q", data, 8)
    if list(offsets) != sorted(offsets) or offsets[0] < 8 * (count + 1) or offsets[-1] > len(data):
        raise Malformed("refused a kernel message whose offsets do not follow each other")
    channel, *parts = [data[start:end] for start, end in itertools.pairwise(offsets)]
    return Message(channel.decode("ascii", "replace"), tuple(parts))


def message(
    channel: str,
    kind: str,
    content: Json,
    session: str,
    *,
    parent: Json = None,
    username: str = "greenroom",
    about: str = "",
) -> Message:
    """A message of our own. `about` ends its id, so that whoever hears the answers later knows what they are about."""
    header = {
        "msg_id": uuid.uuid4().hex + (f":{about}" if about else ""),
        "msg_type": kind,
        "session": session,
        "username": username,
        "date": datetime.now(UTC).isoformat(),
        "version": _VERSION,
    }
    encode: Sequence[Json] = (header, parent or {}, {}, content)
    return Message(channel, tuple(msgspec.json.encode(part) for part in encode))


def _object(data: bytes) -> Json:
    try:
        found = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Malformed(f"refused a kernel message: {error}") from None
    if not isinstance(found, dict):
        raise Malformed(f"refused a kernel message whose part is a {type(found).__name__}, not an object")
    return found
