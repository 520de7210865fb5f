"""`Idempotency-Key` on every POST of the API: done once, answered the same, and nobody else's."""

import io
import json
import re
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from api.moderation import access
from api.moderation.services import Services
from api.store.database import Database
from api.store.outbox import KeptAnswer
from api.store.tables import Comment
from api.web.auth import FOREIGN, PERMISSIONS
from tests.api.moderation.learning.adapters import keep_adapter
from tests.conftest import ON_POSTGRESQL, ON_SQLITE
from tests.factories import Clock, comment, fail_a_job, put_policy, rows, submit

WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


class Case(NamedTuple):
    """A right body for a route and another right one; None where it takes none.

    `secret` is shown once and then no more; `lasts` where the answer is of no kept comment.
    """

    body: dict[str, Any] | None = None
    other: dict[str, Any] | None = None
    secret: str | None = None
    lasts: bool = False


CASES = {
    "/v1/comments": Case(comment("spam0.60"), comment("Another.")),
    "/v1/comments/check": Case(comment("spam0.60"), comment("Another."), lasts=True),
    "/v1/comments/batch": Case(
        {"items": [comment("spam0.60"), {}, comment("Two.", id="c-2")]}, {"items": [comment()]}
    ),
    "/v1/comments/{comment_id}/decision": Case({"action": "reject"}, {"action": "approve"}),
    "/v1/comments/{comment_id}/reports": Case({"reason": "rude"}, {"reason": "off-topic"}),
    "/v1/decisions": Case(
        {"ids": ["c-1"], "action": "reject"}, {"ids": ["c-1"], "action": "approve"}, lasts=True
    ),
    "/v1/decisions/{bulk_id}/stop": Case(lasts=True),
    "/v1/decisions/{bulk_id}/undo": Case(lasts=True),
    "/v1/comments/{comment_id}/notes": Case({"text": "Known to us."}, {"text": "Not so."}),
    "/v1/authors/notes": Case(
        {"kind": "author", "value": "u-5", "text": "Known to us."},
        {"kind": "author", "value": "u-5", "text": "Not so."},
        lasts=True,
    ),
    "/v1/campaigns/{campaign_id}/decision": Case(
        {"action": "reject"}, {"action": "reject", "reason": "advert"}, lasts=True
    ),
    "/v1/policy/shadow/promote": Case({"version": 3}, {"version": 3, "force": True}, lasts=True),
    "/v1/policy/preview": Case({"policy": {"mode": "pre"}}, {"policy": {}}, lasts=True),
    "/v1/learning/models/{model_id}/promote": Case(lasts=True),
    "/v1/learning/rollback": Case(lasts=True),
    "/v1/queue/claims": Case({"count": 1}, {"count": 2}),
    "/v1/keys": Case({"role": "backend"}, {"role": "admin"}, secret="key", lasts=True),
    "/v1/moderators": Case(
        {"email": "ada@gazette.example"},
        {"email": "eve@gazette.example"},
        secret="password",
        lasts=True,
    ),
    "/v1/webhooks": Case(
        {"url": "https://gazette.example/hook"},
        {"url": "https://gazette.example/other"},
        secret="secret",
        lasts=True,
    ),
    "/v1/webhooks/{webhook_id}/secret": Case(
        {"overlap_hours": 1}, {"overlap_hours": 2}, secret="secret", lasts=True
    ),
    "/v1/webhooks/{webhook_id}/redeliver": Case(
        {"since": "2026-01-01T00:00:00Z"}, {"since": "2026-01-02T00:00:00Z"}, lasts=True
    ),
    "/v1/webhooks/{webhook_id}/test": Case(lasts=True),
    "/v1/webhooks/{webhook_id}/deliveries/{message_id}/redeliver": Case(lasts=True),
    "/v1/standings": Case(
        {"kind": "author", "value": "u-5", "standing": "banned", "reason": "Spam."},
        {"kind": "author", "value": "u-5", "standing": "held", "reason": "Spam."},
        lasts=True,
    ),
    "/v1/jobs/{job_id}/replay": Case(lasts=True),
    "/v1/policy/check": Case({"policy": {}}, {"policy": {"profile": "strict"}}, lasts=True),
    "/v1/policy/versions/{version}/restore": Case({"version": 3}, {"version": 4}, lasts=True),
}
"""Every POST of the API."""

