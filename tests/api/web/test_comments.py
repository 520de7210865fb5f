"""Comments through the HTTP door."""

from flask.testing import FlaskClient

from tests.factories import comment


def test_a_clean_comment_is_approved_and_kept(backend: FlaskClient) -> None:
    answer = backend.post("/v1/comments", json=comment("A fine day.", id="c-1"))

    assert answer.status_code == 201
    assert answer.json["status"] == "approved"
    assert backend.get("/v1/comments/c-1").json == answer.json
