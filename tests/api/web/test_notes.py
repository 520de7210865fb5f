"""Notes over HTTP: between moderators, about comments and authors."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.moderation import access, notes
from api.moderation.access import Caller
from api.moderation.services import Services
from api.moderation.spellings import spell
from api.store.database import Database
from api.store.tables import Comment
from tests.factories import Clock, count, submit, walk

OF_AUTHOR = {"kind": "email", "value": "Jo.Doe+news@Example.org"}


def leave(client: FlaskClient, text: str = "Known to us.", comment_id: str = "c-1") -> Any:
    answer = client.post(f"/v1/comments/{comment_id}/notes", json={"text": text})
    assert answer.status_code == 201, answer.text
    return answer.json


@pytest.fixture
def colleague(connect: Callable[..., FlaskClient]) -> FlaskClient:
    return connect("moderator")


@pytest.fixture(autouse=True)
def kept(moderator: FlaskClient) -> None:
    submit(moderator, "spam0.60", id="c-1")


def test_it_is_answered_as_it_was_kept(moderator: FlaskClient, clock: Clock) -> None:
    made = leave(moderator, "He has asked\nfor ‮help‬ before.")

    assert made.pop("id").startswith("note_")
    assert made.pop("actor").startswith("key:")
    expected = {"text": "He has asked\nfor ‮help‬ before.", "created_at": "2026-11-22T12:00:00Z"}
    assert made == expected


def test_colleagues_read_what_was_left_newest_first(
    moderator: FlaskClient, colleague: FlaskClient
) -> None:
    left = [leave(moderator, f"Number {number}.") for number in range(5)]

    assert walk(colleague, "/v1/comments/c-1/notes", limit=2) == left[::-1]


def test_an_authors_notes_are_found_however_the_author_is_spelled(
    moderator: FlaskClient, colleague: FlaskClient
) -> None:
    made = moderator.post("/v1/authors/notes", json={**OF_AUTHOR, "text": "Means well."}).json
    other = {**OF_AUTHOR, "value": "somebody@else.example", "text": "No."}
    moderator.post("/v1/authors/notes", json=other)

    query = {"kind": "email", "value": "jo.doe@example.org"}
    assert walk(colleague, "/v1/authors/notes", **query) == [made]


def test_what_is_sent_wrong_is_named(moderator: FlaskClient) -> None:
    path = "/v1/comments/c-1/notes"
    for body, pointer in [
        ({}, "/text"),
        ({"text": ""}, "/text"),
        ({"text": "x" * 2001}, "/text"),
        ({"text": "a\0b"}, "/text"),
        ({"text": "Fine.", "by": "me"}, "/by"),
    ]:
        answer = moderator.post(path, json=body)
        assert answer.status_code == 422
        assert [one["pointer"] for one in answer.json["errors"]] == [pointer]
    assert moderator.post(path, json={"text": "x" * 2000}).status_code == 201


def test_an_author_who_cannot_be_is_named(moderator: FlaskClient) -> None:
    body = {"kind": "email", "value": "nobody", "text": "Known to us."}

    refused = moderator.post("/v1/authors/notes", json=body)
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/value")
    asked = moderator.get("/v1/authors/notes?kind=email&value=nobody")
    assert (asked.status_code, asked.json["errors"][0]["parameter"]) == (422, "value")
    asked = moderator.get("/v1/authors/notes?kind=friend&value=x")
    assert (asked.status_code, asked.json["errors"][0]["parameter"]) == (422, "kind")
    assert moderator.get("/v1/authors/notes").status_code == 422


def test_another_sites_comments_and_notes_are_none(
    moderator: FlaskClient, stranger: FlaskClient
) -> None:
    made = leave(moderator)
    moderator.post("/v1/authors/notes", json={**OF_AUTHOR, "text": "Means well."})

    assert stranger.get("/v1/comments/c-1/notes").status_code == 404
    assert stranger.post("/v1/comments/c-1/notes", json={"text": "Hm."}).status_code == 404
    assert stranger.delete(f"/v1/notes/{made['id']}").status_code == 404
    assert walk(stranger, "/v1/authors/notes", **OF_AUTHOR) == []
    assert moderator.get("/v1/comments/nobody/notes").status_code == 404


def test_a_note_is_its_writers_and_the_administrators_to_take_away(
    moderator: FlaskClient, colleague: FlaskClient, connect: Callable[..., FlaskClient]
) -> None:
    one, two = leave(moderator), leave(moderator)

    refused = colleague.delete(f"/v1/notes/{one['id']}")
    assert (refused.status_code, refused.json["title"]) == (403, "Forbidden")
    assert moderator.delete(f"/v1/notes/{one['id']}").status_code == 204
    assert moderator.delete(f"/v1/notes/{one['id']}").status_code == 404
    assert connect("admin").delete(f"/v1/notes/{two['id']}").status_code == 204
    assert walk(moderator, "/v1/comments/c-1/notes") == []


def test_notes_vanish_with_their_comment(moderator: FlaskClient, database: Database) -> None:
    leave(moderator)

    moderator.delete("/v1/comments/c-1")

    assert count(database)["notes"] == 0


def test_the_log_tells_that_there_is_a_note_and_no_word_of_it(moderator: FlaskClient) -> None:
    made = leave(moderator, "Ask Berta about the umbrella.")
    of_author = moderator.post("/v1/authors/notes", json={**OF_AUTHOR, "text": "Umbrella."})
    moderator.delete(f"/v1/notes/{made['id']}")
    moderator.delete(f"/v1/notes/{of_author.json['id']}")

    log = moderator.get("/v1/events").json["items"]
    kinds = ["comment.created", "comment.noted", "author.noted", "comment.noted", "author.noted"]
    assert [one["type"] for one in log] == kinds
    assert [one["data"].get("deleted") for one in log] == [None, False, False, True, True]
    assert log[1]["data"]["id"] == made["id"]
    for word in ("mbrella", "doe", "email@"):
        assert word not in str(log)
    assert moderator.get("/v1/comments/c-1").json["version"] == 1


def test_sent_twice_with_one_key_it_is_left_once(moderator: FlaskClient) -> None:
    headers = {"Idempotency-Key": "k-1"}
    for _ in range(2):
        body = {"text": "Known to us."}
        assert (
            moderator.post("/v1/comments/c-1/notes", json=body, headers=headers).status_code == 201
        )

    assert len(walk(moderator, "/v1/comments/c-1/notes")) == 1


def test_pages_count_and_find_them(moderator: FlaskClient, services: Services, site: int) -> None:
    submit(moderator, "spam0.60", id="c-2")
    left = [leave(moderator, f"Number {number}.") for number in range(3)]
    moderator.post("/v1/authors/notes", json={**OF_AUTHOR, "text": "Means well."})

    with services.database.reading() as session:
        keys = {one.public_id: one.id for one in session.query(Comment)}
        assert notes.count(session, list(keys.values())) == {keys["c-1"]: 3}
        assert notes.count(session, []) == {}
        found = notes.find_about(session, keys["c-1"])
        assert [one.text for one in found] == [one["text"] for one in left]
        about = "email", spell(**OF_AUTHOR)
        assert [one.text for one in notes.find_about_author(session, site, *about)] == [
            "Means well."
        ]
        elsewhere = access.create_site(services, "elsewhere")
        assert notes.find_about_author(session, elsewhere, *about) == []


def test_a_backend_has_no_part_in_it(backend: FlaskClient, services: Services, site: int) -> None:
    caller = Caller(site, "moderator", "moderator:anna@example.org")
    made = notes.note_comment(services, caller, "c-1", "Known to us.")

    assert backend.get("/v1/comments/c-1/notes").status_code == 403
    assert backend.delete(f"/v1/notes/{made.public_id}").status_code == 403