each = pytest.mark.parametrize("path", CASES)
each_with_a_body = pytest.mark.parametrize("path", [path for path in CASES if CASES[path].body])


def prepare(client: FlaskClient, services: Services, site: int) -> FlaskClient:
    """Have something there for each path to be about; `names` says what it is called."""
    submit(client, "spam0.60", id="c-1")
    put_policy(services, site, {"duplicates": {"do": "hold"}})
    for _ in range(2):
        submit(client, "Whoever has found my green umbrella may keep it until the rain is over.")
    webhook = client.post("/v1/webhooks", json={"url": "https://gazette.example/first"}).json["id"]
    names = {
        "comment_id": "c-1",
        "campaign_id": client.get("/v1/campaigns").json["items"][0]["id"],
        "bulk_id": client.post("/v1/decisions", json={"ids": ["c-1"], "action": "escalate"}).json[
            "id"
        ],
        "webhook_id": webhook,
        "message_id": client.post(f"/v1/webhooks/{webhook}/test").json["id"],
        "job_id": str(fail_a_job(services, site)),
        "model_id": keep_adapter(services, site).public_id,
        "version": str(put_policy(services, site, {"profile": "strict"}) - 1),
    }
    client.put("/v1/policy/shadow", json={"policy": {"profile": "relaxed"}})
    in_force = keep_adapter(services, site).public_id
    client.post(f"/v1/learning/models/{in_force}/promote")
    client.names = names  # type: ignore[attr-defined]
    return client


@pytest.fixture
def admin(connect: Callable[..., FlaskClient], services: Services, site: int) -> FlaskClient:
    """Somebody who may do all of it, on a site where something is."""
    return prepare(connect("admin"), services, site)


@pytest.fixture
def stranger(connect: Callable[..., FlaskClient], services: Services) -> FlaskClient:
    """The same of another site."""
    other = access.create_site(services, "elsewhere")
    return prepare(connect("admin", other), services, other)


def post(client: FlaskClient, path: str, body: Any = None, key: str = "k-1") -> TestResponse:
    """Send the right body of a route, or another, with a key."""
    return client.post(
        path.format(**client.names),  # type: ignore[attr-defined]
        json=CASES[path].body if body is None else body,
        headers={"Idempotency-Key": key},
    )


def assert_done(answer: TestResponse) -> None:
    assert answer.status_code in (200, 201, 202, 207), answer.text
    assert "Idempotency-Replayed" not in answer.headers


def assert_repeated(answer: TestResponse, first: TestResponse, secret: str | None = None) -> None:
    assert answer.status_code == first.status_code
    assert answer.content_type == first.content_type
    assert answer.headers["Idempotency-Replayed"] == "true"
    if secret is None:
        assert answer.data == first.data
    else:
        assert answer.json == {**first.json, secret: None}


def assert_refused(answer: TestResponse) -> None:
    assert answer.status_code == 422
    assert answer.json["type"] == "urn:winnow:problem:idempotency-key-reused"
    assert "Idempotency-Replayed" not in answer.headers


WITHOUT = {"/v1/people/export", "/v1/people/erase"}
"""What keeps nothing of its request: that would be something of the person again. The one changes
nothing, the other is done once as long as it runs."""


@ON_SQLITE
def test_every_post_of_the_api_is_here(app: Flask) -> None:
    paths = {
        re.sub(r"<\w+:(\w+)>", r"{\1}", rule.rule)
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and rule.rule.startswith("/v1")
        if PERMISSIONS[rule.endpoint] != FOREIGN
    }

    assert paths - WITHOUT == set(CASES)
    assert paths >= WITHOUT


