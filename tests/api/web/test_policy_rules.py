"""How often rules were found: counts, unused rules, pages, and the comments themselves."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from api.moderation.services import Services
from tests.factories import Clock, put_policy, submit, walk

RULES = "/v1/policy/rules"
HITS = "/v1/policy/rules/hits"


@pytest.fixture
def policy(services: Services, site: int) -> int:
    """Three rules, one of which nobody will break."""
    rules = [
        {"word": "casino", "do": "reject"},
        {"regex": "a/b", "do": "hold"},
        {"wildcard": "never*", "do": "flag", "name": "unused"},
    ]
    return put_policy(services, site, {"rules": rules})


def by_key(moderator: FlaskClient, **query: Any) -> dict[str, Any]:
    return {item.pop("key"): item for item in walk(moderator, RULES, **query)}


@pytest.mark.usefixtures("policy")
def test_each_rule_says_how_often_it_was_found(
    backend: FlaskClient, moderator: FlaskClient, clock: Clock
) -> None:
    submit(backend, "A casino", id="c-1")
    clock.move(days=31)
    submit(backend, "A casino, a casino, a/b", id="c-2")
    submit(backend, "A fine day", id="c-3")

    found = by_key(moderator)

    assert list(found) == ["word:casino", "regex:a/b", "unused"]
    assert found["word:casino"] == {
        "kind": "word",
        "value": "casino",
        "name": "",
        "do": "reject",
        "hits": 2,
        "hits_30_days": 1,
        "last_hit_at": "2026-12-23T12:00:00Z",
    }
    assert (found["regex:a/b"]["hits"], found["regex:a/b"]["hits_30_days"]) == (1, 1)
    assert (found["unused"]["hits"], found["unused"]["hits_30_days"]) == (0, 0)
    assert (found["unused"]["last_hit_at"], found["unused"]["name"]) == (None, "unused")


@pytest.mark.usefixtures("policy")
def test_unused_rules_are_those_that_no_comment_has(
    backend: FlaskClient, moderator: FlaskClient
) -> None:
    submit(backend, "A casino", id="c-1")
    submit(backend, "A casino and a/b", id="c-2")

    assert list(by_key(moderator, unused="true")) == ["unused"]
    backend.delete("/v1/comments/c-2")
    assert list(by_key(moderator, unused="true")) == ["regex:a/b", "unused"]
    assert by_key(moderator)["word:casino"]["hits"] == 1


@pytest.mark.usefixtures("policy")
def test_a_comment_that_is_only_checked_counts_nowhere(
    backend: FlaskClient, moderator: FlaskClient
) -> None:
    body = {"article": {"id": "a-17"}, "text": "A casino"}
    assert backend.post("/v1/comments/check", json=body).json["verdict"]["action"] == "reject"

    assert by_key(moderator)["word:casino"]["hits"] == 0


def test_a_rule_that_staff_may_skip_is_found_all_the_same(
    backend: FlaskClient, moderator: FlaskClient, services: Services, site: int
) -> None:
    rule = {"word": "casino", "do": "replace", "with": "***"}
    put_policy(services, site, {"rules": [rule]})

    kept = submit(backend, "A casino", author={"id": "u-1", "role": "staff"})

    assert (kept["status"], kept["published_text"]) == ("approved", "A casino")
    assert [item["hits"] for item in walk(moderator, RULES)] == [1]


@pytest.mark.usefixtures("policy")
def test_the_comments_in_which_a_rule_was_found(
    backend: FlaskClient, moderator: FlaskClient
) -> None:
    for number in range(5):
        submit(backend, f"a/b {number}", id=f"c-{number}")
    submit(backend, "casino", id="c-9")

    found = walk(moderator, HITS, rule="regex:a/b", limit=2)

    assert [item["id"] for item in found] == ["c-4", "c-3", "c-2", "c-1", "c-0"]
    assert found[0] == backend.get("/v1/comments/c-4").json
    assert walk(moderator, HITS, rule="unused") == []
    assert walk(moderator, HITS, rule="no such rule") == []


def test_hits_stay_with_a_rule_that_other_versions_have_too(
    backend: FlaskClient, moderator: FlaskClient, services: Services, site: int, policy: int
) -> None:
    submit(backend, "casino a/b")
    put_policy(services, site, {"rules": [{"word": "casino", "do": "hold"}]})

    answer = moderator.get(RULES).json

    assert answer["policy"] == policy + 1
    assert [(item["key"], item["hits"]) for item in answer["items"]] == [("word:casino", 1)]
    assert len(walk(moderator, HITS, rule="regex:a/b")) == 1


@pytest.mark.parametrize("unused", ["true", "false"])
@pytest.mark.parametrize("limit", [1, 7, 60, 120, 200])
def test_pages_are_complete_whatever_their_size(
    moderator: FlaskClient, services: Services, site: int, limit: int, unused: str
) -> None:
    keys = [f"word:w{number}" for number in range(120)]
    put_policy(services, site, {"rules": [{"word": key[5:], "do": "hold"} for key in keys]})

    assert list(by_key(moderator, limit=limit, unused=unused)) == keys


def test_pages_are_of_one_version(moderator: FlaskClient, services: Services, site: int) -> None:
    for names in ("abc", "xyz"):
        first = moderator.get(RULES, query_string={"limit": 1}).json
        put_policy(services, site, {"rules": [{"word": name, "do": "hold"} for name in names]})

    rest = moderator.get(RULES, query_string={"cursor": first["next"]}).json

    assert [item["value"] for item in rest["items"]] == ["b", "c"]
    assert rest["policy"] == first["policy"]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("?unused=1", "unused"),
        ("?limit=0", "limit"),
        ("?cursor=x", "cursor"),
        ("?cursor=WzEsIDBd", "cursor"),
        ("?cursor=Wzk5LCAxXQ", "cursor"),
        ("?cursor=WzQ2MTE2ODYwMTg0MjczODc5MDQsIDFd", "cursor"),
        ("?rule=x", "rule"),
        ("/hits", "rule"),
        ("/hits?rule=", "rule"),
        (f"/hits?rule={'x' * 251}", "rule"),
        ("/hits?rule=x&cursor=WzEsIDBd", "cursor"),
    ],
)
def test_a_wrong_parameter_is_named(moderator: FlaskClient, query: str, parameter: str) -> None:
    answer = moderator.get(RULES + query)

    assert answer.status_code == 422
    assert [error["parameter"] for error in answer.json["errors"]] == [parameter]


@pytest.mark.usefixtures("policy")
def test_another_site_sees_nothing_of_it(backend: FlaskClient, stranger: FlaskClient) -> None:
    submit(backend, "A casino")

    assert walk(stranger, RULES) == []
    assert walk(stranger, HITS, rule="word:casino") == []


def test_who_only_sends_comments_may_not_see_the_rules(backend: FlaskClient) -> None:
    assert backend.get(RULES).status_code == 403
    assert backend.get(f"{HITS}?rule=x").status_code == 403


def test_what_is_replaced_is_shown_as_it_is_published(
    backend: FlaskClient, services: Services, site: int
) -> None:
    rules = [{"word": "darn", "do": "replace", "with": "d**n"}, {"word": "fool", "do": "hold"}]
    put_policy(services, site, {"rules": rules})

    kept = submit(backend, "Well d.a.r.n it, DARN!", id="c-1")
    held = submit(backend, "You darn fool", id="c-2")

    assert (kept["status"], kept["published_text"]) == ("approved", "Well d**n it, d**n!")
    assert kept["text"] == "Well d.a.r.n it, DARN!"
    [reason] = kept["verdict"]["reasons"]
    assert (reason["action"], reason["replacement"]) == ("flag", "d**n")
    assert (held["status"], held["published_text"]) == ("pending", "You d**n fool")
    assert backend.get("/v1/comments/c-1").json["published_text"] == "Well d**n it, d**n!"
