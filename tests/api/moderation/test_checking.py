"""An outside checker on real sockets: asked, believed, timed, and left alone."""

import json
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from standardwebhooks import Webhook

from api.moderation import checking, rejudging
from api.moderation.outgoing.breaker import MOST_FAILURES, REST
from api.moderation.policy.inforce import Policy
from api.moderation.policy.judging import Judgement
from api.moderation.policy.reading.schema import load_document
from api.moderation.policy.subject import Draft, Subject
from api.moderation.scoring import Scorer
from api.moderation.services import Services
from api.store import jobs
from api.store.database import Database
from tests.conftest import ON_SQLITE
from tests.factories import Clock, comment, put_policy, submit
from tests.receivers import (
    PATIENCE_SECONDS,
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
)


@pytest.fixture
def services(database: Database, scorer: Scorer, clock: Clock) -> Services:
    """As usual, on a machine whose operator lets checkers be on it."""
    return allow(Services(database, scorer, clock, secret_key="k" * 32))


def say(action: str, **more: Any) -> Behaviour:
    body = json.dumps({"action": action, **more}).encode()
    return reply(200, {"Content-Type": "application/json"}, body)


def name(services: Services, site: int, receiver: Receiver, **more: Any) -> None:
    """Have the policy name a checker, with time enough for a slow machine."""
    put_policy(services, site, {"checker": {"url": receiver.url, "timeout_ms": 5000, **more}})


def codes(shown: dict[str, Any]) -> list[str]:
    return [one["code"] for one in shown["verdict"]["reasons"]]


def failure(shown: dict[str, Any]) -> str:
    [said] = [one for one in shown["verdict"]["reasons"] if one["code"] == "checker_failed"]
    return str(said["message"])


def test_what_it_says_counts_and_comes_first(
    services: Services, site: int, backend: FlaskClient
) -> None:
    with Receiver([say("reject", reason="phone", message="A phone number.")]) as receiver:
        name(services, site, receiver)
        found = submit(backend, "spam0.60 Call me.")

    assert found["status"] == "rejected"
    assert codes(found) == ["checker", "spam_score"]
    first = found["verdict"]["reasons"][0]
    assert (first["message"], first["rule"]) == ("A phone number.", "checker:phone")
    assert found["verdict"]["flips_if"] == "held if the site's checker said nothing"


def test_it_may_say_nothing(services: Services, site: int, backend: FlaskClient) -> None:
    with Receiver([reply(204), say("none")]) as receiver:
        name(services, site, receiver)

        assert [codes(submit(backend)) for _ in range(2)] == [[], []]


def test_it_is_told_what_was_sent_and_what_we_think(
    services: Services, site: int, backend: FlaskClient
) -> None:
    author = {"id": "u-5", "name": "Ada", "email": "ada@example.com", "ip": "192.0.2.7"}
    sent = comment(
        "spam0.60",
        id="c-1",
        author=author,
        parent_id="c-0",
        form={"elapsed_ms": 9000, "token": "secret-token"},
        metadata={"a": 1},
        created_at="2026-11-22T11:59:00Z",
    )
    with Receiver([reply(204)]) as receiver:
        name(services, site, receiver)
        backend.post("/v1/comments", json=sent)

    [got] = receiver.received
    body = json.loads(got.body)
    assert got.line == "POST /hook HTTP/1.1"
    assert (body["type"], body["timestamp"]) == ("comment.check", "2026-11-22T12:00:00Z")
    assert body["data"]["comment"] == {
        "id": "c-1",
        "article": {"id": "a-17"},
        "parent_id": "c-0",
        "text": "spam0.60",
        "html": False,
        "author": author,
        "form": {"elapsed_ms": 9000},
        "language": None,
        "created_at": "2026-11-22T11:59:00Z",
        "metadata": {"a": 1},
    }
    verdict = body["data"]["verdict"]
    assert (verdict["action"], verdict["scores"]["spam"], verdict["policy"]) == ("hold", 0.6, 2)
    assert [one["code"] for one in verdict["reasons"]] == ["spam_score"]


