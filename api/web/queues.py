"""Queues over HTTP: those that every site has, and those that a site saves for itself."""

from typing import Any

import marshmallow as ma
from flask import Response, jsonify
from marshmallow import validate

from api.moderation import filters
from api.moderation.queues import DEFAULT, counting, listing, saved
from api.moderation.queues.counting import Counted
from api.moderation.queues.saved import VIEWED, Wish
from api.web.fields import Time, show_time, text
from api.web.filters import LONGEST_MINUTES, FilterFields, take
from api.web.routing import Blueprint, caller, services

blp = Blueprint("queues", __name__, url_prefix="/v1/queues")


class ViewSchema(FilterFields):
    """What a saved queue shows of what waits, from moment to moment."""

    class Meta:
        """What a fixed time bounds is no queue: it would only ever shrink, or grow."""

        exclude = ("since", "until")

    queue = ma.fields.String(
        load_default=DEFAULT,
        validate=validate.OneOf(VIEWED),
        metadata={"description": "of which built-in queue it is a view"},
    )

    @ma.post_load
    def _plain(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        queue = data.pop("queue")
        plain = filters.dump(take(data))
        return plain if queue == DEFAULT else {"queue": queue, **plain}


class QueueIn(ma.Schema):
    """A queue to be saved."""

    title = text(100, 1, required=True)
    filter = ma.fields.Nested(
        ViewSchema,
        load_default=None,
        allow_none=True,
        metadata={"description": "null for a place to escalate to"},
    )
    sort = ma.fields.String(load_default="priority", validate=validate.OneOf(list(listing.ORDERS)))
    key = ma.fields.String(
        load_default=None,
        validate=validate.Regexp(r"[a-z]\Z", error="One small letter from a to z."),
        metadata={"description": "the letter that leads to it on the pages, after g"},
    )
    within_minutes = ma.fields.Integer(
        strict=True,
        load_default=None,
        validate=validate.Range(min=1, max=LONGEST_MINUTES),
        metadata={"description": "how soon what waits in it should be decided"},
    )

    @ma.post_load
    def _wish(self, data: dict[str, Any], **_: Any) -> Wish:
        return Wish(**data)


class QueueOut(ma.Schema):
    """A queue, and how much waits in it for whoever asks."""

    name = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    built_in = ma.fields.Boolean(required=True)
    filter = ma.fields.Dict(
        required=True,
        allow_none=True,
        metadata={"description": "null for what lies in the queue itself, not only seems to"},
    )
    sort = ma.fields.String(required=True)
    key = ma.fields.String(required=True, allow_none=True)
    within_minutes = ma.fields.Integer(required=True, allow_none=True)
    waiting = ma.fields.Integer(required=True)
    late = ma.fields.Integer(
        required=True,
        metadata={"description": "how many have waited for more than within_minutes"},
    )
    oldest_since = Time(required=True, allow_none=True)
    mine = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "how many are of the sections that you look after; null if none"},
    )


class QueueList(ma.Schema):
    """All queues, the built-in ones first."""

    items = ma.fields.List(ma.fields.Nested(QueueOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)


@blp.route("", methods=["GET"])
@blp.response(200, QueueList)
def list_queues() -> Response:
    """Every queue, with how many wait in it for you and how long, counted at this moment.

    What you have skipped for the present, or have judged already, is not counted.
    """
    items = [show_queue(one) for one in counting.count(services(), caller())]
    return jsonify({"items": items, "next": None})


@blp.route("/<queue_name:name>", methods=["GET"])
@blp.response(200, QueueOut)
def get(name: str) -> Response:
    """One queue."""
    return jsonify(show_queue(counting.count_one(services(), caller(), name)))


@blp.route("/<queue_name:name>", methods=["PUT"])
@blp.arguments(QueueIn())
@blp.response(200, QueueOut)
@blp.alt_response(201, schema=QueueOut, description="There was none of this name before.")
def put(wish: Wish, name: str) -> tuple[Response, int]:
    """Save a queue for everybody of the site: a view over what waits, or a place to escalate to.

    A view has a `filter` with fields as in `GET /v1/queue`, and shows what of the queue `default`
    (or of another one, by the filter's `queue`) passes it. A place has none: comments lie in it
    that were escalated to its name. 409 for the names of built-in queues, and where a place that
    is to become a view is not empty.
    """
    _, made = saved.put(services(), caller(), name, wish)
    found = counting.count_one(services(), caller(), name)
    return jsonify(show_queue(found)), 201 if made else 200


@blp.route("/<queue_name:name>", methods=["DELETE"])
@blp.response(204)
def delete(name: str) -> tuple[str, int]:
    """Have a saved queue no more; 409 for a place as long as something lies in it."""
    saved.delete(services(), caller(), name)
    return "", 204


def show_queue(counted: Counted) -> dict[str, Any]:
    """A queue as `QueueOut` describes it."""
    queue = counted.queue
    return {
        "name": queue.name,
        "title": queue.title,
        "built_in": queue.built_in,
        "filter": queue.filter,
        "sort": queue.sort,
        "key": queue.key,
        "within_minutes": queue.within_minutes,
        "waiting": counted.waiting,
        "late": counted.late,
        "oldest_since": show_time(counted.oldest_since),
        "mine": counted.mine,
    }
