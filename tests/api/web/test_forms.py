"""Form tokens over HTTP: asked for, sent along, used up; each fault has its code."""

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.moderation import access, rejudging
from api.moderation.knowledge import forms as knowledge
from api.moderation.policy import tokens
from api.moderation.scoring import Scorer
from api.moderation.services import Services
from api.store import jobs
from api.store.database import Database
from tests.conftest import ON_SQLITE
from tests.factories import START, Clock, comment, count, decide, put_policy, rows, submit

SECRET = "k" * 32
ASKED = {"form": {"token": "hold", "token_minutes": 60}}


@pytest.fixture
def services(database: Database, scorer: Scorer, clock: Clock) -> Services:
    """As usual, with a secret."""
    return Services(database, scorer, clock, secret_key=SECRET)


@pytest.fixture
def asked(services: Services, site: int) -> int:
    """The site holds what has no good token."""
    return put_policy(services, site, ASKED)


def get_token(client: FlaskClient, article: str = "a-17") -> dict[str, str]:
    answer = client.get("/v1/form-token", query_string={"article": article})
    assert answer.status_code == 200, answer.text
    found: dict[str, str] = answer.json
    return found


def codes(shown: dict[str, Any]) -> list[str]:
    return [one["code"] for one in shown["verdict"]["reasons"]]


def send(client: FlaskClient, token: str | None, **more: Any) -> dict[str, Any]:
    form = {} if token is None else {"token": token}
    return submit(client, form={**form, **more.pop("form", {})}, **more)


def test_a_token_is_given_for_an_article(asked: int, backend: FlaskClient) -> None:
    first, second = get_token(backend), get_token(backend)

    assert set(first) == {"token", "expires_at", "honeypot"}
    assert first["expires_at"] == "2026-11-22T13:00:00Z"
    assert len({first["token"], second["token"]}) == 2
    assert len({first["honeypot"], second["honeypot"]}) == 2


def test_nothing_is_kept_of_a_form_that_is_shown(
    asked: int, backend: FlaskClient, database: Database
) -> None:
    before = count(database)

    for _ in range(3):
        get_token(backend)

    assert count(database) == before


@ON_SQLITE
@pytest.mark.parametrize("query", [{}, {"article": ""}, {"article": "x" * 257}, {"articel": "a"}])
def test_what_is_wrong_is_named(backend: FlaskClient, query: dict[str, str]) -> None:
    answer = backend.get("/v1/form-token", query_string=query)

    assert answer.status_code == 422
    assert {one["parameter"] for one in answer.json["errors"]} <= {"article", "articel"}


def test_a_comment_with_its_token_is_published(asked: int, backend: FlaskClient) -> None:
    found = send(backend, get_token(backend)["token"])

    assert (found["status"], codes(found)) == ("approved", [])


def test_without_a_good_one_it_is_held_and_says_why(
    asked: int, services: Services, backend: FlaskClient, stranger: FlaskClient, clock: Clock
) -> None:
    used, fine = get_token(backend)["token"], get_token(backend)["token"]
    send(backend, used)
    wrong = {
        "token_missing": None,
        "token_forged": f"{fine[:50]}{'A' if fine[50] != 'A' else 'B'}{fine[51:]}",
        "token_other_article": get_token(backend, "a-18")["token"],
        "token_used": used,
    }

    for code, token in wrong.items():
        found = send(backend, token)
        assert (found["status"], codes(found)) == ("pending", [code])
    assert codes(send(backend, get_token(stranger)["token"])) == ["token_forged"]
    clock.move(minutes=60)
    assert codes(send(backend, fine)) == []


def test_a_token_ends_when_the_policy_says(asked: int, backend: FlaskClient, clock: Clock) -> None:
    token = get_token(backend)["token"]
    clock.move(minutes=60, seconds=1)

    assert codes(send(backend, token)) == ["token_expired"]


def test_a_comment_that_had_to_wait_for_us_is_not_late(
    asked: int, backend: FlaskClient, clock: Clock
) -> None:
    token, other = get_token(backend)["token"], get_token(backend)["token"]
    clock.move(days=2)

    assert codes(send(backend, token, created_at="2026-11-22T12:30:00Z")) == []
    # Whoever says so: after a week nobody knows any more whether it was used.
    clock.move(days=6)
    assert codes(send(backend, other, created_at="2026-11-22T12:30:00Z")) == ["token_expired"]


@pytest.mark.parametrize("created_at", ["2026-11-22T11:00:00Z", "2027-01-01T00:00:00Z"])
def test_the_websites_clock_may_be_wrong(
    asked: int, backend: FlaskClient, clock: Clock, created_at: str
) -> None:
    token = get_token(backend)["token"]
    clock.move(minutes=1)

    assert codes(send(backend, token, created_at=created_at)) == []


def test_our_own_clock_tells_who_is_hasty(
    services: Services, site: int, backend: FlaskClient, clock: Clock
) -> None:
    put_policy(services, site, {"form": {"token": "hold", "least_ms": 3000}})
    token = get_token(backend)["token"]
    clock.move(seconds=2)

    found = send(backend, token, form={"elapsed_ms": 60_000})

    assert (found["status"], codes(found)) == ("pending", ["too_fast"])
    other = get_token(backend)["token"]
    clock.move(seconds=3)
    assert codes(send(backend, other)) == []


def test_a_host_whose_clock_is_ahead_makes_good_tokens(
    asked: int, site: int, backend: FlaskClient
) -> None:
    ahead = START + timedelta(seconds=20)
    token = tokens.write(SECRET, site, "a-17", ahead, bytes(16))

    assert codes(send(backend, token)) == []
    assert codes(send(backend, token)) == ["token_used"]