def test_a_comment_has_its_id_before_it_is_asked_about(
    services: Services, site: int, backend: FlaskClient
) -> None:
    with Receiver([reply(204)]) as receiver:
        name(services, site, receiver)
        kept = submit(backend)

    assert json.loads(receiver.received[0].body)["data"]["comment"]["id"] == kept["id"]


def test_each_question_is_signed_with_the_sites_secret(
    services: Services, site: int, backend: FlaskClient, connect: Callable[..., FlaskClient]
) -> None:
    secret = connect("admin").get("/v1/policy/checker").json["secret"]
    with Receiver([reply(204)]) as receiver:
        name(services, site, receiver)
        for _ in range(2):
            submit(backend)

    first, second = receiver.received
    assert first.is_signed_with(secret)
    assert first.headers["webhook-id"].startswith("chk_")
    assert first.headers["webhook-id"] != second.headers["webhook-id"]
    assert not first.is_signed_with(checking.make_secret(services, site + 1))


@ON_SQLITE
def test_the_librarys_own_verification_accepts_it(
    services: Services, site: int, backend: FlaskClient
) -> None:
    from api.moderation.services import utc_now

    now = replace(services, now=utc_now)
    with Receiver([reply(204)]) as receiver:
        policy = _policy(receiver.url)
        checking.ask_all(now, site, policy, *_one())
    [got] = receiver.received

    found = Webhook(checking.make_secret(services, site)).verify(got.body, got.headers)

    assert found["type"] == "comment.check"


def _policy(url: str, **more: Any) -> Policy:
    return Policy(load_document({"checker": {"url": url, "timeout_ms": 5000, **more}}))


def _one(text: str = "A text.", count: int = 1) -> tuple[Sequence[Subject], Sequence[Judgement]]:
    subjects = [Subject(Draft(text, {"id": "a"}), Clock()()) for _ in range(count)]
    return subjects, [Judgement("approve", model="m")] * count


TOO_LATE = "No answer within 0.15 seconds."


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (hang, TOO_LATE),
        (drip(), TOO_LATE),
        (drip(b"HTTP/1.1 200 OK\r\n"), TOO_LATE),
        (flood_headers, "HTTP"),
        (close, "closed without an answer"),
        (babble, "not HTTP"),
        (reply(500), "It answered 500."),
        (reply(302, {"Location": "http://127.0.0.1/"}), "no redirect is followed"),
        (reply(200, body=b"<html>"), "not JSON"),
        (reply(200, body=b'{"action": "publish"}'), "one of: none, approve, hold, reject"),
        (flood, "not JSON, or too long"),
        (drip(b"HTTP/1.1 200 OK\r\n\r\n"), "not JSON"),
    ],
)
@ON_SQLITE
def test_whatever_it_does_a_comment_is_held_in_time(
    services: Services, site: int, backend: FlaskClient, behaviour: Behaviour, words: str
) -> None:
    with Receiver([behaviour]) as receiver:
        name(services, site, receiver, timeout_ms=150)
        found = submit(backend)

    assert (found["status"], codes(found)) == ("pending", ["checker_failed"])
    # One that was waited for to its end would be told otherwise.
    assert words in failure(found)


def test_or_it_passes_where_the_policy_says_so(
    services: Services, site: int, backend: FlaskClient
) -> None:
    with Receiver([reply(500)]) as receiver:
        name(services, site, receiver, on_failure="pass")
        found = submit(backend)

    assert (found["status"], codes(found)) == ("approved", ["checker_failed"])


@ON_SQLITE
def test_nobody_there_is_a_failure(services: Services, site: int, backend: FlaskClient) -> None:
    with Receiver() as receiver:
        pass
    name(services, site, receiver)

    assert "connection failed" in failure(submit(backend))


