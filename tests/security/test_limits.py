"""Limits per key, per address and per author, through the API and through every foreign door."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.limiting.limiter import Limiter
from api.limiting.rates import ADDRESS, AUTHOR, KEY, read_rates
from api.moderation import foreignkeys
from api.moderation.services import Services
from api.store.database import Database
from api.web.limits import FREE
from tests.api.web.dropin import coral
from tests.api.web.dropin.akismet import DEBUG, GUID, Asker
from tests.conftest import ON_SQLITE
from tests.factories import START, comment, count, make_key, make_moderator, operator

pytestmark = ON_SQLITE

GUESS = {"Authorization": "Bearer wnw_00000000_guess"}
ANALYZE: dict[str, Any] = {"comment": {"text": "A fine day."}, "requestedAttributes": {"SPAM": {}}}


class Watch:
    """A clock for windows, which moves when told."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def limit(app: Flask, watch: Watch) -> Callable[..., None]:
    """Limit the app: `limit(key="3/minute")`; what is not named is not limited."""

    def put(**rates: str) -> None:
        read = {kind: read_rates(given) for kind, given in rates.items()}
        app.extensions["limiter"] = Limiter(read, "s" * 32, clock=watch)

    return put


def statuses(ask: Callable[[], TestResponse], times: int) -> list[int]:
    return [ask().status_code for _ in range(times)]


def refused(answer: TestResponse, kind: str) -> int:
    """Check a refusal of our own API; after how many seconds to come back."""
    assert answer.status_code == 429
    assert answer.content_type == "application/problem+json"
    assert answer.json["type"] == "urn:winnow:problem:too-often"
    wait = int(answer.headers["Retry-After"])
    assert wait >= 1
    assert answer.headers["RateLimit"] == f'"{kind}-60";r=0;t={wait}'
    assert answer.headers["RateLimit-Policy"].startswith(f'"{kind}-60";q=')
    return wait


def test_a_key_is_told_how_often_and_when_again(
    backend: FlaskClient, moderator: FlaskClient, limit: Callable[..., None], watch: Watch
) -> None:
    limit(key="3/minute")

    answers = [backend.get("/v1/comments") for _ in range(5)]

    assert [one.status_code for one in answers] == [200, 200, 200, 429, 429]
    assert answers[0].headers["RateLimit-Policy"] == '"key-60";q=3;w=60'
    assert "RateLimit" not in answers[0].headers
    wait = refused(answers[-1], KEY)
    # Another key of the same site, from the same address.
    assert moderator.get("/v1/queue").status_code == 200
    watch.seconds += wait
    assert backend.get("/v1/comments").status_code == 200


def test_all_that_a_key_asks_is_counted_together(
    backend: FlaskClient, limit: Callable[..., None]
) -> None:
    limit(key="4/minute")
    asked = [
        lambda: backend.post("/v1/comments", json=comment()),
        lambda: backend.post("/v1/comments/check", json=comment()),
        lambda: backend.post("/v1/comments", json={}),
        lambda: backend.get("/v1/queue"),
        lambda: backend.post("/v1/comments/c-1/reports", json={}),
    ]

    assert [one().status_code for one in asked] == [201, 200, 422, 403, 429]


def test_what_is_refused_keeps_nothing(
    backend: FlaskClient, database: Database, limit: Callable[..., None]
) -> None:
    limit(key="1/minute")
    backend.get("/v1/comments")
    before = count(database)

    refused(backend.post("/v1/comments", json=comment()), KEY)

    assert count(database) == before


def test_without_a_key_an_address_is_counted_and_a_valid_key_is_not_refused_for_it(
    client: FlaskClient, backend: FlaskClient, limit: Callable[..., None], watch: Watch
) -> None:
    limit(address="3/minute")

    found = [client.get("/v1/comments", headers=GUESS) for _ in range(5)]

    assert [one.status_code for one in found] == [401, 401, 401, 429, 429]
    wait = refused(found[-1], ADDRESS)
    assert statuses(lambda: backend.get("/v1/comments"), 10) == [200] * 10
    elsewhere = {"REMOTE_ADDR": "198.51.100.7"}
    answer = client.get("/v1/comments", headers=GUESS, environ_overrides=elsewhere)
    assert answer.status_code == 401
    watch.seconds += wait
    assert client.get("/v1/comments", headers=GUESS).status_code == 401


