"""Standings over HTTP: what moderators say of authors, and what becomes of their comments."""

import json
from collections.abc import Callable
from typing import Any, cast

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from api import create_app
from api.moderation import events, retention
from api.moderation.services import Services
from api.moderation.webhooks.messages import compose
from api.settings import Settings
from api.store.database import Database
from api.store.jobs import TakenJob
from api.store.outbox import Delivery, Webhook
from tests.conftest import ON_SQLITE
from tests.factories import Clock, put_policy, rows, submit, walk
from tests.reliability.test_races import at_once, clients

WHO = {"id": "u-5", "email": "Jo.Doe+news@Example.org", "ip": "203.0.113.7"}


def body(**more: Any) -> dict[str, Any]:
    given = {"kind": "author", "value": "u-5", "standing": "banned", "reason": "Spam all day."}
    return {**given, **more}


def say(client: FlaskClient, **more: Any) -> dict[str, Any]:
    answer = client.post("/v1/standings", json=body(**more))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json
    return found


def pointers(answer: TestResponse) -> list[str]:
    assert answer.status_code == 422, answer.text
    return [next(iter(one.values())) for one in answer.json["errors"]]


def status(client: FlaskClient, **author: Any) -> str:
    return str(submit(client, author={**WHO, **author})["status"])


def codes(client: FlaskClient, **author: Any) -> list[str]:
    return [one["code"] for one in submit(client, author={**WHO, **author})["verdict"]["reasons"]]


def test_it_is_answered_as_it_was_kept(moderator: FlaskClient) -> None:
    made = say(moderator, until="2026-12-01T10:00:00+01:00")

    assert made == {
        "id": made["id"],
        "kind": "author",
        "value": "u-5",
        "standing": "banned",
        "reason": "Spam all day.",
        "actor": made["actor"],
        "active": True,
        "created_at": "2026-11-22T12:00:00Z",
        "until": "2026-12-01T09:00:00Z",
        "ended_at": None,
    }
    assert made["actor"].startswith("key:wnw_")
    assert moderator.get(f"/v1/standings/{made['id']}").json == made
    assert walk(moderator, "/v1/standings") == [made]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("author", "u-5"),
        ("email", "jodoe@example.org"),
        ("address", "203.0.113.7"),
        ("network", "203.0.113.200"),
    ],
)
def test_the_very_next_comment_is_judged_by_it(
    moderator: FlaskClient, kind: str, value: str
) -> None:
    assert status(moderator) == "approved"
    say(moderator, kind=kind, value=value)

    verdict = submit(moderator, author=WHO)["verdict"]

    assert verdict["action"] == "reject"
    [reason] = verdict["reasons"]
    assert reason["code"] == "author_banned"
    assert "Spam all day" not in str(verdict)
    assert moderator.get(f"/v1/standings/{reason['rule'].removeprefix('standing:')}").json[
        "reason"
    ] == ("Spam all day.")
    assert status(moderator, id="u-6", email="other@example.org", ip="198.51.100.1") == "approved"
    assert moderator.get("/v1/comments?status=approved").json["items"]


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        ("banned", "rejected"),
        ("suspended", "rejected"),
        ("held", "pending"),
        ("trusted", "approved"),
    ],
)
def test_each_standing_does_its_own(moderator: FlaskClient, standing: str, expected: str) -> None:
    say(moderator, standing=standing, hours=1)

    assert status(moderator) == expected


@pytest.mark.parametrize(
    ("kind", "value", "spelled"),
    [
        ("author", "  U/5 ?%2F…", "  U/5 ?%2F…"),
        ("email", " Jo.Doe+news@Example.ORG", "jodoe@example.org"),
        ("address", "2001:DB8:0:0::1", "2001:db8::1"),
        ("address", "::ffff:203.0.113.7", "203.0.113.7"),
        ("network", "203.0.113.7", "203.0.113.0/24"),
        ("network", "203.0.113.0/24", "203.0.113.0/24"),
        ("network", "203.0.113.9/24", "203.0.113.0/24"),
        ("network", "2001:db8:1:2::3", "2001:db8:1::/48"),
        ("network", "2001:db8:1::/48", "2001:db8:1::/48"),
    ],
)
def test_values_have_one_spelling(
    moderator: FlaskClient, kind: str, value: str, spelled: str
) -> None:
    made = say(moderator, kind=kind, value=value)

    assert made["value"] == spelled
    assert walk(moderator, "/v1/standings", kind=kind, value=value) == [made]


