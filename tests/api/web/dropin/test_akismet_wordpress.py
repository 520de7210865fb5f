"""What Akismet's WordPress plugin asks beside what is documented."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.moderation import access, dropin, foreignkeys
from api.moderation.access import Caller
from api.moderation.dropin import usage
from api.moderation.services import Services
from tests.conftest import ON_SQLITE
from tests.factories import Clock, make_key, operator

CALLS = ("deactivate", "get-stats", "get-subscription", "token", "verify-wpcom-key")
"""Paths under /1.1/."""

ACCOUNT = {
    "account_id": 0,
    "status": "active",
    "account_name": "Winnow",
    "account_type": "free-api-key",
    "next_billing_date": False,
    "limit_reached": False,
}

STATUSES = ("active", "no-sub", "cancelled", "suspended", "missing", "notice")
"""What the plugin knows of an account."""


@pytest.fixture
def made(services: Services, site: int) -> foreignkeys.Made:
    """A key such as the plugin takes."""
    return foreignkeys.create_akismet(services, operator(site))


@pytest.fixture
def ask(client: FlaskClient, made: foreignkeys.Made) -> Callable[..., TestResponse]:
    """Calls as the plugin does; fields that are None are left out."""

    def call(path: str, **fields: str | None) -> TestResponse:
        usual = {"key": made.key, "api_key": made.key, "blog": "https://blog.example"}
        sent = {name: value for name, value in {**usual, **fields}.items() if value is not None}
        return client.post(f"/1.1/{path}", data=sent)

    return call


@pytest.fixture
def count(services: Services, site: int, made: foreignkeys.Made) -> Callable[..., None]:
    """Counts what was asked with the key, in a month: `count("2026-11", spam=3)`."""

    def write(month: str, blog: str = "blog.example", **counts: int) -> None:
        when = datetime.fromisoformat(f"{month}-15").replace(tzinfo=UTC)
        who = Caller(site, "backend", f"key:{made.id}")

        for what, times in counts.items():
            for _ in range(times):
                services.database.write(
                    lambda connection, what=what: usage.count(connection, who, blog, when, what)
                )

    return write


def test_good_bye_is_said_and_the_key_stays(ask: Callable[..., TestResponse]) -> None:
    answer = ask("deactivate")

    assert (answer.status_code, answer.data) == (200, b"deactivated")
    assert answer.content_type == "text/plain; charset=utf-8"
    assert ask("verify-key").data == b"valid"


def test_all_is_well_with_the_account(ask: Callable[..., TestResponse]) -> None:
    answer = ask("get-subscription")

    assert (answer.content_type, answer.json) == ("application/json", ACCOUNT)
    assert answer.json["status"] in STATUSES
    assert "X-akismet-debug-help" not in answer.headers


def test_the_account_of_a_user_has_the_key(
    ask: Callable[..., TestResponse], made: foreignkeys.Made
) -> None:
    answer = ask("verify-wpcom-key", key=None, blog=None, user_id="1", get_account_type="true")

    assert answer.json == {**ACCOUNT, "api_key": made.key}


def test_the_token_opens_nothing_and_is_always_the_same(
    ask: Callable[..., TestResponse], made: foreignkeys.Made, services: Services, site: int
) -> None:
    first = ask("token", key=None, blog=None).text

    assert made.key not in first
    assert len(first) == 64
    assert ask("token", api_key=made.key.upper()).text == first
    assert (
        ask("token", api_key=foreignkeys.create_akismet(services, operator(site)).key).text != first
    )
    for path in ("verify-key", *CALLS):
        assert ask(path, key=first, api_key=first).data == b"invalid"


@pytest.mark.parametrize("path", CALLS)
@pytest.mark.parametrize("bad", [None, "", "0123456789ab", "x", "wnw_nobody", "é" * 12, "a\0b"])
def test_who_has_no_good_key_is_told_so(
    ask: Callable[..., TestResponse], path: str, bad: str | None
) -> None:
    answer = ask(path, key=bad, api_key=bad)

    assert (answer.status_code, answer.data) == (200, b"invalid")
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.headers["X-akismet-debug-help"]


@ON_SQLITE
@pytest.mark.parametrize("path", ["deactivate", "get-stats", "get-subscription"])
def test_a_key_that_is_being_entered_counts_for_more_than_the_one_before(
    ask: Callable[..., TestResponse], path: str, made: foreignkeys.Made
) -> None:
    assert ask(path, key=made.key, api_key="0123456789ab").data != b"invalid"
    assert ask(path, key="0123456789ab", api_key=made.key).data == b"invalid"


@ON_SQLITE
@pytest.mark.parametrize("path", CALLS)
def test_other_ways_to_ask(
    client: FlaskClient, made: foreignkeys.Made, services: Services, site: int, path: str
) -> None:
    own = make_key(services, site, "backend")
    answers = [
        client.post(f"/1.1/{path}/", data={"api_key": made.key}),
        client.get(f"/1.1/{path}?api_key={made.key.upper()}"),
        client.post(f"/1.1/{path}", headers={"Host": f"{made.key}.rest.akismet.example:8000"}),
        client.post(f"/1.1/{path}", data={"api_key": own}),
    ]

    for answer in answers:
        assert (answer.status_code, answer.location) == (200, None)
        assert answer.data != b"invalid"


def zero(**counts: int) -> dict[str, int]:
    """The four counts."""
    return {**dict.fromkeys(("spam", "ham", "missed_spam", "false_positives"), 0), **counts}


@pytest.mark.parametrize(
    ("period", "first", "months"),
    [("60-days", "2026-09", 3), ("6-months", "2026-06", 6), ("all", "2025-12", 12)],
)
def test_counts_of_a_period(
    ask: Callable[..., TestResponse],
    count: Callable[..., None],
    period: str,
    first: str,
    months: int,
) -> None:
    count("2025-12", spam=4, ham=1)
    count("2026-06", spam=2)
    count("2026-09", ham=3, false_positives=1)
    count("2026-11", spam=1, missed_spam=1)

    found: Any = ask("get-stats", **{"from": period}).json

    breakdown = found["breakdown"]
    assert (min(breakdown), max(breakdown), len(breakdown)) == (first, "2026-11", months)
    assert breakdown["2026-09"] == zero(ham=3, false_positives=1)
    assert breakdown["2026-10"] == zero()
    for name in zero():
        assert found[name] == sum(one[name] for one in breakdown.values())
    assert set(found) == {*zero(), "accuracy", "time_saved", "breakdown"}


@ON_SQLITE
@pytest.mark.parametrize(
    ("counts", "percent"),
    [
        # From a test of the vendor's own PHP library.
        ({"spam": 149, "ham": 242, "missed_spam": 10, "false_positives": 10}, "94.88"),
        ({"spam": 2, "ham": 1, "missed_spam": 1}, "66.67"),
        ({"spam": 1, "ham": 1, "false_positives": 3}, "0.00"),
        ({"missed_spam": 1}, "100.00"),
    ],
)
def test_accuracy_is_what_nobody_called_wrong(
    ask: Callable[..., TestResponse],
    count: Callable[..., None],
    counts: dict[str, int],
    percent: str,
) -> None:
    count("2026-11", **counts)

    assert ask("get-stats").json["accuracy"] == percent


@ON_SQLITE
def test_a_period_without_calls_has_zeros(
    ask: Callable[..., TestResponse], count: Callable[..., None], clock: Clock
) -> None:
    count("2026-11", spam=1)
    clock.time = datetime(2028, 1, 31, tzinfo=UTC)

    found: Any = ask("get-stats", **{"from": "6-months"}).json

    months = ["2027-08", "2027-09", "2027-10", "2027-11", "2027-12", "2028-01"]
    assert found["breakdown"] == dict.fromkeys(months, zero())
    assert (found["spam"], found["accuracy"]) == (0, "100.00")


def test_a_site_that_never_asked_has_no_data(
    ask: Callable[..., TestResponse], count: Callable[..., None]
) -> None:
    count("2026-11", "other.example", spam=1)

    answer = ask("get-stats")

    assert (answer.status_code, answer.data) == (200, b"")


@ON_SQLITE
@pytest.mark.parametrize("blog", [None, "", "no url"])
def test_without_a_site_all_of_the_keys_sites_are_counted(
    ask: Callable[..., TestResponse], count: Callable[..., None], blog: str | None
) -> None:
    count("2026-11", "blog.example", spam=1)
    count("2026-11", "other.example", spam=2)

    assert ask("get-stats", blog=blog).json["spam"] == 3


def test_another_keys_counts_are_not_shown(
    ask: Callable[..., TestResponse],
    count: Callable[..., None],
    services: Services,
    site: int,
) -> None:
    count("2026-11", spam=1)
    other = foreignkeys.create_akismet(services, operator(site)).key
    elsewhere = foreignkeys.create_akismet(
        services, operator(access.create_site(services, "else"))
    ).key

    for key in (other, elsewhere):
        assert ask("get-stats", key=key, api_key=key).data == b""


def test_checks_are_counted_for_their_site(ask: Callable[..., TestResponse]) -> None:
    for text in ("A fine day.", "spam0.97"):
        ask("comment-check", user_ip="192.0.2.1", comment_content=text)

    found: Any = ask("get-stats", blog="http://BLOG.example:80/").json

    assert (found["spam"], found["ham"]) == (1, 1)


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"comment_content": "A fine day."}, b"false"),
        ({"comment_content": "spam0.97"}, b"true"),
        ({"comment_author": "akismet-guaranteed-spam"}, b"true"),
        ({"comment_content": "spam0.97", "is_test": "1"}, b"true"),
        ({"user_role": "administrator", "is_test": "1"}, b"false"),
        ({"api_key": "0123456789ab"}, b"invalid"),
        ({"blog": None}, b"Missing required field: blog."),
        ({"blog": "no url"}, b"invalid"),
    ],
)
def test_every_check_has_an_id_or_wordpress_does_not_heed_it(
    ask: Callable[..., TestResponse], fields: dict[str, str | None], word: bytes
) -> None:
    answer = ask("comment-check", **{"key": None, "user_ip": "192.0.2.1", **fields})

    assert answer.data == word
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-akismet-guid"])


@ON_SQLITE
def test_a_check_that_fails_has_an_id_too(
    ask: Callable[..., TestResponse], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(dropin, "keep", fail)

    answer = ask("comment-check", user_ip="192.0.2.1", comment_content="A fine day.")

    assert answer.data not in (b"true", b"false")
    assert len(answer.headers["X-akismet-guid"]) == 32


@pytest.mark.parametrize("path", ["verify-key", "submit-spam", *CALLS])
def test_nothing_else_has_such_an_id(ask: Callable[..., TestResponse], path: str) -> None:
    assert "X-akismet-guid" not in ask(path, user_ip="192.0.2.1").headers
