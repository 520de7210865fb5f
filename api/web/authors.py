"""Authors over HTTP: how their comments stand, and what was said of them."""

from typing import Any

import marshmallow as ma
from flask import Response, jsonify

from api.moderation import authors
from api.moderation.authors import Author
from api.web.comment_schemas import STATUSES
from api.web.fields import Time, show_time, text
from api.web.routing import Blueprint, caller, services
from api.web.standings import StandingOut, show_standing

blp = Blueprint("authors", __name__, url_prefix="/v1/authors")


class AuthorQuery(ma.Schema):
    """Whom to show."""

    # No part of the path: a site's ids may hold slashes and dots, which proxies take apart.
    id = text(256, 1, required=True, metadata={"description": "the author.id of their comments"})


class CountsOut(ma.Schema):
    """How many comments have which status."""

    approved = ma.fields.Integer(required=True)
    pending = ma.fields.Integer(required=True)
    rejected = ma.fields.Integer(required=True)


class RecordOut(ma.Schema):
    """How the comments of the last days were judged, as authors.recent_record counts them."""

    days = ma.fields.Integer(required=True)
    judged = ma.fields.Integer(required=True)
    rejected = ma.fields.Integer(required=True)
    share = ma.fields.Float(
        required=True, metadata={"description": "from 0 to 1; 0 where none was judged"}
    )


class AuthorOut(ma.Schema):
    """An author."""

    id = ma.fields.String(required=True)
    comments = ma.fields.Nested(CountsOut, required=True)
    all_counted = ma.fields.Boolean(
        required=True,
        metadata={"description": "false where only the newest 10,000 comments were counted"},
    )
    first_at = Time(required=True, allow_none=True)
    last_at = Time(required=True, allow_none=True)
    recent_record = ma.fields.Nested(RecordOut, required=True)
    standings = ma.fields.List(
        ma.fields.Nested(StandingOut),
        required=True,
        metadata={"description": "what was said of this id, newest first, at most 100"},
    )


@blp.route("", methods=["GET"])
@blp.arguments(AuthorQuery(), location="query")
@blp.response(200, AuthorOut)
def get(query: dict[str, Any]) -> Response:
    """An author by the site's own id: their comments in figures, and what was said of them.

    404 where no comment has this id as `author.id` and nothing was said of it.
    """
    return jsonify(_show(authors.find(services(), caller(), query["id"])))


def _show(author: Author) -> dict[str, Any]:
    record = author.record
    return {
        "id": author.id,
        "comments": {status: author.counts.get(status, 0) for status in STATUSES},
        "all_counted": author.whole,
        "first_at": show_time(author.first_at),
        "last_at": show_time(author.last_at),
        "recent_record": {
            "days": author.days,
            "judged": record.judged,
            "rejected": record.rejected,
            "share": round(record.share, 4),
        },
        "standings": [show_standing(one) for one in author.standings],
    }
