"""An outside checker over HTTP: named by the policy, its secret shown to administrators."""

import base64
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.moderation.scoring import Scorer
from api.moderation.services import Services
from api.store.database import Database
from tests.conftest import ON_SQLITE
from tests.factories import Clock, submit
from tests.receivers import Receiver, allow, reply

URL = "https://checker.example/ask"


@pytest.fixture
def services(database: Database, scorer: Scorer, clock: Clock) -> Services:
    """As usual, with a secret."""
    return Services(database, scorer, clock, secret_key="k" * 32)


def put(client: FlaskClient, version: int, **checker: Any) -> Any:
    return client.put("/v1/policy", json={"policy": {"checker": checker}, "version": version})


def test_the_secret_is_there_before_a_policy_names_a_checker(admin: FlaskClient) -> None:
    before = admin.get("/v1/policy/checker").json
    put(admin, 1, url=URL)
    after = admin.get("/v1/policy/checker").json

    assert before["url"] is None
    assert after == {"url": URL, "secret": before["secret"]}
    assert len(base64.b64decode(before["secret"].removeprefix("whsec_"))) == 32


def test_each_site_and_each_server_has_its_own(
    admin: FlaskClient, stranger: FlaskClient, services: Services, settings: Any
) -> None:
    from api import create_app

    other = create_app(settings, replace(services, secret_key="t" * 32)).test_client()
    other.environ_base.update(admin.environ_base)

    secrets = {
        client.get("/v1/policy/checker").json["secret"] for client in (admin, stranger, other)
    }

    assert len(secrets) == 3


def test_no_moderator_sees_it(moderator: FlaskClient) -> None:
    assert moderator.get("/v1/policy/checker").status_code == 403


@ON_SQLITE
@pytest.mark.parametrize(
    "url",
    [
        "http://checker.example/",
        "https://127.0.0.1/",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest",
        "https://2130706433/",
        "https://localhost/",
        "https://checker.example:25/",
        "https://user:word@checker.example/",
        "https://checker.example/#part",
        "ftp://checker.example/",
        "checker.example",
    ],
)
@pytest.mark.parametrize("force", [False, True])
def test_a_url_that_we_do_not_ask_is_refused_even_by_force(
    admin: FlaskClient, url: str, force: bool
) -> None:
    policy = {"checker": {"url": url}}
    answer = admin.put("/v1/policy", json={"policy": policy, "version": 1, "force": force})

    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json["errors"]] == ["/checker/url"]
    assert admin.get("/v1/policy/checker").json["url"] is None
    assert "/checker/url" in admin.post("/v1/policy/check", json={"policy": policy}).text


@ON_SQLITE
def test_a_policy_as_text_is_told_the_line(admin: FlaskClient) -> None:
    text = "profile: strict\nchecker:\n  timeout_ms: 500\n  url: https://10.0.0.1/\n"

    answer = admin.put("/v1/policy", json={"text": text, "version": 1})

    assert [one["line"] for one in answer.json["errors"]] == [4]


@ON_SQLITE
@pytest.mark.parametrize(
    ("checker", "pointer"),
    [
        ({}, "/checker/url"),
        ({"url": URL, "timeout_ms": 49}, "/checker/timeout_ms"),
        ({"url": URL, "timeout_ms": 5001}, "/checker/timeout_ms"),
        ({"url": URL, "on_failure": "reject"}, "/checker/on_failure"),
        ({"url": URL, "may": "everything"}, "/checker/may"),
        ({"url": URL, "secret": "mine"}, "/checker/secret"),
    ],
)
def test_what_is_wrong_is_named(admin: FlaskClient, checker: Any, pointer: str) -> None:
    answer = put(admin, 1, **checker)

    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json["errors"]] == [pointer]


def test_put_over_http_it_is_asked(services: Services, settings: Any, admin: FlaskClient) -> None:
    from api import create_app

    client = create_app(settings, allow(services)).test_client()
    client.environ_base.update(admin.environ_base)
    with Receiver([reply(200, body=b'{"action": "hold", "reason": "x"}')]) as receiver:
        assert put(client, 1, url=receiver.url, timeout_ms=5000).status_code == 200
        found = submit(client)

    assert found["status"] == "pending"
    assert receiver.received[0].is_signed_with(client.get("/v1/policy/checker").json["secret"])
