"""Headers that every answer carries, whatever it is."""

import pytest
from flask.testing import FlaskClient

from tests.conftest import ON_SQLITE
from tests.factories import comment


@ON_SQLITE
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/live", 200),
        ("GET", "/openapi.json", 200),
        ("GET", "/v1/comments", 200),
        ("POST", "/v1/comments", 201),
        ("GET", "/v1/comments/nobody", 404),
        ("GET", "/nowhere", 404),
        ("GET", "/v1/keys", 403),
        ("PUT", "/v1/comments", 405),
        ("DELETE", "/v1/comments/nobody", 404),
        ("OPTIONS", "/v1/comments", 200),
    ],
)
def test_no_answer_may_run_be_framed_guessed_at_or_cached(
    backend: FlaskClient, method: str, path: str, status: int
) -> None:
    answer = backend.open(path, method=method, json=comment() if method == "POST" else None)

    assert answer.status_code == status
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "no-store"


@ON_SQLITE
def test_a_key_that_is_refused_carries_them_too(client: FlaskClient) -> None:
    answer = client.get("/v1/comments")

    assert answer.status_code == 401
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@ON_SQLITE
def test_other_websites_may_not_read_answers(backend: FlaskClient) -> None:
    answer = backend.get("/v1/comments", headers={"Origin": "https://evil.example"})

    assert not [name for name in dict(answer.headers) if name.startswith("Access-Control")]
    assert "Set-Cookie" not in answer.headers
