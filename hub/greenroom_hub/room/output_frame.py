"""The page in which an output that wants to run does so: of nobody's origin, without network, and alone.

What is shown comes from the page around it, over a channel (labextension/src/frame). This answer holds no data at all.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import ClassVar

from greenroom_hub.settings import PREFIX
from greenroom_hub.web.access import Access
from greenroom_hub.web.denied import Denied
from greenroom_hub.web.handler import Handler

PATH = f"{PREFIX}frame"
INSIDE = Path(__file__).parents[1] / "static" / "frame" / "inside.js"

# `sandbox` beside the frame's own attribute: somebody who opens the address by hand gets the same. Scripts are the
# output's, hence 'unsafe-inline'; there is no source that they, or anything else, could be fetched from.
POLICY = (
    "sandbox allow-scripts; default-src 'none'; "
    "script-src 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval' blob: data:; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; media-src data: blob:; worker-src blob:; connect-src data: blob:; "
    "frame-src 'none'; object-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Output</title>
<style>html {{ overflow: auto }} body {{ margin: 0; padding: 1px 0; font: 14px/1.45 system-ui, sans-serif }}</style>
</head>
<body><script>{script}</script></body>
</html>
"""


class OutputFrame(Handler):
    """The same page for every output."""

    access: ClassVar = {"GET": Access.ANYONE}

    def content_security_policy(self) -> str:
        """What an output may do."""
        return POLICY

    def get(self) -> None:
        """The page."""
        if not INSIDE.is_file():
            raise Denied(503, "Outputs cannot be shown", "the pages are not built", "Run python3 install.py run.")
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("X-DNS-Prefetch-Control", "off")
        self.set_header("Cache-Control", "private, max-age=3600")
        self.finish(_PAGE.format(script=_script(INSIDE.stat().st_mtime_ns)))


@lru_cache(maxsize=1)
def _script(_changed: int) -> str:
    return INSIDE.read_text().replace("</script", "<\\/script")