@ON_SQLITE
@pytest.mark.parametrize(
    ("more", "wrong"),
    [
        ({"kind": None}, ["/kind"]),
        ({"kind": "name"}, ["/kind"]),
        ({"value": ""}, ["/value"]),
        ({"value": "x" * 321}, ["/value"]),
        ({"value": 5}, ["/value"]),
        ({"kind": "email", "value": "nobody"}, ["/value"]),
        ({"kind": "email", "value": "@example.org"}, ["/value"]),
        ({"kind": "email", "value": "a b@example.org"}, ["/value"]),
        ({"kind": "address", "value": "203.0.113.0/24"}, ["/value"]),
        ({"kind": "address", "value": "gazette.example"}, ["/value"]),
        ({"kind": "network", "value": "203.0.0.0/16"}, ["/value"]),
        ({"kind": "network", "value": "203.0.113.0/28"}, ["/value"]),
        ({"kind": "network", "value": "2001:db8::/32"}, ["/value"]),
        ({"kind": "network", "value": "here/24"}, ["/value"]),
        ({"standing": "liked"}, ["/standing"]),
        ({"standing": "suspended"}, ["/until"]),
        ({"standing": "suspended", "until": None}, ["/until"]),
        ({"reason": ""}, ["/reason"]),
        ({"reason": None}, ["/reason"]),
        ({"until": "2026-11-22T12:00:00Z"}, ["/until"]),
        ({"until": "2026-12-01T00:00:00"}, ["/until"]),
        ({"until": "tomorrow"}, ["/until"]),
        ({"hours": 0}, ["/hours"]),
        ({"hours": 1.5}, ["/hours"]),
        ({"hours": "2"}, ["/hours"]),
        ({"hours": 10**9}, ["/hours"]),
        ({"hours": 1, "until": "2026-12-01T00:00:00Z"}, ["/hours"]),
        ({"note": "x"}, ["/note"]),
    ],
)
def test_what_is_wrong_is_named(
    moderator: FlaskClient, database: Database, more: dict[str, Any], wrong: list[str]
) -> None:
    before = rows(database)

    assert pointers(moderator.post("/v1/standings", json=body(**more))) == wrong
    assert rows(database) == before


@ON_SQLITE
def test_every_field_that_is_needed_is_named(moderator: FlaskClient) -> None:
    answer = moderator.post("/v1/standings", json={})

    assert sorted(pointers(answer)) == ["/kind", "/reason", "/standing", "/value"]


def test_hours_are_counted_from_now(moderator: FlaskClient) -> None:
    assert say(moderator, standing="suspended", hours=36)["until"] == "2026-11-24T00:00:00Z"


def test_it_ends_by_the_clock_alone(moderator: FlaskClient, clock: Clock) -> None:
    made = say(moderator, standing="suspended", hours=2)

    clock.move(hours=2, seconds=-1)
    assert status(moderator) == "rejected"
    clock.move(seconds=1)
    assert status(moderator) == "approved"
    shown = moderator.get(f"/v1/standings/{made['id']}").json
    assert (shown["active"], shown["ended_at"]) == (False, None)


def test_ended_it_is_history(moderator: FlaskClient, clock: Clock) -> None:
    made = say(moderator)
    clock.move(hours=1)

    for _ in range(2):
        assert moderator.delete(f"/v1/standings/{made['id']}").status_code == 204
        clock.move(hours=1)

    assert status(moderator) == "approved"
    [shown] = walk(moderator, "/v1/standings")
    assert shown == {**made, "active": False, "ended_at": "2026-11-22T13:00:00Z"}


def test_another_takes_the_place_of_the_one_before(moderator: FlaskClient) -> None:
    first = say(moderator)
    other = say(moderator, kind="email", value="jodoe@example.org", standing="held")
    second = say(moderator, standing="trusted")

    assert status(moderator, email="new@example.org") == "approved"
    by_id = {one["id"]: one["active"] for one in walk(moderator, "/v1/standings")}
    assert by_id == {second["id"]: True, other["id"]: True, first["id"]: False}


def test_the_list_is_paged_and_sifted(moderator: FlaskClient, clock: Clock) -> None:
    made = [say(moderator, value=f"u-{number}", hours=number + 1) for number in range(5)]
    email = say(moderator, kind="email", value="x@example.org")
    clock.move(hours=2)

    def ids(**query: Any) -> list[str]:
        return [one["id"] for one in walk(moderator, "/v1/standings", limit=2, **query)]

    assert ids() == [email["id"], *[one["id"] for one in reversed(made)]]
    assert ids(active="false") == [made[1]["id"], made[0]["id"]]
    assert ids(active="true", kind="author") == [one["id"] for one in reversed(made[2:])]
    assert ids(kind="email") == [email["id"]]
    assert ids(kind="author", value="u-3") == [made[3]["id"]]
    assert ids(kind="author", value="nobody") == []


@ON_SQLITE
@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("kind=name", ["kind"]),
        ("value=u-5", ["kind"]),
        ("kind=address&value=x", ["value"]),
        ("active=maybe", ["active"]),
        ("limit=0", ["limit"]),
        ("cursor=x", ["cursor"]),
        ("sort=age", ["sort"]),
    ],
)
def test_what_cannot_be_listed_is_named(
    moderator: FlaskClient, query: str, wrong: list[str]
) -> None:
    assert pointers(moderator.get(f"/v1/standings?{query}")) == wrong


def test_another_site_is_not_concerned(
    moderator: FlaskClient, stranger: FlaskClient, database: Database
) -> None:
    made = say(moderator)

    assert status(stranger) == "approved"
    assert walk(stranger, "/v1/standings") == []
    assert stranger.get(f"/v1/standings/{made['id']}").status_code == 404
    assert stranger.delete(f"/v1/standings/{made['id']}").status_code == 404
    assert status(moderator) == "rejected"


