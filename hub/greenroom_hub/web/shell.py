"""The HTML around every page: its name, its data, its script. The rest is the script's."""

from __future__ import annotations

import html
from http import HTTPStatus

import msgspec

from greenroom_hub import bundle
from greenroom_hub.web.denied import Problem

_SHELL = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{static}pages/greenroom.css" integrity="{style}">
</head>
<body data-page="{page}" data-props='{props}'>
<main id="page">{content}</main>
<script type="module" src="{static}pages/{page}.js" integrity="{script}"></script>
</body>
</html>
"""


def shell(page: str, title: str, props: object, content: str = "") -> str:
    """A page. `content` is HTML for as long as, or where, the script does not run."""
    built = bundle.current()
    return _SHELL.format(
        page=page,
        title=html.escape(title),
        props=html.escape(msgspec.json.encode(props).decode()),
        content=content or "<noscript>This page needs JavaScript.</noscript>",
        static=built.folder,
        style=built.integrity("pages/greenroom.css"),
        script=built.integrity(f"pages/{page}.js"),
    )


def error_page(status: int, problem: Problem) -> str:
    """A page that says what was refused, what was found, what to do."""
    title = html.escape(problem.refused or HTTPStatus(status).phrase)
    rest = "".join(f"<p>{html.escape(text)}</p>" for text in (problem.found, problem.do) if text)
    props = {"status": status, "refused": problem.refused, "found": problem.found, "do": problem.do}
    return shell("error", problem.refused, props, f"<h1>{title}</h1>{rest}")
