"""The event log over HTTP: what happened to the site's comments, in the order of its numbers."""

from typing import Any

import marshmallow as ma
from flask import Response, jsonify
from marshmallow import validate

from api.moderation import events
from api.moderation.events import Wanted
from api.moderation.events.outcomes import ACTS, OUTCOMES, outcome
from api.store.outbox import Event
from api.web.fields import PageQuery, Time, show_time, text
from api.web.routing import Blueprint, caller, services

blp = Blueprint("events", __name__, url_prefix="/v1/events")

LARGEST = 2**31 - 1
"""The largest number that PostgreSQL's integer can hold."""


class EventsQuery(PageQuery):
    """Which part of the log."""

    after = ma.fields.Integer(
        load_default=0,
        validate=validate.Range(min=0, max=LARGEST),
        metadata={"description": "the number of the last event you have; 0 for the whole log"},
    )
    type = ma.fields.String(load_default=None, validate=validate.OneOf([*ACTS, *OUTCOMES]))
    comment = text(128, load_default=None)


class EventOut(ma.Schema):
    """Something that happened."""

    number = ma.fields.Integer(required=True, metadata={"description": "1, 2, 3 … in each site"})
    type = ma.fields.String(required=True)
    outcome = ma.fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf([*OUTCOMES]),
        metadata={"description": "what the act came to; null where the status stayed as it was"},
    )
    comment_id = ma.fields.String(required=True, allow_none=True)
    actor = ma.fields.String(required=True)
    data = ma.fields.Dict(required=True)
    created_at = Time(required=True)
    hash = ma.fields.String(required=True)


class EventPage(ma.Schema):
    """Some of the log, and the cursor of the next page."""

    items = ma.fields.List(ma.fields.Nested(EventOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)


class HeadOut(ma.Schema):
    """The last event of the log."""

    number = ma.fields.Integer(required=True, metadata={"description": "0 where there is none"})
    hash = ma.fields.String(required=True)


@blp.route("", methods=["GET"])
@blp.arguments(EventsQuery(), location="query")
@blp.response(200, EventPage)
def list_events(query: dict[str, Any]) -> Response:
    """The site's log, oldest first.

    To catch up, ask with the number of the last event you have as `after`: numbers have no gaps,
    none is given out below one that was shown, and whatever was answered before your request is
    in the list. `type` is what was done, or what it came to, such as `comment.approved`.
    """
    limit, cursor = query.pop("limit"), query.pop("cursor")
    page = events.list_events(services(), caller(), Wanted(**query), limit, cursor)
    return jsonify({"items": [_show(event) for event in page.items], "next": page.next})


@blp.route("/head", methods=["GET"])
@blp.response(200, HeadOut)
def get_head() -> Response:
    """The last event's number and hash.

    Noted elsewhere, they prove that the log up to there was not written anew:
    `winnow events verify --head NUMBER:HASH`.
    """
    head = events.find_head(services(), caller())
    return jsonify({"number": head.number, "hash": head.hash})


def _show(event: Event) -> dict[str, Any]:
    return {
        "number": event.number,
        "type": event.type,
        "outcome": outcome(event.data),
        "comment_id": event.comment_id,
        "actor": event.actor,
        "data": event.data,
        "created_at": show_time(event.created_at),
        "hash": event.hash,
    }
