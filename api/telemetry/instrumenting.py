"""Has the libraries of `winnow[traces]` watch the app and its database, if traces are wanted."""

from typing import Any

from flask import Flask
from sqlalchemy import Engine

from api.errors import StartupError
from api.telemetry import traces
from api.telemetry.logs import find_request

QUIET = "/live$,/ready$,/metrics$"
"""Paths that are asked every few seconds, or answered for minutes: no traces of them."""

_KEY = "winnow-traces"


def prepare(endpoint: str, engine: Engine, app: Flask | None = None) -> None:
    """Have statements and requests watched, from `begin` on; nothing without an endpoint.

    Raises StartupError where the packages are not there.
    """
    if not endpoint:
        return
    try:
        from opentelemetry.instrumentation.flask import FlaskInstrumentor
        from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor

        import api.telemetry.spans  # noqa: F401
    except ImportError as error:
        raise StartupError("WINNOW_TRACES needs: pip install 'winnow[traces]'.") from error
    SQLAlchemyInstrumentor().instrument(engine=engine)
    if app is None:
        return
    watch: Any = FlaskInstrumentor.instrument_app
    watch(app, request_hook=_name_request, excluded_urls=QUIET, enable_commenter=False)
    # First of all: a request that is refused is one to be seen, too.
    hooks = app.before_request_funcs[None]
    hooks.insert(0, hooks.pop())
    app.extensions[_KEY] = endpoint


def begin(app: Flask) -> None:
    """Begin to send what a server process does, if its app was prepared; after it was forked."""
    if _KEY in app.extensions:
        traces.begin(app.extensions[_KEY], "server")


def _name_request(found: Any, _environ: dict[str, Any]) -> None:
    if found and found.is_recording() and (request_id := find_request()):
        found.set_attribute("winnow.request_id", request_id)
