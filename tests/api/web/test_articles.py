"""Articles over HTTP: their comments in figures, and how comments are taken there."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from api.moderation import articles
from api.moderation.services import Services
from tests.conftest import ON_SQLITE
from tests.factories import Clock, decide, put_policy, submit

ODD = "a/b//c?d=e&f#g%2F ü.‥…\t"

OLD = {"id": "a-17", "title": "Old", "section": "world"}
NEW = {"id": "a-17", "title": "New <b>title</b>", "url": "https://a.example/17", "section": "news"}


def show(client: FlaskClient, article: str = "a-17") -> dict[str, Any]:
    answer = client.get("/v1/articles", query_string={"id": article})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def report(client: FlaskClient, comment_id: str, *names: str) -> None:
    for name in names:
        body = {"reason": "spam", "reporter": {"id": name}}
        client.post(f"/v1/comments/{comment_id}/reports", json=body)


def test_an_article_is_shown_as_it_was_seen_last(moderator: FlaskClient, clock: Clock) -> None:
    submit(moderator, id="c-1", article=OLD)
    clock.move(hours=23)
    submit(moderator, "spam0.60", id="c-2", article=OLD)
    submit(moderator, "spam0.97", id="c-3", article=OLD)
    clock.move(hours=2)
    submit(moderator, "spam0.60", id="c-4", article=NEW)
    submit(moderator, "spam0.60", id="c-5", article={"id": "a-18"})
    decide(moderator, "c-2", "escalate")
    report(moderator, "c-1", "u-1", "u-2")
    report(moderator, "c-4", "u-1")
    report(moderator, "c-5", "u-1")

    assert show(moderator) == {
        "id": "a-17",
        "article": NEW,
        "comments": {"approved": 1, "pending": 2, "rejected": 1},
        "all_counted": True,
        "waiting": {"default": 1, "escalated": 1, "reported": 1},
        "open_reports": 3,
        "most_reported": [{"id": "c-1", "open_reports": 2}, {"id": "c-4", "open_reports": 1}],
        "first_at": "2026-11-22T12:00:00Z",
        "last_at": "2026-11-23T13:00:00Z",
        "last_hour": 1,
        "last_day": 3,
        "taking": {
            "mode": "post",
            "approvals": None,
            "hours": None,
            "open": True,
            "closes_at": None,
        },
    }


@pytest.mark.parametrize("article", [ODD, ".", "..", "x" * 256])
def test_an_article_is_shown_whatever_its_id(moderator: FlaskClient, article: str) -> None:
    submit(moderator, article={"id": article})

    assert show(moderator, article)["article"] == {"id": article}


def test_reports_that_are_judged_are_open_no_longer(moderator: FlaskClient) -> None:
    for number in range(12):
        submit(moderator, id=f"c-{number}", article=NEW)
        report(moderator, f"c-{number}", "u-1")
    report(moderator, "c-3", "u-2")
    decide(moderator, "c-11", "reject")

    found = show(moderator)

    assert found["open_reports"] == 12
    assert [one["id"] for one in found["most_reported"]][:2] == ["c-3", "c-10"]
    assert len(found["most_reported"]) == articles.MOST_REPORTED


@pytest.mark.parametrize(
    ("policy", "taking"),
    [
        ({"mode": "pre"}, {"mode": "pre"}),
        ({"sections": {"news": {"mode": "first", "approvals": 3}}}, {"mode": "first"}),
        ({"sections": {"world": {"mode": "closed"}}}, {"mode": "post"}),
        ({"articles": {"a-17": {"mode": "closed"}}}, {"mode": "closed", "open": False}),
        ({"close_after_days": 3}, {"open": True, "closes_at": "2026-11-25T12:00:00Z"}),
        ({"close_after_days": 1}, {"open": False, "closes_at": "2026-11-23T12:00:00Z"}),
        (
            # That day is a Tuesday.
            {"hours": {"zone": "UTC", "open": ["mon 08:00-22:00"], "outside": "closed"}},
            {"open": False, "hours": "mon 08:00-22:00 (UTC)"},
        ),
        (
            {"hours": {"zone": "UTC", "open": ["mon 08:00-22:00"], "outside": "pre"}},
            {"open": True, "hours": "mon 08:00-22:00 (UTC)"},
        ),
    ],
)
def test_how_comments_are_taken_is_as_the_policy_says(
    moderator: FlaskClient,
    services: Services,
    site: int,
    clock: Clock,
    policy: dict[str, Any],
    taking: dict[str, Any],
) -> None:
    submit(moderator, article=NEW)
    put_policy(services, site, policy)
    clock.move(days=2)

    found = show(moderator)["taking"]

    assert taking.items() <= found.items()
    assert found["approvals"] == (3 if found["mode"] == "first" else None)


@ON_SQLITE
def test_more_than_are_counted_are_told(
    moderator: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(articles, "COUNTED", 3)
    for number in range(5):
        submit(moderator, "spam0.97" if number < 4 else "Fine.")

    found = show(moderator)

    assert found["comments"] == {"approved": 1, "pending": 0, "rejected": 2}
    assert (found["all_counted"], found["last_hour"]) == (False, 3)


def test_an_article_of_nobody_is_404(
    moderator: FlaskClient, stranger: FlaskClient, backend: FlaskClient
) -> None:
    submit(moderator)

    assert moderator.get("/v1/articles?id=a-18").status_code == 404
    assert stranger.get("/v1/articles?id=a-17").status_code == 404
    assert backend.get("/v1/articles?id=a-17").status_code == 403


@ON_SQLITE
@pytest.mark.parametrize("query", ["", "id=", f"id={'x' * 257}", "id=a-17&name=x", "name=x"])
def test_what_cannot_be_asked_is_refused(moderator: FlaskClient, query: str) -> None:
    assert moderator.get(f"/v1/articles?{query}").status_code == 422
