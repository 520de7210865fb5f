"""The site's jobs over HTTP: listed, and replayed after they were given up."""

from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import select

from api.moderation.services import Services
from api.store import jobs
from api.store.outbox import Job
from tests.conftest import ON_SQLITE
from tests.factories import Clock, fail_a_job, walk


def put(services: Services, site: int | None, kind: str = "test") -> None:
    services.database.write(
        lambda c: jobs.enqueue(c, kind, {"secret": "x"}, services.now(), site_id=site)
    )


def test_a_site_sees_its_own_jobs_and_no_other(
    connect: Callable[..., FlaskClient],
    stranger: FlaskClient,
    services: Services,
    site: int,
    clock: Clock,
) -> None:
    admin = connect("admin")
    failed = fail_a_job(services, site, "The receiver is gone.")
    put(services, site, "due")
    put(services, None, "of nobody")

    found = admin.get("/v1/jobs").json["items"]

    assert [(job["kind"], job["state"]) for job in found] == [("test", "failed"), ("due", "due")]
    assert found[0] == {
        "id": failed,
        "kind": "test",
        "state": "failed",
        "attempts": 1,
        "error": "The receiver is gone.",
        "created_at": "2026-11-22T12:00:00Z",
        "due_at": found[0]["due_at"],
        "failed_at": "2026-11-22T12:00:00Z",
    }
    assert stranger.get("/v1/jobs").json["items"] == []
    assert [job["id"] for job in admin.get("/v1/jobs?failed=true").json["items"]] == [failed]
    assert [job["kind"] for job in admin.get("/v1/jobs?failed=false").json["items"]] == ["due"]
    assert admin.get("/v1/jobs?failed=perhaps").status_code == 422


def test_states_are_told_apart(
    connect: Callable[..., FlaskClient], services: Services, site: int, clock: Clock
) -> None:
    admin = connect("admin")
    put(services, site)
    [taken] = jobs.take(services.database, clock(), "w", 1)
    assert admin.get("/v1/jobs").json["items"][0]["state"] == "running"

    jobs.put_off(services.database, taken, clock.time.replace(hour=23))

    assert admin.get("/v1/jobs").json["items"][0]["state"] == "later"


@ON_SQLITE
def test_jobs_come_in_pages(
    connect: Callable[..., FlaskClient], services: Services, site: int
) -> None:
    for _ in range(7):
        put(services, site)

    found = walk(connect("admin"), "/v1/jobs", limit=3)

    assert len({job["id"] for job in found}) == len(found) == 7


def test_a_job_that_was_given_up_is_done_again_from_the_first_try(
    connect: Callable[..., FlaskClient], services: Services, site: int, clock: Clock
) -> None:
    failed = fail_a_job(services, site)
    clock.move(hours=5)

    answer = connect("admin").post(f"/v1/jobs/{failed}/replay")

    assert answer.status_code == 200
    assert (answer.json["state"], answer.json["attempts"]) == ("due", 0)
    [taken] = jobs.take(services.database, clock(), "w", 10)
    assert (taken.id, taken.attempts) == (failed, 1)


def test_what_was_not_given_up_or_is_not_ones_own_cannot_be_replayed(
    connect: Callable[..., FlaskClient], stranger: FlaskClient, services: Services, site: int
) -> None:
    admin = connect("admin")
    failed = fail_a_job(services, site)
    put(services, site)
    due = failed + 1

    assert admin.post(f"/v1/jobs/{due}/replay").status_code == 409
    others = stranger.post(f"/v1/jobs/{failed}/replay")
    missing = stranger.post("/v1/jobs/999999/replay")

    assert (others.status_code, missing.status_code) == (404, 404)
    assert others.text.replace(f"job {failed}", "job 999999") == missing.text
    assert admin.post(f"/v1/jobs/{10**18}/replay").status_code == 404
    assert admin.post("/v1/jobs/0/replay").status_code == 404
    with services.database.reading() as session:
        assert session.scalars(select(Job.failed_at).where(Job.id == failed)).one() is not None


def test_a_replay_that_is_sent_twice_is_one(
    connect: Callable[..., FlaskClient], services: Services, site: int, clock: Clock
) -> None:
    admin = connect("admin")
    failed = fail_a_job(services, site)
    header = {"Idempotency-Key": "k-1"}

    first = admin.post(f"/v1/jobs/{failed}/replay", headers=header)
    [taken] = jobs.take(services.database, clock(), "w", 10)
    jobs.bury(services.database, clock(), taken, "Again.")
    second = admin.post(f"/v1/jobs/{failed}/replay", headers=header)

    assert (second.status_code, second.data) == (200, first.data)
    assert admin.get("/v1/jobs?failed=true").json["items"][0]["id"] == failed
