"""Skipping: somebody is not asked about a comment for a while, and nobody else notices."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from api.moderation import retention
from api.moderation.services import Services
from api.store.database import Database
from api.store.jobs import TakenJob
from tests.factories import Clock, count, decide, put_policy, submit, walk

URL = "/v1/comments/c-1/decision"


@pytest.fixture
def other(connect: Callable[..., FlaskClient]) -> FlaskClient:
    """Another moderator of the same site."""
    return connect("moderator")


def ids(client: FlaskClient) -> list[str]:
    return [item["id"] for item in walk(client, "/v1/queue")]


def claimed(client: FlaskClient) -> list[str]:
    return [item["id"] for item in client.post("/v1/queue/claims", json={}).json["items"]]


def test_what_somebody_skips_is_left_to_others(
    moderator: FlaskClient, other: FlaskClient, database: Database
) -> None:
    before = submit(moderator, "spam0.60", id="c-1")
    submit(moderator, "spam0.60", id="c-2")

    found = decide(moderator, "c-1", "skip", version=1)

    assert found == before
    assert ids(moderator) == ["c-2"]
    assert claimed(moderator) == ["c-2"]
    assert claimed(other) == ["c-1"]
    rows = count(database)
    assert (rows["skips"], rows["decisions"], rows["events"]) == (1, 0, 2)


def test_skipping_lasts_as_long_as_the_policy_says_from_the_last_time(
    moderator: FlaskClient, services: Services, site: int, clock: Clock
) -> None:
    put_policy(services, site, {"review": {"skip_minutes": 30}})
    submit(moderator, "spam0.60", id="c-1")
    decide(moderator, "c-1", "skip")
    clock.move(minutes=20)
    decide(moderator, "c-1", "skip")

    clock.move(minutes=29)
    assert ids(moderator) == []
    clock.move(minutes=1)
    assert ids(moderator) == ["c-1"]


def test_skipping_ends_ones_own_claim_and_nobody_elses(
    moderator: FlaskClient, other: FlaskClient, database: Database
) -> None:
    submit(moderator, "spam0.60", id="c-1")
    assert claimed(moderator) == ["c-1"]

    decide(other, "c-1", "skip")
    assert count(database)["claims"] == 1
    decide(moderator, "c-1", "skip")
    assert count(database)["claims"] == 0
    assert claimed(other) == []


@pytest.mark.parametrize("decided", [False, True])
def test_what_does_not_wait_cannot_be_skipped(moderator: FlaskClient, decided: bool) -> None:
    submit(moderator, "spam0.60" if decided else "A fine day.", id="c-1")
    if decided:
        decide(moderator, "c-1", "reject")

    answer = moderator.post(URL, json={"action": "skip"})

    assert (answer.status_code, answer.content_type) == (409, "application/problem+json")


def test_skipping_an_older_version_is_409(moderator: FlaskClient, database: Database) -> None:
    submit(moderator, "spam0.60", id="c-1")
    submit(moderator, "spam0.61", id="c-1")

    answer = moderator.post(URL, json={"action": "skip", "version": 1})

    assert (answer.status_code, answer.json["version"]) == (409, 2)
    assert count(database)["skips"] == 0


def test_a_reason_that_is_required_of_decisions_is_not_of_skipping(
    moderator: FlaskClient, services: Services, site: int
) -> None:
    required = {"reason_required": ["approve", "reject", "escalate"], "claims": "required"}
    put_policy(services, site, {"review": required})
    submit(moderator, "spam0.60", id="c-1")

    assert decide(moderator, "c-1", "skip")["version"] == 1


def test_a_skip_goes_when_it_is_over_or_with_its_comment(
    moderator: FlaskClient, services: Services, database: Database, clock: Clock
) -> None:
    for name in ("c-1", "c-2"):
        submit(moderator, "spam0.60", id=name)
        decide(moderator, name, "skip")
    moderator.delete("/v1/comments/c-1")
    assert count(database)["skips"] == 1

    clock.move(minutes=60)
    job = TakenJob(1, None, "retention.sweep", "default", {}, 1, "w", clock())
    retention.sweep(services, job)

    assert count(database)["skips"] == 0
