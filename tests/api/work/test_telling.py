"""Telling sites what was decided: what is sent, and what comes of what they answer."""

import json
import logging
import socket
import threading
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.moderation.scoring import Scorer
from api.moderation.services import Services
from api.store.database import Database
from api.version import VERSION
from api.work import telling
from api.work.handlers import Handler
from api.work.worker import Worker
from tests.api.moderation.dropin.checked import KEY, check, find_jobs, find_told
from tests.conftest import ON_SQLITE
from tests.factories import Clock, decide
from tests.receivers import Behaviour, Receiver, allow, babble, close, hang, reply

TEXT = "spam0.60 a word that nobody else may read"


@pytest.fixture
def services(database: Database, scorer: Scorer, clock: Clock) -> Services:
    """As usual, on a machine whose operator lets webhooks reach itself."""
    return allow(Services(database, scorer, clock))


def work(services: Services, **how: Any) -> None:
    """Tell all that is due."""
    run = partial(telling.tell, **{"chance": lambda: 0.5, **how})
    worker = Worker(services, "test", handlers={"dropin.tell": Handler(run)})
    while worker.tick():
        worker.join()


def finish(services: Services) -> None:
    """Do all that is due, whatever it is, and what comes of it."""
    worker = Worker(services, "test", chance=lambda: 0.0)
    while worker.tick():
        worker.join()


def said(receiver: Receiver) -> list[str]:
    """The results that a site was told, in turn."""
    return [json.loads(one.body)["comments"][0]["result"] for one in receiver.received]


def answer(found: str, status: str) -> Behaviour:
    """Answer as the WordPress plugin does."""
    said = {"comments": {found.removeprefix("akismet-"): {"status": status, "message": "Hm."}}}
    return reply(200, {"Content-Type": "application/json"}, json.dumps(said).encode())


def test_a_site_is_told_in_akismets_words(
    services: Services, site: int, moderator: FlaskClient
) -> None:
    with Receiver() as receiver:
        found = check(services, site, receiver.url, TEXT)
        receiver.behaviours = [answer(found, "success")]
        decide(moderator, found, "reject")

        work(services)

    [got] = receiver.received
    guid = found.removeprefix("akismet-")
    comments = f'[{{"guid":"{guid}","result":"true"}}]'
    body = f'{{"key":"{KEY}","endpoint":"comment-check","comments":{comments}}}'
    assert got.line == "POST /hook HTTP/1.1"
    assert got.body.decode() == body
    assert got.headers == {
        "host": f"127.0.0.1:{receiver.port}",
        "connection": "close",
        "accept-encoding": "identity",
        "content-length": str(len(body)),
        "content-type": "application/json",
        "x-akismet-webhook": "1",
        "user-agent": f"Winnow/{VERSION}",
    }
    assert (find_told(services, found), find_jobs(services)) == ("true", [])


def test_approved_is_ham_and_an_undo_is_told_too(
    services: Services, site: int, moderator: FlaskClient
) -> None:
    with Receiver() as receiver:
        found = check(services, site, receiver.url, "A fine day.")

        for action in ("reject", "approve", "approve"):
            decide(moderator, found, action)
            work(services)
        decide(moderator, found, "reject")
        work(services)
        moderator.delete(f"/v1/comments/{found}/decision")
        work(services)

    assert said(receiver) == ["true", "false", "true", "false"]
    assert find_told(services, found) == "false"


def test_what_is_undone_in_time_is_never_told(
    services: Services, site: int, moderator: FlaskClient
) -> None:
    with Receiver() as receiver:
        found = check(services, site, receiver.url)
        decide(moderator, found, "reject")
        moderator.delete(f"/v1/comments/{found}/decision")

        work(services)

        assert receiver.connections == 0
    assert (find_told(services, found), find_jobs(services)) == (None, [])


def test_the_classifiers_late_word_is_told(
    services: Services, site: int, scorer: Scorer, app: object
) -> None:
    good, scorer.model, scorer.failure = scorer.model, None, "There is none."
    with Receiver() as receiver:
        found = check(services, site, receiver.url, "spam0.97")
        scorer.model, scorer.failure = good, None

        finish(services)

    assert (said(receiver), find_told(services, found)) == (["true"], "true")


def test_a_decision_on_many_is_told_for_each(
    services: Services, site: int, moderator: FlaskClient
) -> None:
    with Receiver() as receiver:
        for number in range(3):
            check(services, site, receiver.url, name=f"c{number}")
        wanted = {"action": "reject", "filter": {"status": "pending"}}
        made = moderator.post("/v1/decisions", json=wanted)
        assert made.status_code == 202
        finish(services)
        assert said(receiver) == ["true"] * 3

        approved = {"action": "approve", "filter": {"status": "rejected"}}
        assert moderator.post("/v1/decisions", json=approved).status_code == 202
        finish(services)

    assert said(receiver) == ["true"] * 3 + ["false"] * 3


def test_what_changes_while_it_is_told_is_told_at_once(
    services: Services, site: int, moderator: FlaskClient
) -> None:
    found = ""

    def change(line: socket.socket, released: threading.Event) -> None:
        decide(moderator, found, "approve")
        reply(200)(line, released)

    with Receiver([change, reply(200)]) as receiver:
        found = check(services, site, receiver.url)
        decide(moderator, found, "reject")

        work(services)

    assert said(receiver) == ["true", "false"]
    assert (find_told(services, found), find_jobs(services)) == ("false", [])


