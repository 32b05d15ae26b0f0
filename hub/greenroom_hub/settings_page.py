"""docs/settings.md, written from the settings: `python -m greenroom_hub.settings_page`."""

from __future__ import annotations

import sys

from greenroom_hub.settings import CHECKOUT, Greenroom

WHERE = CHECKOUT / "docs" / "settings.md"
HEAD = """# Settings

Written by `python -m greenroom_hub.settings_page` from [`settings.py`](../hub/greenroom_hub/settings.py); a test fails
when they differ. Each is set in `jupyterhub_config.py` (`c.Greenroom.port = 9000`) or in the environment, which comes
first (`GREENROOM_PORT=9000 make serve`).

| setting | in the environment | type | what it is |
|---|---|---|---|
"""


def render() -> str:
    """The whole page."""
    traits = Greenroom.class_traits(config=True)
    rows = []
    for name, trait in traits.items():
        if not trait.help:
            raise ValueError(f"the setting '{name}' has no help; say what it is, its unit and its default")
        kind = type(trait).__name__.removeprefix("C").lower()
        text = trait.help.replace("|", "\\|")
        rows.append(f"| `{name}` | `GREENROOM_{name.upper()}` | {_KINDS.get(kind, kind)} | {text} |\n")
    return HEAD + "".join(rows)


_KINDS = {"unicode": "text", "int": "whole number", "float": "number", "bool": "true or false"}


def main() -> int:
    """Writes the page."""
    WHERE.write_text(render())
    return 0


if __name__ == "__main__":
    sys.exit(main())
