"""Reporters over HTTP: how often they were right, and how far they are believed."""

from typing import Any

import marshmallow as ma
from flask import Response, jsonify

from api.moderation import reporters
from api.moderation.reporters import Reporter
from api.web.fields import text
from api.web.routing import Blueprint, caller, services

blp = Blueprint("reporters", __name__, url_prefix="/v1/reporters")


class ReporterQuery(ma.Schema):
    """Whom to show."""

    # No part of the path: a site's ids may hold slashes and dots, which proxies take apart.
    id = text(256, 1, required=True, metadata={"description": "the reporter.id of their reports"})


class ReporterOut(ma.Schema):
    """A reporter."""

    id = ma.fields.String(required=True)
    reported = ma.fields.Integer(required=True)
    upheld = ma.fields.Integer(
        required=True, metadata={"description": "the comment was rejected by a person"}
    )
    dismissed = ma.fields.Integer(
        required=True, metadata={"description": "the comment was approved by a person"}
    )
    outdated = ma.fields.Integer(
        required=True, metadata={"description": "only a later wording was decided about"}
    )
    open = ma.fields.Integer(required=True, metadata={"description": "nobody has decided yet"})
    all_counted = ma.fields.Boolean(
        required=True,
        metadata={"description": "false where only the newest 10,000 reports were counted"},
    )
    accuracy = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={
            "description": "the share of the last 200 judged reports that was upheld;"
            " null where none was judged"
        },
    )
    weight = ma.fields.Float(
        required=True,
        metadata={"description": "the chance that the next one is right; 0.4 of who is unknown"},
    )


@blp.route("", methods=["GET"])
@blp.arguments(ReporterQuery(), location="query")
@blp.response(200, ReporterOut)
def get(query: dict[str, Any]) -> Response:
    """A reporter by the site's own id: what became of their reports.

    404 where nobody of this id has reported a comment that is still there.
    """
    return jsonify(_show(reporters.find(services(), caller(), query["id"])))


def _show(reporter: Reporter) -> dict[str, Any]:
    record = reporter.record
    return {
        "id": reporter.id,
        "reported": reporter.reported,
        "upheld": reporter.upheld,
        "dismissed": reporter.dismissed,
        "outdated": reporter.outdated,
        "open": reporter.open,
        "all_counted": reporter.whole,
        "accuracy": None if record.accuracy is None else round(record.accuracy, 4),
        "weight": round(record.weight, 4),
    }
