"""Many comments at once: each is answered in its place."""

from flask.testing import FlaskClient

from api.store.database import Database
from tests.factories import comment, count, submit


def test_each_item_is_answered_in_its_place(backend: FlaskClient) -> None:
    submit(backend, "Known.", id="c-2")
    items = [
        comment("New.", id="c-1"),
        comment("Known.", id="c-2"),
        comment("", id="c-3"),
        comment("spam0.97", id="c-4"),
        {"text": "no article"},
        comment("No id."),
    ]

    answer = backend.post("/v1/comments/batch", json={"items": items})

    assert answer.status_code == 207
    entries = answer.json["items"]
    assert [entry["status"] for entry in entries] == [201, 200, 422, 201, 422, 201]
    assert [set(entry) for entry in entries] == [
        {"status", "problem" if entry["status"] == 422 else "comment"} for entry in entries
    ]
    assert entries[3]["comment"] == backend.get("/v1/comments/c-4").json
    assert entries[2]["problem"]["errors"][0]["pointer"] == "/text"
    assert entries[4]["problem"]["errors"][0]["pointer"] == "/article"


def test_one_id_several_times_in_a_batch_is_one_comment(backend: FlaskClient) -> None:
    texts = ["One.", "One.", "Two.", "One.", "One."]

    answer = backend.post(
        "/v1/comments/batch", json={"items": [comment(text, id="c-1") for text in texts]}
    )

    entries = answer.json["items"]
    assert [entry["status"] for entry in entries] == [201, 200, 201, 201, 200]
    assert backend.get("/v1/comments/c-1").json == entries[-1]["comment"]
    assert entries[-1]["comment"]["revision"] == 3
    assert len(backend.get("/v1/comments/c-1/history").json["revisions"]) == 3


def test_a_batch_sent_again_changes_nothing(backend: FlaskClient, database: Database) -> None:
    items = [comment(f"Number {n}.", id=f"c-{n}") for n in range(20)]
    first = backend.post("/v1/comments/batch", json={"items": items}).json["items"]
    before = count(database)

    again = backend.post("/v1/comments/batch", json={"items": items[::-1]}).json["items"]

    assert {entry["status"] for entry in again} == {200}
    assert [entry["comment"] for entry in again[::-1]] == [entry["comment"] for entry in first]
    assert count(database) == before


def test_a_batch_of_a_thousand_is_kept_in_order(backend: FlaskClient, database: Database) -> None:
    items = [comment(f"Number {n}.", id=f"c-{n}") for n in range(1000)]

    answer = backend.post("/v1/comments/batch", json={"items": items})

    assert answer.status_code == 207
    assert [e["comment"]["id"] for e in answer.json["items"]] == [item["id"] for item in items]
    rows = count(database)
    assert [rows[t] for t in ("comments", "revisions", "verdicts", "events")] == [1000] * 4


def test_a_batch_of_more_than_a_thousand_is_refused(
    backend: FlaskClient, database: Database
) -> None:
    before = count(database)

    answer = backend.post("/v1/comments/batch", json={"items": [comment()] * 1001})

    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "/items"
    assert count(database) == before


def test_a_batch_where_nothing_can_be_accepted_keeps_nothing(
    backend: FlaskClient, database: Database
) -> None:
    before = count(database)

    answer = backend.post("/v1/comments/batch", json={"items": [comment(""), {}]})

    assert answer.status_code == 207
    assert [entry["status"] for entry in answer.json["items"]] == [422, 422]
    assert count(database) == before


def test_a_comment_has_the_same_verdict_alone_and_in_a_batch(backend: FlaskClient) -> None:
    texts = ["A fine day.", "spam0.60", "insult0.95 spam0.5"]

    alone = [
        backend.post("/v1/comments/check", json=comment(text)).json["verdict"] for text in texts
    ]
    batch = backend.post("/v1/comments/batch", json={"items": [comment(text) for text in texts]})

    assert [entry["comment"]["verdict"] for entry in batch.json["items"]] == alone


def test_another_sites_comments_are_not_touched(
    backend: FlaskClient, stranger: FlaskClient
) -> None:
    theirs = submit(stranger, "Theirs.", id="c-1")

    answer = backend.post("/v1/comments/batch", json={"items": [comment("Ours.", id="c-1")]})

    assert answer.json["items"][0]["status"] == 201
    assert stranger.get("/v1/comments/c-1").json == theirs