@ON_SQLITE
@each
def test_the_document_tells_of_the_key(client: FlaskClient, path: str) -> None:
    operation = client.get("/openapi.json").json["paths"][path]["post"]

    [header] = [one for one in operation["parameters"] if one["in"] == "header"]
    assert header["name"] == "Idempotency-Key"
    done = [one for status, one in operation["responses"].items() if status.startswith("2")]
    assert done
    assert all("Idempotency-Replayed" in one["headers"] for one in done)
    for status in ("409", "422"):
        described = operation["responses"][status]
        assert "Idempotency-Key" in described["description"]
        assert list(described["content"]) == ["application/problem+json"]


@ON_SQLITE
def test_the_document_promises_it_of_nothing_else(client: FlaskClient) -> None:
    for item in client.get("/openapi.json").json["paths"].values():
        for method, operation in item.items():
            if method not in ("post", "parameters"):
                assert "Idempotency-Key" not in json.dumps(operation.get("parameters", []))


@each
def test_sent_again_it_is_done_once_and_answered_the_same(
    admin: FlaskClient, database: Database, path: str
) -> None:
    first = post(admin, path)
    after = rows(database)

    assert_done(first)
    for _ in range(3):
        assert_repeated(post(admin, path), first, CASES[path].secret)
    assert rows(database) == after


@ON_SQLITE
@each_with_a_body
def test_the_same_body_may_be_spelt_otherwise(
    admin: FlaskClient, database: Database, path: str
) -> None:
    first = post(admin, path)
    body = dict(reversed(CASES[path].body.items()))
    again = admin.post(
        path.format(**admin.names),
        data=json.dumps(body, indent=3),
        headers={"Idempotency-Key": "k-1", "Content-Type": "application/json; charset=utf-8"},
    )

    assert_repeated(again, first, CASES[path].secret)


@each_with_a_body
def test_another_body_is_refused_and_changes_nothing(
    admin: FlaskClient, database: Database, path: str
) -> None:
    first = post(admin, path)
    after = rows(database)

    assert_refused(post(admin, path, CASES[path].other))

    assert rows(database) == after
    assert_repeated(post(admin, path), first, CASES[path].secret)
    assert_done(post(admin, path, CASES[path].other, key="k-2"))


@ON_SQLITE
@each
def test_another_path_is_refused(admin: FlaskClient, path: str) -> None:
    elsewhere = "/v1/keys" if path != "/v1/keys" else "/v1/comments"
    assert_done(post(admin, elsewhere))

    assert_refused(post(admin, path))


@ON_SQLITE
@each_with_a_body
def test_another_body_in_chunks_is_refused_as_well(admin: FlaskClient, path: str) -> None:
    def send(body: Any) -> TestResponse:
        return admin.post(
            path.format(**admin.names),
            input_stream=io.BytesIO(json.dumps(body).encode()),
            content_type="application/json",
            headers={"Idempotency-Key": "k-1", "Transfer-Encoding": "chunked"},
            environ_overrides={"wsgi.input_terminated": True},
        )

    first = send(CASES[path].body)

    assert_done(first)
    assert_refused(send(CASES[path].other))
    assert_repeated(send(CASES[path].body), first, CASES[path].secret)


@each_with_a_body
def test_what_was_not_accepted_has_not_used_the_key(
    admin: FlaskClient, database: Database, path: str
) -> None:
    before = rows(database)
    wrong: list[Any] = [{**CASES[path].body, "nonsense": 1}, []]

    assert [post(admin, path, body).status_code for body in wrong] == [422, 422]
    assert admin.post("/v1/comments/nobody/decision", json={"action": "reject"}).status_code == 404

    assert rows(database) == before
    assert_done(post(admin, path))


@each
def test_another_site_with_the_same_key_is_another_matter(
    admin: FlaskClient, stranger: FlaskClient, path: str
) -> None:
    # An address signs in to one site.
    body = CASES[path].other if path == "/v1/moderators" else None
    first = post(admin, path)

    theirs = post(stranger, path, body)

    assert_done(theirs)
    assert_repeated(post(stranger, path, body), theirs, CASES[path].secret)
    assert_repeated(post(admin, path), first, CASES[path].secret)


