"""Counts for Prometheus: of requests, and of what waits."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from api import create_app
from api.moderation import backlog
from api.moderation.scoring import Scorer
from api.moderation.services import Services
from api.moderation.webhooks import delivering
from api.moderation.webhooks.delivering import Result
from api.settings import Settings
from api.store import jobs
from api.store.jobs import GiveUpError, LaterError
from api.version import VERSION
from tests.api.work.doing import work
from tests.conftest import ON_SQLITE
from tests.factories import Clock, comment, fail_a_job, make_moderator, submit


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


def counted(before: dict[str, float], after: dict[str, float], part: str) -> dict[str, float]:
    """By how much the series have grown whose names have that part."""
    grown = {key: value - before.get(key, 0) for key, value in after.items() if part in key}
    return {key.partition(part)[2]: number for key, number in grown.items() if number}


def test_verdicts_are_counted_by_action_once_for_each_that_is_kept(
    client: FlaskClient, backend: FlaskClient, scorer: Scorer, services: Services, clock: Clock
) -> None:
    before = read(client)

    submit(backend, id="c-1")
    submit(backend, id="c-1")
    submit(backend, "spam0.60")
    submit(backend, "spam0.97")
    backend.patch("/v1/comments/c-1", json={"text": "spam0.60 now"})
    backend.patch("/v1/comments/c-1", json={"text": "spam0.60 now"})
    assert backend.post("/v1/comments/check", json=comment("spam0.60")).status_code == 200
    model, scorer.model = scorer.model, None
    submit(backend)
    scorer.model = model
    clock.move(minutes=5)
    work(services)

    assert counted(before, read(client), "winnow_verdicts_total") == {
        '{action="approve"}': 2,
        '{action="hold"}': 3,
        '{action="reject"}': 1,
    }


def test_decisions_are_counted_those_about_many_comments_too(
    client: FlaskClient, backend: FlaskClient, moderator: FlaskClient
) -> None:
    for number in range(3):
        submit(backend, "spam0.60", id=f"c-{number}")
    before = read(client)

    for _ in range(2):
        moderator.post("/v1/comments/c-0/decision", json={"action": "reject"})
    moderator.post("/v1/comments/c-nowhere/decision", json={"action": "reject"})
    wanted = {"filter": {"status": ["pending"]}, "action": "approve"}
    assert moderator.post("/v1/decisions", json=wanted).status_code == 202

    assert counted(before, read(client), "winnow_decisions_total") == {
        '{action="reject"}': 1,
        '{action="approve"}': 2,
    }


@ON_SQLITE
def test_refused_sign_ins_are_counted(client: FlaskClient, services: Services, site: int) -> None:
    make_moderator(services, site, "mo@winnow.example", "correct horse battery")
    before = read(client)

    # No page of ours sends a form without a browser's word where it is from.
    headers = {"Sec-Fetch-Site": "same-origin"}
    for password in ("wrong", "wrong too", "correct horse battery"):
        form = {"email": "mo@winnow.example", "password": password}
        client.post("/moderate/sign-in", data=form, headers=headers)

    found = counted(before, read(client), "winnow_sign_in_failures_total")
    assert found == {'{why="wrong"}': 2}


@pytest.mark.parametrize(
    ("error", "retry", "outcome"),
    [(None, False, "delivered"), ("Busy.", True, "retried"), ("Gone.", False, "failed")],
)
@ON_SQLITE
def test_tries_to_deliver_are_counted_by_what_came_of_them(
    client: FlaskClient,
    connect: Callable[..., FlaskClient],
    services: Services,
    error: str | None,
    retry: bool,
    outcome: str,
) -> None:
    admin = connect("admin")
    made = admin.post("/v1/webhooks", json={"url": "https://example.com/hook"})
    message = admin.post(f"/v1/webhooks/{made.json['id']}/test").json["id"]
    before = read(client)

    with suppress(LaterError, GiveUpError):
        delivering.record(services, message, Result(5, 500, error=error, retry=retry), 1, 0.5)

    found = counted(before, read(client), "winnow_webhook_deliveries_total")
    assert found == {f'{{outcome="{outcome}"}}': 1}


def test_a_worker_is_alive_while_it_comes_every_minute(
    client: FlaskClient, services: Services, clock: Clock
) -> None:
    assert read(client)["winnow_worker_alive"] == 0

    work(services)
    clock.move(seconds=120)
    assert read(client)["winnow_worker_alive"] == 1
    clock.move(seconds=10)
    assert read(client)["winnow_worker_alive"] == 0

    work(services)
    clock.move(seconds=10)
    assert read(client)["winnow_worker_alive"] == 1


def test_of_the_host_there_are_release_disk_and_classifier(
    client: FlaskClient, scorer: Scorer, services: Services
) -> None:
    found = read(client)
    kind = services.database.dialect.name
    [build] = [key for key in found if key.startswith("winnow_build_info")]

    assert f'version="{VERSION}"' in build
    assert f'database="{kind}"' in build
    assert 'model="words-1"' in build
    assert found["winnow_disk_free_bytes"] > 0
    assert found["winnow_classifier_usable"] == 1
    scorer.failure = "It is gone."
    assert read(client)["winnow_classifier_usable"] == 0


def test_connections_in_use_are_told(settings: Settings, services: Services) -> None:
    client = create_app(settings, services).test_client()
    series = 'winnow_database_connections_in_use{process="server"}'
    read(client)
    idle = read(client)[series]

    with services.database.engine.connect(), services.database.engine.connect():
        assert read(client)[series] >= 2

    assert idle == read(client)[series]
