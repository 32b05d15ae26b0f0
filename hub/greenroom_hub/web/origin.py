"""Where a request was made: our own pages, a script, or somebody else's page."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit


def ours(headers: Mapping[str, str], host: str, public_url: str) -> bool:
    """Whether a request that changes something, or opens a socket, may have been meant by the person.

    A browser names the page in `Origin`; a browser that leaves it out still sends `Sec-Fetch-Site`, a script neither.
    """
    origin = headers.get("Origin")
    if origin is None:
        return "Sec-Fetch-Site" not in headers
    page = urlsplit(origin)
    if page.scheme not in {"http", "https"}:
        return False
    public = urlsplit(public_url)
    return page.netloc == host or (page.scheme, page.netloc) == (public.scheme, public.netloc)
