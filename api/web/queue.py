"""The queue over HTTP: what waits for a person."""

from datetime import timedelta
from typing import Any

import marshmallow as ma
from flask import Response, jsonify
from marshmallow import validate
from webargs.flaskparser import abort

from api.moderation import claims, queues
from api.moderation.errors import NotFoundError
from api.moderation.learning import asking
from api.moderation.queues import listing, placing, saved, urgency
from api.moderation.queues.listing import Asked, Queued
from api.store.outbox import Claim
from api.store.review import Waiting
from api.web.answers import show_comment
from api.web.comment_schemas import BLIND, BlindCommentOut
from api.web.fields import PageQuery, Time, show_time, text
from api.web.filters import FilterFields, check_blind, take
from api.web.routing import Blueprint, caller, services

blp = Blueprint("queue", __name__, url_prefix="/v1/queue")


class QueueQuery(PageQuery, FilterFields):
    """Which queue, what of it, and what first."""

    queue = text(50, load_default=None, metadata={"description": "built-in or saved"})
    sort = ma.fields.String(
        load_default=None,
        validate=validate.OneOf(list(listing.ORDERS)),
        metadata={"description": "priority unless the queue is saved with another"},
    )
    mine = ma.fields.Boolean(
        load_default=False,
        truthy={"true"},
        falsy={"false"},
        metadata={"description": "only of the sections that you look after, if there are any"},
    )

    @ma.validates_schema
    def _stay_blind(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("queue") == queues.AUDIT:
            check_blind(data)


class ClaimOut(ma.Schema):
    """Who works on a comment, and until when."""

    id = ma.fields.String(required=True)
    by = ma.fields.String(required=True)
    expires_at = Time(required=True)


class TermsOut(ma.Schema):
    """What expected harm is made of; all but `label` and `reports` are multiplied."""

    label = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "the score that is feared most"}
    )
    severity = ma.fields.Float(
        required=True, metadata={"description": "how bad it is if that is right, to 1"}
    )
    probability = ma.fields.Float(
        required=True, metadata={"description": "that it is right, reports taken in"}
    )
    reports = ma.fields.Float(
        required=True, metadata={"description": "the chance that one of its reporters is right"}
    )
    exposure = ma.fields.Float(
        required=True, metadata={"description": "how many see it; 1 is few, and not yet"}
    )
    waiting = ma.fields.Float(
        required=True, metadata={"description": "what the time that it has waited multiplies it by"}
    )


class QueuedOut(BlindCommentOut):
    """A comment that waits, and how much it matters to look soon."""

    priority = ma.fields.Float(required=True, allow_none=True, metadata={"description": BLIND})
    priority_terms = ma.fields.Nested(
        TermsOut, required=True, allow_none=True, metadata={"description": BLIND}
    )
    queue = ma.fields.String(required=True)
    waiting_since = Time(required=True)
    claim = ma.fields.Nested(ClaimOut, required=True, allow_none=True)
    to_learn = ma.fields.Boolean(
        required=True,
        metadata={
            "description": "whether people are asked about it because the model would learn of"
            " it; no measured rate counts what they decide, for it was not drawn by chance"
        },
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

    By expected harm, whose terms are `priority_terms`: their product is the `priority`. `claim`
    tells who works on a comment at the moment; nobody else may decide about it. Fields that are
    repeated ask for any of their values; what differs must all hold.

    The queue `audit` is asked for by name. It holds the samples of what was decided without a
    person (`audit` in the policy) or by one (`review.recheck`), and what the model would learn
    most from (`learning.ask`), the newest first, and does not say what was decided.
    """
    limit, cursor = query.pop("limit"), query.pop("cursor")
    page = listing.list_queue(services(), caller(), _ask(query), limit, cursor)
    held = claims.find_held(services(), [one.waiting.comment_id for one in page.items])
    pace = find_pace()
    items = [show_queued(one, held.get(one.waiting.comment_id), pace) for one in page.items]
    return jsonify({"items": items, "next": page.next})


def _ask(query: dict[str, Any]) -> Asked:
    queue, sort, mine = query.pop("queue"), query.pop("sort"), query.pop("mine")
    try:
        return saved.resolve(services(), caller(), queue, take(query), sort, mine)
    except NotFoundError as error:
        return abort(422, messages={"query": {"queue": [str(error)]}})


def find_pace() -> timedelta:
    """How long a comment of the caller's site waits until it counts for twice as much."""
    return placing.doubles_after_now(services(), caller().site_id)


def show_queued(queued: Queued, claim: Claim | None, pace: timedelta) -> dict[str, Any]:
    """A comment that waits as `QueuedOut` describes it."""
    whole = show_comment(queued.state)
    if queued.waiting.queue == queues.AUDIT:
        whole |= dict.fromkeys(("status", "verdict", "decision", "priority", "priority_terms"))
    else:
        terms = _show_terms(queued.waiting, pace)
        whole |= {"priority": terms.pop("priority"), "priority_terms": terms}
    return {
        **whole,
        "queue": queued.waiting.queue,
        "waiting_since": show_time(queued.waiting.since),
        "claim": claim and show_claim(claim),
        "to_learn": asking.is_open(queued.state.comment),
    }


def _show_terms(waiting: Waiting, pace: timedelta) -> dict[str, Any]:
    waited = urgency.grow(waiting.since, services().now(), pace)
    product = waiting.severity * waiting.probability * waiting.exposure * waited
    return {
        "priority": round(product, 4),
        "label": waiting.label,
        "severity": round(waiting.severity, 4),
        "probability": round(waiting.probability, 4),
        "reports": round(waiting.reports, 4),
        "exposure": round(waiting.exposure, 4),
        "waiting": round(waited, 4),
    }


def show_claim(claim: Claim) -> dict[str, Any]:
    """A claim as `ClaimOut` describes it."""
    return {
        "id": claim.public_id,
        "by": claim.actor,
        "expires_at": show_time(claim.expires_at),
    }
