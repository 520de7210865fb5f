"""Gives each request an id, by which its answer and what is logged of it find each other.

A proxy or a client may bring its own in `X-Request-ID`, if it is short and plain. If the access log
is on, a line is written when the answer has been sent: which route, never the path or the query;
who by the first letters of their key, never an address.
"""

import logging
import re
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from flask import Flask, Response, g, request

from api.telemetry import logs
from api.telemetry.metricnames import METHODS

HEADER = "X-Request-ID"

_SANE = re.compile(r"[A-Za-z0-9._-]{1,64}")
_KEY = "winnow.track"

log = logging.getLogger("api.access")

App = Callable[[dict[str, Any], Any], Iterable[bytes]]


class RequestIds:
    """WSGI around the app; `is_told` says whether lines are written for requests."""

    def __init__(self, app: App, is_told: bool) -> None:
        self._app, self._is_told = app, is_told

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer with the id in a header."""
        given = environ.get("HTTP_X_REQUEST_ID", "")
        found = given if _SANE.fullmatch(given) else secrets.token_hex(16)
        logs.begin_request(found)
        track = environ[_KEY] = {"method": _name(environ.get("REQUEST_METHOD", ""))}
        began = time.perf_counter()

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            track["status"] = int(status[:3])
            # A foreign protocol may have its own way to write the id.
            if not any(name.lower() == HEADER.lower() for name, _ in headers):
                headers = [*headers, (HEADER, found)]
            return start_response(status, headers, exc_info)

        answer = self._app(environ, start)
        return _Told(answer, track, began) if self._is_told else answer


def register(app: Flask) -> None:
    """Note of each request what its line in the access log says."""

    def note(response: Response) -> Response:
        track = request.environ.get(_KEY)
        if track is not None:
            track["route"] = request.url_rule.rule if request.url_rule else "none"
            if (caller := g.get("caller")) is not None:
                track["site"], track["role"] = caller.site_id, caller.role
                # Of people who are signed in the actor is an e-mail address.
                kind, _, name = caller.actor.partition(":")
                track["key"] = name if kind == "key" else kind
        return response

    app.after_request(note)


class _Told:
    """An answer of which a line is written when it has been sent, or its client has gone."""

    def __init__(self, answer: Iterable[bytes], track: dict[str, Any], began: float) -> None:
        self._answer, self._track, self._began = answer, track, began
        self._size = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._answer:
            self._size += len(piece)
            yield piece

    def close(self) -> None:
        """Close the answer itself; a server calls this always."""
        if hasattr(self._answer, "close"):
            self._answer.close()
        took = round(1000 * (time.perf_counter() - self._began), 1)
        told = {**self._track, "ms": took, "bytes": self._size}
        log.info("request", extra={"access": told})


def _name(method: str) -> str:
    return method if method in METHODS else "other"
