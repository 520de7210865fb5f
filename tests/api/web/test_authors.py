"""Authors over HTTP: their comments in figures, and what was said of them."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from api.moderation import authors
from api.moderation.services import Services
from tests.conftest import ON_SQLITE
from tests.factories import Clock, decide, put_policy, submit

ODD = "a/b//c?d=e&f#g%2F ü.‥…\t"


def say(client: FlaskClient, value: str, standing: str = "held", **more: Any) -> dict[str, Any]:
    given = {"kind": "author", "value": value, "standing": standing, "reason": "Because.", **more}
    answer = client.post("/v1/standings", json=given)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json
    return found


def show(client: FlaskClient, author_id: str) -> dict[str, Any]:
    answer = client.get("/v1/authors", query_string={"id": author_id})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


@pytest.mark.parametrize("author_id", ["u-5", ODD, ".", "..", "../keys", "x" * 256])
def test_an_author_is_shown_whatever_their_id(
    moderator: FlaskClient, clock: Clock, author_id: str
) -> None:
    who = {"id": author_id}
    submit(moderator, author=who)
    clock.move(days=3)
    for text in ("spam0.60", "spam0.97", "spam0.97 again"):
        submit(moderator, text, author=who)
    submit(moderator, "spam0.97", author={"id": "other"})
    ended = say(moderator, author_id, "trusted")
    held = say(moderator, author_id)

    found = show(moderator, author_id)

    assert [one["id"] for one in found.pop("standings")] == [held["id"], ended["id"]]
    assert found == {
        "id": author_id,
        "comments": {"approved": 1, "pending": 1, "rejected": 2},
        "all_counted": True,
        "first_at": "2026-11-22T12:00:00Z",
        "last_at": "2026-11-25T12:00:00Z",
        "recent_record": {"days": 7, "judged": 3, "rejected": 2, "share": 0.6667},
    }


def test_the_record_is_of_as_many_days_as_the_policy_says(
    moderator: FlaskClient, services: Services, site: int, clock: Clock
) -> None:
    submit(moderator, "spam0.97", author={"id": "u-5"})
    clock.move(days=2)
    submit(moderator, author={"id": "u-5"})

    assert show(moderator, "u-5")["recent_record"]["share"] == 0.5
    put_policy(services, site, {"authors": {"recent_record": {"days": 2}}})
    assert show(moderator, "u-5")["recent_record"] == {
        "days": 2,
        "judged": 1,
        "rejected": 0,
        "share": 0.0,
    }


def test_one_who_has_only_been_spoken_of_is_known(moderator: FlaskClient) -> None:
    say(moderator, "u-9")

    found = show(moderator, "u-9")

    assert found["comments"] == {"approved": 0, "pending": 0, "rejected": 0}
    assert (found["first_at"], found["last_at"]) == (None, None)
    assert found["recent_record"]["share"] == 0.0


def test_whom_nobody_knows_is_404(
    moderator: FlaskClient, stranger: FlaskClient, backend: FlaskClient
) -> None:
    submit(moderator, author={"id": "u-5"})
    say(moderator, "u-5")

    assert moderator.get("/v1/authors?id=u-6").status_code == 404
    assert stranger.get("/v1/authors?id=u-5").status_code == 404
    assert backend.get("/v1/authors?id=u-5").status_code == 403


@ON_SQLITE
@pytest.mark.parametrize("query", ["", "id=", f"id={'x' * 257}", "id=u-5&name=x", "name=x"])
def test_what_cannot_be_asked_is_refused(moderator: FlaskClient, query: str) -> None:
    assert moderator.get(f"/v1/authors?{query}").status_code == 422


@ON_SQLITE
def test_more_than_are_counted_are_told(
    moderator: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authors, "COUNTED", 3)
    for number in range(5):
        submit(moderator, "spam0.97" if number < 4 else "Fine.", author={"id": "u-5"})

    found = show(moderator, "u-5")

    assert found["comments"] == {"approved": 1, "pending": 0, "rejected": 2}
    assert found["all_counted"] is False


def test_newcomers_are_let_go_once_so_many_are_approved(
    moderator: FlaskClient, services: Services, site: int
) -> None:
    put_policy(services, site, {"authors": {"newcomers": 2}})
    first, second = (submit(moderator, author={"id": "u-5"}) for _ in range(2))
    assert {first["status"], second["status"]} == {"pending"}

    decide(moderator, first["id"], "approve")
    assert submit(moderator, author={"id": "u-5"})["status"] == "pending"
    decide(moderator, second["id"], "approve")

    assert submit(moderator, author={"id": "u-5"})["status"] == "approved"
    assert submit(moderator, author={"id": "u-6"})["status"] == "pending"
    # Nobody can be told from another without an id and a mailbox.
    assert submit(moderator, author={"name": "Jo"})["status"] == "pending"


def test_an_edit_is_not_counted_as_a_comment_of_its_own(
    moderator: FlaskClient, services: Services, site: int
) -> None:
    put_policy(services, site, {"authors": {"rates": {"author": {"count": 2, "seconds": 60}}}})
    made = [submit(moderator, author={"id": "u-5"}) for _ in range(3)]
    assert [one["status"] for one in made] == ["approved", "approved", "pending"]

    edited = moderator.patch(f"/v1/comments/{made[0]['id']}", json={"text": "Another word."})

    assert edited.json["status"] == "approved"


def test_a_rate_ends_with_its_time(
    moderator: FlaskClient, services: Services, site: int, clock: Clock
) -> None:
    rate = {"count": 1, "seconds": 60, "do": "reject"}
    put_policy(services, site, {"authors": {"rates": {"address": rate}}})
    who = {"ip": "203.0.113.7"}

    assert submit(moderator, author=who)["status"] == "approved"
    assert submit(moderator, author=who)["verdict"]["reasons"][0]["code"] == "rate_address"
    assert submit(moderator, author={"ip": "203.0.113.8"})["status"] == "approved"
    clock.move(seconds=60)
    assert submit(moderator, author=who)["status"] == "approved"


def test_who_comes_back_by_another_name_is_held(
    moderator: FlaskClient, services: Services, site: int
) -> None:
    put_policy(services, site, {"authors": {"look_alikes": "hold"}})
    submit(moderator, author={"id": "u-5", "ip": "203.0.113.7", "email": "jo1@example.org"})
    submit(moderator, author={"email": "ann@example.org", "ip": "2001:db8:1::1"})
    say(moderator, "u-5", "banned")
    say(moderator, "ann@example.org", "banned", kind="email")

    held = [
        {"id": "u-6", "ip": "203.0.113.99"},
        {"id": "u-6", "email": "jo.22@example.org"},
        {"ip": "2001:db8:1:2::3"},
        {"email": "ann7@example.org"},
    ]
    free = [
        {"id": "u-6", "ip": "198.51.100.1"},
        {"id": "u-6", "email": "jo3333@example.org"},
        {"id": "u-6", "email": "ann@example.com"},
        {"name": "Ann"},
    ]
    for who in held:
        verdict = submit(moderator, author=who)["verdict"]
        assert [one["code"] for one in verdict["reasons"]] == ["look_alike"], who
    assert [submit(moderator, author=who)["status"] for who in free] == ["approved"] * len(free)


def test_a_thread_closes_and_the_website_may_say_when_it_began(
    moderator: FlaskClient, services: Services, site: int, clock: Clock
) -> None:
    put_policy(services, site, {"close_after_days": 14})
    old = {"id": "a-17", "published_at": "2026-11-01T00:00:00Z"}
    assert submit(moderator)["status"] == "approved"
    rejected = submit(moderator, article=old)
    assert rejected["verdict"]["reasons"][0]["code"] == "thread_closed"
    assert rejected["article"] == old

    clock.move(days=14)
    assert submit(moderator)["status"] == "rejected"
    assert submit(moderator, article={"id": "a-18"})["status"] == "approved"


@ON_SQLITE
@pytest.mark.parametrize("published", ["yesterday", "2026-11-01", "2026-11-01T00:00:00", 5])
def test_a_time_that_is_none_is_refused(backend: FlaskClient, published: Any) -> None:
    body = {"text": "Hi.", "article": {"id": "a-17", "published_at": published}}

    answer = backend.post("/v1/comments", json=body)

    assert [one["pointer"] for one in answer.json["errors"]] == ["/article/published_at"]
