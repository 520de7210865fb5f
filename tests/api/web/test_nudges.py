"""`POST /v1/comments/check?nudge=1`: hints for the author, a few times only."""

import json
import threading
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from api.moderation.scoring import Scorer
from api.moderation.services import Services
from api.store.database import Database
from api.store.policies import NudgeAsked
from tests.conftest import ON_SQLITE
from tests.factories import Clock, comment, count, put_policy, rows

ADA = {"id": "u-5", "ip": "192.0.2.7", "name": "Ada"}


@pytest.fixture
def services(database: Database, scorer: Scorer, clock: Clock) -> Services:
    """As usual, with a secret."""
    return Services(database, scorer, clock, secret_key="k" * 32)


def ask(client: FlaskClient, text: str = "A fine day.", **author: Any) -> TestResponse:
    body = comment(text, author=author or ADA)
    return client.post("/v1/comments/check?nudge=1", json=body)


def exhaust(client: FlaskClient, times: int = 5, **author: Any) -> None:
    for _ in range(times):
        assert ask(client, **author).status_code == 200
    assert ask(client, **author).status_code == 429


def test_a_fine_text_has_no_hints(backend: FlaskClient) -> None:
    assert ask(backend).json == {"nudge": {"publishable": True, "hints": []}}


def test_trouble_is_told_by_its_kind(backend: FlaskClient) -> None:
    answer = ask(backend, "insult0.95 spam0.60 toxicity0.70")

    assert answer.json == {
        "nudge": {
            "publishable": False,
            "hints": [
                {
                    "category": "rude",
                    "message": "This may sound rude or disrespectful to others.",
                },
                {"category": "spam", "message": "This may look like advertising to others."},
            ],
        }
    }


def test_nothing_is_told_that_helps_to_aim(backend: FlaskClient) -> None:
    said = ask(backend, "Buy spam0.9731 now").text

    for word in ("0.9", "97", "threshold", "score", "span", "rule", "words-1", "Buy", "policy"):
        assert word not in said


def test_without_a_classifier_nobody_can_say(backend: FlaskClient, scorer: Scorer) -> None:
    scorer.model = None

    assert ask(backend).json["nudge"]["publishable"] is None


def test_the_plain_check_goes_on_as_ever(backend: FlaskClient) -> None:
    for path in ("/v1/comments/check", "/v1/comments/check?nudge=0"):
        answer = backend.post(path, json=comment("spam0.60"))
        assert answer.json["verdict"]["scores"]["spam"] == 0.6


@ON_SQLITE
@pytest.mark.parametrize("query", ["nudge=2", "nudge=", "nudge=yes", "nugde=1"])
def test_what_is_wrong_with_the_query_is_named(backend: FlaskClient, query: str) -> None:
    answer = backend.post(f"/v1/comments/check?{query}", json=comment(author=ADA))

    assert answer.status_code == 422
    assert answer.json["errors"][0]["parameter"] == query.partition("=")[0]


@pytest.mark.parametrize("author", [{"name": "Ada"}, {"email": "ada@example.com"}])
def test_somebody_must_be_there_to_be_counted(
    backend: FlaskClient, database: Database, author: dict[str, str]
) -> None:
    answer = ask(backend, **author)

    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json["errors"]] == ["/author/id"]
    assert count(database)["nudges_asked"] == 0


def test_an_author_may_ask_five_times_in_ten_minutes(backend: FlaskClient, clock: Clock) -> None:
    for _ in range(5):
        assert ask(backend).status_code == 200
        clock.move(minutes=1)

    refused = ask(backend)

    assert refused.status_code == 429
    assert refused.content_type == "application/problem+json"
    assert refused.json["type"] == "urn:winnow:problem:too-often"
    assert refused.headers["Retry-After"] == "300"
    clock.move(seconds=299)
    assert ask(backend).headers["Retry-After"] == "1"
    clock.move(seconds=1)
    assert ask(backend).status_code == 200
    assert ask(backend).headers["Retry-After"] == "60"


def test_being_refused_does_not_count(backend: FlaskClient, clock: Clock) -> None:
    exhaust(backend)
    for _ in range(20):
        clock.move(seconds=29)
        assert ask(backend).status_code == 429
    clock.move(seconds=20)

    assert ask(backend).status_code == 200


