"""Decisions: a comment's last word, given once, kept, and taken back."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.moderation import review
from api.moderation.access import Caller
from api.moderation.services import Services
from api.store.database import Database
from tests.factories import Clock, count, decide, put_policy, submit, walk

URL = "/v1/comments/c-1/decision"


@pytest.mark.parametrize(
    ("action", "status"), [("approve", "approved"), ("reject", "rejected"), ("escalate", "pending")]
)
@pytest.mark.parametrize("text", ["A fine day.", "spam0.60", "spam0.97"])
def test_a_decision_supersedes_the_verdict(
    moderator: FlaskClient, text: str, action: str, status: str
) -> None:
    before = submit(moderator, text, id="c-1")

    found = decide(moderator, "c-1", action)

    assert (found["status"], found["version"], found["revision"]) == (status, 2, 1)
    assert found["verdict"] == before["verdict"]
    assert moderator.get("/v1/comments/c-1").json == found


def test_a_decision_says_who_when_and_why(moderator: FlaskClient, clock: Clock) -> None:
    submit(moderator, id="c-1")
    clock.move(minutes=5)

    found = decide(moderator, "c-1", "reject", reason="off_topic", note="Not about boats.")

    decision = found["decision"]
    assert decision.pop("actor").startswith("key:wnw_")
    assert decision == {
        "action": "reject",
        "reason": "off_topic",
        "queue": None,
        "note": "Not about boats.",
        "version": 2,
        "created_at": "2026-11-22T12:05:00Z",
        "undone_at": None,
    }
    assert found["updated_at"] == "2026-11-22T12:05:00Z"


def test_a_decision_about_an_older_version_is_409_with_the_present_one(
    moderator: FlaskClient,
) -> None:
    submit(moderator, "One.", id="c-1")
    present = submit(moderator, "Two.", id="c-1")

    answer = moderator.post(URL, json={"action": "approve", "version": 1})

    assert answer.status_code == 409
    assert answer.content_type == "application/problem+json"
    assert answer.json["type"] == "urn:winnow:problem:stale-version"
    assert answer.json["version"] == 2
    assert answer.json["comment"] == present
    assert moderator.get("/v1/comments/c-1").json == present


@pytest.mark.parametrize("version", [0, -1, 3, 10**30])
def test_a_version_that_never_was_is_409(moderator: FlaskClient, version: int) -> None:
    submit(moderator, id="c-1")
    submit(moderator, "Two.", id="c-1")

    assert moderator.post(URL, json={"action": "approve", "version": version}).status_code == 409


@pytest.mark.parametrize("version", [None, 2])
def test_a_decision_about_the_present_version_holds(
    moderator: FlaskClient, version: int | None
) -> None:
    submit(moderator, "One.", id="c-1")
    submit(moderator, "Two.", id="c-1")

    assert decide(moderator, "c-1", "approve", version=version)["version"] == 3


@pytest.mark.parametrize("again", [{}, {"version": 1}, {"version": 2}])
def test_the_same_decision_twice_is_kept_once(
    moderator: FlaskClient, database: Database, again: dict[str, Any]
) -> None:
    submit(moderator, id="c-1")
    first = decide(moderator, "c-1", "reject", reason="spam", version=1)
    before = count(database)

    second = decide(moderator, "c-1", "reject", reason="spam", **again)

    assert second == first
    assert count(database) == before
    events = moderator.get("/v1/comments/c-1/history").json["events"]
    assert [event["type"] for event in events] == ["comment.created", "comment.decided"]


def test_another_decision_about_an_older_version_is_409(moderator: FlaskClient) -> None:
    submit(moderator, id="c-1")
    first = decide(moderator, "c-1", "reject", version=1)

    late = moderator.post(URL, json={"action": "approve", "version": 1})

    assert (late.status_code, late.json["version"]) == (409, 2)
    assert moderator.get("/v1/comments/c-1").json == first


def test_the_same_action_for_another_reason_is_a_decision_of_its_own(
    moderator: FlaskClient,
) -> None:
    submit(moderator, id="c-1")
    decide(moderator, "c-1", "reject", reason="spam")

    second = decide(moderator, "c-1", "reject", reason="off_topic")

    assert (second["version"], second["decision"]["reason"]) == (3, "off_topic")


@pytest.mark.parametrize("text", ["A fine day.", "spam0.60", "spam0.97"])
@pytest.mark.parametrize("action", ["approve", "reject", "escalate"])
def test_undoing_brings_back_what_the_machine_said(
    moderator: FlaskClient, text: str, action: str
) -> None:
    before = submit(moderator, text, id="c-1")
    decide(moderator, "c-1", action)

    answer = moderator.delete(URL)

    assert answer.status_code == 200
    assert answer.json == {**before, "version": 3}
    assert moderator.get("/v1/comments/c-1").json == answer.json


def test_undoing_brings_back_the_decision_before(moderator: FlaskClient) -> None:
    submit(moderator, "spam0.60", id="c-1")
    for action in ("escalate", "approve", "reject"):
        decide(moderator, "c-1", action)

    seen = []
    for _ in range(3):
        found = moderator.delete(URL).json
        seen.append((found["decision"] and found["decision"]["action"], found["status"]))

    assert seen == [("approve", "approved"), ("escalate", "pending"), (None, "pending")]
    assert moderator.delete(URL).status_code == 409


def test_a_decision_may_follow_an_undone_one(moderator: FlaskClient) -> None:
    submit(moderator, "spam0.60", id="c-1")
    decide(moderator, "c-1", "approve")
    moderator.delete(URL)

    again = decide(moderator, "c-1", "approve")

    assert (again["status"], again["version"]) == ("approved", 4)
    assert len(moderator.get("/v1/comments/c-1/history").json["decisions"]) == 2


def test_undoing_without_a_decision_is_409(moderator: FlaskClient, database: Database) -> None:
    submit(moderator, id="c-1")
    before = count(database)

    answer = moderator.delete(URL)

    assert answer.status_code == 409
    assert answer.content_type == "application/problem+json"
    assert count(database) == before


def test_undoing_after_an_edit_is_409_for_the_decision_was_about_another_wording(
    moderator: FlaskClient,
) -> None:
    submit(moderator, "One.", id="c-1")
    decide(moderator, "c-1", "reject")
    submit(moderator, "Two.", id="c-1")

    assert moderator.delete(URL).status_code == 409


def test_undoing_an_older_version_is_409(moderator: FlaskClient) -> None:
    submit(moderator, id="c-1")
    decide(moderator, "c-1", "reject")
    approved = decide(moderator, "c-1", "approve")

    late = moderator.delete(URL, query_string={"version": 2})

    assert (late.status_code, late.json["version"]) == (409, 3)
    assert moderator.get("/v1/comments/c-1").json == approved
    assert moderator.delete(URL, query_string={"version": 3}).status_code == 200


@pytest.mark.parametrize("version", ["", "x", "1.5", "\x00", "9" * 5000])
def test_a_wrong_version_to_undo_is_named(moderator: FlaskClient, version: str) -> None:
    submit(moderator, id="c-1")

    answer = moderator.delete(URL, query_string={"version": version})

    assert answer.status_code == 422
    assert [error["parameter"] for error in answer.json["errors"]] == ["version"]


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_an_unknown_comment_is_404(moderator: FlaskClient, method: str) -> None:
    answer = moderator.open(URL, method=method, json={"action": "approve"})

    assert answer.status_code == 404


def test_a_decision_about_an_edited_comment_is_about_the_new_wording(
    moderator: FlaskClient,
) -> None:
    submit(moderator, "One.", id="c-1")
    decide(moderator, "c-1", "reject")
    submit(moderator, "Two.", id="c-1")

    found = decide(moderator, "c-1", "approve")

    assert (found["status"], found["version"], found["revision"]) == ("approved", 4, 2)
    kept = moderator.get("/v1/comments/c-1/history").json["decisions"]
    assert [(one["revision"], one["action"]) for one in kept] == [(1, "reject"), (2, "approve")]


def test_undoing_is_told_in_an_event_of_its_own(moderator: FlaskClient) -> None:
    submit(moderator, "spam0.60", id="c-1")
    decide(moderator, "c-1", "reject")

    moderator.delete(URL)

    kept = moderator.get("/v1/comments/c-1/history").json
    told = [(event["type"], event["data"]["was"]) for event in kept["events"]]
    assert told[-2:] == [("comment.decided", "pending"), ("comment.undone", "rejected")]
    assert kept["events"][-1]["data"]["status"] == "pending"
    assert kept["decisions"][0]["undone_at"]


def test_reasons_may_be_those_of_the_policy_alone(
    moderator: FlaskClient, services: Services, site: int, database: Database
) -> None:
    reasons = [{"code": "hate", "title": "Hatred"}, {"code": "off-topic", "title": "Off topic"}]
    rules = {"reasons": reasons, "only_these_reasons": True, "reason_required": ["reject"]}
    put_policy(services, site, {"review": rules})
    submit(moderator, "spam0.60", id="c-1")
    before = count(database)

    for body in ({"action": "reject"}, {"action": "approve", "reason": "spam"}):
        answer = moderator.post(URL, json=body)
        assert answer.status_code == 422
        [wrong] = answer.json["errors"]
        assert wrong["pointer"] == "/reason"
        assert "hate, off-topic" in wrong["detail"]
    assert count(database) == before
    assert decide(moderator, "c-1", "approve")["status"] == "approved"
    assert decide(moderator, "c-1", "reject", reason="hate")["decision"]["reason"] == "hate"


@pytest.fixture
def lawyers(connect: Callable[..., FlaskClient]) -> None:
    """A place to escalate to, and a view over what waits."""
    admin = connect("admin")
    for name, wish in (("lawyers", {}), ("sports", {"filter": {"section": "sport"}})):
        saved = admin.put(f"/v1/queues/{name}", json={"title": name, **wish})
        assert saved.status_code in (200, 201), saved.text


@pytest.mark.usefixtures("lawyers")
def test_a_comment_is_escalated_to_a_queue_of_the_sites(moderator: FlaskClient) -> None:
    submit(moderator, "spam0.60", id="c-1")

    found = decide(moderator, "c-1", "escalate", queue="lawyers")

    assert (found["status"], found["decision"]["queue"]) == ("pending", "lawyers")
    assert [one["id"] for one in walk(moderator, "/v1/queue", queue="lawyers")] == ["c-1"]
    assert walk(moderator, "/v1/queue", queue="escalated") == []
    assert decide(moderator, "c-1", "escalate", queue="lawyers")["version"] == 2
    # An edit does not bring it back, and undoing what came later does.
    submit(moderator, "spam0.61", id="c-1")
    assert [one["id"] for one in walk(moderator, "/v1/queue", queue="lawyers")] == ["c-1"]


@pytest.mark.usefixtures("lawyers")
def test_undoing_brings_a_comment_back_to_where_it_was_escalated(moderator: FlaskClient) -> None:
    submit(moderator, "spam0.60", id="c-1")
    decide(moderator, "c-1", "escalate", queue="lawyers")
    decide(moderator, "c-1", "escalate")
    assert [one["id"] for one in walk(moderator, "/v1/queue", queue="escalated")] == ["c-1"]
    decide(moderator, "c-1", "approve")

    seen = []
    for _ in range(3):
        moderator.delete(URL)
        seen.append(walk(moderator, "/v1/queue")[0]["queue"])

    assert seen == ["escalated", "lawyers", "default"]


@pytest.mark.usefixtures("lawyers")
@pytest.mark.parametrize(
    "body",
    [
        {"action": "escalate", "queue": "nobody"},
        {"action": "escalate", "queue": "sports"},
        {"action": "escalate", "queue": "default"},
        {"action": "escalate", "queue": "audit"},
        {"action": "escalate", "queue": ""},
        {"action": "approve", "queue": "lawyers"},
        {"action": "skip", "queue": "escalated"},
    ],
    ids=str,
)
def test_what_is_no_place_to_escalate_to_is_named(
    moderator: FlaskClient, database: Database, body: dict[str, Any]
) -> None:
    submit(moderator, "spam0.60", id="c-1")
    before = count(database)

    answer = moderator.post(URL, json=body)

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json["errors"]] == ["/queue"]
    assert count(database) == before


def test_another_sites_place_is_none(moderator: FlaskClient, stranger: FlaskClient) -> None:
    assert stranger.put("/v1/queues/theirs", json={"title": "Theirs"}).status_code in (200, 201)
    submit(moderator, "spam0.60", id="c-1")

    answer = moderator.post(URL, json={"action": "escalate", "queue": "theirs"})

    assert answer.status_code == 422


def test_those_decided_last_come_first(
    moderator: FlaskClient, services: Services, site: int, clock: Clock
) -> None:
    for name in ("c-1", "c-2", "c-3", "c-4"):
        submit(moderator, "spam0.60", id=name)
    for name in ("c-2", "c-4", "c-1", "c-3"):
        clock.move(minutes=1)
        decide(moderator, name, "reject")
    clock.move(minutes=1)
    moderator.delete("/v1/comments/c-4/decision")

    found = review.recently_decided(services, Caller(site, "moderator", "test"), 2)

    assert [state.comment.public_id for state in found] == ["c-3", "c-1"]
