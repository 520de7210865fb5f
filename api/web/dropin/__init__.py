"""Foreign dialects on our port: each translates, and decides nothing.

A dialect is a package with a blueprint `blp`, `owns(path)`, which says whether a path is its own
even where it has no such route, and `refuse(status, detail)`, which answers a failure in the
dialect's form. Each asks for keys in its own way: see `api.moderation.foreignkeys`.
"""

import re
from collections.abc import Iterable
from types import ModuleType
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from api.web import problems
from api.web.dropin import akismet, coral, openai, perspective
from api.web.dropin.failures import explain

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

DIALECTS: tuple[ModuleType, ...] = (perspective, akismet, openai, coral)


def register(app: Flask) -> None:
    """Give the app the dialects' routes, and their way of saying what went wrong."""
    for dialect in DIALECTS:
        app.register_blueprint(dialect.blp)
    for code in (404, 405):
        app.register_error_handler(code, _outside)
    app.wsgi_app = _merging(app.wsgi_app)  # type: ignore[assignment]


def _merging(inner: "WSGIApplication") -> "WSGIApplication":
    """Take a doubled slash for one on a foreign path: a base URL that ends in one makes it."""

    def outer(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if "//" in path:
            merged = re.sub("/+", "/", path)
            if any(dialect.owns(merged) for dialect in DIALECTS):
                environ["PATH_INFO"] = merged
        return inner(environ, start)

    return outer


def _outside(error: HTTPException) -> Response:
    """No view was found: whose path is it?"""
    for dialect in DIALECTS:
        if dialect.owns(request.path):
            response: Response = dialect.refuse(*explain(error))
            return response
    return problems.show_http(error)