@ON_SQLITE
def test_a_website_may_not_say_who_is_banned(backend: FlaskClient) -> None:
    assert backend.post("/v1/standings", json=body()).status_code == 403
    assert backend.get("/v1/standings").status_code == 403


def test_the_log_tells_that_but_not_of_whom(moderator: FlaskClient) -> None:
    first = say(moderator, kind="email", value="jo@example.org", hours=1)
    second = say(moderator, kind="email", value="jo@example.org", standing="held")
    moderator.delete(f"/v1/standings/{second['id']}")

    log = walk(moderator, "/v1/events", type="author.standing")

    assert [one["data"] for one in log] == [
        {
            "id": first["id"],
            "kind": "email",
            "standing": "banned",
            "until": "2026-11-22T13:00:00+00:00",
            "ended": False,
            "replaces": [],
        },
        {
            "id": second["id"],
            "kind": "email",
            "standing": "held",
            "until": None,
            "ended": False,
            "replaces": [first["id"]],
        },
        {
            "id": second["id"],
            "kind": "email",
            "standing": "held",
            "until": None,
            "ended": True,
            "replaces": [],
        },
    ]
    assert {(one["comment_id"], one["outcome"]) for one in log} == {(None, None)}
    assert {one["actor"] for one in log} == {first["actor"]}
    assert "example.org" not in str(log)
    assert "Spam" not in str(log)


def test_a_ban_is_obeyed_where_nothing_is_held(
    moderator: FlaskClient, services: Services, site: int
) -> None:
    put_policy(services, site, {"authors": {"staff_skips": ["modes", "authors", "scores"]}})
    say(moderator)

    assert status(moderator, role="staff") == "rejected"
    put_policy(services, site, {"profile": "observe"})
    assert status(moderator) == "approved"
    assert codes(moderator) == ["author_banned"]


def test_the_trusted_skip_what_is_written_down(
    moderator: FlaskClient, services: Services, site: int
) -> None:
    put_policy(services, site, {"mode": "pre", "authors": {"newcomers": 2}})
    assert status(moderator) == "pending"
    say(moderator, standing="trusted")

    verdict = submit(moderator, "spam0.97", author=WHO)["verdict"]

    assert verdict["action"] == "approve"
    assert {one["code"] for one in verdict["reasons"]} >= {"mode_pre", "newcomer", "spam_score"}
    assert {one["action"] for one in verdict["reasons"]} == {"flag"}


def test_one_host_bans_and_the_other_obeys(
    settings: Settings,
    services: Services,
    scorer: Any,
    clock: Clock,
    moderator: FlaskClient,
) -> None:
    elsewhere = Services(Database(services.database.url), scorer, clock)
    other = create_app(settings, elsewhere).test_client()
    other.environ_base["HTTP_AUTHORIZATION"] = moderator.environ_base["HTTP_AUTHORIZATION"]

    assert status(other) == "approved"
    made = say(moderator)
    assert status(other) == "rejected"
    moderator.delete(f"/v1/standings/{made['id']}")
    assert status(other) == "approved"
    elsewhere.database.dispose()


def test_long_ago_ended_ones_are_swept_out(
    moderator: FlaskClient, services: Services, clock: Clock
) -> None:
    job = cast("TakenJob", None)
    say(moderator, value="u-1", hours=1)
    ended = say(moderator, value="u-2")
    moderator.delete(f"/v1/standings/{ended['id']}")
    lasting = say(moderator, value="u-3")

    clock.move(days=365, minutes=59)
    retention.sweep(services, job)
    assert len(walk(moderator, "/v1/standings")) == 2
    clock.move(minutes=1)
    retention.sweep(services, job)

    assert walk(moderator, "/v1/standings") == [lasting]


def test_of_many_at_once_one_is_in_force(
    app: Flask, services: Services, site: int, moderator: FlaskClient
) -> None:
    works = [
        lambda client=client, n=n: say(client, standing=("held", "banned")[n % 2], reason=f"{n}")
        for n, client in enumerate(clients(app, services, site, 12))
    ]

    made = at_once(works)

    assert len({one["id"] for one in made}) == 12
    assert len(walk(moderator, "/v1/standings")) == 12
    assert len(walk(moderator, "/v1/standings", active="true")) == 1


def test_a_webhook_that_wants_to_know_is_told(
    connect: Callable[..., FlaskClient], services: Services
) -> None:
    admin = connect("admin")
    hook = {"url": "https://gazette.example/hook", "types": ["author.standing"]}
    assert admin.post("/v1/webhooks", json=hook).status_code == 201
    submit(admin)
    made = say(admin, value="secret-name")
    events.seal(services)

    with services.database.reading() as session:
        [delivery] = session.scalars(select(Delivery))
        [webhook] = session.scalars(select(Webhook))
        message = compose(session, webhook, delivery, services.now())

    content = json.loads(message.body)
    assert content["type"] == "author.standing"
    assert content["data"]["id"] == made["id"]
    assert (content["data"]["comment"], content["data"]["comment_id"]) == (None, None)
    assert b"secret-name" not in message.body
