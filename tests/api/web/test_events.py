"""The event log over HTTP: whoever reads on from a number misses nothing and sees nothing twice."""

import random
import threading
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from api.moderation import comments
from api.moderation.access import Caller
from api.moderation.services import Services
from tests.factories import decide, submit, walk


@pytest.fixture
def happened(moderator: FlaskClient) -> None:
    """Something of every kind."""
    submit(moderator, "spam0.60", id="c-1")
    submit(moderator, "A fine day.", id="c-2")
    submit(moderator, "spam0.97", id="c-3")
    decide(moderator, "c-1", "escalate")
    decide(moderator, "c-1", "approve", reason="fine")
    moderator.delete("/v1/comments/c-1/decision")
    moderator.patch("/v1/comments/c-2", json={"text": "spam0.60"})
    moderator.delete("/v1/comments/c-3")


@pytest.mark.usefixtures("happened")
def test_the_log_tells_what_happened_in_order(backend: FlaskClient) -> None:
    events = backend.get("/v1/events").json["items"]

    assert [event["number"] for event in events] == list(range(1, 9))
    assert [(event["comment_id"], event["type"], event["outcome"]) for event in events] == [
        ("c-1", "comment.created", "comment.held"),
        ("c-2", "comment.created", "comment.approved"),
        ("c-3", "comment.created", "comment.rejected"),
        ("c-1", "comment.decided", None),
        ("c-1", "comment.decided", "comment.approved"),
        ("c-1", "comment.undone", "comment.held"),
        ("c-2", "comment.edited", "comment.held"),
        ("c-3", "comment.deleted", None),
    ]
    assert events[4]["data"] == {
        "status": "approved",
        "was": "pending",
        "version": 3,
        "article": "a-17",
        "action": "approve",
        "reason": "fine",
    }
    assert events[4]["created_at"] == "2026-11-22T12:00:00Z"
    assert events[4]["actor"].startswith("key:wnw_")
    assert len({event["hash"] for event in events}) == 8


@pytest.mark.usefixtures("happened")
@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({"after": 0}, [1, 2, 3, 4, 5, 6, 7, 8]),
        ({"after": 6}, [7, 8]),
        ({"after": 8}, []),
        ({"after": 2**31 - 1}, []),
        ({"comment": "c-1"}, [1, 4, 5, 6]),
        ({"comment": "c-1", "after": 4}, [5, 6]),
        ({"comment": "nobody"}, []),
        ({"type": "comment.created"}, [1, 2, 3]),
        ({"type": "comment.deleted"}, [8]),
        ({"type": "comment.held"}, [1, 6, 7]),
        ({"type": "comment.approved"}, [2, 5]),
        ({"type": "comment.rejected"}, [3]),
        ({"type": "comment.held", "comment": "c-1", "after": 1}, [6]),
    ],
)
def test_part_of_the_log_can_be_asked_for(
    backend: FlaskClient, query: dict[str, Any], numbers: list[int]
) -> None:
    for limit in (1, 3, 50):
        found = walk(backend, "/v1/events", limit=limit, **query)
        assert [event["number"] for event in found] == numbers


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("after=-1", "after"),
        ("after=x", "after"),
        (f"after={2**31}", "after"),
        ("type=nonsense", "type"),
        ("limit=0", "limit"),
        ("cursor=x", "cursor"),
        ("more=1", "more"),
    ],
)
def test_what_cannot_be_asked_for_is_named(
    backend: FlaskClient, query: str, parameter: str
) -> None:
    answer = backend.get(f"/v1/events?{query}")

    assert answer.status_code == 422
    assert [error["parameter"] for error in answer.json["errors"]] == [parameter]


@pytest.mark.usefixtures("happened")
def test_each_site_has_a_log_of_its_own(stranger: FlaskClient) -> None:
    assert stranger.get("/v1/events").json == {"items": [], "next": None}
    assert stranger.get("/v1/events/head").json == {"number": 0, "hash": "0" * 64}
    submit(stranger)
    assert [event["number"] for event in walk(stranger, "/v1/events")] == [1]


@pytest.mark.usefixtures("happened")
def test_the_head_is_the_last_event(backend: FlaskClient) -> None:
    head = backend.get("/v1/events/head").json

    last = backend.get("/v1/events").json["items"][-1]
    assert head == {"number": 8, "hash": last["hash"]}


def test_what_was_answered_before_is_in_the_list(backend: FlaskClient) -> None:
    after = 0
    for number in range(20):
        submit(backend, id=f"c-{number}")
        [event] = backend.get(f"/v1/events?after={after}").json["items"]
        assert event["comment_id"] == f"c-{number}"
        after = event["number"]


def test_a_long_log_is_sealed_as_far_as_it_is_read(
    backend: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    from api.moderation import events

    whole = events.seal
    monkeypatch.setattr(events, "seal", lambda *a, **k: whole(*a, **{**k, "most": 4}))
    for number in range(10):
        submit(backend, id=f"c-{number}")

    assert len(backend.get("/v1/events?limit=2").json["items"]) == 2
    with services.database.reading() as session:
        sealed = session.scalar(text("SELECT count(*) FROM events WHERE number IS NOT NULL"))
    assert sealed == 4
    assert len(backend.get("/v1/events").json["items"]) == 10


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_transactions_that_commit_in_another_order_are_neither_missed_nor_repeated(
    backend: FlaskClient, services: Services, site: int
) -> None:
    """Eight writers hold their event's row back for a while; a reader polls all the time."""
    caller = Caller(site, "backend", "key:test")
    template = submit(backend, id="c-0")
    lottery, done = random.Random(4), threading.Event()
    waits = [[lottery.random() / 50 for _ in range(15)] for _ in range(8)]

    def write(writer: int) -> None:
        for number, seconds in enumerate(waits[writer]):
            with services.database.writing() as session:
                comment = comments.load(session, caller, template["id"]).comment
                session.expunge(comment)
                comment.public_id = f"w{writer}-{number}"
                comments.record(
                    session.connection(), services, caller, comment, None, "comment.created"
                )
                # The row has its id now; others write and commit before this one does.
                session.execute(text("SELECT pg_sleep(:seconds)"), {"seconds": seconds})

    threads = [threading.Thread(target=write, args=[writer]) for writer in range(8)]
    seen: list[dict[str, Any]] = []

    def poll() -> int:
        after = seen[-1]["number"] if seen else 0
        answer: TestResponse = backend.get(f"/v1/events?limit=7&after={after}")
        seen.extend(answer.json["items"])
        return len(answer.json["items"])

    def watch() -> None:
        for thread in threads:
            thread.join()
        done.set()

    for thread in threads:
        thread.start()
    threading.Thread(target=watch).start()
    while not done.is_set():
        poll()
    while poll():
        pass

    assert [event["number"] for event in seen] == list(range(1, 122))
    names = [event["comment_id"] for event in seen]
    assert sorted(names) == sorted(["c-0", *(f"w{w}-{n}" for w in range(8) for n in range(15))])
    with services.database.reading() as session:
        by_id = session.execute(text("SELECT number FROM events ORDER BY id")).scalars().all()
    # Otherwise this test has shown nothing.
    assert by_id != sorted(by_id)
