"""The secret files: made at the first start, 0600, never in an argument, a log or a kernel."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

NAMES = ("service-token", "proxy-token", "cookie-secret", "hub-cookie-secret")


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """The secrets of one installation, as text: 64 hexadecimal digits each."""

    service_token: str
    proxy_token: str
    cookie_secret: str
    hub_cookie_secret: str

    @classmethod
    def of(cls, data: Path) -> Secrets:
        """The secrets below `data`; those that are missing are made."""
        folder = data / "secrets"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return cls(*(_read_or_make(folder / name) for name in NAMES))


def _read_or_make(file: Path) -> str:
    try:
        # O_EXCL: when two processes start at once, one makes the secret and the other reads it.
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text().strip()
    with os.fdopen(handle, "w") as new:
        new.write(secrets.token_hex(32))
        new.flush()
        os.fsync(handle)
    return file.read_text()
