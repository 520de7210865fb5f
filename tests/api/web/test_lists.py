"""Lists of comments: each filter, and pages that neither repeat nor lose a row."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from api.store.database import Database
from tests.conftest import ON_SQLITE
from tests.factories import Clock, comment, decide, submit, walk
from tests.planning import watch_plans


def ids(client: FlaskClient, path: str = "/v1/comments", **query: Any) -> list[str]:
    return [item["id"] for item in walk(client, path, **query)]


@pytest.fixture
def six(backend: FlaskClient, clock: Clock) -> None:
    """Six comments, an hour apart from the third on."""
    submit(backend, "Boats in the harbour", id="c-1", author={"id": "u-1"})
    submit(backend, "boats spam0.60", id="c-2", author={"id": "u-2"})
    clock.move(hours=1)
    submit(backend, "spam0.97 insult0.60", id="c-3", article={"id": "a-18"}, author={"id": "u-1"})
    clock.move(hours=1)
    submit(backend, "100% of_it Été", id="c-4", article={"id": "a-18", "section": "world"})
    clock.move(hours=1)
    submit(backend, "insult0.70", id="c-5", article={"id": "a-1"})
    clock.move(hours=1)
    submit(backend, "BOATS", id="c-6")
    submit(backend, "Nothing now", id="c-6")


@pytest.mark.usefixtures("six")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, "c-6 c-5 c-4 c-3 c-2 c-1"),
        ({"status": "approved"}, "c-6 c-4 c-1"),
        ({"status": "pending"}, "c-5 c-2"),
        ({"status": "rejected"}, "c-3"),
        ({"article": "a-17"}, "c-6 c-2 c-1"),
        ({"article": "a-18"}, "c-4 c-3"),
        ({"article": "a-1"}, "c-5"),
        ({"article": "a"}, ""),
        ({"author": "u-1"}, "c-3 c-1"),
        ({"author": "u-9"}, ""),
        ({"reason": "spam_score"}, "c-3 c-2"),
        ({"reason": "insult_score"}, "c-5 c-3"),
        ({"reason": "spam"}, ""),
        ({"reason": "%"}, ""),
        ({"q": "boats"}, "c-2 c-1"),
        ({"q": "BOATS"}, "c-2 c-1"),
        ({"q": "harbour"}, "c-1"),
        ({"q": "of it"}, "c-4"),
        ({"q": "100%"}, "c-4"),
        ({"q": "nowhere"}, ""),
        ({"q": "été"}, "c-4"),
        ({"q": "ÉTÉ"}, "c-4"),
        ({"since": "2026-11-22T14:00:00Z"}, "c-6 c-5 c-4"),
        ({"since": "2026-11-22T15:00:00+01:00"}, "c-6 c-5 c-4"),
        ({"since": "2026-11-22T14:00:00.000001Z"}, "c-6 c-5"),
        ({"since": "9999-12-31T23:59:59Z"}, ""),
        ({"since": "0001-01-01T00:00:00Z", "status": "pending", "q": "spam0.60"}, "c-2"),
    ],
)
def test_a_filter_finds_what_it_says(
    backend: FlaskClient, query: dict[str, str], found: str
) -> None:
    assert ids(backend, **query) == found.split()


@pytest.mark.usefixtures("six")
def test_a_list_shows_comments_as_they_are_shown_alone(backend: FlaskClient) -> None:
    for item in walk(backend, "/v1/comments"):
        assert item == backend.get(f"/v1/comments/{item['id']}").json


@pytest.mark.usefixtures("six")
def test_the_reason_of_an_earlier_wording_is_not_found(backend: FlaskClient) -> None:
    submit(backend, "Fine.", id="c-2")

    assert ids(backend, reason="spam_score") == ["c-3"]
    assert ids(backend, q="boats") == ["c-1"]


@pytest.mark.usefixtures("six")
def test_a_site_lists_only_its_own(stranger: FlaskClient) -> None:
    assert ids(stranger) == []


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 200])
def test_pages_are_complete_and_without_repeats_whatever_their_size(
    backend: FlaskClient, limit: int
) -> None:
    items = [comment(id=f"c-{n}") for n in range(7)]
    backend.post("/v1/comments/batch", json={"items": items})

    assert ids(backend, limit=limit) == [f"c-{n}" for n in range(6, -1, -1)]


@pytest.mark.usefixtures("six")
def test_the_last_page_says_so_even_when_it_is_full(backend: FlaskClient) -> None:
    assert backend.get("/v1/comments?limit=6").json["next"] is None
    assert backend.get("/v1/comments?limit=5").json["next"] is not None


@pytest.mark.usefixtures("six")
def test_rows_that_come_and_go_meanwhile_shift_nothing(backend: FlaskClient) -> None:
    first = backend.get("/v1/comments?limit=2").json
    submit(backend, "New.", id="c-7")
    backend.delete("/v1/comments/c-5")
    second = backend.get(f"/v1/comments?limit=2&cursor={first['next']}").json
    backend.delete("/v1/comments/c-1")
    third = backend.get(f"/v1/comments?limit=2&cursor={second['next']}").json

    pages = [[item["id"] for item in page["items"]] for page in (first, second, third)]
    assert pages == [["c-6", "c-5"], ["c-4", "c-3"], ["c-2"]]
    assert third["next"] is None


@pytest.mark.usefixtures("six")
def test_a_filter_holds_on_every_page(backend: FlaskClient) -> None:
    assert ids(backend, limit=1, status="approved") == ["c-6", "c-4", "c-1"]


def test_a_decided_comment_is_listed_as_decided(
    backend: FlaskClient, moderator: FlaskClient
) -> None:
    submit(backend, "spam0.60", id="c-1")
    decide(moderator, "c-1", "approve")

    assert ids(backend, status="pending") == []
    assert ids(backend, status="approved") == ["c-1"]


@ON_SQLITE
@pytest.mark.usefixtures("six")
@pytest.mark.parametrize(
    "query",
    [
        {},
        *({"status": one} for one in ("approved", "pending", "rejected")),
        {"article": "a-1"},
        {"author": "u-1"},
        {"reason": "spam_score"},
        {"since": "2020-01-01T00:00:00Z"},
    ],
    ids=str,
)
def test_a_page_is_read_in_its_order_and_not_sorted_out_of_all(
    backend: FlaskClient, database: Database, query: dict[str, str]
) -> None:
    """Of a million comments, a page took eight seconds where all were sorted for it."""
    with watch_plans(database) as steps:
        first = backend.get("/v1/comments", query_string={"limit": 1, **query}).json
        more = {"cursor": first["next"]} if first["next"] else {}
        backend.get("/v1/comments", query_string={"limit": 1, **query, **more})

    assert any("ix_comments_" in one for one in steps), steps
    assert not any("TEMP B-TREE" in one for one in steps), steps