@pytest.mark.parametrize(
    "path",
    [
        *("/docs", "/openapi.json", "/moderate/sign-in", "/moderate", "/moderate/settings/keys"),
        *("/no/such/page", "/v1/no-such", "/v1/comments", "/v1/models", "/v1alpha1"),
        *("/1.1/verify-key", "/$discovery/rest?version=v1alpha1"),
    ],
)
def test_whatever_is_asked_without_a_key_is_counted(
    client: FlaskClient, limit: Callable[..., None], path: str
) -> None:
    limit(address="2/minute")

    found = statuses(lambda: client.get(path), 4)

    assert found[0] == found[1] != 429
    assert found[2:] == [429, 429]


@pytest.mark.parametrize("path", ["/live", "/ready", "/metrics", "/static/style.css"])
def test_whoever_watches_is_always_answered(
    client: FlaskClient, limit: Callable[..., None], path: str
) -> None:
    limit(key="1/day", address="1/day", author="1/day")
    assert statuses(lambda: client.get("/docs"), 2) == [200, 429]

    assert 429 not in statuses(lambda: client.get(path), 20)


def test_somebody_signed_in_is_not_counted(
    client: FlaskClient, services: Services, site: int, limit: Callable[..., None]
) -> None:
    make_moderator(services, site, "ada@example.org", "correct horse battery")
    given = {"email": "ada@example.org", "password": "correct horse battery"}
    ours = {"Sec-Fetch-Site": "same-origin"}
    assert client.post("/moderate/sign-in", data=given, headers=ours).status_code == 303
    limit(address="1/minute")

    assert statuses(lambda: client.get("/moderate"), 5) == [200] * 5


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Client-IP"])
def test_an_address_that_a_client_makes_up_is_not_its_address(
    client: FlaskClient, limit: Callable[..., None], header: str
) -> None:
    limit(address="3/minute")
    asked = ({**GUESS, header: f"198.51.100.{number}"} for number in range(5))

    found = [client.get("/v1/comments", headers=one).status_code for one in asked]

    assert found == [401, 401, 401, 429, 429]


def test_a_household_of_ipv6_is_one_address(
    client: FlaskClient, limit: Callable[..., None]
) -> None:
    limit(address="3/minute")

    def ask(address: str) -> int:
        where = {"REMOTE_ADDR": address}
        return client.get("/v1/comments", headers=GUESS, environ_overrides=where).status_code

    assert [ask(f"2001:db8:0:1::{number}") for number in range(1, 6)] == [401, 401, 401, 429, 429]
    assert ask("2001:db8:0:2::1") == 401


@pytest.mark.parametrize(
    ("first", "same", "other"),
    [
        ({"id": "u-1"}, {"id": "u-1", "email": "other@example.org"}, {"id": "u-2"}),
        (
            {"email": "ada.l@example.org"},
            {"email": "Adal+news@Example.org", "ip": "192.0.2.1"},
            {"email": "bob@example.org"},
        ),
        ({"ip": "2001:db8::1"}, {"ip": "2001:db8::ffff"}, {"ip": "2001:db8:0:1::1"}),
    ],
)
def test_an_author_is_counted_by_id_or_mailbox_or_address(
    backend: FlaskClient,
    limit: Callable[..., None],
    first: dict[str, str],
    same: dict[str, str],
    other: dict[str, str],
) -> None:
    limit(author="2/minute")

    def post(author: dict[str, str]) -> TestResponse:
        return backend.post("/v1/comments", json=comment(author=author))

    assert statuses(lambda: post(first), 2) == [201, 201]
    refused(post(same), AUTHOR)
    assert post(other).status_code == 201


def test_authors_are_counted_within_a_site(
    backend: FlaskClient, stranger: FlaskClient, limit: Callable[..., None]
) -> None:
    limit(author="1/minute")
    body = comment(author={"id": "u-1"})

    assert statuses(lambda: backend.post("/v1/comments", json=body), 2) == [201, 429]
    assert stranger.post("/v1/comments", json=body).status_code == 201


