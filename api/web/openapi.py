"""The OpenAPI document: what flask-smorest gathers, with our errors and our roles in it."""

import re
from typing import Any

import flask_smorest
from flask import Blueprint, Flask, Response, current_app, jsonify

from api.moderation.stats.sheets import SHEETS
from api.version import VERSION
from api.web.auth import PERMISSIONS, PUBLIC
from api.web.limits import FREE
from api.web.problems import PROBLEM, ProblemSchema
from api.web.repeats import HEADER, REPLAYED
from api.web.routing import (
    ClaimId,
    CommentId,
    JobId,
    KeyId,
    MessageId,
    SheetName,
    Version,
    WebhookId,
)

blp = Blueprint("openapi", __name__)


_KEY = {
    "name": HEADER,
    "in": "header",
    "description": "Of your own making, new for each act: sent again with the same key and body, "
    "the request is answered the same and nothing is done twice. Kept for 72 hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
_REPLAYED = {
    "description": "`true` where this is what an earlier request with the key was answered.",
    "schema": {"type": "string", "enum": ["true"]},
}
_NOT_REPEATED = {
    "409": f"The first request with this {HEADER} is still being worked on: send it again.",
    "422": f"Or the {HEADER} was used for another request, or cannot be a key.",
}

_TOO_OFTEN = (
    "The key, or without a valid one the address, is used too often, or the author writes too "
    "many comments: nothing was done."
)
_RETRY_AFTER = {"description": "In seconds.", "schema": {"type": "integer", "minimum": 1}}
_LIMIT = {
    "description": 'Which rate is used up, and for how many seconds: `"key-60";r=0;t=17`.',
    "schema": {"type": "string"},
}
_POLICY = {
    "description": "The rates that hold, by name, with how much in how many seconds: "
    '`"key-60";q=60000;w=60`. Missing where there are none.',
    "schema": {"type": "string"},
}


class Api(flask_smorest.Api):
    """Flask-smorest with RFC 9457 errors, which `api.web.problems` makes."""

    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        """Leave errors to `api.web.problems`."""


def create_api(app: Flask) -> Api:
    """The collector of documented routes."""
    app.config.update(API_TITLE="Winnow", API_VERSION=VERSION, OPENAPI_VERSION="3.1.0")
    api = Api(app)
    api.register_converter(CommentId, lambda _: {"type": "string", "maxLength": 128})
    api.register_converter(ClaimId, lambda _: {"type": "string"})
    api.register_converter(JobId, lambda _: {"type": "integer", "minimum": 1})
    api.register_converter(KeyId, lambda _: {"type": "string"})
    api.register_converter(MessageId, lambda _: {"type": "string"})
    api.register_converter(SheetName, lambda _: {"type": "string", "enum": list(SHEETS)})
    api.register_converter(Version, lambda _: {"type": "integer", "minimum": 1})
    api.register_converter(WebhookId, lambda _: {"type": "string"})
    api.spec.components.security_scheme("key", {"type": "http", "scheme": "bearer"})
    return api


@blp.route("/openapi.json")
def document() -> Response:
    """The document itself."""
    return jsonify(current_app.extensions["winnow-openapi"])


def describe(app: Flask, api: Api) -> dict[str, Any]:
    """The finished document: problems as their media type, and each route's key and role."""
    spec: dict[str, Any] = api.spec.to_dict()
    for response in spec["components"]["responses"].values():
        content = response.get("content", {})
        if "application/json" in content:
            content[PROBLEM] = content.pop("application/json")
    for rule in app.url_map.iter_rules():
        for method in rule.methods or ():
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
            operation = spec["paths"].get(path, {}).get(method.lower())
            if operation is not None:
                _add_role(operation, PERMISSIONS[rule.endpoint])
                if method == "POST":
                    _add_repeats(operation)
                if rule.endpoint not in FREE:
                    _add_limits(operation)
    return spec


def _add_repeats(operation: dict[str, Any]) -> None:
    """Say of a POST what `api.web.repeats` makes of its header."""
    operation.setdefault("parameters", []).append(_KEY)
    responses = operation["responses"]
    for status, described in responses.items():
        if status.startswith("2"):
            described["headers"] = {REPLAYED: _REPLAYED}
    for status, reason in _NOT_REPEATED.items():
        found = responses.get(status, {})
        before = found.get("description", "What was sent is wrong." if "$ref" in found else "")
        responses[status] = {
            "description": f"{before} {reason}".strip(),
            "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }


def _add_limits(operation: dict[str, Any]) -> None:
    """Say what `api.web.limits` may answer, and what it tells in the answers of others."""
    responses = operation["responses"]
    before = responses.get("429", {}).get("description", "")
    responses["429"] = {
        "description": f"{before} {_TOO_OFTEN}".strip(),
        "headers": {"Retry-After": _RETRY_AFTER, "RateLimit": _LIMIT, "RateLimit-Policy": _POLICY},
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for status, described in responses.items():
        if status.startswith("2"):
            described.setdefault("headers", {})["RateLimit-Policy"] = _POLICY


def _add_role(operation: dict[str, Any], role: str) -> None:
    operation["x-role"] = role
    operation["security"] = [] if role == PUBLIC else [{"key": []}]
