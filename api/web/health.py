"""For those who watch the server: is it alive, can it serve."""

import marshmallow as ma
from flask import Response, current_app, jsonify
from sqlalchemy.exc import SQLAlchemyError

from api.moderation import backlog
from api.web.routing import Blueprint, services

blp = Blueprint("health", __name__)


class LiveOut(ma.Schema):
    """Alive."""

    status = ma.fields.String(required=True)


class ReadyOut(ma.Schema):
    """Ready, degraded, unavailable or stopping, and which part is to blame."""

    status = ma.fields.String(required=True)
    database = ma.fields.String(required=True)
    classifier = ma.fields.String(required=True)
    model = ma.fields.String(required=True, allow_none=True)
    jobs = ma.fields.String(required=True)


@blp.route("/live")
@blp.response(200, LiveOut)
def live() -> Response:
    """The process answers."""
    return jsonify({"status": "live"})


@blp.route("/ready")
@blp.response(200, ReadyOut)
@blp.alt_response(503, schema=ReadyOut, description="Comments cannot be kept now.")
def ready() -> tuple[Response, int]:
    """Whether comments can be kept.

    Without a database 503. Without a classifier 200 and `degraded`: comments are kept and held.
    `jobs` says when one has been due for over a minute: then no worker runs, or too few.
    A server that has been told to stop still serves, but says 503 and `stopping`.
    """
    scorer = services().scorer
    database = _database()
    parts = {
        "database": database,
        "classifier": scorer.failure or "ok",
        "model": scorer.model and scorer.model.version,
        "jobs": _jobs() if database == "ok" else "unknown",
    }
    if current_app.config["IS_STOPPING"]():
        return jsonify({"status": "stopping", **parts}), 503
    if database != "ok":
        return jsonify({"status": "unavailable", **parts}), 503
    return jsonify({"status": "degraded" if scorer.failure else "ready", **parts}), 200


def _database() -> str:
    try:
        services().database.ping()
    except SQLAlchemyError:
        return "unavailable"
    return "ok"


def _jobs() -> str:
    try:
        late = backlog.is_late(services())
    except SQLAlchemyError:
        return "unknown"
    return "A job has been due for over 60 seconds." if late else "ok"
