"""For whoever watches: counts of requests and of what waits, in Prometheus's text format."""

import platform
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine, event
from sqlalchemy.exc import SQLAlchemyError

from api.moderation import backlog
from api.moderation.backlog import Backlog
from api.moderation.services import Services
from api.telemetry import counters, metricnames
from api.telemetry.metricnames import METHODS, Name
from api.version import VERSION
from api.web.routing import Blueprint, services

blp = Blueprint("metrics", __name__)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

FRESH = timedelta(seconds=5)
"""How long what was counted in the database is good for: anybody may ask, as often as they like."""


def _gauge(name: Name, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name.name, name.meaning, value=value)


def _gauges(name: Name) -> GaugeMetricFamily:
    return GaugeMetricFamily(name.name, name.meaning, labels=name.labels)


class Shape(Collector):
    """In what shape the process is that is asked, and the machine it is on."""

    def __init__(self, services: Services, home: Path) -> None:
        self._services, self._home = services, home

    def collect(self) -> Iterator[Metric]:
        """The gauges; none of a second stage where nobody wants one."""
        scorer = self._services.scorer
        yield _gauge(metricnames.CLASSIFIER, scorer.failure is None)
        if scorer.second.version is not None or scorer.second.failure is not None:
            yield _gauge(metricnames.SECOND_STAGE, scorer.second.failure is None)
        with suppress(OSError):
            yield _gauge(metricnames.DISK_FREE, shutil.disk_usage(self._home).free)
        build = _gauges(metricnames.BUILD)
        model = scorer.model.version if scorer.model else ""
        kind = self._services.database.dialect.name
        build.add_metric([VERSION, model, platform.python_version(), kind], 1)
        yield build


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
        yield _gauge(metricnames.DATABASE, found is not None)
        if found is not None:
            yield from _tell(found)

    def _ask(self) -> Backlog:
        with self._lock:
            now = self._services.now()
            if self._found is None or self._at is None or abs(now - self._at) >= FRESH:
                self._found, self._at = backlog.survey(self._services), now
            return self._found


def _tell(found: Backlog) -> Iterator[Metric]:
    jobs = _gauges(metricnames.JOBS)
    for labels, number in sorted(found.jobs.items()):
        jobs.add_metric(labels, number)
    yield jobs
    failed = sum(number for (_, state), number in found.jobs.items() if state == "failed")
    deliveries = sum(
        number
        for (kind, state), number in found.jobs.items()
        if kind == "webhook.deliver" and state != "failed"
    )
    yield _gauge(metricnames.OLDEST_DUE, found.oldest_due.total_seconds())
    yield _gauge(metricnames.WORKER, found.has_worker)
    yield _gauge(metricnames.DEAD_LETTERS, failed)
    yield _gauge(metricnames.UNDELIVERED, deliveries)
    yield _gauge(metricnames.UNSEALED, found.unsealed)
    yield _gauge(metricnames.PENDING, found.pending)
    yield from _queues(found)


def _queues(found: Backlog) -> Iterator[Metric]:
    number, oldest = _gauges(metricnames.WAITING), _gauges(metricnames.OLDEST_WAITING)
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
    registry.register(Shape(services(), current_app.config["HOME"]))
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


def _watch(engine: Engine) -> None:
    """Tell how many connections are in use, whenever that changes."""

    def tell(change: int) -> None:
        with suppress(OSError):
            counters.POOL.labels("server").set(_in_use(engine) + change)

    def take(*_: Any) -> None:
        tell(0)

    def give_back(*_: Any) -> None:
        # It is told before it is back.
        tell(-1)

    event.listen(engine, "checkout", take)
    event.listen(engine, "checkin", give_back)


def _in_use(engine: Engine) -> int:
    """How many connections the pool has given away; 0 for one that does not count."""
    found: int = getattr(engine.pool, "checkedout", lambda: 0)()
    return found


def register(app: Flask) -> None:
    """Count every request of this app."""
    app.extensions["winnow-waiting"] = Waiting(app.extensions["winnow"])
    _watch(app.extensions["winnow"].database.engine)
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
