"""What a phase refuses: in plain JSON that names what is wrong, with a status for Coral's log."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.moderation import foreignkeys
from api.moderation.services import Services
from api.store.database import Database
from tests.api.web.dropin.coral import NEW, SECRET, ask, send, spell
from tests.conftest import ON_SQLITE
from tests.factories import count, operator


@pytest.fixture
def phase(services: Services, site: int) -> str:
    """The name of a phase that has its secret."""
    name = foreignkeys.create_coral(services, operator(site)).key
    foreignkeys.set_secret(services, operator(site), name, SECRET)
    return name


BODIES: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "The body is not JSON"),
    "half of it": (spell(NEW)[:-5], "The body is not JSON"),
    "no UTF-8": (b'{"comment": "\xff"}', "The body is not UTF-8"),
    "a form": (b"comment=fine", "The body is not JSON"),
    "a list": (b"[]", "The body is no JSON object."),
    "null": (b"null", "The body is no JSON object."),
    "a field twice": (b'{"comment": 1, "comment": 2}', '"comment" appears twice'),
    "NaN": (b'{"comment": NaN}', "NaN"),
    "too deep": (b'{"a": ' * 99 + b"1" + b"}" * 99, "nests"),
}
FIELDS: dict[str, tuple[dict[str, Any], str]] = {
    "no comment": ({"comment": None}, "comment is no object."),
    "a text for a comment": ({"comment": "x"}, "comment is no object."),
    "no body": ({"comment": {"parentID": None}}, "comment.body is no text."),
    "null for a body": ({"comment": {"body": None}}, "comment.body is no text."),
    "a number for a body": ({"comment": {"body": 7}}, "comment.body is no text."),
    "a list for a parent": (
        {"comment": {"body": "x", "parentID": []}},
        "comment.parentID is no text.",
    ),
    "no author": ({"author": None}, "author is no object."),
    "no author's id": ({"author": {}}, "author.id is no text."),
    "a number for a role": ({"author": {"id": "u", "role": 1}}, "author.role is no text."),
    "no story": ({"story": []}, "story is no object."),
    "no story's id": ({"story": {"url": "http://localhost/"}}, "story.id is no text."),
    "an object for a URL": ({"story": {"id": "s", "url": {}}}, "story.url is no text."),
    "a text for a site": ({"site": "x"}, "site is no object."),
    "a number for a tenant": ({"tenantID": 1}, "tenantID is no text."),
    "true for an action": ({"action": True}, "action is no text."),
}


@pytest.mark.parametrize("name", BODIES)
@ON_SQLITE
def test_a_body_that_cannot_be_read_is_400(client: FlaskClient, phase: str, name: str) -> None:
    body, said = BODIES[name]

    answer = send(client, phase, body)

    assert answer.status_code == 400
    assert answer.content_type == "application/json"
    assert said in answer.json["error"]


@pytest.mark.parametrize("name", FIELDS)
@ON_SQLITE
def test_a_field_that_is_wrong_is_named(
    client: FlaskClient, phase: str, database: Database, name: str
) -> None:
    given, said = FIELDS[name]

    answer = send(client, phase, spell({**NEW, **given}))

    assert answer.status_code == 400
    assert answer.json == {"error": said}
    assert count(database)["comments"] == 0


LESS: dict[str, dict[str, Any]] = {
    "no site": {"site": None},
    "no URL": {"story": {"id": "s-1", "url": None}},
    "no role": {"author": {"id": "u-1"}},
    "no tenant": {"tenantID": None, "tenantDomain": None},
    "an unknown action": {"action": "MOVE"},
    "more": {"comment": {**NEW["comment"], "media": {"type": "giphy"}}, "locale": "de", "v": 9},
    "long ids": {"story": {"id": "s" * 9_999, "url": "u" * 9_999}, "site": {"id": "x" * 9_999}},
    "ids with zeros": {"author": {"id": "u\x00", "role": ""}, "story": {"id": "\x00"}},
}


@pytest.mark.parametrize("name", LESS)
def test_what_is_not_needed_may_be_missing_and_what_is_unknown_be_there(
    client: FlaskClient, phase: str, name: str
) -> None:
    assert ask(client, phase, {**NEW, **LESS[name]}).status_code == 204


@ON_SQLITE
def test_only_posts_to_a_phase_are_answered(client: FlaskClient, phase: str) -> None:
    for method in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS"):
        answer = client.open(f"/coral/{phase}", method=method)
        assert answer.status_code == 405
        assert answer.content_type == "application/json"
    for path in ("/coral/", f"/coral/{phase}/more", "/coral/a/b"):
        answer = client.post(path, data=spell(NEW))
        assert answer.status_code == 404
        assert set(json.loads(answer.data)) == {"error"}
    assert client.get("/coralline").content_type == "application/problem+json"


@ON_SQLITE
def test_a_final_slash_changes_nothing(client: FlaskClient, phase: str) -> None:
    assert ask(client, f"{phase}/").status_code == 204


@ON_SQLITE
def test_a_body_that_is_too_large_is_413(client: FlaskClient, phase: str) -> None:
    answer = send(client, phase, b" " * (1024 * 1024 + 1))

    assert answer.status_code == 413
    assert set(answer.json) == {"error"}


@ON_SQLITE
def test_without_a_database_it_is_503_and_says_nothing_of_anybody(
    client: FlaskClient, phase: str, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE dropin_checks")

    answer = ask(client, phase)

    assert answer.status_code == 503
    assert set(answer.json) == {"error"}
    assert "a comment" not in caplog.text
