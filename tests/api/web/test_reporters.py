"""Reporters over HTTP: what became of what they reported."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from api.moderation import credence, reporters
from tests.conftest import ON_SQLITE
from tests.factories import decide, submit

ODD = "a/b//c?d=e&f#g%2F ü.‥…\t"


def report(client: FlaskClient, comment_id: str, by: str) -> None:
    body = {"reason": "spam", "reporter": {"id": by}}
    assert client.post(f"/v1/comments/{comment_id}/reports", json=body).status_code == 201


def show(client: FlaskClient, reporter: str) -> dict[str, Any]:
    answer = client.get("/v1/reporters", query_string={"id": reporter})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


@pytest.mark.parametrize("name", ["u-7", ODD, "..", "x" * 256])
def test_a_reporter_is_shown_whatever_their_id(moderator: FlaskClient, name: str) -> None:
    for number in range(5):
        submit(moderator, id=f"c-{number}")
        report(moderator, f"c-{number}", name)
        report(moderator, f"c-{number}", "somebody else")
    for number in range(2):
        decide(moderator, f"c-{number}", "reject")
    decide(moderator, "c-2", "approve")
    submit(moderator, "Another wording.", id="c-3")
    decide(moderator, "c-3", "approve")

    assert show(moderator, name) == {
        "id": name,
        "reported": 5,
        "upheld": 2,
        "dismissed": 1,
        "outdated": 1,
        "open": 1,
        "all_counted": True,
        "accuracy": 0.6667,
        "weight": 0.5,
    }


def test_of_whom_nothing_is_judged_no_accuracy_is_told(moderator: FlaskClient) -> None:
    submit(moderator, id="c-1")
    report(moderator, "c-1", "u-7")

    found = show(moderator, "u-7")

    assert (found["accuracy"], found["weight"], found["open"]) == (None, 0.4, 1)


def test_the_newest_judged_reports_alone_count(
    moderator: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        submit(moderator, id=f"c-{number}")
        report(moderator, f"c-{number}", "u-7")
        decide(moderator, f"c-{number}", "approve" if number < 2 else "reject")
    assert show(moderator, "u-7")["accuracy"] == 0.5
    monkeypatch.setattr(reporters, "COUNTED", 3)

    found = show(moderator, "u-7")

    assert (found["reported"], found["all_counted"]) == (3, False)
    assert credence.JUDGED == 200


def test_who_has_reported_nothing_is_404(
    moderator: FlaskClient, stranger: FlaskClient, backend: FlaskClient
) -> None:
    submit(moderator, id="c-1")
    report(moderator, "c-1", "u-7")

    assert moderator.get("/v1/reporters?id=u-8").status_code == 404
    assert stranger.get("/v1/reporters?id=u-7").status_code == 404
    assert backend.get("/v1/reporters?id=u-7").status_code == 403
    moderator.delete("/v1/comments/c-1")
    assert moderator.get("/v1/reporters?id=u-7").status_code == 404


@ON_SQLITE
@pytest.mark.parametrize("query", ["", "id=", f"id={'x' * 257}", "id=u-7&name=x", "name=x"])
def test_what_cannot_be_asked_is_refused(moderator: FlaskClient, query: str) -> None:
    assert moderator.get(f"/v1/reporters?{query}").status_code == 422
