"""The clock goes back and forth by hours: nothing is lost or doubled, and order stays."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.moderation import access, signins
from api.moderation.services import Services
from api.store import jobs
from tests.factories import Clock, comment, decide, make_moderator, submit, walk

JUMPS = [-5, 26, -30, 3, 100, -90]
"""Hours."""


def test_order_is_that_of_happening_whatever_the_clock_says(
    moderator: FlaskClient, clock: Clock
) -> None:
    names = []
    for number, hours in enumerate(JUMPS):
        clock.move(hours=hours)
        names.append(submit(moderator, "spam0.60", id=f"c-{number}")["id"])

    listed = [one["id"] for one in walk(moderator, "/v1/comments", limit=2)]
    events = walk(moderator, "/v1/events", limit=2)

    assert listed == names[::-1]
    assert [one["comment_id"] for one in events] == names
    assert [one["number"] for one in events] == list(range(1, len(names) + 1))


def test_a_comments_history_keeps_its_order(moderator: FlaskClient, clock: Clock) -> None:
    submit(moderator, "spam0.60", id="c-1")
    clock.move(hours=-5)
    decide(moderator, "c-1", "reject")
    clock.move(hours=26)
    moderator.patch("/v1/comments/c-1", json={"text": "spam0.70"})
    clock.move(hours=-30)
    decide(moderator, "c-1", "approve")

    shown = moderator.get("/v1/comments/c-1").json
    history = moderator.get("/v1/comments/c-1/history").json

    assert (shown["status"], shown["version"], shown["revision"]) == ("approved", 4, 2)
    assert [one["data"]["version"] for one in history["events"]] == [1, 2, 3, 4]
    assert [one["action"] for one in history["decisions"]] == ["reject", "approve"]
    assert moderator.delete("/v1/comments/c-1/decision").status_code == 200


def test_a_key_is_remembered_for_longer_when_the_clock_goes_back_and_less_long_otherwise(
    backend: FlaskClient, clock: Clock
) -> None:
    def post() -> tuple[str, bool]:
        answer = backend.post("/v1/comments", json=comment(), headers={"Idempotency-Key": "k"})
        assert answer.status_code == 201
        return answer.json["id"], "Idempotency-Replayed" in answer.headers

    first, replayed = post()
    assert not replayed
    for hours in (-48, 48, 71):
        clock.move(hours=hours)
        assert post() == (first, True)
    clock.move(hours=2)
    second, replayed = post()
    assert second != first
    assert not replayed


def test_a_session_ends_early_or_late_but_ends(
    app: Flask, services: Services, site: int, clock: Clock
) -> None:
    make_moderator(services, site, "ann@example.org", "a long password")
    token = signins.sign_in(services, "ann@example.org", "a long password", hours=12)

    clock.move(hours=-100)
    assert access.find_signed_in(services, token) is not None
    clock.move(hours=100 + 13)
    assert access.find_signed_in(services, token) is None


def test_a_claim_lapses_early_or_late_and_is_never_two_peoples(
    connect: Callable[..., FlaskClient], clock: Clock
) -> None:
    ann, bob = connect("moderator"), connect("moderator")
    submit(ann, "spam0.60", id="c-1")

    def claim(who: FlaskClient) -> list[str]:
        found = who.post("/v1/queue/claims", json={"count": 1}).json["items"]
        return [one["claim"]["id"] for one in found]

    [hers] = claim(ann)
    clock.move(hours=-5)
    assert claim(bob) == []
    clock.move(hours=5 + 1)
    [his] = claim(bob)
    assert his != hers
    clock.move(hours=-1)
    # Back in what was her time: the claim is his, and she is told.
    assert ann.put(f"/v1/queue/claims/{hers}").status_code == 404
    late = ann.post("/v1/comments/c-1/decision", json={"action": "approve", "claim": hers})
    assert late.status_code == 409
    assert decide(bob, "c-1", "reject", claim=his)["status"] == "rejected"


@pytest.mark.parametrize("hours", [-5, 5])
def test_a_job_is_done_early_or_late_but_not_lost_and_only_its_last_taker_ends_it(
    services: Services, clock: Clock, hours: int
) -> None:
    database = services.database
    due = clock()
    database.write(lambda connection: jobs.enqueue(connection, "test", {}, due))
    [first] = jobs.take(database, clock(), "one", 10)

    clock.move(hours=hours)
    taken = jobs.take(database, clock(), "two", 10)
    if hours < 0:
        # Its lease ends later by as much, and nobody else has it meanwhile.
        assert taken == []
        clock.move(hours=-hours + 1)
        taken = jobs.take(database, clock(), "two", 10)

    [second] = taken
    assert not jobs.finish(database, first)
    assert jobs.finish(database, second)
    clock.move(hours=100)
    assert jobs.take(database, clock(), "three", 10) == []
