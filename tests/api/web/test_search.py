"""Searching comments by words, through the door: what is found, and what is no search."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.moderation import searching
from api.store import finding
from api.store.finding import Finder
from tests.factories import submit, walk

NOT_LOST = 'a "quoted phrase", a\\back\'slash; DROP TABLE comments -- ☃'


def ids(client: FlaskClient, q: str, path: str = "/v1/comments", **query: Any) -> list[str]:
    return [item["id"] for item in walk(client, path, q=q, **query)]


@pytest.fixture
def five(backend: FlaskClient) -> None:
    """Five comments, three of which wait."""
    submit(backend, "The ferry was late again.", id="c-1", author={"id": "u-1", "name": "Zoë"})
    submit(backend, "Late ferries spam0.60 again", id="c-2", author={"id": "u-2"})
    submit(backend, "Fähre, le ferry: 東京都 insult0.70", id="c-3", article={"id": "a-18"})
    submit(
        backend, '<p>The <b>late</b> <a href="http://spam.example/x">ferry</a>', id="c-4", html=True
    )
    submit(backend, f"{NOT_LOST} spam0.80", id="c-5", author={"id": "u-1", "name": "Ferry Fan"})


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("ferry", "c-5 c-4 c-3 c-1"),
        ("FERRY late", "c-4 c-1"),
        ('"the ferry"', "c-1"),
        ('"the late"', "c-4"),
        ("ferr*", "c-5 c-4 c-3 c-2 c-1"),
        ("ferry -late", "c-5 c-3"),
        ('ferry -"the ferry" -fan', "c-4 c-3"),
        ("-again ferr*", "c-5 c-4 c-3"),
        ("zoe", "c-1"),
        ("ZOË", "c-1"),
        ("fahre", "c-3"),
        ("京都", "c-3"),
        ("都京", ""),
        ("東*", "c-3"),
        ("spam.example", "c-4"),
        ("href", ""),
        ("p", ""),
        ('"fan a"', ""),
        ("drop table comments", "c-5"),
        ("back'slash", "c-5"),
        ('"', None),
        ("", None),
        ("- * ☃ ()", None),
        ("-ferry", None),
        ("% _", None),
        ("ferry OR nothing", ""),
        ("ferry AND late", ""),
        ("NEAR(ferry late)", ""),
        ("ferry & late | !x:* <-> 'a", ""),
        ("words: ferry ^late {a b}", ""),
        ('ferry "', "c-5 c-4 c-3 c-1"),
        ("\\ferry\\", "c-5 c-4 c-3 c-1"),
    ],
)
def test_a_search_finds_what_its_words_say(backend: FlaskClient, q: str, found: str | None) -> None:
    if found is None:
        answer = backend.get("/v1/comments", query_string={"q": q})
        assert answer.status_code == 422
        assert [one["parameter"] for one in answer.json["errors"]] == ["q"]
    else:
        assert ids(backend, q) == found.split()


@pytest.mark.usefixtures("five")
def test_words_go_with_every_other_filter(backend: FlaskClient) -> None:
    assert ids(backend, "ferr*", status="pending") == ["c-5", "c-3", "c-2"]
    assert ids(backend, "ferry", article="a-18") == ["c-3"]
    assert ids(backend, "ferry", author="u-1") == ["c-5", "c-1"]
    assert ids(backend, "ferr*", author="u-1", status="approved") == ["c-1"]
    assert ids(backend, "ferr*", reason="insult_score") == ["c-3"]
    assert ids(backend, "late", since="9999-01-01T00:00:00Z") == []


@pytest.mark.usefixtures("five")
def test_the_queue_is_searched_in_its_own_order(moderator: FlaskClient) -> None:
    def queue(q: str, **query: Any) -> list[str]:
        return ids(moderator, q, "/v1/queue", limit=1, **query)

    assert queue("ferr*", sort="oldest") == ["c-2", "c-3", "c-5"]
    assert queue("ferr*", sort="newest") == ["c-5", "c-3", "c-2"]
    assert queue("late") == ["c-2"]
    assert queue("nowhere") == []
    answer = moderator.get("/v1/queue?q=-late")
    assert (answer.status_code, answer.json["errors"][0]["parameter"]) == (422, "q")


@pytest.mark.usefixtures("five")
def test_another_sites_comments_are_not_found(backend: FlaskClient, stranger: FlaskClient) -> None:
    submit(stranger, "Their ferry", id="c-1")

    assert ids(stranger, "ferry") == ["c-1"]
    assert len(ids(backend, "ferry")) == 4
    assert ids(backend, "their") == []
    assert ids(stranger, ":1") == []


@pytest.mark.usefixtures("five")
def test_an_edited_comment_is_found_by_its_new_words(backend: FlaskClient) -> None:
    backend.patch("/v1/comments/c-1", json={"text": "On time."})
    submit(backend, "Sunk", id="c-2")

    assert ids(backend, "late") == ["c-4"]
    assert ids(backend, "zoe time") == ["c-1"]
    assert ids(backend, "sunk") == ["c-2"]


@pytest.mark.usefixtures("five")
def test_a_deleted_comment_is_not_found(backend: FlaskClient) -> None:
    backend.delete("/v1/comments/c-4")
    assert ids(backend, "late") == ["c-1", "c-2"][::-1]


def test_a_query_may_not_be_endless(backend: FlaskClient) -> None:
    answer = backend.get("/v1/comments", query_string={"q": "a " * 41})
    assert answer.status_code == 422
    assert answer.json["errors"] == [{"parameter": "q", "detail": "Longer than 40 words."}]
    assert backend.get("/v1/comments", query_string={"q": "a" * 201}).status_code == 422


@pytest.mark.parametrize("limit", [1, 3, 50])
@pytest.mark.parametrize("query", ["common", "com*", "common few", "comm* -few", "few"])
def test_whoever_has_no_time_gets_short_pages_and_still_everything(
    backend: FlaskClient,
    moderator: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
    limit: int,
    query: str,
) -> None:
    said = ["common few" if n % 5 == 2 else "common" if n % 2 else "other" for n in range(20)]
    items = [
        {"id": f"c-{n:02}", "article": {"id": "a-1"}, "author": {"id": "u-1"}, "text": text}
        for n, text in enumerate(f"{one} spam0.70" for one in said)
    ]
    backend.post("/v1/comments/batch", json={"items": items})
    monkeypatch.setattr(searching, "PATIENCE", 0)
    monkeypatch.setattr(searching, "CANDIDATES", 3)
    monkeypatch.setattr(finding, "SAMPLE", 4)
    monkeypatch.setattr(finding, "FEW", 2)

    def passes(n: int) -> bool:
        common, few = "common" in said[n], "few" in said[n]
        return {"few": few, "common few": few, "comm* -few": common and not few}.get(query, common)

    expected = [f"c-{n:02}" for n in range(19, -1, -1) if passes(n)]
    assert ids(backend, query, limit=limit) == expected
    assert ids(backend, query, limit=limit, author="u-1", status="pending") == expected
    assert ids(moderator, query, "/v1/queue", limit=limit, sort="newest") == expected
    assert ids(moderator, query, "/v1/queue", limit=limit, sort="oldest") == expected[::-1]
    assert sorted(ids(moderator, query, "/v1/queue", limit=limit)) == sorted(expected)


def test_what_is_rarer_leads(
    backend: FlaskClient, monkeypatch: pytest.MonkeyPatch, connect: Callable[..., FlaskClient]
) -> None:
    # Without asking the words about each of an author's comments where the words are the rarer.
    for n in range(12):
        submit(backend, "rare" if n == 1 else "common", id=f"c-{n}", author={"id": "u-1"})
    submit(backend, "common", id="c-12", author={"id": "u-2"})
    monkeypatch.setattr(searching, "CANDIDATES", 5)
    asked: list[int] = []
    for kind in Finder.__subclasses__():
        among = kind.among
        monkeypatch.setattr(
            kind, "among", lambda self, keys, among=among: asked.append(1) or among(self, keys)
        )

    assert ids(backend, "rare", author="u-1") == ["c-1"]
    assert not asked
    assert ids(backend, "common", author="u-2") == ["c-12"]
    assert asked


def test_a_cursor_of_another_list_is_refused(backend: FlaskClient) -> None:
    answer = backend.get("/v1/comments?q=a&cursor=nonsense")
    assert (answer.status_code, answer.json["errors"][0]["parameter"]) == (422, "cursor")
