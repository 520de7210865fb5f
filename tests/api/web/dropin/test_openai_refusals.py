"""OpenAI's moderation endpoint: what is refused, and in which words; no answer is another's."""

import json
import re
from typing import Any

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from api.moderation import access
from api.moderation.services import Services
from api.store.gathering import BusyError
from api.web.dropin import openai
from tests.api.web.dropin.openai import PATH, refused
from tests.api.web.dropin.openai_cases import CASES, INVALID, PARSE
from tests.conftest import ON_SQLITE
from tests.factories import Failing, make_key, revoke_key


@pytest.mark.parametrize(("body", "message", "param", "code"), CASES)
def test_a_body_that_cannot_be_answered(
    shared_admin: FlaskClient, body: Any, message: str, param: str | None, code: str | None
) -> None:
    answer = shared_admin.post(PATH, data=json.dumps(body), content_type="application/json")

    assert refused(answer) == (
        400,
        {"message": message, "type": INVALID, "param": param, "code": code},
    )
    assert re.fullmatch("req_[0-9a-f]{32}", answer.headers["x-request-id"])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"input=hello",
        b"{'input': 'hello'}",
        b'{"input": "hello"} more',
        b'{"input": "\xff"}',
        b'{"input": NaN}',
        b'{"input": ' + b"[" * 100_000,
        b'{"input": "a", "n": 1' + b"0" * 10_000 + b"}",
        b'{"input": "a\x00"}',
        "{'input': 'ä'}".encode("utf-16"),
    ],
)
def test_a_body_that_is_not_json(shared_admin: FlaskClient, body: bytes) -> None:
    answer = shared_admin.post(PATH, data=body, content_type="application/json")

    status, error = refused(answer)
    assert status == 400
    assert error["message"].startswith(PARSE + "(HINT: ")
    assert (error["type"], error["param"], error["code"]) == (INVALID, None, None)


@pytest.mark.parametrize("path", [PATH, "/v1/models", "/v1/models/omni-moderation-latest"])
@pytest.mark.parametrize(
    "given", [None, "", "Bearer", "Bearer ", "Basic abc", "wnw_0123456789012345678", "abc Bearer"]
)
def test_without_a_key(shared_admin: FlaskClient, path: str, given: str | None) -> None:
    headers = {} if given is None else {"Authorization": given}

    answer = shared_admin.application.test_client().open(
        path, method="POST" if path == PATH else "GET", headers=headers
    )

    status, error = refused(answer)
    assert status == 401
    assert error["message"].startswith("You didn't provide an API key. ")
    assert (error["type"], error["param"], error["code"]) == (INVALID, None, None)
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert re.fullmatch("req_[0-9a-f]{32}", answer.headers["x-request-id"])


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("sk-abcdefghijklmnopqrstuvwxyz", "sk-ab***yz"),
        ("wnw_01234567_0123456789012345678901234567890123", "wnw_0***23"),
        ("sk-short", "***"),
        ("a", "***"),
        ("two words that no key ever was", "two w***as"),
        ("' OR 1=1 -- and so on", "' OR ***on"),
        ("schlüssel-schlüssel-schlüssel", "schlü***el"),
        ("x" * 5_000, "xxxxx***xx"),
    ],
)
def test_a_key_that_nobody_has_is_masked(shared_admin: FlaskClient, key: str, shown: str) -> None:
    answer = shared_admin.application.test_client().post(
        PATH, json={"input": "A fine day."}, headers={"Authorization": f"Bearer {key}"}
    )

    status, error = refused(answer)
    assert status == 401
    assert error["message"].startswith(f"Incorrect API key provided: {shown}. ")
    assert (error["type"], error["param"], error["code"]) == (INVALID, None, "invalid_api_key")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@ON_SQLITE
def test_a_key_that_was_revoked_is_wrong(
    client: FlaskClient, services: Services, site: int
) -> None:
    key = make_key(services, site, "admin")
    revoke_key(services, site, access.key_prefix(key))

    answer = client.post(PATH, json={"input": "a"}, headers={"Authorization": f"Bearer {key}"})

    status, error = refused(answer)
    assert (status, error["code"]) == (401, "invalid_api_key")
    assert key not in answer.text


