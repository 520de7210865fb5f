"""The queue: what waits for a person, and in which order."""

import math
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.conftest import ON_SQLITE
from tests.factories import comment, decide, submit, walk


def ids(client: FlaskClient, **query: Any) -> list[str]:
    return [item["id"] for item in walk(client, "/v1/queue", **query)]


@pytest.fixture
def waiting(backend: FlaskClient) -> None:
    """Four held comments, one approved and one rejected."""
    submit(backend, "spam0.60", id="c-1", author={"id": "u-5"})  # 0.6 x 0.4
    submit(backend, "threat0.50", id="c-2", article={"id": "a-18", "section": "world"})
    submit(backend, "A fine day.", id="c-3")
    submit(backend, "insult0.70 spam0.60", id="c-4")  # 0.7 x 0.6
    submit(backend, "spam0.97", id="c-5")
    submit(backend, "severe_toxicity0.80", id="c-6", article={"id": "a-19", "section": "world"})


@pytest.mark.usefixtures("waiting")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, "c-6 c-2 c-4 c-1"),
        ({"sort": "priority"}, "c-6 c-2 c-4 c-1"),
        ({"sort": "oldest"}, "c-1 c-2 c-4 c-6"),
        ({"sort": "newest"}, "c-6 c-4 c-2 c-1"),
        ({"reason": "spam_score"}, "c-4 c-1"),
        ({"reason": "spam"}, ""),
        ({"article": "a-17"}, "c-4 c-1"),
        ({"article": "a-18"}, "c-2"),
        ({"section": "world"}, "c-6 c-2"),
        ({"section": "world", "article": "a-19"}, "c-6"),
        ({"queue": "default"}, "c-6 c-2 c-4 c-1"),
        ({"queue": "escalated"}, ""),
        ({"limit": 1}, "c-6 c-2 c-4 c-1"),
        ({"limit": 3, "sort": "oldest"}, "c-1 c-2 c-4 c-6"),
        ({"reason": ["spam_score", "threat_score"]}, "c-2 c-4 c-1"),
        ({"article": ["a-18", "a-19"]}, "c-6 c-2"),
        ({"section": ["world", "sport"]}, "c-6 c-2"),
        ({"author": "u-5"}, "c-1"),
        ({"author": ["u-5", "u-6"]}, "c-1"),
        ({"score": "spam:0.5"}, "c-4 c-1"),
        ({"score": ["spam:0.5", "insult:0.5-0.7"]}, "c-4"),
        ({"score": "spam:0.5-0.59"}, ""),
        ({"score": "toxicity:0"}, "c-6 c-2 c-4 c-1"),
        ({"waits_longer": 0}, "c-6 c-2 c-4 c-1"),
        ({"waits_longer": 1}, ""),
        ({"waits_shorter": 1}, "c-6 c-2 c-4 c-1"),
        ({"since": "2026-11-22T12:00:00Z"}, "c-6 c-2 c-4 c-1"),
        ({"until": "2026-11-22T12:00:00Z"}, ""),
        ({"q": "insult0.70"}, "c-4"),
        ({"mine": "true"}, "c-6 c-2 c-4 c-1"),
        ({"author": "u-5", "section": "world"}, ""),
        ({"score": "spam:0.5", "limit": 1}, "c-4 c-1"),
    ],
)
def test_the_queue_holds_what_is_asked_for_in_its_order(
    moderator: FlaskClient, query: dict[str, Any], found: str
) -> None:
    assert ids(moderator, **query) == found.split()


@pytest.mark.usefixtures("waiting")
def test_an_item_is_the_comment_with_its_priority(moderator: FlaskClient) -> None:
    for item in walk(moderator, "/v1/queue"):
        priority, terms = item.pop("priority"), item.pop("priority_terms")
        assert item.pop("claim") is None
        assert item.pop("queue") == "default"
        assert item.pop("waiting_since") == item["received_at"]
        assert item.pop("to_learn") is False
        assert item == moderator.get(f"/v1/comments/{item['id']}").json
        factors = (terms[name] for name in ("severity", "probability", "exposure", "waiting"))
        assert priority == pytest.approx(math.prod(factors))


@pytest.mark.usefixtures("waiting")
def test_the_terms_say_what_is_feared_most(moderator: FlaskClient) -> None:
    [item] = [one for one in walk(moderator, "/v1/queue") if one["id"] == "c-4"]

    assert item["priority"] == 0.42
    assert item["priority_terms"] == {
        "label": "insult",
        "severity": 0.6,
        "probability": 0.7,
        "reports": 0,
        "exposure": 1,
        "waiting": 1,
    }


