"""Problem documents: one shape for all that can go wrong."""

import json
import logging
from typing import Any

import marshmallow as ma
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from api.store.gathering import BusyError
from api.web.problems import ProblemSchema, problem, validation_problem
from tests.conftest import ON_SQLITE
from tests.factories import Failing, comment


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "kind"),
    [
        ("POST", "/v1/comments", b"{", 400, "bad-request"),
        ("GET", "/v1/keys", None, 403, "forbidden"),
        ("GET", "/nowhere", None, 404, "not-found"),
        ("GET", "/v1/comments/nobody", None, 404, "not-found"),
        ("PUT", "/v1/comments", b"{}", 405, "method-not-allowed"),
        ("POST", "/v1/comments", b" " * 1024 * 1025, 413, None),
        ("POST", "/v1/comments", b"{}", 422, "validation"),
        ("GET", "/v1/comments?limit=0", None, 422, "validation"),
    ],
)
def test_every_error_has_the_same_shape(
    backend: FlaskClient, method: str, path: str, body: bytes | None, status: int, kind: str | None
) -> None:
    answer = backend.open(path, method=method, data=body, content_type="application/json")

    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    document = json.loads(answer.data)
    assert ProblemSchema(unknown=ma.RAISE).validate(document) == {}
    assert document["status"] == status
    if kind:
        assert document["type"] == f"urn:winnow:problem:{kind}"


@ON_SQLITE
def test_a_wrong_method_says_which_are_right(backend: FlaskClient) -> None:
    assert set(backend.put("/v1/comments").headers["Allow"].split(", ")) == {
        *("GET", "HEAD", "OPTIONS", "POST")
    }


@pytest.mark.parametrize(
    ("messages", "errors"),
    [
        ({"json": {"text": ["Wrong."]}}, [{"pointer": "/text", "detail": "Wrong."}]),
        ({"json": {"a": {"b": ["Wrong."]}}}, [{"pointer": "/a/b", "detail": "Wrong."}]),
        ({"json": {"items": {0: ["Wrong."]}}}, [{"pointer": "/items/0", "detail": "Wrong."}]),
        ({"json": {"_schema": ["Wrong."]}}, [{"pointer": "", "detail": "Wrong."}]),
        ({"json": {"a/b~c": ["Wrong."]}}, [{"pointer": "/a~1b~0c", "detail": "Wrong."}]),
        ({"json": {"": ["Wrong."]}}, [{"pointer": "/", "detail": "Wrong."}]),
        ({"json": {"a": "Wrong."}}, [{"pointer": "/a", "detail": "Wrong."}]),
        ({"json": ["Wrong."]}, [{"pointer": "", "detail": "Wrong."}]),
        ({"query": {"limit": ["Wrong."]}}, [{"parameter": "limit", "detail": "Wrong."}]),
        (
            {"json": {"a": ["One.", "Two."], "b": {"c": {"_schema": ["Three."]}}}},
            [
                {"pointer": "/a", "detail": "One."},
                {"pointer": "/a", "detail": "Two."},
                {"pointer": "/b/c", "detail": "Three."},
            ],
        ),
    ],
)
def test_each_wrong_field_is_pointed_at(messages: Any, errors: list[dict[str, str]]) -> None:
    assert validation_problem(messages)["errors"] == errors


def test_a_kind_of_its_own_names_itself() -> None:
    assert problem(409, "Late.", "stale-version", version=3) == {
        "type": "urn:winnow:problem:stale-version",
        "title": "Conflict",
        "status": 409,
        "detail": "Late.",
        "version": 3,
    }


@ON_SQLITE
@pytest.mark.parametrize(
    "error",
    [
        OperationalError("SELECT secret", {"text": "private"}, Exception("gone")),
        BusyError("The database is busy with other writers."),
    ],
)
def test_a_database_that_fails_is_503_and_says_when_to_come_back(
    app: Flask, backend: FlaskClient, services: Any, error: Exception
) -> None:
    object.__setattr__(services, "database", Failing(error))

    answer = backend.post("/v1/comments", json=comment())

    assert answer.status_code == 503
    assert answer.json["type"] == "urn:winnow:problem:database-unavailable"
    assert int(answer.headers["Retry-After"]) > 0
    assert "secret" not in answer.text


@ON_SQLITE
def test_a_mistake_of_ours_is_500_and_shows_nothing_of_itself(
    backend: FlaskClient, services: Any, caplog: pytest.LogCaptureFixture
) -> None:
    object.__setattr__(services, "database", Failing(RuntimeError("inner workings")))

    with caplog.at_level(logging.ERROR):
        answer = backend.post("/v1/comments", json=comment())

    assert (answer.status_code, answer.content_type) == (500, "application/problem+json")
    assert "inner workings" not in answer.text
    assert "inner workings" not in caplog.text
    [record] = caplog.records
    assert record.getMessage().startswith("a request failed: RuntimeError at ")
    assert "factories.py" in record.getMessage()
