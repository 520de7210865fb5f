"""Receivers that refuse, hang, drip, redirect or talk without end: tried for three days, no more.

Everything goes over real sockets; the clock is moved, and what takes time in truth is cut short.
"""

import json
import ssl
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from standardwebhooks import Webhook, WebhookVerificationError

from api.moderation.scoring import Scorer
from api.moderation.services import Services
from api.moderation.webhooks import delivering
from api.moderation.webhooks.delivering import FEWEST_FAILURES, WAITS
from api.store.database import Database
from api.version import VERSION
from tests.conftest import ON_SQLITE
from tests.factories import Clock, decide, submit, walk
from tests.receivers import (
    Behaviour,
    Receiver,
    allow,
    babble,
    close,
    drip,
    flood,
    flood_headers,
    hang,
    reply,
    send,
    work_with,
)

SOON = 0.3
"""Seconds that a try may take where it is meant to be cut off."""


@pytest.fixture
def services(database: Database, scorer: Scorer, clock: Clock) -> Services:
    """As usual, on a machine whose operator lets webhooks reach itself."""
    return allow(Services(database, scorer, clock))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that says yes, until told otherwise."""
    with Receiver() as found:
        yield found


def hook(client: FlaskClient, url: str, **more: Any) -> dict[str, Any]:
    answer = client.post("/v1/webhooks", json={"url": url, **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json
    return found


def deliveries(client: FlaskClient, webhook: dict[str, Any], **query: Any) -> list[dict[str, Any]]:
    return walk(client, f"/v1/webhooks/{webhook['id']}/deliveries", **query)


def test_an_event_arrives_signed(
    services: Services, admin: FlaskClient, receiver: Receiver, clock: Clock
) -> None:
    clock.time = datetime.now(UTC)
    webhook = hook(admin, f"{receiver.url}?site=1")
    submit(admin, "spam0.60", id="c-1")

    send(services)

    [got] = receiver.received
    message = Webhook(webhook["secret"]).verify(got.body, got.headers)
    assert got.line == "POST /hook?site=1 HTTP/1.1"
    assert got.headers["user-agent"] == f"Winnow/{VERSION}"
    assert got.headers["content-type"] == "application/json"
    assert got.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert message["type"] == "comment.created"
    assert message["data"]["comment"]["status"] == "pending"
    [logged] = deliveries(admin, webhook)
    assert (logged["id"], logged["status"]) == (got.headers["webhook-id"], "delivered")
    assert [one["status"] for one in logged["attempts"]] == [204]


def test_what_is_forged_does_not_verify(
    services: Services, admin: FlaskClient, receiver: Receiver, clock: Clock
) -> None:
    clock.time = datetime.now(UTC)
    webhook = hook(admin, receiver.url)
    submit(admin, id="c-1")
    send(services)
    [got] = receiver.received
    trusting = Webhook(webhook["secret"])
    other = Webhook(hook(admin, receiver.url)["secret"])

    for body, headers, signer in (
        (got.body.replace(b"approved", b"rejected"), got.headers, trusting),
        (got.body, {**got.headers, "webhook-id": "msg_other"}, trusting),
        (got.body, {**got.headers, "webhook-timestamp": "1"}, trusting),
        (got.body, got.headers, other),
    ):
        with pytest.raises(WebhookVerificationError):
            signer.verify(body, headers)


def test_both_secrets_sign_during_a_rotation(
    services: Services, admin: FlaskClient, receiver: Receiver, clock: Clock
) -> None:
    webhook = hook(admin, receiver.url)
    old = webhook["secret"]
    rotated = admin.post(f"/v1/webhooks/{webhook['id']}/secret", json={"overlap_hours": 2})
    new = rotated.json["secret"]

    def signed() -> tuple[bool, bool]:
        submit(admin)
        send(services)
        return receiver.received[-1].is_signed_with(old), receiver.received[-1].is_signed_with(new)

    assert signed() == (True, True)
    assert receiver.received[-1].headers["webhook-signature"].count("v1,") == 2
    clock.move(hours=2, seconds=-1)
    assert signed() == (True, True)
    clock.move(seconds=1)
    assert signed() == (False, True)


def test_ten_tries_over_three_days_then_a_dead_letter_that_can_be_sent_again(
    services: Services, admin: FlaskClient, receiver: Receiver, clock: Clock
) -> None:
    receiver.behaviours = [reply(500)]
    webhook = hook(admin, receiver.url)
    submit(admin, id="c-1")
    began = clock()

    send(services)
    for tries, wait in enumerate(WAITS, start=1):
        assert len(receiver.received) == tries
        clock.move(seconds=wait.total_seconds() - 1)
        send(services)
        assert len(receiver.received) == tries
        assert deliveries(admin, webhook)[0]["status"] == "pending"
        clock.move(seconds=1)
        send(services)
    clock.move(days=30)
    send(services)

    assert len(receiver.received) == 10
    assert timedelta(days=3) < sum(WAITS, timedelta()) < timedelta(days=3.5)
    assert len({one.headers["webhook-id"] for one in receiver.received}) == 1
    times = [int(one.headers["webhook-timestamp"]) for one in receiver.received]
    assert times == [
        int((began + sum(WAITS[:number], timedelta())).timestamp()) for number in range(10)
    ]
    assert all(one.is_signed_with(webhook["secret"]) for one in receiver.received)
    [failed] = deliveries(admin, webhook, status="failed")
    assert {one["status"] for one in failed["attempts"]} == {500}
    assert [job["kind"] for job in walk(admin, "/v1/jobs", failed="true")] == ["webhook.deliver"]

    receiver.behaviours = [reply(200)]
    again = admin.post(f"/v1/webhooks/{webhook['id']}/deliveries/{failed['id']}/redeliver")
    assert (again.status_code, again.json["status"]) == (202, "pending")
    send(services)
    assert receiver.received[-1].headers["webhook-id"] == failed["id"]
    assert receiver.received[-1].headers["webhook-timestamp"] == str(int(clock().timestamp()))
    [delivered] = deliveries(admin, webhook)
    assert (delivered["status"], len(delivered["attempts"])) == ("delivered", 11)
    assert walk(admin, "/v1/jobs") == []


def test_a_dead_letter_may_as_well_be_replayed_as_a_job(
    services: Services, admin: FlaskClient, receiver: Receiver
) -> None:
    receiver.behaviours = [reply(400), reply(500), reply()]
    webhook = hook(admin, receiver.url)
    submit(admin)
    send(services)
    [job] = walk(admin, "/v1/jobs", failed="true")

    assert admin.post(f"/v1/jobs/{job['id']}/replay").status_code == 200
    send(services)

    [waiting] = deliveries(admin, webhook)
    assert (waiting["status"], waiting["finished_at"]) == ("pending", None)


@ON_SQLITE
@pytest.mark.parametrize("chance", [0.0, 0.5, 0.999])
def test_the_waits_vary_by_a_tenth(
    services: Services, admin: FlaskClient, receiver: Receiver, clock: Clock, chance: float
) -> None:
    receiver.behaviours = [reply(500)]
    hook(admin, receiver.url)
    submit(admin)

    send(services, chance=lambda: chance)

    [job] = walk(admin, "/v1/jobs")
    waits = datetime.fromisoformat(job["due_at"]) - clock()
    assert waits.total_seconds() == pytest.approx(5 * (0.9 + 0.2 * chance))


RETRIED: dict[str, tuple[Behaviour, int | None, str]] = {
    "500": (reply(500), 500, "The receiver answered 500."),
    "503": (reply(503), 503, "The receiver answered 503."),
    "408": (reply(408), 408, "The receiver answered 408."),
    "429": (reply(429), 429, "The receiver answered 429."),
    "hangs": (hang, None, f"No answer within {SOON} seconds."),
    "drips": (drip(), None, f"No answer within {SOON} seconds."),
    "drips headers": (drip(b"HTTP/1.1 200 OK\r\nX: "), None, f"No answer within {SOON} seconds."),
    "closes": (close, None, "The connection was closed without an answer."),
    "is no web server": (babble, None, "What was answered is not HTTP."),
    "headers without end": (flood_headers, None, "What was answered is not HTTP."),
}
GIVEN_UP: dict[str, tuple[Behaviour, int, str]] = {
    "400": (reply(400), 400, "The receiver answered 400."),
    "401": (reply(401), 401, "The receiver answered 401."),
    "404": (reply(404), 404, "The receiver answered 404."),
    "301": (
        reply(301, {"Location": "/elsewhere"}),
        301,
        "The receiver answered 301, and no redirect is followed.",
    ),
    "304": (reply(304), 304, "The receiver answered 304, and no redirect is followed."),
}


@ON_SQLITE
@pytest.mark.parametrize("name", RETRIED)
def test_what_may_be_better_next_time_is_tried_again(
    services: Services, admin: FlaskClient, receiver: Receiver, clock: Clock, name: str
) -> None:
    behaviour, status, error = RETRIED[name]
    receiver.behaviours = [behaviour, reply(200, body=b"Thanks.")]
    webhook = hook(admin, receiver.url)
    submit(admin)

    send(services, seconds=SOON)
    clock.move(seconds=5)
    send(services)

    [logged] = deliveries(admin, webhook)
    assert logged["status"] == "delivered"
    first, second = logged["attempts"]
    assert (first["status"], first["error"]) == (status, error)
    assert (second["status"], second["answer"]) == (200, "Thanks.")


@ON_SQLITE
def test_a_port_where_nobody_listens_is_tried_again(
    services: Services, admin: FlaskClient, clock: Clock
) -> None:
    with Receiver() as gone:
        url = gone.url
    webhook = hook(admin, url)
    submit(admin)

    send(services)

    [logged] = deliveries(admin, webhook)
    assert logged["status"] == "pending"
    assert logged["attempts"][0]["error"] == "The connection failed: Connection refused."


@ON_SQLITE
@pytest.mark.parametrize("name", GIVEN_UP)
def test_what_would_be_the_same_next_time_is_given_up_at_once(
    services: Services, admin: FlaskClient, receiver: Receiver, clock: Clock, name: str
) -> None:
    behaviour, status, error = GIVEN_UP[name]
    receiver.behaviours = [behaviour]
    webhook = hook(admin, receiver.url)
    submit(admin)

    send(services)
    clock.move(days=4)
    send(services)

    [logged] = deliveries(admin, webhook)
    assert logged["status"] == "failed"
    assert [(one["status"], one["error"]) for one in logged["attempts"]] == [(status, error)]
    assert len(receiver.received) == 1


@ON_SQLITE
@pytest.mark.parametrize("behaviour", [flood, drip(b"HTTP/1.1 200 OK\r\n\r\n")])
def test_a_yes_is_a_yes_however_it_goes_on(
    services: Services, admin: FlaskClient, receiver: Receiver, behaviour: Behaviour
) -> None:
    receiver.behaviours = [behaviour]
    webhook = hook(admin, receiver.url)
    submit(admin)

    send(services, seconds=SOON)

    [logged] = deliveries(admin, webhook)
    assert logged["status"] == "delivered"
    assert len(logged["attempts"][0]["answer"]) <= 1024


def test_an_answer_is_kept_whatever_bytes_it_has(
    services: Services, admin: FlaskClient, receiver: Receiver
) -> None:
    receiver.behaviours = [reply(200, body=b"\x00\xff" + b"x" * 2000)]
    webhook = hook(admin, receiver.url)
    submit(admin)

    send(services)

    answer = deliveries(admin, webhook)[0]["attempts"][0]["answer"]
    assert answer == "\ufffd\ufffd" + "x" * 1022


WAITED = {
    "90": 90.0,
    "  7200 ": 7200.0,
    "0": 5.0,
    "1": 5.0,
    "9" * 400: 86400.0,
    "999999": 86400.0,
    "Sun, 22 Nov 2026 12:10:00 GMT": 600.0,
    "Sun, 22 Nov 2020 12:10:00 GMT": 5.0,
    "Fri, 31 Dec 9999 23:59:59 GMT": 86400.0,
    "Sun, 22 Nov 2026 12:10:00": 600.0,
    "soon": 5.0,
    "-5": 5.0,
    "": 5.0,
}


@ON_SQLITE
@pytest.mark.parametrize("given", WAITED)
@pytest.mark.parametrize("status", [429, 503])
def test_a_receiver_may_ask_for_time(
    services: Services,
    admin: FlaskClient,
    receiver: Receiver,
    clock: Clock,
    given: str,
    status: int,
) -> None:
    receiver.behaviours = [reply(status, {"Retry-After": given})]
    hook(admin, receiver.url)
    submit(admin)

    send(services)

    [job] = walk(admin, "/v1/jobs")
    waits = datetime.fromisoformat(job["due_at"]) - clock()
    assert waits.total_seconds() == WAITED[given]


def test_gone_switches_the_webhook_off_and_cancels_what_is_on_its_way(
    services: Services, admin: FlaskClient, receiver: Receiver, clock: Clock
) -> None:
    receiver.behaviours = [reply(500), reply(410)]
    webhook = hook(admin, receiver.url)
    submit(admin, id="c-1")
    send(services)
    submit(admin, id="c-2")
    send(services)
    submit(admin, id="c-3")
    clock.move(days=1)
    send(services)

    found = admin.get(f"/v1/webhooks/{webhook['id']}").json
    assert (found["active"], found["stopped_because"]) == (False, "The receiver answered 410 Gone.")
    assert [one["status"] for one in deliveries(admin, webhook)] == ["failed", "cancelled"]
    assert len(receiver.received) == 2

    receiver.behaviours = [reply()]
    assert admin.patch(f"/v1/webhooks/{webhook['id']}", json={"active": True}).json["active"]
    since = {"since": "2026-01-01T00:00:00Z"}
    again = admin.post(f"/v1/webhooks/{webhook['id']}/redeliver", json=since)
    assert (again.status_code, again.json) == (202, {"count": 2})
    send(services)
    assert [one["status"] for one in deliveries(admin, webhook)] == ["delivered", "delivered"]


def test_a_webhook_that_fails_for_days_is_switched_off(
    services: Services, admin: FlaskClient, receiver: Receiver, clock: Clock
) -> None:
    receiver.behaviours = [reply(404)]
    webhook = hook(admin, receiver.url)
    since = clock()
    for _ in range(FEWEST_FAILURES):
        submit(admin)
        send(services)
    clock.move(days=4.9)
    submit(admin)
    send(services)
    found = admin.get(f"/v1/webhooks/{webhook['id']}").json
    assert (found["active"], found["failing_since"]) == (True, f"{since:%Y-%m-%dT%H:%M:%SZ}")

    clock.move(days=0.2)
    submit(admin)
    send(services)

    found = admin.get(f"/v1/webhooks/{webhook['id']}").json
    assert not found["active"]
    assert found["stopped_because"] == (
        "Nothing has arrived since 2026-11-22 12:00 UTC. Last: The receiver answered 404."
    )


def test_one_success_is_a_new_beginning(
    services: Services, admin: FlaskClient, receiver: Receiver, clock: Clock
) -> None:
    receiver.behaviours = [*[reply(404)] * FEWEST_FAILURES, reply(200), reply(404)]
    webhook = hook(admin, receiver.url)
    for _ in range(FEWEST_FAILURES + 1):
        submit(admin)
        send(services)
    assert admin.get(f"/v1/webhooks/{webhook['id']}").json["failing_since"] is None
    clock.move(days=6)
    submit(admin)
    send(services)

    assert admin.get(f"/v1/webhooks/{webhook['id']}").json["active"]


def test_a_receiver_that_hangs_delays_nobody_else(services: Services, admin: FlaskClient) -> None:
    with Receiver([hang]) as slow, Receiver() as quick:
        hook(admin, slow.url)
        hook(admin, quick.url)
        for number in range(12):
            submit(admin, id=f"c-{number}")
        worker = work_with(services)

        for _ in range(3000):
            worker.tick()
            if len(quick.received) == 12:
                break
            time.sleep(0.01)

        assert len(quick.received) == 12
        assert not slow.released.is_set()
        assert 1 <= len(slow.received) <= 4
        slow.released.set()
        worker.join()


def test_a_worker_that_dies_before_its_note_sends_the_same_message_again(
    services: Services,
    admin: FlaskClient,
    receiver: Receiver,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    webhook = hook(admin, receiver.url)
    submit(admin)

    def die(*_: Any) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(delivering, "record", die)
        send(services)
    clock.move(minutes=1)
    send(services)
    clock.move(minutes=1)
    send(services)

    assert len({one.headers["webhook-id"] for one in receiver.received}) == 1
    assert len(receiver.received) == 2
    assert [one["status"] for one in deliveries(admin, webhook)] == ["delivered"]


def test_the_message_tells_how_the_comment_stands_when_it_is_sent(
    services: Services, admin: FlaskClient, receiver: Receiver
) -> None:
    hook(admin, receiver.url, types=["comment.held"])
    submit(admin, "spam0.60", id="c-1")
    decide(admin, "c-1", "approve")

    send(services)

    [got] = receiver.received
    message = json.loads(got.body)
    assert (message["type"], message["data"]["status"]) == ("comment.held", "pending")
    assert message["data"]["comment"]["status"] == "approved"
    assert message["data"]["comment"]["decision"] == {"action": "approve", "reason": None}


NAME = "receiver.example"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of `receiver.example` that vouches for itself, and its key, in one folder."""
    folder = tmp_path_factory.mktemp("tls")
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
        f" -subj /CN={NAME} -addext subjectAltName=DNS:{NAME}"
        f" -keyout {folder}/key.pem -out {folder}/certificate.pem"
    )
    try:
        subprocess.run(command.split(), check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("no openssl is installed to make a certificate with")
    return folder


@pytest.fixture
def secure(authority: Path) -> Iterator[Receiver]:
    """A receiver that speaks TLS under its own name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "certificate.pem", authority / "key.pem")
    with Receiver(context=context) as found:
        yield found


NOT_ACCEPTED = "The certificate is not accepted: "
MISMATCH = f"{NOT_ACCEPTED}Hostname mismatch, certificate is not valid for 'other.example'."


@ON_SQLITE
@pytest.mark.parametrize(
    ("name", "trusted", "error"),
    [
        (NAME, True, None),
        (NAME, False, f"{NOT_ACCEPTED}self-signed certificate"),
        ("other.example", True, MISMATCH),
    ],
)
def test_the_certificate_must_be_the_names(
    services: Services,
    admin: FlaskClient,
    secure: Receiver,
    authority: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    trusted: bool,
    error: str | None,
) -> None:
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(authority / "certificate.pem"))
    webhook = hook(admin, f"https://{name}:{secure.port}/hook")
    submit(admin)

    send(services, resolve=lambda *_: ["127.0.0.1"])

    [attempt] = deliveries(admin, webhook)[0]["attempts"]
    assert attempt["error"] == error
    assert [one.headers["host"] for one in secure.received] == (
        [] if error else [f"{name}:{secure.port}"]
    )


@ON_SQLITE
def test_a_handshake_that_hangs_is_cut_off(services: Services, admin: FlaskClient) -> None:
    with Receiver([hang]) as silent:
        webhook = hook(admin, silent.url.replace("http:", "https:"))
        submit(admin)

        send(services, seconds=SOON)

        [attempt] = deliveries(admin, webhook)[0]["attempts"]
        assert attempt["error"] == f"No answer within {SOON} seconds."


@ON_SQLITE
def test_a_look_up_that_hangs_is_left_behind(
    services: Services, admin: FlaskClient, receiver: Receiver
) -> None:
    def resolve(*_: Any) -> list[str]:
        receiver.released.wait(30)
        return ["127.0.0.1"]

    webhook = hook(admin, "https://slow.example/")
    submit(admin)

    send(services, seconds=SOON, resolve=resolve)

    [attempt] = deliveries(admin, webhook)[0]["attempts"]
    assert attempt["error"] == f"No answer within {SOON} seconds."
