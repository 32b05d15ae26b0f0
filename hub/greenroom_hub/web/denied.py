"""An answer that says what was refused, what was found and what to do."""

from __future__ import annotations

import msgspec
from tornado.web import HTTPError


class Denied(HTTPError):  # noqa: N818 - an answer, not a fault
    """A request that is not served. The three sentences are for a person; `status` is HTTP's."""

    def __init__(self, status: int, refused: str, found: str = "", do: str = "") -> None:
        super().__init__(status, log_message="%s", reason=None)
        self.args = (refused,)
        self.problem = Problem(refused, found, do)


class Problem(msgspec.Struct, frozen=True):
    """Why a request was not served: the body of every error."""

    refused: str
    found: str = ""
    do: str = ""
