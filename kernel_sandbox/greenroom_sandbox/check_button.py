"""`%check NAME`: a button that has the service check the notebook. An IPython extension, loaded inside each kernel.

It sends a name and gets two numbers. What is checked is the notebook as the service has it, run again from the top in
boxes of its own: nothing in this kernel is asked, and no case or answer comes here.
"""

from __future__ import annotations

import html
from typing import Any

from cell_magics import DOOR, RunEnded, _ask  # type: ignore[import-not-found] # beside this file, inside
from IPython.core.magic import Magics, line_magic, magics_class
from IPython.display import display

_EXPLAINED = "Your notebook is run from the top in a fresh kernel, and then asked with data that it has not seen."


def _tries(left: int) -> str:
    return "no try is left" if left <= 0 else "1 try is left" if left == 1 else f"{left} tries are left"


def sentence(chunk: dict[str, Any]) -> str:
    """What a piece of the answer says, for people."""
    if chunk["type"] == "progress":
        return f"Checking … {chunk['done']} of {chunk['total']} cases were asked."
    if chunk["type"] == "failed":
        return str(chunk["why"])
    passed, total = chunk["passed"], chunk["total"]
    all_of_them = "All hidden cases passed" if passed == total else f"{passed} of {total} hidden cases passed"
    return f"{all_of_them}; {_tries(chunk['left'])}." + (f" {chunk['note']}" if chunk["note"] else "")


class CheckButton:
    """A button and what it says."""

    def __init__(self, door: str, offer: dict[str, Any]) -> None:
        import ipywidgets  # type: ignore[import-not-found] # noqa: PLC0415 - a kernel without it still has the other magics

        self._door, self._name = door, offer["name"]
        self.button = ipywidgets.Button(
            description="Check", tooltip=offer["title"], icon="check", disabled=offer["left"] <= 0
        )
        self.said = ipywidgets.HTML()
        self._say(f"{_EXPLAINED} {_tries(offer['left']).capitalize()}.")
        self.button.on_click(self.press)
        title = ipywidgets.HTML(f"<b>{html.escape(offer['title'])}</b>")
        self.box = ipywidgets.VBox([title, self.button, self.said])

    def _say(self, text: str) -> None:
        self.said.value = f'<span role="status">{html.escape(text)}</span>'

    def press(self, _button: object = None) -> None:
        """One try."""
        self.button.disabled, left = True, 1
        self._say("Checking …")
        try:
            for chunk in _ask(self._door, "POST", "/check", {"check": self._name}):
                self._say(sentence(chunk))
                left = chunk.get("left", left)
        except RunEnded as refused:
            self._say(str(refused))
        except KeyboardInterrupt:
            self._say("The check was interrupted. This was no try.")
        finally:
            self.button.disabled = left <= 0


@magics_class
class CheckMagics(Magics):
    """`%check`."""

    door = DOOR

    @line_magic
    def check(self, line: str) -> None:
        """Show a check's button; without a name, list the checks."""
        offers = [one for found in _ask(self.door, "GET", "/checks") for one in found]
        name = line.strip()
        if not name:
            print("\n".join(f"{one['name']}  {one['title']} ({_tries(one['left'])})" for one in offers) or "no check")
            return
        offer = next((one for one in offers if one["name"] == name), None)
        if offer is None:
            names = ", ".join(one["name"] for one in offers) or "none at all"
            raise RunEnded(f'this task has no check called "{name}"; it has {names}')
        display(CheckButton(self.door, offer).box)  # type: ignore[no-untyped-call]


def load_ipython_extension(shell: Any) -> None:  # noqa: ANN401 - IPython's shell, whose methods are untyped
    """IPython's way in."""
    shell.register_magics(CheckMagics)
