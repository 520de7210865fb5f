"""The queue over HTTP: what waits for a person."""

from typing import Any

import marshmallow as ma
from flask import Response, jsonify
from marshmallow import validate

from api.moderation import claims, review
from api.moderation.comments import Filter, State
from api.store.outbox import Claim
from api.web.answers import show_comment
from api.web.comment_schemas import CommentOut
from api.web.fields import PageQuery, Time, show_time, text
from api.web.routing import Blueprint, caller, services

blp = Blueprint("queue", __name__, url_prefix="/v1/queue")

QUEUES = ("default", "escalated")


class QueueQuery(PageQuery):
    """Which part of the queue, and what first."""

    queue = ma.fields.String(load_default=None, validate=validate.OneOf(QUEUES))
    reason = text(100, load_default=None)
    article = text(256, load_default=None)
    section = text(256, load_default=None)
    sort = ma.fields.String(load_default="priority", validate=validate.OneOf(list(review.ORDERS)))


class ClaimOut(ma.Schema):
    """Who works on a comment, and until when."""

    id = ma.fields.String(required=True)
    by = ma.fields.String(required=True)
    expires_at = Time(required=True)


class QueuedOut(CommentOut):
    """A comment that waits, and how much it matters to look soon."""

    priority = ma.fields.Float(required=True)
    priority_terms = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.Float(), required=True
    )
    claim = ma.fields.Nested(ClaimOut, required=True, allow_none=True)


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
    `claim` tells who works on a comment at the moment; nobody else may decide about it.
    """
    sort, limit, cursor = (query.pop(name) for name in ("sort", "limit", "cursor"))
    page = review.queue(services(), caller(), Filter(**query), sort, limit, cursor)
    held = claims.find_held(services(), [state.comment.id for state in page.items])
    items = [show_queued(state, held.get(state.comment.id)) for state in page.items]
    return jsonify({"items": items, "next": page.next})


def show_queued(state: State, claim: Claim | None) -> dict[str, Any]:
    """A comment that waits as `QueuedOut` describes it."""
    return {
        **show_comment(state),
        "priority": round(state.comment.priority, 4),
        "priority_terms": review.priority_terms(state),
        "claim": claim and show_claim(claim),
    }


def show_claim(claim: Claim) -> dict[str, Any]:
    """A claim as `ClaimOut` describes it."""
    return {
        "id": claim.public_id,
        "by": claim.actor,
        "expires_at": show_time(claim.expires_at),
    }