def test_what_is_no_new_comment_of_anybody_is_not_counted_for_an_author(
    backend: FlaskClient, limit: Callable[..., None]
) -> None:
    limit(author="1/minute")
    ada = {"id": "u-1"}
    long_ago = (START - timedelta(days=400)).isoformat()

    assert statuses(lambda: backend.post("/v1/comments", json=comment()), 5) == [201] * 5
    moved = comment(author=ada, created_at=long_ago)
    assert statuses(lambda: backend.post("/v1/comments", json=moved), 5) == [201] * 5
    tried = comment(author=ada)
    assert statuses(lambda: backend.post("/v1/comments/check", json=tried), 5) == [200] * 5
    assert statuses(lambda: backend.post("/v1/comments", json=tried), 2) == [201, 429]


def test_in_a_batch_those_that_are_too_many_are_refused_one_by_one(
    backend: FlaskClient, limit: Callable[..., None], watch: Watch
) -> None:
    limit(author="2/minute")
    who = ["ada", "bob", "ada", "ada", None, "bob", "ada"]
    items: list[Any] = [comment(author={"id": one} if one else {}) for one in who]
    items.insert(1, {"text": 7})

    answer = backend.post("/v1/comments/batch", json={"items": items})

    assert answer.status_code == 207
    entries = answer.json["items"]
    assert [one["status"] for one in entries] == [201, 422, 201, 201, 429, 201, 201, 429]
    assert set(entries[4]) == {"status", "problem"}
    assert entries[4]["problem"]["type"] == "urn:winnow:problem:too-often"
    watch.seconds += entries[4]["problem"]["retry_after"]
    body = {"items": [items[4]]}
    assert backend.post("/v1/comments/batch", json=body).json["items"][0]["status"] == 201


def test_a_batch_of_nothing_but_refusals_is_answered(
    backend: FlaskClient, limit: Callable[..., None]
) -> None:
    limit(author="1/hour")
    body = {"items": [comment(author={"id": "u-1"})]}

    first, second = (backend.post("/v1/comments/batch", json=body).json for _ in range(2))

    assert [one["items"][0]["status"] for one in (first, second)] == [201, 429]


def test_what_is_sent_again_counts_again_and_is_answered_once_there_is_room(
    backend: FlaskClient, database: Database, limit: Callable[..., None], watch: Watch
) -> None:
    limit(author="2/minute")
    body, key = comment(author={"id": "u-1"}), {"Idempotency-Key": "k-1"}

    def post() -> TestResponse:
        return backend.post("/v1/comments", json=body, headers=key)

    first, again, late = post(), post(), post()
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.data == first.data
    watch.seconds += refused(late, AUTHOR)
    assert post().data == first.data
    assert count(database)["comments"] == 1


def test_a_batch_that_is_sent_again_is_answered_the_same(
    backend: FlaskClient, limit: Callable[..., None]
) -> None:
    limit(author="2/minute")
    items = [comment(author={"id": "u-1"}) for _ in range(3)]
    key = {"Idempotency-Key": "k-1"}

    first, again = (
        backend.post("/v1/comments/batch", json={"items": items}, headers=key) for _ in range(2)
    )

    assert [one["status"] for one in first.json["items"]] == [201, 201, 429]
    assert again.data == first.data


@pytest.fixture
def akismet(client: FlaskClient, services: Services, site: int) -> Asker:
    return Asker(client, services, site)


@pytest.fixture
def phase(services: Services, site: int) -> str:
    """The name of a phase of Coral's."""
    name = foreignkeys.create_coral(services, operator(site)).key
    foreignkeys.set_secret(services, operator(site), name, coral.SECRET)
    return name


def analyze(client: FlaskClient, key: str) -> TestResponse:
    return client.post("/v1alpha1/comments:analyze", query_string={"key": key}, json=ANALYZE)


def moderate(client: FlaskClient) -> TestResponse:
    return client.post("/v1/moderations", json={"input": "A fine day."})


@pytest.mark.parametrize("kind", [KEY, ADDRESS])
def test_perspective_says_so_in_googles_words(
    client: FlaskClient, services: Services, site: int, limit: Callable[..., None], kind: str
) -> None:
    key = make_key(services, site, "backend") if kind == KEY else "guess"
    limit(**{kind: "1/minute"})
    assert analyze(client, key).status_code in (200, 400)

    answer = analyze(client, key)

    assert answer.status_code == 429
    assert answer.json["error"]["status"] == "RESOURCE_EXHAUSTED"
    assert int(answer.headers["Retry-After"]) >= 1


