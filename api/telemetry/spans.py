"""What is told of spans, and how it gets to the collector. Imported only where traces are wanted.

The libraries that watch Flask and SQLAlchemy note queries, addresses, browsers and the words of
exceptions. Here a span is copied with what is on a list, and only the copy is sent: what a later
release of theirs notes besides stays at home.
"""

import atexit
import logging
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Link, SpanContext, SpanKind, Status

from api.telemetry.metricnames import METHODS
from api.version import VERSION

EXPORT_SECONDS = 5
"""How long the collector may take for what is sent to it at once."""

MOST_WAITING = 2048
"""How many spans a process keeps for a collector that is slow; what comes beyond is dropped."""

END_SECONDS = 2.0
"""How long a process that ends waits for the collector to take the rest."""

TOLD = frozenset(
    (
        *("http.method", "http.request.method", "http.route"),
        *("http.status_code", "http.response.status_code"),
        # The statement as it is prepared: values are bound apart from it, and never told.
        *("db.system", "db.system.name", "db.statement", "db.query.text"),
        *("error.type", "exception.type"),
        *("winnow.request_id", "winnow.kind", "winnow.attempt", "winnow.texts"),
    )
)

log = logging.getLogger(__name__)


class DiscreetExporter(SpanExporter):
    """Hands on copies of spans; says once that the collector is away, and once that it is back."""

    def __init__(self, inner: SpanExporter) -> None:
        self._inner = inner
        self._away = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send them; what the collector does not take is lost."""
        try:
            result = self._inner.export([_copy(one) for one in spans])
        except Exception:
            result = SpanExportResult.FAILURE
        away = result is not SpanExportResult.SUCCESS
        if away and not self._away:
            log.warning("the collector of traces does not take them; they are dropped")
        if self._away and not away:
            log.warning("the collector of traces is back")
        self._away = away
        return result

    def shutdown(self) -> None:
        """Send no more."""
        self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        """Nothing is kept here."""
        return True


def open_provider(endpoint: str, process: str) -> TracerProvider:
    """What makes spans in this process and sends them in the background."""
    # They say it again with each batch, with URLs and all.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL + 1)
    about = {"service.name": "winnow", "service.version": VERSION, "winnow.process": process}
    provider = TracerProvider(resource=Resource.create(about), shutdown_on_exit=False)
    sender = DiscreetExporter(OTLPSpanExporter(endpoint=endpoint, timeout=EXPORT_SECONDS))
    provider.add_span_processor(BatchSpanProcessor(sender, max_queue_size=MOST_WAITING))
    atexit.register(_end, provider)
    return provider


def _end(provider: TracerProvider) -> None:
    """Send the rest, though not for long: a dead collector must not keep a process alive."""
    rest = threading.Thread(target=provider.shutdown, daemon=True)
    rest.start()
    rest.join(END_SECONDS)


def _copy(span: ReadableSpan) -> ReadableSpan:
    return ReadableSpan(
        name=_name(span),
        context=_bare(span.context),
        parent=_bare(span.parent),
        resource=span.resource,
        attributes=_choose(span.attributes),
        events=[Event(one.name, _choose(one.attributes), one.timestamp) for one in span.events],
        links=[Link(_bare(one.context)) for one in span.links],
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _name(span: ReadableSpan) -> str:
    """Of a request its route, never the path; of a statement what it does, not to which file."""
    facts = span.attributes or {}
    if span.kind is SpanKind.SERVER:
        method = str(facts.get("http.method") or facts.get("http.request.method"))
        return f"{method if method in METHODS else 'other'} {facts.get('http.route', 'none')}"
    if facts.keys() & {"db.system", "db.system.name"}:
        return span.name.split(" ")[0]
    return span.name


def _bare(context: Any) -> Any:
    """Without what the client has said of itself."""
    if context is None:
        return None
    return SpanContext(context.trace_id, context.span_id, context.is_remote, context.trace_flags)


def _choose(attributes: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (attributes or {}).items() if name in TOLD}
