"""The description of the REST API: complete, valid, and as the service behaves."""

from __future__ import annotations

import json
import re

import pytest
from greenroom_hub.service import routes
from greenroom_hub.settings import PREFIX
from greenroom_hub.web import openapi
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]


def test_it_describes_every_route_that_has_an_operation() -> None:
    described = {(path, verb.upper()) for path, verbs in openapi.document()["paths"].items() for verb in verbs}
    expected = {
        (openapi._path(pattern), method)
        for pattern, handler, *_ in routes()
        for method in getattr(handler, "operations", {})
    }
    assert described == expected
    assert (f"{PREFIX}api/v1/sessions/{{session}}/open", "POST") in described


def test_everything_it_refers_to_is_there() -> None:
    document = openapi.document()
    for name in re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)):
        assert name in document["components"]["schemas"]


def test_its_schemas_are_json_schema() -> None:
    for schema in openapi.document()["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_operation_ids_differ() -> None:
    ids = [one["operationId"] for verbs in openapi.document()["paths"].values() for one in verbs.values()]
    assert len(ids) == len(set(ids)) > 20


def test_every_operation_says_for_whom_it_is() -> None:
    for verbs in openapi.document()["paths"].values():
        for one in verbs.values():
            assert one["description"].startswith("For ")
            assert one["responses"]


def test_the_command_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert openapi.main([]) == 0
    assert json.loads(capsys.readouterr().out)["openapi"] == "3.1.0"
    assert openapi.main(["surprise"]) == 2
