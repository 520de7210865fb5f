"""Reports: what readers tell about a comment, kept with it and gone with it."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.moderation.services import Services
from tests.factories import Clock, count, decide, put_policy, submit, walk

URL = "/v1/comments/c-1/reports"


def report(client: FlaskClient, **given: Any) -> TestResponse:
    return client.post(URL, json={"reason": "spam", **given})


def report_by(client: FlaskClient, *names: str, of: str = "c-1", reason: str = "spam") -> None:
    for name in names:
        body = {"reason": reason, "reporter": {"id": name}}
        answer = client.post(f"/v1/comments/{of}/reports", json=body)
        assert answer.status_code in (200, 201), answer.text


def waiting(client: FlaskClient) -> dict[str, str]:
    """In which queue each comment waits, the most urgent first."""
    return {one["id"]: one["queue"] for one in walk(client, "/v1/queue")}


def outcomes(client: FlaskClient, comment_id: str = "c-1") -> list[str | None]:
    return [one["outcome"] for one in walk(client, f"/v1/comments/{comment_id}/reports")]


def teach(client: FlaskClient, name: str, action: str, times: int) -> None:
    """Have somebody report comments that people then decide about in this way."""
    for number in range(times):
        made = submit(client, id=f"{name}-{number}")
        report_by(client, name, of=made["id"])
        decide(client, made["id"], action)


def test_a_report_is_kept_and_shown(backend: FlaskClient) -> None:
    submit(backend, id="c-1")

    answer = report(backend, note="Sells watches.", reporter={"id": "u-7"})

    assert answer.status_code == 201
    assert answer.json["reason"] == "spam"
    assert answer.json["note"] == "Sells watches."
    assert answer.json["reporter"] == {"id": "u-7"}
    assert answer.json["actor"].startswith("key:wnw_")
    assert answer.json["created_at"] == "2026-11-22T12:00:00Z"
    assert answer.json["outcome"] is None
    assert backend.get(URL).json == {"items": [answer.json], "next": None}


def test_a_reason_is_enough(backend: FlaskClient) -> None:
    submit(backend, id="c-1")

    for given in ({}, {"note": None, "reporter": None}):
        shown = report(backend, **given).json
        assert (shown["note"], shown["reporter"]) == (None, None)


def test_the_log_keeps_the_reason_and_nothing_of_the_reporter(backend: FlaskClient) -> None:
    submit(backend, "spam0.60", id="c-1")

    report(backend, note="Sells watches.", reporter={"id": "u-7"})

    [event] = backend.get("/v1/events?type=comment.reported").json["items"]
    assert event["data"] == {
        "status": "pending",
        "was": "pending",
        "version": 1,
        "article": "a-17",
        "reason": "spam",
    }
    assert event["outcome"] is None


def test_a_report_leaves_the_comment_as_it_was(backend: FlaskClient) -> None:
    before = submit(backend, id="c-1")

    report(backend)

    assert backend.get("/v1/comments/c-1").json == before


def test_reports_are_listed_in_pages_oldest_first(backend: FlaskClient) -> None:
    submit(backend, id="c-1")
    for number in range(5):
        report(backend, note=str(number))

    assert [one["note"] for one in walk(backend, URL, limit=2)] == ["0", "1", "2", "3", "4"]


def test_reports_go_with_their_comment(backend: FlaskClient, services: Services) -> None:
    submit(backend, id="c-1")
    submit(backend, id="c-2")
    report(backend)
    backend.post("/v1/comments/c-2/reports", json={"reason": "spam"})

    backend.delete("/v1/comments/c-1")

    assert count(services.database)["reports"] == 1
    assert backend.get(URL).status_code == 404
    submit(backend, id="c-1")
    assert backend.get(URL).json["items"] == []


def test_the_same_request_again_reports_once(backend: FlaskClient) -> None:
    submit(backend, id="c-1")
    headers = {"Idempotency-Key": "one"}

    first, again = (backend.post(URL, json={"reason": "spam"}, headers=headers) for _ in range(2))

    assert (first.status_code, first.json) == (again.status_code, again.json)
    assert len(backend.get(URL).json["items"]) == 1


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"reason": "In so many words."}, "/reason"),
        ({"reason": ""}, "/reason"),
        ({"reason": "x" * 101}, "/reason"),
        ({"reason": None}, "/reason"),
        ({"note": "x" * 2001}, "/note"),
        ({"reporter": {}}, "/reporter/id"),
        ({"reporter": {"id": ""}}, "/reporter/id"),
        ({"reporter": {"id": "u-7", "name": "Ada"}}, "/reporter/name"),
        ({"reporter": "u-7"}, "/reporter"),
        ({"more": 1}, "/more"),
    ],
)
def test_what_cannot_be_kept_is_named(
    backend: FlaskClient, given: dict[str, Any], pointer: str
) -> None:
    submit(backend, id="c-1")

    answer = report(backend, **given)

    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json["errors"]} == {pointer}


def test_there_is_nothing_to_report_where_there_is_no_comment(
    backend: FlaskClient, connect: Callable[..., FlaskClient]
) -> None:
    assert report(backend).status_code == 404
    assert backend.get(URL).status_code == 404


def test_what_is_pending_becomes_more_urgent_where_it_lies(moderator: FlaskClient) -> None:
    submit(moderator, "spam0.60", id="c-1")
    submit(moderator, "spam0.70", id="c-2")
    assert waiting(moderator) == {"c-2": "default", "c-1": "default"}

    report_by(moderator, "u-7")

    [first, _] = walk(moderator, "/v1/queue")
    assert (first["id"], first["queue"], first["status"]) == ("c-1", "default", "pending")
    # 1 - 0.4 x 0.6 that the score or the reporter is right.
    assert first["priority_terms"] == {
        "label": "spam",
        "severity": pytest.approx(0.4 + 0.2 * 0.16 / 0.76, abs=1e-4),
        "probability": 0.76,
        "reports": 0.4,
        "exposure": 1,
        "waiting": 1,
    }


def test_what_is_published_waits_as_reported_and_keeps_its_status(
    moderator: FlaskClient, clock: Clock
) -> None:
    submit(moderator, id="c-1")
    clock.move(hours=1)

    report_by(moderator, "u-7")

    [item] = walk(moderator, "/v1/queue", queue="reported")
    assert (item["id"], item["status"], item["decision"]) == ("c-1", "approved", None)
    assert item["waiting_since"] == "2026-11-22T13:00:00Z"
    assert item["priority_terms"]["exposure"] == 2
    clock.move(hours=6)
    report_by(moderator, "u-8")
    [again] = walk(moderator, "/v1/queue", queue="reported")
    # Another report does not have it wait from the beginning.
    assert again["waiting_since"] == item["waiting_since"]
    assert again["priority_terms"]["reports"] == 0.64
    assert again["priority_terms"]["waiting"] == 2


def test_what_is_rejected_keeps_its_reports_and_waits_for_nobody(moderator: FlaskClient) -> None:
    submit(moderator, "spam0.97", id="c-1")

    report_by(moderator, "u-7")

    assert waiting(moderator) == {}
    assert outcomes(moderator) == [None]


def test_the_proven_come_before_the_unknown_and_those_before_trolls(
    moderator: FlaskClient,
) -> None:
    teach(moderator, "proven", "reject", 6)
    teach(moderator, "troll", "approve", 20)
    for name in ("troll", "unknown", "proven"):
        submit(moderator, id=f"of-{name}")
        report_by(moderator, name, of=f"of-{name}")

    assert list(waiting(moderator)) == ["of-proven", "of-unknown", "of-troll"]
    found = {one["id"]: one["priority_terms"] for one in walk(moderator, "/v1/queue")}
    assert found["of-proven"]["reports"] == pytest.approx(8 / 11, abs=1e-4)
    assert found["of-unknown"]["reports"] == 0.4
    assert found["of-troll"]["reports"] == 0.08


def test_who_reports_twice_counts_once_and_the_nameless_are_one(moderator: FlaskClient) -> None:
    submit(moderator, id="c-1")
    report_by(moderator, "u-7")
    report_by(moderator, "u-7", reason="rude")
    [item] = walk(moderator, "/v1/queue")
    assert item["priority_terms"]["reports"] == 0.4

    for _ in range(3):
        report(moderator)

    [item] = walk(moderator, "/v1/queue")
    assert item["priority_terms"]["reports"] == 0.64
    assert len(outcomes(moderator)) == 5


def test_of_very_many_reporters_those_who_came_first_are_asked(
    moderator: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.moderation.credence.ASKED", 3)
    submit(moderator, id="c-1")
    report_by(moderator, *(f"u-{n}" for n in range(5)))

    [item] = walk(moderator, "/v1/queue")
    assert item["priority_terms"]["reports"] == 0.784


def test_the_same_from_the_same_reporter_is_kept_once(moderator: FlaskClient) -> None:
    submit(moderator, id="c-1")
    first = report(moderator, reporter={"id": "u-7"}, note="One.")
    again = report(moderator, reporter={"id": "u-7"}, note="Two.")
    other = report(moderator, reporter={"id": "u-7"}, reason="rude")

    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 201)
    assert again.json == first.json
    reported = moderator.get("/v1/events?type=comment.reported").json["items"]
    assert [one["data"]["reason"] for one in reported] == ["spam", "rude"]

    submit(moderator, "A new wording.", id="c-1")
    assert report(moderator, reporter={"id": "u-7"}).status_code == 201


@pytest.mark.parametrize(
    ("action", "outcome"), [("approve", "dismissed"), ("reject", "upheld"), ("escalate", None)]
)
def test_a_decision_judges_the_reports_and_undoing_opens_them_again(
    moderator: FlaskClient, action: str, outcome: str | None
) -> None:
    submit(moderator, id="c-1")
    submit(moderator, id="c-2")
    report_by(moderator, "u-7", "u-8")
    report_by(moderator, "u-7", of="c-2")

    decide(moderator, "c-1", action)
    assert outcomes(moderator) == [outcome] * 2
    assert outcomes(moderator, "c-2") == [None]
    assert ("c-1" in waiting(moderator)) == (action == "escalate")

    moderator.delete("/v1/comments/c-1/decision")
    assert outcomes(moderator) == [None] * 2
    assert waiting(moderator)["c-1"] == "reported"


def test_who_changes_their_mind_judges_anew(moderator: FlaskClient) -> None:
    submit(moderator, id="c-1")
    report_by(moderator, "u-7")
    decide(moderator, "c-1", "approve")
    report_by(moderator, "u-8")

    decide(moderator, "c-1", "reject")
    assert outcomes(moderator) == ["upheld", "upheld"]

    # The approval that stands again knew nothing of the second report.
    moderator.delete("/v1/comments/c-1/decision")
    assert outcomes(moderator) == ["dismissed", None]
    moderator.delete("/v1/comments/c-1/decision")
    assert outcomes(moderator) == [None, None]


def test_of_an_earlier_wording_nobody_is_judged(moderator: FlaskClient) -> None:
    submit(moderator, id="c-1")
    report_by(moderator, "u-7")
    submit(moderator, "Quite another wording.", id="c-1")
    report_by(moderator, "u-8")
    assert waiting(moderator) == {"c-1": "reported"}

    decide(moderator, "c-1", "approve")
    assert outcomes(moderator) == ["outdated", "dismissed"]
    assert moderator.get("/v1/reporters?id=u-7").json["accuracy"] is None

    moderator.delete("/v1/comments/c-1/decision")
    assert outcomes(moderator) == [None, None]


def test_what_was_judged_stays_so_when_the_author_edits(moderator: FlaskClient) -> None:
    submit(moderator, id="c-1")
    report_by(moderator, "u-7")
    decide(moderator, "c-1", "approve")

    submit(moderator, "Quite another wording.", id="c-1")
    decide(moderator, "c-1", "reject")
    moderator.delete("/v1/comments/c-1/decision")

    assert outcomes(moderator) == ["dismissed"]


def test_what_a_person_approved_comes_back_when_new_reporters_are_to_be_believed(
    moderator: FlaskClient,
) -> None:
    submit(moderator, id="c-1")
    report_by(moderator, "u-1", "u-2", "u-3", "u-4")
    decide(moderator, "c-1", "approve")

    # The same people once more, for other reasons, and others who tell no name.
    report_by(moderator, "u-1", "u-2", "u-3", "u-4", reason="rude")
    report(moderator)
    report(moderator)
    report_by(moderator, "u-5")
    assert waiting(moderator) == {}

    report_by(moderator, "u-6")
    assert waiting(moderator) == {"c-1": "reported"}
    [item] = walk(moderator, "/v1/queue")
    assert item["priority_terms"]["reports"] == 0.784
    assert item["decision"]["action"] == "approve"

    decide(moderator, "c-1", "approve", reason="fine")
    assert waiting(moderator) == {}


def test_one_proven_reporter_brings_back_what_was_approved_and_trolls_do_not(
    moderator: FlaskClient,
) -> None:
    teach(moderator, "proven", "reject", 4)
    teach(moderator, "troll", "approve", 20)
    submit(moderator, id="c-1")
    decide(moderator, "c-1", "approve")

    report_by(moderator, "troll")
    assert waiting(moderator) == {}
    report_by(moderator, "proven")
    assert waiting(moderator) == {"c-1": "reported"}


def test_another_wording_has_been_approved_by_nobody(moderator: FlaskClient) -> None:
    submit(moderator, id="c-1")
    report_by(moderator, "u-7")
    decide(moderator, "c-1", "approve")
    submit(moderator, "Quite another wording.", id="c-1")

    report_by(moderator, "u-7")

    assert waiting(moderator) == {"c-1": "reported"}


def test_a_reported_sample_is_asked_about_as_reported(
    moderator: FlaskClient, services: Services, site: int
) -> None:
    put_policy(services, site, {"audit": 1})
    submit(moderator, id="c-1")
    assert [one["id"] for one in walk(moderator, "/v1/queue", queue="audit")] == ["c-1"]

    report_by(moderator, "u-7")

    assert waiting(moderator) == {"c-1": "reported"}
    assert walk(moderator, "/v1/queue", queue="audit") == []


def test_another_sites_reporter_of_the_same_name_is_somebody_else(
    moderator: FlaskClient, stranger: FlaskClient
) -> None:
    teach(stranger, "u-7", "approve", 20)
    submit(moderator, id="c-1")

    report_by(moderator, "u-7")

    [item] = walk(moderator, "/v1/queue")
    assert item["priority_terms"]["reports"] == 0.4
