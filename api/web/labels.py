"""Labels over HTTP: what is learnt of which decision, and having it forgotten."""

from typing import Any

import marshmallow as ma
from flask import Response, jsonify

from api.moderation.learning import forgetting, imports
from api.moderation.learning.forgetting import Listed
from api.web.fields import PageQuery, Time, show_time, text
from api.web.routing import Blueprint, caller, services

blp = Blueprint("labels", __name__, url_prefix="/v1/labels")


class LabelOut(ma.Schema):
    """What is learnt of a decision on a comment."""

    comment_id = ma.fields.String(required=True)
    rejected = ma.fields.Boolean(required=True)
    weight = ma.fields.Float(
        required=True,
        metadata={
            "description": "2 where it overturned something or two agree, 0.5 as one of many at"
            " once; before it is known how far the account is believed"
        },
    )
    actor = ma.fields.String(required=True)
    reason = ma.fields.String(required=True, allow_none=True)
    decided_at = Time(required=True)
    forgotten = ma.fields.Boolean(required=True)


class LabelPage(ma.Schema):
    """Some labels, and the cursor of the next page."""

    items = ma.fields.List(ma.fields.Nested(LabelOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)


class ErasedQuery(ma.Schema):
    """Of whom."""

    # No part of the path: a site's ids may hold slashes and dots, which proxies take apart.
    author_id = text(256, 1, required=True, metadata={"description": "as it was imported"})


@blp.route("", methods=["GET"])
@blp.arguments(PageQuery(), location="query")
@blp.response(200, LabelPage)
def list_labels(query: dict[str, Any]) -> Response:
    """What is learnt of decisions on comments, newest comment first, forgotten ones too.

    Decisions for reasons that the policy ignores are left out, and so is what was imported.
    """
    page = forgetting.list_labels(services(), caller(), **query)
    return jsonify({"items": [_show(one) for one in page.items], "next": page.next})


@blp.route("", methods=["DELETE"])
@blp.arguments(ErasedQuery(), location="query")
@blp.response(204)
def erase(query: dict[str, Any]) -> tuple[str, int]:
    """Delete what was imported of an author; comments are erased by deleting them."""
    imports.erase_author(services(), caller(), query["author_id"])
    return "", 204


@blp.route("/<comment_id:comment_id>", methods=["DELETE"])
@blp.response(204)
def forget(comment_id: str) -> tuple[str, int]:
    """Have nothing learnt of what is or will be decided about a comment, from the next training."""
    forgetting.forget(services(), caller(), comment_id)
    return "", 204


@blp.route("/<comment_id:comment_id>", methods=["PUT"])
@blp.response(204)
def remember(comment_id: str) -> tuple[str, int]:
    """Have it learnt of again."""
    forgetting.remember(services(), caller(), comment_id)
    return "", 204


def _show(label: Listed) -> dict[str, Any]:
    return {
        "comment_id": label.comment_id,
        "rejected": label.rejected,
        "weight": label.weight,
        "actor": label.actor,
        "reason": label.reason,
        "decided_at": show_time(label.decided_at),
        "forgotten": label.forgotten,
    }
