"""Reports: what readers tell about a comment, kept with it and gone with it."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.moderation.services import Services
from tests.factories import count, submit, walk

URL = "/v1/comments/c-1/reports"


def report(client: FlaskClient, **given: Any) -> TestResponse:
    return client.post(URL, json={"reason": "spam", **given})


def test_a_report_is_kept_and_shown(backend: FlaskClient) -> None:
    submit(backend, id="c-1")

    answer = report(backend, note="Sells watches.", reporter={"id": "u-7"})

    assert answer.status_code == 201
    assert answer.json["reason"] == "spam"
    assert answer.json["note"] == "Sells watches."
    assert answer.json["reporter"] == {"id": "u-7"}
    assert answer.json["actor"].startswith("key:wnw_")
    assert answer.json["created_at"] == "2026-11-22T12:00:00Z"
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