def test_sent_again_a_comment_keeps_its_verdict(
    asked: int, backend: FlaskClient, database: Database
) -> None:
    token = get_token(backend)["token"]
    first = send(backend, token, id="c-1")
    after = rows(database)

    assert send(backend, token, id="c-1") == first
    assert rows(database) == after


def test_an_edit_asks_for_no_other_token(asked: int, backend: FlaskClient, clock: Clock) -> None:
    send(backend, get_token(backend)["token"], id="c-1")
    clock.move(days=3)

    edited = backend.patch("/v1/comments/c-1", json={"text": "Another."}).json

    assert (edited["status"], codes(edited)) == ("approved", [])


@pytest.mark.parametrize("fault", ["token_used", "token_expired", "token_missing"])
def test_an_edit_does_not_make_a_bad_token_good(
    asked: int, backend: FlaskClient, clock: Clock, fault: str
) -> None:
    token = get_token(backend)["token"]
    if fault == "token_used":
        send(backend, token)
    if fault == "token_expired":
        clock.move(hours=2)
    send(backend, None if fault == "token_missing" else token, id="c-1")
    clock.move(hours=2)

    for text in ("Another.", "And another."):
        edited = backend.patch("/v1/comments/c-1", json={"text": text}).json
        assert (edited["status"], codes(edited)) == ("pending", [fault])


def test_judged_again_it_has_its_own_token_still(
    asked: int, services: Services, backend: FlaskClient, scorer: Scorer, clock: Clock
) -> None:
    model, scorer.model = scorer.model, None
    send(backend, get_token(backend)["token"], id="c-1")
    scorer.model = model
    clock.move(hours=5)

    [job] = [one for one in jobs.take(services.database, clock(), "w", 9) if "judge" in one.kind]
    rejudging.rejudge(services, job)

    found = backend.get("/v1/comments/c-1").json
    assert (found["status"], codes(found)) == ("approved", [])


def test_a_check_uses_nothing_up(asked: int, backend: FlaskClient, database: Database) -> None:
    token = get_token(backend)["token"]
    before = count(database)
    for _ in range(2):
        checked = backend.post("/v1/comments/check", json=comment(form={"token": token})).json
        assert codes(checked) == []

    assert count(database) == before
    assert codes(send(backend, token)) == []


def test_of_a_batch_one_comment_has_the_token(asked: int, backend: FlaskClient) -> None:
    token = get_token(backend)["token"]
    items = [comment(f"Text {n}.", form={"token": token}, id=f"c-{9 - n}") for n in range(3)]

    answer = backend.post("/v1/comments/batch", json={"items": items})

    found = [codes(entry["comment"]) for entry in answer.json["items"]]
    assert found == [[], ["token_used"], ["token_used"]]


def test_of_many_at_once_one_comment_has_the_token(
    asked: int, app: Flask, backend: FlaskClient
) -> None:
    token = get_token(backend)["token"]
    start, found = threading.Barrier(8), []

    def race(number: int) -> None:
        client = app.test_client()
        client.environ_base.update(backend.environ_base)
        start.wait()
        found.append(codes(send(client, token, text=f"Text {number}.")))

    racers = [threading.Thread(target=race, args=[number]) for number in range(8)]
    for one in racers:
        one.start()
    for one in racers:
        one.join()

    assert sorted(found) == [[], *[["token_used"]] * 7]


def test_between_verdict_and_commit_another_may_take_the_token(
    asked: int,
    services: Services,
    site: int,
    app: Flask,
    backend: FlaskClient,
    scorer: Scorer,
) -> None:
    token = get_token(backend)["token"]
    client = app.test_client()
    client.environ_base.update(backend.environ_base)
    score, texts = scorer.score, []

    def score_late(items: Any, when: str) -> Any:
        texts.append(items[0].text)
        if texts == ["Slow."]:
            send(client, token, text="Quick.")
        return score(items, when)

    scorer.score = score_late  # type: ignore[method-assign]
    slow = send(backend, token, text="Slow.")

    assert texts == ["Slow.", "Quick.", "Slow."]
    assert (slow["status"], codes(slow)) == ("pending", ["token_used"])


def test_where_the_policy_asks_for_none_nothing_is_looked_up_or_kept(
    backend: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for question in ("_USED", "_CAME"):
        monkeypatch.setattr(knowledge, question, None)
    token = get_token(backend)["token"]

    for sent in (token, token, "nonsense", None):
        assert codes(send(backend, sent, id="c-1")) == []
    backend.patch("/v1/comments/c-1", json={"text": "Another."})

    assert count(database)["used_tokens"] == 0


def test_a_person_may_approve_all_the_same(asked: int, moderator: FlaskClient) -> None:
    send(moderator, None, id="c-1")

    assert decide(moderator, "c-1", "approve")["status"] == "approved"


def test_staff_need_no_token(asked: int, backend: FlaskClient) -> None:
    found = send(backend, None, author={"role": "staff"})

    assert found["status"] == "approved"


def test_with_another_secret_all_tokens_end(
    asked: int, services: Services, settings: Any, site: int, backend: FlaskClient
) -> None:
    from api import create_app

    token = get_token(backend)["token"]
    other = create_app(settings, replace(services, secret_key="t" * 32)).test_client()
    other.environ_base.update(backend.environ_base)

    assert codes(send(other, token)) == ["token_forged"]
    assert access.get_site(services, site).name not in token
