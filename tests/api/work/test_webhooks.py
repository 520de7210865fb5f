"""What becomes of a message when somebody switches its webhook off or deletes it meanwhile."""

import socket
import struct
import threading
from ipaddress import ip_network
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from api.moderation import events, webhooks
from api.moderation.access import Caller
from api.moderation.outgoing import dialling
from api.moderation.outgoing.addresses import read_url
from api.moderation.outgoing.dialling import NoReplyError
from api.moderation.scoring import Scorer
from api.moderation.services import Services
from api.store.database import Database
from api.store.outbox import Attempt, Delivery, Job, Webhook
from tests.conftest import ON_SQLITE
from tests.factories import Clock, submit
from tests.receivers import Receiver, allow, reply, send

LOOPBACK = (ip_network("127.0.0.0/8"),)


@pytest.fixture
def services(database: Database, scorer: Scorer, clock: Clock) -> Services:
    """As usual, on a machine whose operator lets webhooks reach itself."""
    return allow(Services(database, scorer, clock))


@pytest.fixture
def owner(site: int) -> Caller:
    """Who owns the webhooks."""
    return Caller(site, "admin", "key:test")


def statuses(services: Services) -> list[str]:
    with services.database.reading() as session:
        return list(session.scalars(select(Delivery.status).order_by(Delivery.id)))


def rows(services: Services, table: Any) -> int:
    with services.database.reading() as session:
        return len(session.scalars(select(table)).all())


def test_a_job_that_was_left_behind_does_nothing(
    services: Services, owner: Caller, backend: FlaskClient
) -> None:
    with Receiver() as receiver:
        webhook = webhooks.create(services, owner, receiver.url)
        submit(backend)
        events.seal(services)
        with services.database.writing() as session:
            session.delete(session.get(Webhook, webhook.id))

        send(services)

        assert receiver.connections == 0
    assert rows(services, Job) == 0


def test_a_message_that_was_written_while_the_webhook_was_switched_off_is_cancelled(
    services: Services, owner: Caller, backend: FlaskClient
) -> None:
    with Receiver() as receiver:
        webhooks.create(services, owner, receiver.url)
        submit(backend)
        events.seal(services)
        with services.database.writing() as session:
            session.execute(update(Webhook).values(active=False))

        send(services)

        assert receiver.connections == 0
    assert (statuses(services), rows(services, Job)) == (["cancelled"], 0)


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize("how", ["switched off", "deleted"])
def test_what_is_answered_too_late_changes_nothing(
    services: Services, owner: Caller, backend: FlaskClient, how: str, status: int
) -> None:
    def behave(line: socket.socket, released: threading.Event) -> None:
        if how == "deleted":
            webhooks.remove(services, owner, webhook.public_id)
        else:
            webhooks.change(services, owner, webhook.public_id, active=False)
        reply(status)(line, released)

    with Receiver([behave]) as receiver:
        webhook = webhooks.create(services, owner, receiver.url)
        submit(backend)

        send(services)

        assert receiver.connections == 1
    assert statuses(services) == (["cancelled"] if how == "switched off" else [])
    assert (rows(services, Attempt), rows(services, Job)) == (0, 0)


def reset(line: socket.socket, _released: threading.Event) -> None:
    """Hang up the hard way."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def greet(listener: socket.socket) -> None:
    """Speak first, and not TLS."""
    line, _ = listener.accept()
    with line:
        line.sendall(b"220 mail.example ESMTP\r\n")
        line.recv(10_000)


def fail(error: Exception) -> Any:
    def resolve(*_: Any) -> list[str]:
        raise error

    return resolve


def explain(url: str, **how: Any) -> str:
    with pytest.raises(NoReplyError) as caught:
        dialling.post(read_url(url, LOOPBACK), b"{}", {}, LOOPBACK, **how)
    return str(caught.value)


def test_each_failure_is_told_in_a_sentence() -> None:
    name = "https://gazette.example/"
    with Receiver([reset]) as receiver:
        assert explain(receiver.url) == "The connection failed: Connection reset by peer."
    with socket.create_server(("127.0.0.1", 0)) as plain:
        greeting = threading.Thread(target=greet, args=[plain])
        greeting.start()
        secure = explain(f"https://127.0.0.1:{plain.getsockname()[1]}/")
        greeting.join()
    assert secure.startswith("TLS failed: ")
    unknown = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    assert explain(name, resolve=fail(unknown)) == "The name cannot be resolved."
    assert explain(name, resolve=lambda *_: []) == "The connection failed."
    assert explain(name, resolve=fail(TimeoutError())) == "The connection timed out."


@ON_SQLITE
def test_a_failure_of_our_own_is_tried_again_like_any_job(
    services: Services, owner: Caller, backend: FlaskClient, clock: Clock
) -> None:
    with Receiver() as receiver:
        webhooks.create(services, owner, receiver.url)
        submit(backend)

        send(services, resolve=fail(ZeroDivisionError()), chance=lambda: 1 / 0)
        clock.move(hours=1)
        send(services)

        assert len({one.headers["webhook-id"] for one in receiver.received}) == 1
    assert statuses(services) == ["delivered"]