@pytest.mark.usefixtures("waiting")
def test_what_is_decided_leaves_the_queue_and_undoing_brings_it_back(
    moderator: FlaskClient,
) -> None:
    decide(moderator, "c-6", "approve")
    decide(moderator, "c-2", "reject")
    assert ids(moderator) == ["c-4", "c-1"]

    moderator.delete("/v1/comments/c-6/decision")

    assert ids(moderator) == ["c-6", "c-4", "c-1"]


@pytest.mark.usefixtures("waiting")
def test_what_is_escalated_moves_to_its_own_queue(moderator: FlaskClient) -> None:
    decide(moderator, "c-1", "escalate")
    decide(moderator, "c-3", "escalate")

    assert ids(moderator, queue="escalated") == ["c-1", "c-3"]
    assert ids(moderator, queue="default") == ["c-6", "c-2", "c-4"]
    assert set(ids(moderator)) == {"c-1", "c-2", "c-3", "c-4", "c-6"}


@pytest.mark.parametrize("sort", ["priority", "oldest", "newest"])
@pytest.mark.parametrize("limit", [1, 3])
def test_pages_are_complete_where_priorities_are_equal(
    moderator: FlaskClient, sort: str, limit: int
) -> None:
    scores = ["0.70", "0.60", "0.60", "0.6000000001", "0.60", "0.70", "0.60"]
    items = [comment(f"spam{score}", id=f"c-{n}") for n, score in enumerate(scores)]
    moderator.post("/v1/comments/batch", json={"items": items})

    found = ids(moderator, sort=sort, limit=limit)

    assert sorted(found) == [item["id"] for item in items]
    if sort == "priority":
        assert found == ["c-5", "c-0", "c-3", "c-6", "c-4", "c-2", "c-1"]


@pytest.mark.usefixtures("waiting")
def test_comments_that_come_and_go_meanwhile_shift_nothing(moderator: FlaskClient) -> None:
    first = moderator.get("/v1/queue?limit=2").json
    submit(moderator, "threat0.60", id="c-7")
    decide(moderator, "c-6", "approve")

    second = moderator.get(f"/v1/queue?limit=2&cursor={first['next']}").json

    assert [item["id"] for item in second["items"]] == ["c-4", "c-1"]
    assert second["next"] is None


@pytest.mark.usefixtures("waiting")
def test_a_site_sees_only_its_own_queue(stranger: FlaskClient) -> None:
    assert ids(stranger) == []


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("since=2026-01-02T00:00:00Z&until=2026-01-02T00:00:00Z", "until"),
        ("waits_longer=5&waits_shorter=5", "waits_shorter"),
        ("score=spam:0.5&score=spam", "score"),
        ("reason=" + "&reason=".join(["x"] * 51), "reason"),
        ("queue=audit&reason=spam_score", "reason"),
        ("queue=audit&score=spam:0.5", "score"),
        ("queue=audit&campaign=cmp_1", "campaign"),
    ],
)
@ON_SQLITE
def test_what_does_not_go_together_is_named(moderator: FlaskClient, query: str, wrong: str) -> None:
    answer = moderator.get(f"/v1/queue?{query}")

    assert answer.status_code == 422
    assert [error["parameter"] for error in answer.json["errors"]] == [wrong]


@pytest.mark.usefixtures("waiting")
def test_the_list_of_comments_takes_the_same_filter(moderator: FlaskClient) -> None:
    def found(**query: Any) -> list[str]:
        return sorted(item["id"] for item in walk(moderator, "/v1/comments", **query))

    report = {"reason": "rude", "reporter": {"id": "u-7"}}
    moderator.post("/v1/comments/c-2/reports", json=report)

    assert found(section="world") == ["c-2", "c-6"]
    assert found(status=["approved", "rejected"]) == ["c-3", "c-5"]
    assert found(score="spam:0.9") == ["c-5"]
    assert found(score=["spam:0.6-0.9", "insult:0.7"]) == ["c-4"]
    assert found(reporter="u-7") == ids(moderator, reporter="u-7") == ["c-2"]
    assert found(reporter="u-8") == ids(moderator, reporter="u-8") == []
    assert found(waits_shorter=1) == ["c-1", "c-2", "c-4", "c-6"]
    assert found(until="2026-11-22T12:00:00Z") == []
