"""The queue over HTTP: what waits for a person."""

from typing import Any

import marshmallow as ma
from flask import Response, jsonify
from marshmallow import validate

from api.moderation import review
from api.moderation.comments import Filter
from api.web.answers import show_comment
from api.web.comment_schemas import CommentOut
from api.web.fields import PageQuery, text
from api.web.routing import Blueprint, caller, services

blp = Blueprint("queue", __name__, url_prefix="/v1/queue")


class QueueQuery(PageQuery):
    """Which part of the queue, and what first."""

    queue = ma.fields.String(load_default=None, validate=validate.OneOf(["default", "escalated"]))
    reason = text(100, load_default=None)
    article = text(256, load_default=None)
    section = text(256, load_default=None)
    sort = ma.fields.String(load_default="priority", validate=validate.OneOf(list(review.ORDERS)))


class QueuedOut(CommentOut):
    """A comment that waits, and how much it matters to look soon."""

    priority = ma.fields.Float(required=True)
    priority_terms = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.Float(), required=True
    )


class QueuePage(ma.Schema):
    """Some of the queue, and the cursor of the next page."""

    items = ma.fields.List(ma.fields.Nested(QueuedOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)


@blp.route("", methods=["GET"])
@blp.arguments(QueueQuery(), location="query")
@blp.response(200, QueuePage)
def list_queue(query: dict[str, Any]) -> Response:
    """Comments that wait for a decision.

    By priority, the largest of each score times the harm its label can do: `priority_terms`.
    """
    sort, limit, cursor = (query.pop(name) for name in ("sort", "limit", "cursor"))
    page = review.queue(services(), caller(), Filter(**query), sort, limit, cursor)
    items = [
        {
            **show_comment(state),
            "priority": round(state.comment.priority, 4),
            "priority_terms": review.priority_terms(state),
        }
        for state in page.items
    ]
    return jsonify({"items": items, "next": page.next})
