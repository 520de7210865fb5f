"""Webhooks over HTTP: made, changed, tested and ended by an administrator, and by nobody else's."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.moderation.scoring import Scorer
from api.moderation.services import Services
from api.store.database import Database
from tests.conftest import ON_SQLITE
from tests.factories import Clock, count, submit, walk
from tests.receivers import Receiver, allow, reply, send

URL = "https://gazette.example/hook"


@pytest.fixture
def services(database: Database, scorer: Scorer, clock: Clock) -> Services:
    """As usual, on a machine whose operator lets webhooks reach itself."""
    return allow(Services(database, scorer, clock))


def make(client: FlaskClient, **more: Any) -> dict[str, Any]:
    answer = client.post("/v1/webhooks", json={"url": URL, **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json
    return found


def pointers(answer: TestResponse) -> list[str]:
    assert answer.status_code == 422, answer.text
    return [one["pointer"] for one in answer.json["errors"]]


def test_a_webhook_is_made_and_its_secret_shown_once(admin: FlaskClient, clock: Clock) -> None:
    made = make(admin, types=["comment.held"], description="The site")

    secret = made.pop("secret")
    assert secret.startswith("whsec_")
    assert made == {
        "id": made["id"],
        "url": URL,
        "description": "The site",
        "types": ["comment.held"],
        "active": True,
        "stopped_because": None,
        "failing_since": None,
        "created_at": "2026-11-22T12:00:00Z",
        "updated_at": "2026-11-22T12:00:00Z",
    }
    for path in ("/v1/webhooks", f"/v1/webhooks/{made['id']}"):
        assert secret not in admin.get(path).text
    assert walk(admin, "/v1/webhooks") == [made]
    assert admin.get(f"/v1/webhooks/{made['id']}").json == made


def test_a_secret_is_not_given_again_with_a_key(admin: FlaskClient) -> None:
    with_key = {"headers": {"Idempotency-Key": "k-1"}}
    first = admin.post("/v1/webhooks", json={"url": URL}, **with_key)
    again = admin.post("/v1/webhooks", json={"url": URL}, **with_key)
    path = f"/v1/webhooks/{first.json['id']}/secret"
    rotated = admin.post(path, json={}, headers={"Idempotency-Key": "k-2"})
    once_more = admin.post(path, json={}, headers={"Idempotency-Key": "k-2"})

    assert again.json == {**first.json, "secret": None}
    assert once_more.json == {**rotated.json, "secret": None}
    assert len({first.json["secret"], rotated.json["secret"]}) == 2
    assert len(walk(admin, "/v1/webhooks")) == 1


@ON_SQLITE
@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, ["/url"]),
        ({"url": None}, ["/url"]),
        ({"url": "gazette.example"}, ["/url"]),
        ({"url": "https://a.example/" + "x" * 2048}, ["/url"]),
        ({"url": URL, "types": ["comment.held", "comment.eaten"]}, ["/types/1"]),
        ({"url": URL, "types": ["webhook.test"]}, ["/types/0"]),
        ({"url": URL, "types": "comment.held"}, ["/types"]),
        ({"url": URL, "types": ["comment.held"] * 99}, ["/types"]),
        ({"url": URL, "description": "x" * 201}, ["/description"]),
        ({"url": URL, "secret": "mine"}, ["/secret"]),
    ],
)
def test_what_is_wrong_is_named(admin: FlaskClient, body: dict[str, Any], wrong: list[str]) -> None:
    assert pointers(admin.post("/v1/webhooks", json=body)) == wrong
    assert walk(admin, "/v1/webhooks") == []


def test_a_site_has_twenty_at_most(admin: FlaskClient, stranger: FlaskClient) -> None:
    for _ in range(20):
        make(admin)

    refused = admin.post("/v1/webhooks", json={"url": URL})

    assert refused.status_code == 409
    assert "at most 20" in refused.json["detail"]
    make(stranger)
    admin.delete(f"/v1/webhooks/{walk(admin, '/v1/webhooks')[0]['id']}")
    make(admin)


def test_it_can_be_changed(admin: FlaskClient, clock: Clock) -> None:
    made = make(admin)
    del made["secret"]
    path = f"/v1/webhooks/{made['id']}"
    clock.move(hours=1)

    changed = admin.patch(path, json={"types": ["comment.approved"], "description": "New"})

    assert changed.json == {
        **made,
        "types": ["comment.approved"],
        "description": "New",
        "updated_at": "2026-11-22T13:00:00Z",
    }
    off = admin.patch(path, json={"active": False}).json
    assert not off["active"]
    assert off["stopped_because"].startswith("Switched off by key:wnw_")
    on = admin.patch(path, json={"active": True}).json
    assert (on["active"], on["stopped_because"]) == (True, None)
    assert pointers(admin.patch(path, json={"active": "yes"})) == ["/active"]
    assert pointers(admin.patch(path, json={"url": "http://10.0.0.1/"})) == ["/url"]
    assert admin.get(path).json == on


def test_switched_off_it_is_sent_nothing_and_what_waits_is_cancelled(
    services: Services, admin: FlaskClient, clock: Clock
) -> None:
    with Receiver([reply(500), reply()]) as receiver:
        made = make(admin, url=receiver.url)
        path = f"/v1/webhooks/{made['id']}"
        submit(admin)
        send(services)
        admin.patch(path, json={"active": False})
        submit(admin)
        clock.move(hours=1)
        send(services)

        assert len(receiver.received) == 1
        [logged] = walk(admin, f"{path}/deliveries")
        assert logged["status"] == "cancelled"
        assert walk(admin, "/v1/jobs") == []
        for answer in (
            admin.post(f"{path}/deliveries/{logged['id']}/redeliver"),
            admin.post(f"{path}/redeliver", json={"since": "2026-01-01T00:00:00Z"}),
        ):
            assert answer.status_code == 409

        admin.patch(path, json={"active": True})
        admin.post(f"{path}/deliveries/{logged['id']}/redeliver")
        send(services)
        assert [one["status"] for one in walk(admin, f"{path}/deliveries")] == ["delivered"]


def test_a_test_is_sent_even_where_it_is_off(services: Services, admin: FlaskClient) -> None:
    with Receiver() as receiver:
        made = make(admin, url=receiver.url)
        path = f"/v1/webhooks/{made['id']}"
        admin.patch(path, json={"active": False})

        answer = admin.post(f"{path}/test")
        send(services)

        assert answer.status_code == 202
        assert (answer.json["type"], answer.json["event"]) == ("webhook.test", None)
        [got] = receiver.received
        assert got.headers["webhook-id"] == answer.json["id"]
        assert got.is_signed_with(made["secret"])
        assert b'"type":"webhook.test"' in got.body
        [logged] = walk(admin, f"{path}/deliveries")
        assert logged["status"] == "delivered"


def test_the_log_is_paged_and_filtered(services: Services, admin: FlaskClient) -> None:
    with Receiver([reply(), reply(404), reply()]) as receiver:
        made = make(admin, url=receiver.url)
        path = f"/v1/webhooks/{made['id']}/deliveries"
        for number in range(3):
            submit(admin, id=f"c-{number}")
            send(services)
        submit(admin, id="c-3")
        admin.get("/v1/events")

        everything = walk(admin, path, limit=1)

        assert [one["event"] for one in everything] == [4, 3, 2, 1]
        assert [one["status"] for one in everything] == [
            "pending",
            "delivered",
            "failed",
            "delivered",
        ]
        [failed] = walk(admin, path, status="failed")
        assert failed == everything[2]
        assert failed["attempts"][0] == {
            "number": 1,
            "status": 404,
            "error": "The receiver answered 404.",
            "answer": "",
            "milliseconds": failed["attempts"][0]["milliseconds"],
            "created_at": "2026-11-22T12:00:00Z",
        }
        assert admin.get(path, query_string={"status": "lost"}).status_code == 422
        assert admin.get(path, query_string={"cursor": "x"}).status_code == 422


def test_all_that_failed_since_a_time_is_sent_again(
    services: Services, admin: FlaskClient, clock: Clock
) -> None:
    with Receiver([reply(404)] * 3 + [reply()]) as receiver:
        made = make(admin, url=receiver.url)
        path = f"/v1/webhooks/{made['id']}"
        for number in range(4):
            submit(admin, id=f"c-{number}")
            send(services)
            clock.move(hours=1)
        failed = walk(admin, f"{path}/deliveries", status="failed")

        answer = admin.post(f"{path}/redeliver", json={"since": failed[1]["created_at"]})
        send(services)

        assert (answer.status_code, answer.json) == (202, {"count": 2})
        assert [one["event"] for one in walk(admin, f"{path}/deliveries", status="failed")] == [1]
        ids = [one.headers["webhook-id"] for one in receiver.received]
        assert sorted(ids[4:]) == sorted(ids[1:3])
        assert pointers(admin.post(f"{path}/redeliver", json={"since": "noon"})) == ["/since"]


def test_ended_it_leaves_nothing_behind(
    services: Services, admin: FlaskClient, database: Database
) -> None:
    before = count(database)
    with Receiver([reply(404), reply(500)]) as receiver:
        made = make(admin, url=receiver.url)
        for number in range(2):
            submit(admin, id=f"c-{number}")
            send(services)

    assert admin.delete(f"/v1/webhooks/{made['id']}").status_code == 204

    after = count(database)
    for table in ("webhooks", "deliveries", "attempts", "jobs"):
        assert after[table] == before[table]
    assert admin.get(f"/v1/webhooks/{made['id']}").status_code == 404


def test_another_sites_webhook_is_not_there(
    services: Services, admin: FlaskClient, stranger: FlaskClient
) -> None:
    with Receiver() as receiver:
        mine, other = make(admin, url=receiver.url), make(stranger, url=receiver.url)
        submit(admin)
        send(services)
        [message] = [one["id"] for one in walk(admin, f"/v1/webhooks/{mine['id']}/deliveries")]

    for client, path in (
        (stranger, f"/v1/webhooks/{mine['id']}/deliveries/{message}/redeliver"),
        (stranger, f"/v1/webhooks/{other['id']}/deliveries/{message}/redeliver"),
        (admin, f"/v1/webhooks/{other['id']}/deliveries/{message}/redeliver"),
        (admin, f"/v1/webhooks/{mine['id']}/deliveries/msg_{'0' * 24}/redeliver"),
        (stranger, f"/v1/webhooks/{mine['id']}/test"),
    ):
        assert client.post(path).status_code == 404
    assert walk(stranger, f"/v1/webhooks/{other['id']}/deliveries") == []
    assert len(receiver.received) == 1


@ON_SQLITE
@pytest.mark.parametrize("hours", [-1, 169, 1.5, "1"])
def test_an_overlap_has_its_limits(admin: FlaskClient, hours: Any) -> None:
    path = f"/v1/webhooks/{make(admin)['id']}/secret"

    assert pointers(admin.post(path, json={"overlap_hours": hours})) == ["/overlap_hours"]