def test_the_policy_says_how_often(services: Services, site: int, backend: FlaskClient) -> None:
    put_policy(services, site, {"nudge": {"count": 2, "seconds": 60}})

    exhaust(backend, times=2)

    assert ask(backend).headers["Retry-After"] == "60"


def test_each_author_is_counted_alone(backend: FlaskClient, stranger: FlaskClient) -> None:
    exhaust(backend)

    assert ask(backend, id="u-6", ip="192.0.2.7").status_code == 200
    assert ask(backend, ip="192.0.2.7").status_code == 200
    assert ask(stranger).status_code == 200
    # Whatever else they call themselves.
    assert ask(backend, id="u-5", name="Bob").status_code == 429


def test_without_an_id_the_address_counts(backend: FlaskClient) -> None:
    exhaust(backend, ip="192.0.2.7", name="Ada")

    assert ask(backend, ip="192.0.2.7", name="Bob").status_code == 429
    assert ask(backend, ip="::ffff:192.0.2.7").status_code == 429
    assert ask(backend, ip="192.0.2.8").status_code == 200


def test_a_household_has_one_network_of_ipv6(backend: FlaskClient) -> None:
    exhaust(backend, ip="2001:db8:0:1::1")

    assert ask(backend, ip="2001:db8:0:1:ffff::2").status_code == 429
    assert ask(backend, ip="2001:db8:0:2::1").status_code == 200


def test_no_author_is_called_like_an_address(backend: FlaskClient) -> None:
    exhaust(backend, ip="192.0.2.7")

    assert ask(backend, id="192.0.2.7").status_code == 200
    assert ask(backend, id="address 192.0.2.7").status_code == 200


def test_nothing_is_kept_but_that_somebody_asked(
    services: Services, backend: FlaskClient, database: Database
) -> None:
    before = rows(database)

    ask(backend, "A secret text.", id="u-5", ip="192.0.2.7", email="ada@example.com")

    after = rows(database)
    changed = {table for table in after if after[table] != before[table]}
    assert changed == {"nudges_asked"}
    for word in ("secret", "u-5", "192.0.2.7", "ada"):
        assert word not in json.dumps(after["nudges_asked"])
    with database.reading() as session:
        [digest] = session.scalars(select(NudgeAsked.author))
    assert len(digest) == 64


def test_the_digest_needs_the_secret(
    services: Services, backend: FlaskClient, settings: Any, database: Database
) -> None:
    from api import create_app

    other = create_app(settings, replace(services, secret_key="t" * 32)).test_client()
    other.environ_base.update(backend.environ_base)
    ask(backend)
    ask(other)

    with database.reading() as session:
        assert len(set(session.scalars(select(NudgeAsked.author)))) == 2


def test_many_at_once_are_no_more_than_allowed(app: Flask, backend: FlaskClient) -> None:
    start, found = threading.Barrier(10), []

    def race() -> None:
        client = app.test_client()
        client.environ_base.update(backend.environ_base)
        start.wait()
        found.append(ask(client).status_code)

    racers = [threading.Thread(target=race) for _ in range(10)]
    for one in racers:
        one.start()
    for one in racers:
        one.join()

    assert sorted(found) == [200] * 5 + [429] * 5


def test_asked_again_with_a_key_it_counts_once(backend: FlaskClient, database: Database) -> None:
    def send() -> TestResponse:
        return backend.post(
            "/v1/comments/check?nudge=1",
            json=comment("spam0.60", author=ADA),
            headers={"Idempotency-Key": "k-1"},
        )

    first = send()
    for _ in range(9):
        assert send().data == first.data

    assert count(database)["nudges_asked"] == 1


def test_a_refusal_does_not_use_the_key_up(backend: FlaskClient, clock: Clock) -> None:
    exhaust(backend)
    with_key = {"json": comment(author=ADA), "headers": {"Idempotency-Key": "k-1"}}
    assert backend.post("/v1/comments/check?nudge=1", **with_key).status_code == 429
    clock.move(minutes=10)

    assert backend.post("/v1/comments/check?nudge=1", **with_key).status_code == 200