@ON_SQLITE
def test_a_name_that_nobody_looks_up_costs_no_more_than_its_time(
    services: Services, site: int
) -> None:
    released, resolved = threading.Event(), threading.Event()

    def resolve(*_: Any) -> list[str]:
        released.wait(PATIENCE_SECONDS)
        resolved.set()
        return ["127.0.0.1"]

    policy = _policy("https://checker.example/", timeout_ms=100)
    [found] = checking.ask_all(services, site, policy, *_one(), resolve=resolve)
    waited = resolved.is_set()
    released.set()

    assert found.action == "hold"
    assert not waited


@ON_SQLITE
@pytest.mark.parametrize("address", ["10.0.0.1", "169.254.169.254", "::1"])
def test_a_name_that_leads_inside_is_not_asked(
    services: Services, site: int, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    inside = replace(services, webhook_networks=())
    policy = _policy("https://checker.example/")

    [found] = checking.ask_all(inside, site, policy, *_one(), resolve=lambda *_: [address])

    [said] = found.reasons
    assert said["code"] == "checker_failed"
    assert "not on the open internet" in said["message"]
    assert address not in said["message"]


def test_where_its_word_can_change_nothing_it_is_not_asked(
    services: Services, site: int, backend: FlaskClient, scorer: Scorer
) -> None:
    with Receiver([say("approve")]) as receiver:
        name(services, site, receiver)
        assert submit(backend, "spam0.95")["status"] == "rejected"
        assert submit(backend, author={"role": "staff"})["status"] == "approved"
        scorer.model = None
        assert submit(backend)["status"] == "pending"

        assert receiver.received == []


def test_overriding_it_may_publish_what_we_reject(
    services: Services, site: int, backend: FlaskClient
) -> None:
    with Receiver([say("approve")]) as receiver:
        name(services, site, receiver, may="override")
        found = submit(backend, "spam0.95")

    assert (found["status"], codes(found)) == ("approved", ["checker", "spam_score"])


def test_unread_nothing_is_published_whatever_it_says(
    services: Services, site: int, backend: FlaskClient, scorer: Scorer
) -> None:
    with Receiver([say("approve")]) as receiver:
        name(services, site, receiver, may="override")
        scorer.model = None

        assert submit(backend)["status"] == "pending"


def test_edits_and_second_looks_are_asked_about(
    services: Services, site: int, backend: FlaskClient, scorer: Scorer, clock: Clock
) -> None:
    with Receiver([reply(204), say("hold"), say("reject")]) as receiver:
        name(services, site, receiver)
        assert submit(backend, id="c-1")["status"] == "approved"
        edited = backend.patch("/v1/comments/c-1", json={"text": "Another."}).json
        assert (edited["status"], codes(edited)) == ("pending", ["checker"])
        model, scorer.model = scorer.model, None
        submit(backend, id="c-2")
        scorer.model = model
        clock.move(hours=1)
        taken = jobs.take(services.database, clock(), "w", 9)
        rejudging.rejudge(services, next(one for one in taken if "rejudge" in one.kind))

    assert backend.get("/v1/comments/c-2").json["status"] == "rejected"
    ids = [json.loads(got.body)["data"]["comment"]["id"] for got in receiver.received]
    assert ids == ["c-1", "c-1", "c-2"]


def test_a_check_says_what_a_submission_would(
    services: Services, site: int, backend: FlaskClient
) -> None:
    with Receiver([say("hold")]) as receiver:
        name(services, site, receiver)

        checked = backend.post("/v1/comments/check", json=comment())

    assert codes(checked.json) == ["checker"]


def test_a_dead_checker_is_left_alone_and_tried_again(
    services: Services,
    site: int,
    backend: FlaskClient,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with Receiver([*[reply(500)] * MOST_FAILURES, say("hold")]) as receiver:
        name(services, site, receiver)
        for _ in range(MOST_FAILURES + 3):
            assert submit(backend)["status"] == "pending"
        assert len(receiver.received) == MOST_FAILURES
        assert "not asked for a while" in failure(submit(backend))

        clock.time += REST
        assert codes(submit(backend)) == ["checker"]
        assert codes(submit(backend)) == ["checker"]
    assert [one.levelno for one in caplog.records] == [logging.WARNING]


def test_another_url_is_another_checker(
    services: Services, site: int, backend: FlaskClient
) -> None:
    with Receiver([reply(500)]) as dead, Receiver([say("hold")]) as alive:
        name(services, site, dead)
        for _ in range(MOST_FAILURES):
            submit(backend)
        name(services, site, alive)

        assert codes(submit(backend)) == ["checker"]


def test_of_a_batch_several_are_asked_about_at_once(
    services: Services, site: int, backend: FlaskClient
) -> None:
    together = threading.Barrier(checking.PLACES)

    def wait_for_others(line: Any, released: threading.Event) -> None:
        together.wait(PATIENCE_SECONDS)
        say("hold", reason="seen")(line, released)

    with Receiver([wait_for_others]) as receiver:
        name(services, site, receiver)
        items = [comment(f"Text {n}.") for n in range(2 * checking.PLACES)]
        items[3] = comment("spam0.95")
        items.append(comment("One more."))
        answer = backend.post("/v1/comments/batch", json={"items": items})

    found = [entry["comment"] for entry in answer.json["items"]]
    assert len(receiver.received) == 2 * checking.PLACES
    assert [one["text"] for one in found] == [one["text"] for one in items]
    assert [codes(one) for n, one in enumerate(found) if n != 3] == [["checker"]] * (len(items) - 1)
    assert codes(found[3]) == ["spam_score"]


@ON_SQLITE
def test_a_batch_waits_so_long_and_no_longer(
    services: Services, site: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "BATCH_SECONDS", 0.2)
    monkeypatch.setattr(checking, "PLACES", 1)

    def answer_slowly(line: Any, released: threading.Event) -> None:
        released.wait(0.12)
        say("hold")(line, released)

    with Receiver([answer_slowly]) as receiver:
        policy = _policy(receiver.url, timeout_ms=150)
        found = checking.ask_all(services, site, policy, *_one(count=6))

    said = [one.reasons[0] for one in found]
    assert said[0]["code"] == "checker"
    assert [one["code"] for one in said[2:]] == ["checker_failed"] * 4
    assert "taken too long" in said[-1]["message"]
    # That we had no time says nothing of the checker.
    assert services.breaker.lets_through((site, receiver.url), services.now())


def test_no_secret_and_no_words_of_people_are_logged(
    services: Services, site: int, backend: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with Receiver([reply(500)]) as receiver:
        url = f"{receiver.url}?key=my-secret"
        put_policy(services, site, {"checker": {"url": url, "timeout_ms": 5000}})
        for _ in range(MOST_FAILURES):
            submit(backend, "My doctor says", author={"email": "ada@example.com"})

    assert caplog.records
    for word in ("my-secret", "doctor", "ada@", "whsec_", checking.make_secret(services, site)):
        assert word not in caplog.text


@ON_SQLITE
def test_whatever_breaks_on_our_side_the_comment_is_kept(
    services: Services,
    site: int,
    backend: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def post(*_: Any) -> None:
        raise RuntimeError("can't start new thread for ada@example.com")

    put_policy(services, site, {"checker": {"url": "https://checker.example/"}})
    monkeypatch.setattr(checking.dialling, "post", post)

    found = submit(backend)

    assert (found["status"], codes(found)) == ("pending", ["checker_failed"])
    assert "test_checking.py" in caplog.text
    assert "ada@" not in caplog.text


@ON_SQLITE
def test_without_a_checker_nobody_is_asked(
    services: Services, backend: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking.dialling, "post", None)

    assert submit(backend)["status"] == "approved"
