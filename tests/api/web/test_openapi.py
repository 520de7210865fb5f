"""The OpenAPI document: valid, complete, and as open as it says."""

import json
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from api.version import VERSION
from api.web.auth import FOREIGN, PERMISSIONS, PUBLIC
from tests.conftest import ON_SQLITE


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    """The document, as anybody may read it."""
    answer = client.get("/openapi.json")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    found: dict[str, Any] = answer.json
    return found


@ON_SQLITE
def test_it_says_what_it_describes(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert document["info"] == {"title": "Winnow", "version": VERSION}


@ON_SQLITE
def test_its_schemas_are_schemas(document: dict[str, Any]) -> None:
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


@ON_SQLITE
def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    references = set(re.findall(r'"\$ref": "([^"]*)"', json.dumps(document)))

    assert len(references) > 10
    for reference in references:
        start, *steps = reference.split("/")
        assert start == "#"
        found: Any = document
        for step in steps:
            found = found[step]


@ON_SQLITE
def test_every_part_of_a_path_is_a_described_parameter(document: dict[str, Any]) -> None:
    for path, item in document["paths"].items():
        described = {
            parameter["name"]
            for parameter in item.get("parameters", [])
            if parameter["in"] == "path" and parameter["required"]
        }
        assert described == set(re.findall(r"{(\w+)}", path))


@ON_SQLITE
def test_every_route_of_the_api_is_in_it(app: Flask, document: dict[str, Any]) -> None:
    wanted = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/v1/") or rule.rule in ("/live", "/ready", "/metrics")
        if PERMISSIONS[rule.endpoint] != FOREIGN
    }

    described = {
        (path, method)
        for path, item in document["paths"].items()
        for method in item
        if method != "parameters"
    }

    assert described == wanted


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        operation
        for item in document["paths"].values()
        for method, operation in item.items()
        if method != "parameters"
    ]


@ON_SQLITE
def test_every_operation_says_what_it_does_and_who_may(document: dict[str, Any]) -> None:
    roles = set(PERMISSIONS.values())

    for operation in operations(document):
        assert operation["summary"]
        assert operation["x-role"] in roles
        assert operation["security"] == ([] if operation["x-role"] == PUBLIC else [{"key": []}])


@ON_SQLITE
def test_every_operation_says_that_errors_are_problem_documents(document: dict[str, Any]) -> None:
    for operation in operations(document):
        assert "default" in operation["responses"]
    errors = document["components"]["responses"].values()
    assert {kind for error in errors for kind in error["content"]} == {"application/problem+json"}


@ON_SQLITE
def test_every_field_that_is_refused_when_unknown_says_so(document: dict[str, Any]) -> None:
    comment = document["components"]["schemas"]["CommentIn"]

    assert comment["required"] == ["article", "text"]
    assert comment["additionalProperties"] is False