@pytest.mark.parametrize("kind", [KEY, ADDRESS])
def test_openai_says_so_in_its_words(
    client: FlaskClient, backend: FlaskClient, limit: Callable[..., None], kind: str
) -> None:
    caller = backend if kind == KEY else client
    limit(**{kind: "1/minute"})
    assert moderate(caller).status_code in (200, 401)

    answer = moderate(caller)

    assert answer.status_code == 429
    assert answer.json["error"]["code"] == "rate_limit_exceeded"
    assert (
        1 <= int(answer.headers["Retry-After"]) == int(answer.headers["RateLimit"].split("=")[-1])
    )


@pytest.mark.parametrize("kind", [KEY, ADDRESS])
def test_akismet_says_so_in_its_words(
    akismet: Asker, limit: Callable[..., None], kind: str
) -> None:
    fields = {} if kind == KEY else {"api_key": "000000000000"}
    limit(**{kind: "1/minute"})
    assert akismet.check(**fields).status_code == 200

    answer = akismet.check(**fields)

    assert answer.status_code == 429
    assert answer.text == answer.headers[DEBUG]
    assert answer.text not in ("true", "false", "valid")
    assert int(answer.headers["Retry-After"]) >= 1


@pytest.mark.parametrize("kind", [KEY, ADDRESS])
def test_coral_is_told_by_the_status(
    client: FlaskClient, phase: str, limit: Callable[..., None], kind: str
) -> None:
    secret = coral.SECRET if kind == KEY else "x" * 32
    limit(**{kind: "1/minute"})
    assert coral.ask(client, phase, secret=secret).status_code in (204, 401)

    answer = coral.ask(client, phase, secret=secret)

    assert answer.status_code == 429
    assert set(answer.json) == {"error"}
    assert int(answer.headers["Retry-After"]) >= 1


def test_where_a_refusal_would_be_published_an_authors_comment_is_withheld(
    client: FlaskClient,
    akismet: Asker,
    phase: str,
    database: Database,
    limit: Callable[..., None],
) -> None:
    """Coral goes on without an answer, and many who ask Akismet do too."""
    limit(author="1/minute")
    assert coral.ask(client, phase).status_code == 204
    assert akismet.check().text == "false"
    kept = count(database)["comments"]

    answer = coral.ask(client, phase, coral.write("Another one."))
    assert (answer.status_code, answer.json["status"]) == (200, "SYSTEM_WITHHELD")
    found = akismet.check("Another one.")
    assert (found.status_code, found.text) == (200, "true")
    assert found.headers["X-akismet-error"]
    assert found.headers[GUID]
    assert count(database)["comments"] == kept


def test_each_call_in_a_batch_of_perspective_counts(
    client: FlaskClient, services: Services, site: int, limit: Callable[..., None]
) -> None:
    key = make_key(services, site, "backend")
    limit(key="2/minute")
    inner = (
        "--b\r\nContent-Type: application/http\r\n\r\n"
        f"POST /v1alpha1/comments:analyze?key={key} HTTP/1.1\r\n"
        "Content-Type: application/json\r\n\r\n"
        '{"comment": {"text": "A fine day."}, "requestedAttributes": {"SPAM": {}}}\r\n'
    )

    answer = client.post(
        "/batch", data=inner * 4 + "--b--\r\n", content_type="multipart/mixed; boundary=b"
    )

    assert answer.text.count("HTTP/1.1 200") == 2
    assert answer.text.count("HTTP/1.1 429") == 2


def test_the_document_tells_of_limits_wherever_there_are_any(app: Flask) -> None:
    document = app.extensions["winnow-openapi"]
    free = {str(rule) for rule in app.url_map.iter_rules() if rule.endpoint in FREE}
    assert {"/live", "/ready", "/metrics"} <= free

    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method in ("get", "post", "put", "patch", "delete"):
                told = operation["responses"].get("429")
                assert (told is None) is (path in free), f"{method} {path}"
                if told is not None:
                    assert set(told["headers"]) == {"Retry-After", "RateLimit", "RateLimit-Policy"}