def test_a_sites_refusal_is_the_end_of_it(
    services: Services, site: int, moderator: FlaskClient
) -> None:
    with Receiver() as receiver:
        found = check(services, site, receiver.url)
        receiver.behaviours = [answer(found, "error"), answer(found, "success")]
        decide(moderator, found, "reject")
        work(services)
        assert (find_told(services, found), find_jobs(services)) == (None, [])

        decide(moderator, found, "approve")
        work(services)

    assert said(receiver) == ["true", "false"]
    assert find_told(services, found) == "false"


ANSWERS = [
    ("", False),
    ("ok", False),
    ("[]", False),
    ("null", False),
    ("[" * 1024, False),
    ('{"comments":[]}', False),
    ('{"comments":{"g":"error"}}', False),
    ('{"comments":{"g":{"status":"success"}}}', False),
    ('{"comments":{"other":{"status":"error"}}}', False),
    ('{"comments":{"g":{"status":"error","message":"Hm."}}}', True),
]


@pytest.mark.parametrize(("given", "refused"), ANSWERS)
def test_only_the_protocols_own_error_is_a_refusal(given: str, refused: bool) -> None:
    assert telling.is_refused(given, "g") is refused


@ON_SQLITE
@pytest.mark.parametrize("trouble", [reply(500), reply(503), reply(429), close, babble, hang])
def test_trouble_is_tried_again(
    services: Services, site: int, moderator: FlaskClient, clock: Clock, trouble: Behaviour
) -> None:
    with Receiver([trouble, reply(200)]) as receiver:
        found = check(services, site, receiver.url)
        decide(moderator, found, "reject")

        work(services, seconds=0.5)
        [job] = find_jobs(services)
        assert (job.attempts, job.failed_at, find_told(services, found)) == (1, None, None)
        assert job.due_at == clock() + timedelta(seconds=5)
        clock.move(seconds=5)
        work(services)

    assert (find_told(services, found), find_jobs(services)) == ("true", [])


@ON_SQLITE
def test_what_stands_after_trouble_is_told(
    services: Services, site: int, moderator: FlaskClient, clock: Clock
) -> None:
    with Receiver([reply(500), reply(200)]) as receiver:
        found = check(services, site, receiver.url)
        decide(moderator, found, "reject")
        work(services)
        decide(moderator, found, "approve")
        work(services)
        assert said(receiver) == ["true"]
        clock.move(seconds=5)
        work(services)

    assert said(receiver) == ["true", "false"]


@ON_SQLITE
def test_trouble_without_an_end_is_given_up(
    services: Services, site: int, moderator: FlaskClient, clock: Clock
) -> None:
    with Receiver([reply(500)]) as receiver:
        found = check(services, site, receiver.url)
        decide(moderator, found, "reject")
        for _ in range(12):
            work(services)
            clock.move(days=1)

    assert len(receiver.received) == 10
    [job] = find_jobs(services)
    assert job.failed_at is not None
    assert job.error == "The receiver answered 500."


@ON_SQLITE
@pytest.mark.parametrize("status", [301, 308, 401, 404, 410])
def test_what_will_not_change_is_given_up_at_once(
    services: Services, site: int, moderator: FlaskClient, status: int
) -> None:
    with Receiver([reply(status, {"Location": "/elsewhere"})]) as receiver:
        found = check(services, site, receiver.url)
        decide(moderator, found, "reject")
        work(services)

    [job] = find_jobs(services)
    assert (len(receiver.received), job.failed_at is not None) == (1, True)
    assert find_told(services, found) is None


@ON_SQLITE
@pytest.mark.parametrize("addresses", [["10.0.0.1"], ["127.0.0.1", "169.254.169.254"], ["::1"]])
def test_a_name_that_leads_inside_is_not_dialled(
    database: Database,
    scorer: Scorer,
    clock: Clock,
    site: int,
    moderator: FlaskClient,
    addresses: list[str],
) -> None:
    services = Services(database, scorer, clock)
    found = check(services, site, "https://blog.example/hook")
    decide(moderator, found, "reject")

    work(services, resolve=lambda _name, _port: addresses)

    [job] = find_jobs(services)
    assert job.failed_at is not None
    assert "not on the open internet" in (job.error or "")


@ON_SQLITE
def test_a_network_that_is_allowed_no_more_is_not_dialled(
    database: Database, scorer: Scorer, clock: Clock, site: int, moderator: FlaskClient
) -> None:
    services = Services(database, scorer, clock)
    with Receiver() as receiver:
        decide(moderator, check(services, site, receiver.url), "reject")

        work(services)

        assert receiver.connections == 0
    assert find_jobs(services)[0].failed_at is not None


@ON_SQLITE
def test_a_host_that_hangs_holds_nobody_else_up(
    services: Services, site: int, moderator: FlaskClient
) -> None:
    with Receiver([hang]) as dead, Receiver() as alive:
        for number in range(20):
            decide(moderator, check(services, site, dead.url, name=f"d{number}"), "reject")
        decide(moderator, check(services, site, alive.url, name="alive"), "reject")

        run = partial(telling.tell, chance=lambda: 0.5)
        worker = Worker(services, "test", handlers={"dropin.tell": Handler(run)})
        worker.tick()

        assert len(alive.wait(1)) == 1
        assert len(dead.wait(4)) == 4
        dead.released.set()
        worker.join()


@ON_SQLITE
def test_the_log_tells_nothing_of_anybody(
    services: Services, site: int, moderator: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for behaviour in (reply(500, body=TEXT.encode()), reply(404), close, babble, reply(200)):
        with Receiver([behaviour]) as receiver:
            found = check(services, site, receiver.url, TEXT, str(receiver.port))
            decide(moderator, found, "reject")
            work(services)

    logged = caplog.text + "".join(job.error or "" for job in find_jobs(services))
    for secret in (KEY, TEXT, "127.0.0.1", "/hook"):
        assert secret not in logged
