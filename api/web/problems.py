"""The one place that turns what went wrong into RFC 9457 problem documents."""

import logging
import math
from collections.abc import Sequence
from dataclasses import asdict
from http import HTTPStatus
from typing import Any

import marshmallow as ma
from flask import Flask, Response, json
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from api.errors import where_it_broke
from api.moderation import errors as rules
from api.moderation.paging import CursorError
from api.moderation.policy.reading.faults import DoubtfulError, Fault, PolicyError
from api.moderation.searching import SearchError
from api.store.gathering import BusyError
from api.telemetry.logs import find_request

log = logging.getLogger(__name__)

PROBLEM = "application/problem+json"

RETRY_SECONDS = 2
"""When a client should come back after a busy database."""


class ProblemSchema(ma.Schema):
    """What every error answer looks like."""

    type = ma.fields.String(required=True, metadata={"description": "a URN, one per kind"})
    title = ma.fields.String(required=True)
    status = ma.fields.Integer(required=True)
    detail = ma.fields.String()
    errors = ma.fields.List(
        ma.fields.Dict(keys=ma.fields.String()),
        metadata={
            "description": "one {pointer | parameter, detail} for each field that is wrong; "
            "of a policy that came as text, with line and column"
        },
    )
    version = ma.fields.Integer(metadata={"description": "the present version, with a 409"})
    claim = ma.fields.Dict(
        metadata={"description": "{by, expires_at}: who has claimed the comment, with a 409"}
    )
    count = ma.fields.Integer(
        metadata={"description": "how many comments there are now, with a 409"}
    )
    comment = ma.fields.Dict(
        metadata={
            "description": "with a 409 about a comment, the whole of it as it stands; of a sample "
            "without what was said of it"
        }
    )
    needed = ma.fields.Dict(
        metadata={"description": "how many decisions of which kind there must be, with a 409"}
    )
    have = ma.fields.Dict(metadata={"description": "how many of them there are"})
    request_id = ma.fields.String(
        metadata={"description": "with 5xx, by which the server's log tells of it"}
    )


class BodyError(Exception):
    """The body is no JSON we read; becomes 400, or 415 when it does not claim to be JSON."""

    def __init__(self, detail: str, status: int = 400) -> None:
        super().__init__(detail)
        self.status = status


class HeaderError(Exception):
    """A header holds what it may not; becomes 422."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(detail)
        self.name = name


def problem(status: int, detail: str, kind: str | None = None, **more: Any) -> dict[str, Any]:
    """A problem document; `kind` defaults to the status's own name."""
    title = HTTPStatus(status).phrase
    name = kind or title.lower().replace(" ", "-")
    document = {"type": f"urn:winnow:problem:{name}", "title": title, "status": status}
    return {**document, "detail": detail, **more}


