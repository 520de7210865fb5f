"""Google's Perspective (Comment Analyzer v1alpha1), for clients that change one address.

A view reads the body by the tables of `messages`, does as the native API would, and answers
through `answers`; whatever goes wrong is a `GoogleError`.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from api.web.dropin.failures import explain
from api.web.dropin.perspective.analyzing import analyze
from api.web.dropin.perspective.answers import show_error
from api.web.dropin.perspective.batch import batch
from api.web.dropin.perspective.discovery import discover
from api.web.dropin.perspective.errors import GoogleError
from api.web.dropin.perspective.suggesting import suggest_score

blp = Blueprint("perspective", __name__)

ROUTES: tuple[tuple[str, str, Callable[..., Any]], ...] = (
    ("POST", "/v1alpha1/comments:analyze", analyze),
    ("POST", "/v1alpha1/comments:suggestscore", suggest_score),
    ("GET", "/$discovery/rest", discover),
    ("GET", "/discovery/v1/apis/commentanalyzer/v1alpha1/rest", discover),
    ("POST", "/batch", batch),
    ("POST", "/batch/commentanalyzer/v1alpha1", batch),
)
for _method, _path, _view in ROUTES:
    blp.add_url_rule(_path, view_func=_view, methods=[_method], strict_slashes=False)

_PLACES = ("/v1alpha1", "/$discovery", "/discovery", "/batch")

_NOWHERE = (
    '<!DOCTYPE html>\n<html lang="en">\n<meta charset="utf-8">\n'
    "<title>Error 404 (Not Found)</title>\n"
    "<p><b>404.</b> That is an error.\n"
    "<p>The requested URL was not found on this server.\n</html>\n"
)


def owns(path: str) -> bool:
    """Whether a path is this protocol's."""
    return any(path == place or path.startswith(f"{place}/") for place in _PLACES)


def refuse(status: int, detail: str) -> Response:
    """A failure in this protocol's form: a page where there is nothing to call."""
    if status in (404, 405):
        return Response(_NOWHERE, 404, content_type="text/html; charset=UTF-8")
    return show_error(GoogleError(status, detail), request.args)


@blp.errorhandler(GoogleError)
def _refuse(error: GoogleError) -> Response:
    return show_error(error, request.args)


@blp.errorhandler(RequestEntityTooLarge)
def _refuse_large(_error: RequestEntityTooLarge) -> Response:
    most = request.max_content_length
    return refuse(400, f"Request payload size exceeds the limit: {most} bytes.")


@blp.errorhandler(Exception)
def _fail(error: Exception) -> Response:
    return refuse(*explain(error))
