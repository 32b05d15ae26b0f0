"""OpenAPI 3.1, made from the table of routes and the shapes that the handlers decode and encode."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import Any

import msgspec

from greenroom_hub.web.access import MEANING, Access
from greenroom_hub.web.denied import Problem
from greenroom_hub.web.operation import Operation

_REF = "#/components/schemas/{name}"
_REFUSALS = {"400": "not understood", "401": "nobody is signed in", "403": "not for you", "404": "not there"}


def document(routes: Sequence[tuple[Any, ...]] | None = None) -> dict[str, Any]:
    """The description of the REST API."""
    if routes is None:
        from greenroom_hub.service import routes as all_routes  # noqa: PLC0415 - the service serves this document

        routes = all_routes()
    found = list(_operations(routes))
    shapes = [shape for _, _, operation, _ in found for shape in (operation.answer, operation.body) if shape]
    schemas, components = msgspec.json.schema_components([*shapes, Problem], ref_template=_REF)
    schema_of = dict(zip(map(str, [*shapes, Problem]), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for path, method, operation, access in found:
        paths.setdefault(path, {})[method.lower()] = _operation(path, method, operation, access, schema_of)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Greenroom",
            "version": version("greenroom"),
            "description": "Sessions, invitations, seats and templates. Times are milliseconds since the epoch, UTC.",
            "license": {"name": "BSD-3-Clause", "identifier": "BSD-3-Clause"},
        },
        "security": [{"token": []}, {"cookie": []}],
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": _SCHEMES},
    }


_SCHEMES = {
    "token": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "`token <JupyterHub API token>` of a member of staff",
    },
    "cookie": {"type": "apiKey", "in": "cookie", "name": "greenroom", "description": "a browser that signed in"},
}


def _operations(routes: Sequence[tuple[Any, ...]]) -> Iterator[tuple[str, str, Operation, Access]]:
    for pattern, handler, *_ in routes:
        operations: Mapping[str, Operation] = getattr(handler, "operations", {})
        for method, operation in operations.items():
            yield _path(pattern), method, operation, handler.access[method]


def _path(pattern: str) -> str:
    """The route's address with {names} for its groups."""
    path, depth, start = "", 0, 0
    for index, letter in enumerate(pattern):
        if letter == "(":
            start = index if depth == 0 else start
            depth += 1
        elif letter == ")":
            depth -= 1
            if depth == 0:
                named = re.match(r"\(\?P<(\w+)>", pattern[start:])
                path += "{" + (named[1] if named else "rest") + "}"
        elif depth == 0:
            path += letter
    return path


def _operation(
    path: str, method: str, operation: Operation, access: Access, schemas: Mapping[str, dict[str, Any]]
) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": f"{method.lower()}_" + re.sub(r"\W+", "_", path.partition("/api/v1/")[2]).strip("_"),
        "summary": operation.summary,
        "description": f"For {MEANING[access]}.",
        "responses": {str(operation.status): _answer(operation, schemas), **_refusals(method, schemas)},
    }
    names = re.findall(r"{(\w+)}", path)
    if names:
        text = {"type": "string"}
        described["parameters"] = [{"name": name, "in": "path", "required": True, "schema": text} for name in names]
    if operation.body is not None:
        described["requestBody"] = {"content": {"application/json": {"schema": schemas[str(operation.body)]}}}
    return described


def _answer(operation: Operation, schemas: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    if operation.answer is None:
        return {"description": operation.summary}
    return {
        "description": operation.summary,
        "content": {"application/json": {"schema": schemas[str(operation.answer)]}},
    }


def _refusals(method: str, schemas: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    content = {"application/json": {"schema": schemas[str(Problem)]}}
    refusals = _REFUSALS if method == "GET" else {**_REFUSALS, "409": "the session's state does not allow it"}
    return {status: {"description": text, "content": content} for status, text in refusals.items()}


def main(argv: list[str]) -> int:
    """Prints the document. `greenroom openapi`."""
    if argv:
        print(f"usage: greenroom openapi\n\n{argv[0]} was refused: the command takes no words.", file=sys.stderr)
        return 2
    print(json.dumps(document(), indent=2))
    return 0
