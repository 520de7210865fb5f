"""Traces by OpenTelemetry, for whoever has asked for them with WINNOW_TRACES.

The packages of `winnow[traces]` are loaded then and not before. What is told of a request, a
statement or a job is on a list in `spans`; nothing else leaves the process. A collector that is
slow or dead costs what it has not taken, and nothing else.
"""

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

_now: "dict[str, Tracer]" = {}
_NOTHING = nullcontext()


def begin(endpoint: str, process: str) -> None:
    """Begin to send what this process does to a collector; nothing without an endpoint."""
    if not endpoint:
        return
    from opentelemetry import trace

    from api.telemetry.spans import open_provider

    trace.set_tracer_provider(open_provider(endpoint, process))
    _now["tracer"] = trace.get_tracer("winnow")


def span(name: str, **facts: str | int) -> AbstractContextManager[Any]:
    """A part of what is being done; `facts` are named in `api.telemetry.spans`."""
    return _span(name, {f"winnow.{fact}": value for fact, value in facts.items()})


def statement(sql: str, database: str) -> AbstractContextManager[Any]:
    """A statement that goes to the driver past SQLAlchemy; without its values."""
    if "tracer" not in _now:
        return _NOTHING
    return _span(sql.lstrip().partition(" ")[0], {"db.system": database, "db.statement": sql})


def _span(name: str, attributes: dict[str, str | int]) -> AbstractContextManager[Any]:
    tracer = _now.get("tracer")
    if tracer is None:
        return _NOTHING
    return tracer.start_as_current_span(
        name, attributes=attributes, record_exception=False, set_status_on_exception=False
    )
