"""For whoever watches: counts of requests and of what waits, in Prometheus's text format."""

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache

from flask import Flask, Response, current_app, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from api import counters
from api.moderation import backlog
from api.moderation.backlog import Backlog
from api.moderation.services import Services
from api.web.routing import Blueprint, services

blp = Blueprint("metrics", __name__)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

FRESH = timedelta(seconds=5)
"""How long what was counted in the database is good for: anybody may ask, as often as they like."""

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
"""Whatever else a request calls itself is counted as `other`: no client makes up new series."""


class Stages(Collector):
    """Whether the second stage can be used, as the process sees it that is asked."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def collect(self) -> Iterator[Metric]:
        """One gauge; none where nobody wants a second stage."""
        second = self._services.scorer.second
        if second.version is None and second.failure is None:
            return
        meaning = "Whether the second stage can be used."
        yield GaugeMetricFamily("winnow_second_stage_usable", meaning, value=second.failure is None)


class Waiting(Collector):
    """What waits in the database, counted when it is asked for."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._lock = threading.Lock()
        self._found: Backlog | None = None
        self._at: datetime | None = None

    def collect(self) -> Iterator[Metric]:
        """The gauges; only that there is no database, where there is none."""
        try:
            found: Backlog | None = self._ask()
        except SQLAlchemyError:
            found = None
        up = "Whether the database answers."
        yield GaugeMetricFamily("winnow_database_up", up, value=found is not None)
        if found is not None:
            yield from _gauges(found)

    def _ask(self) -> Backlog:
        with self._lock:
            now = self._services.now()
            if self._found is None or self._at is None or abs(now - self._at) >= FRESH:
                self._found, self._at = backlog.survey(self._services), now
            return self._found


def _gauges(found: Backlog) -> Iterator[Metric]:
    jobs = GaugeMetricFamily(
        "winnow_jobs",
        "Jobs: due, running, to be done later, or failed (dead letters).",
        labels=["kind", "state"],
    )
    for labels, number in sorted(found.jobs.items()):
        jobs.add_metric(labels, number)
    yield jobs
    failed = sum(number for (_, state), number in found.jobs.items() if state == "failed")
    deliveries = sum(
        number
        for (kind, state), number in found.jobs.items()
        if kind == "webhook.deliver" and state != "failed"
    )
    for name, meaning, value in (
        ("oldest_due_job_seconds", "For how long a job has been due.", found.oldest_due),
        ("dead_letters", "Jobs that were given up.", failed),
        ("deliveries_pending", "Messages to webhooks that are still to be sent.", deliveries),
        ("events_unsealed", "Events that are not in their site's chain yet.", found.unsealed),
        ("comments_pending", "Comments that wait for a person.", found.pending),
    ):
        seconds = value.total_seconds() if isinstance(value, timedelta) else value
        yield GaugeMetricFamily(f"winnow_{name}", meaning, value=seconds)
    yield from _queues(found)


def _queues(found: Backlog) -> Iterator[Metric]:
    number = GaugeMetricFamily(
        "winnow_waiting", "Comments that wait for a person, by queue.", labels=["queue"]
    )
    oldest = GaugeMetricFamily(
        "winnow_oldest_waiting_seconds",
        "For how long a comment has waited, by queue.",
        labels=["queue"],
    )
    for queue, (waiting, age) in found.queues.items():
        number.add_metric([queue], waiting)
        oldest.add_metric([queue], age.total_seconds())
    yield number
    yield oldest


@blp.route("/metrics")
@blp.response(200, {"type": "string"}, content_type="text/plain")
def metrics() -> Response:
    """Counts for Prometheus, of all sites together; nothing of what anybody wrote.

    What waits in the database is counted every five seconds at most, and up to 100,000 of each.
    """
    registry = CollectorRegistry()
    registry.register(Stages(services()))
    registry.register(current_app.extensions["winnow-waiting"])
    return Response(generate_latest(registry) + counters.expose(), content_type=CONTENT_TYPE)


def _count(status: int, seconds: float) -> None:
    endpoint = request.endpoint or "none"
    method = request.method if request.method in METHODS else "other"
    requests, durations = _series(endpoint, method, status)
    requests.inc()
    durations.observe(seconds)


@cache
def _series(endpoint: str, method: str, status: int) -> tuple[Counter, Histogram]:
    # Finding them takes as long as counting.
    return counters.REQUESTS.labels(endpoint, method, status), counters.SECONDS.labels(endpoint)


def register(app: Flask) -> None:
    """Count every request of this app."""
    app.extensions["winnow-waiting"] = Waiting(app.extensions["winnow"])
    failures, opinions = counters.Failures("server"), counters.Opinions()

    def begin() -> None:
        g.began = time.perf_counter()

    def end(response: Response) -> Response:
        # Where it cannot be counted (no room for the files), it is answered all the same.
        with suppress(OSError):
            _count(response.status_code, time.perf_counter() - g.began)
            failures.note(services().scorer.failed)
            opinions.note(services().scorer.second.outcomes)
        return response

    app.before_request(begin)
    app.after_request(end)
