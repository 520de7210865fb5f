"""The queue over HTTP: what waits for a person."""

from typing import Any

import marshmallow as ma
from flask import Response, jsonify
from marshmallow import validate

from api.moderation import claims, review, sampling
from api.moderation.comments import Filter, State
from api.store.outbox import Claim
from api.web.answers import show_comment
from api.web.comment_schemas import STATUSES, CommentOut, VerdictOut
from api.web.fields import PageQuery, Time, show_time, text
from api.web.routing import Blueprint, caller, services

blp = Blueprint("queue", __name__, url_prefix="/v1/queue")

QUEUES = ("default", "escalated", sampling.AUDIT)
_BLIND = "null in the audit queue: whoever looks is not to know"


class QueueQuery(PageQuery):
    """Which part of the queue, and what first."""

    queue = ma.fields.String(load_default=None, validate=validate.OneOf(QUEUES))
    reason = text(100, load_default=None)
    article = text(256, load_default=None)
    section = text(256, load_default=None)
    sort = ma.fields.String(load_default="priority", validate=validate.OneOf(list(review.ORDERS)))

    @ma.validates_schema
    def _stay_blind(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("queue") == sampling.AUDIT and data.get("reason") is not None:
            raise ma.ValidationError("The audit queue does not tell its reasons.", "reason")


class ClaimOut(ma.Schema):
    """Who works on a comment, and until when."""

    id = ma.fields.String(required=True)
    by = ma.fields.String(required=True)
    expires_at = Time(required=True)


class QueuedOut(CommentOut):
    """A comment that waits, and how much it matters to look soon."""

    status = ma.fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf([*STATUSES, None]),
        metadata={"description": _BLIND},
    )
    verdict = ma.fields.Nested(
        VerdictOut, required=True, allow_none=True, metadata={"description": _BLIND}
    )
    priority = ma.fields.Float(required=True, allow_none=True, metadata={"description": _BLIND})
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

    The queue `audit` is asked for by name. It holds the samples of what was approved or rejected
    without a person (`audit` in the policy), the newest first, and does not say which it was.
    """
    sort, limit, cursor = (query.pop(name) for name in ("sort", "limit", "cursor"))
    page = review.queue(services(), caller(), Filter(**query), sort, limit, cursor)
    held = claims.find_held(services(), [state.comment.id for state in page.items])
    items = [show_queued(state, held.get(state.comment.id)) for state in page.items]
    return jsonify({"items": items, "next": page.next})


def show_queued(state: State, claim: Claim | None) -> dict[str, Any]:
    """A comment that waits as `QueuedOut` describes it."""
    known: dict[str, Any] = {
        "priority": round(state.comment.priority, 4),
        "priority_terms": review.priority_terms(state),
    }
    if sampling.is_open(state.comment):
        known = {"status": None, "verdict": None, "priority": None, "priority_terms": {}}
    return {**show_comment(state), **known, "claim": claim and show_claim(claim)}


def show_claim(claim: Claim) -> dict[str, Any]:
    """A claim as `ClaimOut` describes it."""
    return {
        "id": claim.public_id,
        "by": claim.actor,
        "expires_at": show_time(claim.expires_at),
    }