def answer(document: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    """The HTTP answer that carries a problem document."""
    body = json.dumps(document)
    return Response(body, document["status"], headers, content_type=PROBLEM)


def show_faults(faults: Sequence[Fault]) -> list[dict[str, Any]]:
    """What is wrong with a policy; where it came as text, with lines and columns."""
    return [
        {name: value for name, value in asdict(one).items() if value is not None} for one in faults
    ]


def validation_problem(messages: Any) -> dict[str, Any]:
    """A 422 from marshmallow's messages by location: `{"json": {"author": {"email": […]}}}`."""
    found: list[dict[str, str]] = []
    for location, inside in messages.items():
        for path, detail in _leaves(inside):
            if location == "json":
                found.append({"pointer": path, "detail": detail})
            else:
                # Of several of one name it does not matter which: they stand side by side.
                found.append({"parameter": path[1:].partition("/")[0], "detail": detail})
    names = ", ".join(next(iter(e.values())) or "the body" for e in found)
    return problem(422, f"Not accepted: {names}.", "validation", errors=found)


def _leaves(messages: Any, path: str = "") -> list[tuple[str, str]]:
    if isinstance(messages, dict):
        return [
            leaf
            for key, inside in messages.items()
            for leaf in _leaves(inside, path if key == "_schema" else _join(path, str(key)))
        ]
    if isinstance(messages, list):
        return [(path, str(message)) for message in messages]
    return [(path, str(messages))]


def _join(path: str, key: str) -> str:
    # The two characters that RFC 6901 escapes; a lone surrogate in a key cannot be sent back.
    escaped = key.replace("~", "~0").replace("/", "~1").encode(errors="replace").decode()
    return f"{path}/{escaped}"


def register(app: Flask) -> None:
    """Answer every failure of this app with a problem document."""
    app.register_error_handler(HTTPException, show_http)
    app.register_error_handler(BodyError, _body)
    app.register_error_handler(HeaderError, _header)
    app.register_error_handler(rules.FieldError, _field)
    app.register_error_handler(rules.TooOftenError, _too_often)
    app.register_error_handler(rules.TooManyError, _too_many)
    app.register_error_handler(rules.RuleError, _rule)
    app.register_error_handler(PolicyError, _policy)
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(BusyError, _database)
    app.register_error_handler(Exception, _bug)


def show_http(error: HTTPException) -> Response:
    """A failure that HTTP has a name for."""
    messages = getattr(error, "data", {}).get("messages")
    if messages is not None and error.code == 422:
        return answer(validation_problem(messages))
    detail = error.description or ""
    if isinstance(error, RequestEntityTooLarge):
        detail = "The body is larger than this server accepts."
    given = dict(error.get_headers())
    headers = {k: v for k, v in given.items() if k in ("Allow", "Retry-After")}
    return answer(problem(error.code or 500, detail), headers)


def _body(error: BodyError) -> Response:
    return answer(problem(error.status, str(error)))


def _header(error: HeaderError) -> Response:
    wrong = [{"parameter": error.name, "detail": str(error)}]
    return answer(problem(422, f"Not accepted: {error.name}.", "validation", errors=wrong))


def _field(error: rules.FieldError) -> Response:
    wrong = [{"pointer": error.pointer, "detail": str(error)}]
    return answer(problem(422, f"Not accepted: {error.pointer}.", "validation", errors=wrong))


def _too_often(error: rules.TooOftenError) -> Response:
    seconds = max(1, math.ceil(error.wait.total_seconds()))
    return answer(problem(429, str(error), "too-often"), {"Retry-After": str(seconds)})


def _too_many(error: rules.TooManyError) -> Response:
    return answer(problem(409, str(error), "too-many", count=error.count))


def _rule(error: rules.RuleError) -> Response:
    match error:
        case rules.NotFoundError():
            return answer(problem(404, str(error)))
        case rules.ForbiddenError():
            return answer(problem(403, str(error)))
        case rules.StalePolicyError(version=version):
            return answer(problem(409, str(error), "stale-version", version=version))
        case CursorError():
            wrong = [{"parameter": "cursor", "detail": str(error)}]
            return answer(problem(422, str(error), "validation", errors=wrong))
        case SearchError():
            wrong = [{"parameter": "q", "detail": str(error)}]
            return answer(problem(422, f"Not accepted: q. {error}", "validation", errors=wrong))
        case rules.TooLittleError(needed=needed, have=have):
            counts = {"needed": dict(needed), "have": dict(have)}
            return answer(problem(409, str(error), "too-little-evidence", **counts))
        case rules.RunningError():
            return answer(problem(409, str(error), "still-running"), {"Retry-After": "1"})
        case rules.WrongRepeatError():
            return answer(problem(422, str(error), "idempotency-key-reused"))
        case _:
            return answer(problem(409, str(error)))


def _policy(error: PolicyError) -> Response:
    kind = "policy-doubtful" if isinstance(error, DoubtfulError) else "policy-invalid"
    return answer(problem(422, str(error), kind, errors=show_faults(error.faults)))


def _database(error: DBAPIError | BusyError) -> Response:
    # Only the driver's first line: the statement's parameters and rows are people's data.
    words = str(getattr(error, "orig", error)).splitlines()
    log.error("the database failed: %s", words[0] if words else type(error).__name__)
    detail = "The database cannot be reached or is busy; nothing was kept. Please send this again."
    headers = {"Retry-After": str(RETRY_SECONDS)}
    return answer(_told(problem(503, detail, "database-unavailable")), headers)


def _bug(error: Exception) -> Response:
    log.error("a request failed: %s", where_it_broke(error))
    return answer(_told(problem(500, "Winnow made a mistake; it is in the server's log.")))


def _told(document: dict[str, Any]) -> dict[str, Any]:
    """The document of a failure that the log has a line about."""
    found = find_request()
    return document if found is None else {**document, "request_id": found}
