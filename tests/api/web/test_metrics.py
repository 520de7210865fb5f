"""Counts for Prometheus: of requests, and of what waits."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from api import create_app
from api.moderation import backlog
from api.moderation.scoring import Scorer
from api.moderation.services import Services
from api.settings import Settings
from api.store import jobs
from tests.api.work.doing import work
from tests.conftest import ON_SQLITE
from tests.factories import Clock, fail_a_job, submit


def read(client: FlaskClient) -> dict[str, float]:
    """Each series with its value."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def name(client: str = "", **labels: str) -> str:
    return client + "{" + ",".join(f'{k}="{v}"' for k, v in labels.items()) + "}"


def asked(endpoint: str, method: str, status: str) -> str:
    return name("winnow_http_requests_total", endpoint=endpoint, method=method, status=status)


@ON_SQLITE
def test_each_request_is_counted_by_what_it_asked_and_was_answered(
    client: FlaskClient, backend: FlaskClient
) -> None:
    before = read(client)

    submit(backend)
    submit(backend)
    client.post("/v1/comments", json={})
    client.get("/nowhere")
    client.open("/live", method="MADEUP")

    after = read(client)
    counted = {key: after[key] - before.get(key, 0) for key in after if "requests_total" in key}
    assert {key: number for key, number in counted.items() if number} == {
        asked("comments.submit", "POST", "201"): 2,
        asked("comments.submit", "POST", "401"): 1,
        asked("none", "GET", "404"): 1,
        asked("none", "other", "405"): 1,
        asked("metrics.metrics", "GET", "200"): 1,
    }
    series = 'winnow_http_request_duration_seconds_count{endpoint="comments.submit"}'
    assert after[series] - before.get(series, 0) == 3
    last = 'winnow_http_request_duration_seconds_bucket{endpoint="comments.submit",le="+Inf"}'
    assert after[last] == after[series]


@ON_SQLITE
def test_two_apps_in_one_process_are_counted_together(
    client: FlaskClient, settings: Settings, services: Services
) -> None:
    other = create_app(settings, services).test_client()
    before = read(client)

    client.get("/live")
    other.get("/live")

    series = asked("health.live", "GET", "200")
    assert read(other)[series] - before.get(series, 0) == 2


@ON_SQLITE
def test_texts_that_could_not_be_scored_are_counted(
    client: FlaskClient, backend: FlaskClient, scorer: Scorer
) -> None:
    series = 'winnow_scoring_failures_total{process="server"}'
    before = read(client).get(series, 0)
    scorer.model = None

    submit(backend)
    submit(backend)

    assert read(client)[series] - before == 2


def test_what_waits_is_counted(
    client: FlaskClient, backend: FlaskClient, services: Services, site: int, clock: Clock
) -> None:
    submit(backend, "spam0.60")
    submit(backend)
    fail_a_job(services, site)
    for after in (0, 90, 1):
        due_at = clock() + timedelta(minutes=after)
        services.database.write(
            lambda c, due_at=due_at: jobs.enqueue(c, "webhook.deliver", {}, due_at)  # type: ignore[misc]
        )
    clock.move(minutes=5)

    found = read(client)

    assert {key: value for key, value in found.items() if "winnow_jobs" in key} == {
        name("winnow_jobs", kind="test", state="failed"): 1,
        name("winnow_jobs", kind="webhook.deliver", state="due"): 2,
        name("winnow_jobs", kind="webhook.deliver", state="later"): 1,
    }
    assert found["winnow_oldest_due_job_seconds"] == 300
    assert found["winnow_dead_letters"] == 1
    assert found["winnow_deliveries_pending"] == 3
    assert found["winnow_events_unsealed"] == 2
    assert found["winnow_comments_pending"] == 1
    assert found["winnow_database_up"] == 1


def test_what_waits_is_counted_by_queue(
    client: FlaskClient, backend: FlaskClient, moderator: FlaskClient, clock: Clock
) -> None:
    moderator.put("/v1/queues/legal", json={"title": "Legal"})
    for number, queue in enumerate((None, None, "escalated", "legal")):
        submit(backend, "spam0.60", id=f"c-{number}")
        clock.move(minutes=1)
        if queue:
            wish = {"action": "escalate", "queue": queue}
            moderator.post(f"/v1/comments/c-{number}/decision", json=wish)
    clock.move(minutes=1)

    found = read(client)

    waiting = {
        queue: (
            found[name("winnow_waiting", queue=queue)],
            found[name("winnow_oldest_waiting_seconds", queue=queue)],
        )
        for queue in ("default", "escalated", "reported", "disputed", "audit", "other")
    }
    assert waiting == {
        "default": (2, 300),
        "escalated": (1, 120),
        "other": (1, 60),
        **dict.fromkeys(("reported", "disputed", "audit"), (0, 0)),
    }


def test_where_nothing_waits_everything_is_nought(client: FlaskClient) -> None:
    found = read(client)

    assert not [key for key in found if key.startswith("winnow_jobs")]
    for series in ("oldest_due_job_seconds", "dead_letters", "deliveries_pending"):
        assert found[f"winnow_{series}"] == 0


@ON_SQLITE
def test_whoever_asks_often_is_told_what_was_counted_last(
    client: FlaskClient, services: Services, site: int, clock: Clock
) -> None:
    assert read(client)["winnow_dead_letters"] == 0
    fail_a_job(services, site)

    clock.move(seconds=4)
    assert read(client)["winnow_dead_letters"] == 0
    clock.move(seconds=1)
    assert read(client)["winnow_dead_letters"] == 1


@ON_SQLITE
def test_without_a_database_the_counts_of_requests_are_still_given(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: Services) -> None:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr(backlog, "survey", away)

    found = read(client)

    assert found["winnow_database_up"] == 0
    assert "winnow_dead_letters" not in found
    assert any(key.startswith("winnow_http_requests_total") for key in read(client))


@ON_SQLITE
def test_nothing_is_told_of_a_site(
    client: FlaskClient, backend: FlaskClient, services: Services
) -> None:
    submit(backend, "spam0.60 geheim", id="c-secret", article={"id": "a-secret"})
    work(services)

    told = client.get("/metrics").text

    assert not re.search("gazette|c-secret|a-secret|geheim", told)


def test_ready_says_when_jobs_are_not_done(
    client: FlaskClient, services: Services, clock: Clock
) -> None:
    services.database.write(lambda c: jobs.enqueue(c, "test", {}, clock()))
    clock.move(seconds=60)
    assert client.get("/ready").json["jobs"] == "ok"

    clock.move(seconds=1)
    late = client.get("/ready")

    assert (late.status_code, late.json["status"]) == (200, "ready")
    assert "60 seconds" in late.json["jobs"]