def test_the_key_is_asked_for_before_the_body_is_read(shared_admin: FlaskClient) -> None:
    assert shared_admin.application.test_client().post(PATH, data=b"{").status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "status", "message", "code"),
    [
        ("GET", PATH, 405, f"Not allowed to GET on {PATH}. ", "method_not_supported"),
        ("PUT", PATH, 405, f"Not allowed to PUT on {PATH}. ", "method_not_supported"),
        ("DELETE", f"{PATH}/", 405, f"Not allowed to DELETE on {PATH}/. ", "method_not_supported"),
        ("POST", "/v1/models", 405, "Not allowed to POST on /v1/models. ", "method_not_supported"),
        (
            "DELETE",
            "/v1/models/gpt-4",
            405,
            "Not allowed to DELETE on /v1/models/gpt-4. ",
            "method_not_supported",
        ),
        ("POST", f"{PATH}/foo", 404, f"Invalid URL (POST {PATH}/foo)", None),
        ("GET", f"{PATH}/foo/bar", 404, f"Invalid URL (GET {PATH}/foo/bar)", None),
    ],
)
def test_paths_and_methods_that_there_are_not(
    shared_admin: FlaskClient, method: str, path: str, status: int, message: str, code: str | None
) -> None:
    answer = shared_admin.open(path, method=method)

    found, error = refused(answer)
    assert (found, error["type"], error["param"], error["code"]) == (status, INVALID, None, code)
    assert error["message"].startswith(message)
    assert re.fullmatch("req_[0-9a-f]{32}", answer.headers["x-request-id"])
    assert ("Allow" in answer.headers) is (status == 405)


@pytest.mark.parametrize(
    "path", ["/v1/foo", "/v1/moderation", "/v1/moderationsx", "/v1/models/a/shadow", "/v1"]
)
def test_other_paths_are_not_ours_to_refuse(shared_admin: FlaskClient, path: str) -> None:
    answer = shared_admin.post(path)

    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    assert not answer.headers["x-request-id"].startswith("req_")


@ON_SQLITE
def test_a_body_that_is_too_large(app: Flask, backend: FlaskClient) -> None:
    app.config["MAX_BATCH_LENGTH"] = 1_000

    answer = backend.post(PATH, json={"input": "a" * 1_000})

    status, error = refused(answer)
    assert (status, error["type"], error["param"], error["code"]) == (413, INVALID, None, None)
    assert re.fullmatch("req_[0-9a-f]{32}", answer.headers["x-request-id"])


@ON_SQLITE
@pytest.mark.parametrize(
    ("error", "status"),
    [
        (OperationalError("SELECT secret", {"text": "private"}, Exception("gone")), 503),
        (BusyError("The database is busy with other writers."), 503),
        (RuntimeError("inner workings of secret"), 500),
    ],
)
@pytest.mark.parametrize("path", [PATH, "/v1/models"])
def test_what_fails_on_our_side(
    backend: FlaskClient,
    services: Any,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    status: int,
    path: str,
) -> None:
    object.__setattr__(services, "database", Failing(error))

    answer = backend.open(path, method="POST" if path == PATH else "GET", json={"input": "private"})

    found, told = refused(answer)
    assert (found, told["type"], told["param"], told["code"]) == (
        status,
        "server_error",
        None,
        None,
    )
    assert ("Retry-After" in answer.headers) is (status == 503)
    assert not re.search("secret|private|inner", answer.text + caplog.text)
    assert re.fullmatch("req_[0-9a-f]{32}", answer.headers["x-request-id"])


@ON_SQLITE
def test_too_many_requests(app: Flask) -> None:
    with app.test_request_context(PATH, method="POST"):
        answer = openai.refuse(429, "Please wait.")

    assert answer.json == {
        "error": {
            "message": "Rate limit reached for POST /v1/moderations. Please wait.",
            "type": "requests",
            "param": None,
            "code": "rate_limit_exceeded",
        }
    }
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "5")


@ON_SQLITE
def test_a_view_that_is_rate_limited_says_so_in_the_same_form(
    backend: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.moderation.access.find_caller", lambda *_: abort(429))

    answer = backend.post(PATH, json={"input": "a"})

    status, error = refused(answer)
    assert (status, error["code"]) == (429, "rate_limit_exceeded")