@ON_SQLITE
@each
def test_what_is_no_key_is_told_by_the_name_of_the_header(
    admin: FlaskClient, database: Database, path: str
) -> None:
    before = rows(database)

    for key in ("", " ", "two words", "é", "tab\there", "x" * 256):
        answer = post(admin, path, key=key)

        assert answer.status_code == 422
        assert answer.json["errors"][0]["parameter"] == "Idempotency-Key"
    assert rows(database) == before


@ON_SQLITE
@pytest.mark.parametrize("key", ["x", "x" * 255, '"8e03978e-40d5-43dd-bc93-6894a57f9324"', "!~"])
def test_any_visible_characters_are_a_key(admin: FlaskClient, key: str) -> None:
    first = post(admin, "/v1/comments", key=key)

    assert_repeated(post(admin, "/v1/comments", key=key), first)


def test_an_answer_is_given_again_for_three_days(admin: FlaskClient, clock: Clock) -> None:
    first = post(admin, "/v1/comments")
    clock.move(hours=24)
    assert_repeated(post(admin, "/v1/comments"), first)
    clock.move(hours=47, minutes=59)
    assert_repeated(post(admin, "/v1/comments"), first)

    clock.move(minutes=1)
    second = post(admin, "/v1/comments", CASES["/v1/comments"].other)

    assert_done(second)
    assert second.json["id"] != first.json["id"]
    clock.move(hours=71)
    assert_repeated(post(admin, "/v1/comments", CASES["/v1/comments"].other), second)


@each
def test_what_shows_a_comment_goes_with_it(
    admin: FlaskClient, database: Database, path: str
) -> None:
    one = comment("spam0.65", id="c-1")
    bodies = {"/v1/comments": one, "/v1/comments/batch": {"items": [comment("New."), one]}}
    assert_done(post(admin, path, bodies.get(path)))
    post(admin, "/v1/comments", comment("Of another."), key="k-2")

    admin.delete("/v1/comments/c-1")

    assert set(kept(database)) == ({"k-1", "k-2"} if CASES[path].lasts else {"k-2"})


def kept(database: Database) -> dict[str, str]:
    """The answers that are kept, by their keys."""
    with database.reading() as session:
        return {
            row.key: row.body for row in session.execute(select(KeptAnswer.key, KeptAnswer.body))
        }


def test_ids_are_told_apart_by_their_capitals(admin: FlaskClient, database: Database) -> None:
    for key, name in (("k-1", "abc"), ("k-2", "ABC"), ("k-3", "ab_"), ("k-4", "abcd")):
        post(admin, "/v1/comments", comment(id=name), key=key)

    admin.delete("/v1/comments/ABC")
    admin.delete("/v1/comments/ab_")

    assert set(kept(database)) == {"k-1", "k-4"}


def wait_for_a_lock(database: Database) -> None:
    """Until somebody waits for a row that another transaction has."""
    for _ in range(400):
        with database.engine.connect() as connection:
            if connection.scalar(text(WAITING)):
                return
        time.sleep(0.01)
    raise AssertionError("nobody waits")


@ON_POSTGRESQL
def test_while_it_is_being_done_it_is_409_and_to_be_sent_again(
    app: Flask, admin: FlaskClient, database: Database
) -> None:
    path, answers = "/v1/comments/{comment_id}/decision", []
    other = app.test_client()
    vars(other).update(environ_base=admin.environ_base, names=vars(admin)["names"])
    first = threading.Thread(target=lambda: answers.append(post(other, path)))

    with database.engine.connect() as connection:
        connection.execute(select(Comment.id).with_for_update())
        first.start()
        wait_for_a_lock(database)
        meanwhile = post(admin, path)
        connection.rollback()
    first.join()

    assert meanwhile.status_code == 409
    assert meanwhile.json["type"] == "urn:winnow:problem:still-running"
    assert int(meanwhile.headers["Retry-After"]) >= 1
    assert_done(answers[0])
    assert_repeated(post(admin, path), answers[0])


@ON_SQLITE
def test_no_secret_is_kept_in_an_answer(admin: FlaskClient, database: Database) -> None:
    for path, case in CASES.items():
        if case.secret:
            shown = post(admin, path, key=path).json[case.secret]
            assert shown
            assert shown not in "".join(kept(database).values())
