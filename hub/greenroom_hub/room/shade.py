"""The document as a reader's page has it, with what that page tried to write.

JupyterLab writes the kernel's name and language into the notebook when it opens it. In a page that may only read, that
is dropped without a word, as it changes nothing; anything else is refused. To tell one from the other after the first
dropped update, the page's own structs must be known: they are kept here and nowhere else.
"""

from __future__ import annotations

from typing import Any

from pycrdt import Doc

from greenroom_hub.room import guard, yjs
from greenroom_hub.room.document import Watched


class Shade:
    """One reader's copy, made when the page first tries to write."""

    def __init__(self, document: Doc[Any]) -> None:
        self._copy = Watched([document.get_update()])

    def harmless(self, update: bytes, document: Doc[Any], rules: guard.Rules) -> bool:
        """Whether a reader's update leaves the notebook as it is. Raises `Malformed`."""
        try:
            contents = yjs.read(update)
        except yjs.Unwelcome:
            return False
        if not contents.fits(self._copy.have):
            missing = document.get_update(self._copy.doc.get_state())
            self._copy.apply(missing, yjs.read(missing))
        if not contents.fits(self._copy.have):
            return False
        return all(guard.neutral(change, rules) for change in self._copy.apply(update, contents))
