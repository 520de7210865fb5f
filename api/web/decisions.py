"""Decisions over HTTP: a comment's last word, and taking it back."""

from typing import Any

import marshmallow as ma
from flask import Response, jsonify
from marshmallow import validate

from api.moderation import review
from api.moderation.review import Choice
from api.web.answers import show_comment
from api.web.comment_schemas import CommentOut
from api.web.fields import text
from api.web.problems import PROBLEM, ProblemSchema
from api.web.repeats import once, shown
from api.web.routing import Blueprint, caller, services

blp = Blueprint("decisions", __name__, url_prefix="/v1/comments")


class DecisionIn(ma.Schema):
    """What to do with a comment, and why."""

    action = ma.fields.String(required=True, validate=validate.OneOf(review.ACTIONS))
    reason = text(100, 1, allow_none=True)
    note = text(2000, allow_none=True)
    version = ma.fields.Integer(strict=True, allow_none=True)
    claim = text(
        40, 1, allow_none=True, metadata={"description": "the id of the claim you hold on it"}
    )


class UndoQuery(ma.Schema):
    """The version that is being undone."""

    version = ma.fields.Integer(load_default=None)


@blp.route("/<comment_id:comment_id>/decision", methods=["POST"])
@blp.arguments(DecisionIn())
@blp.response(200, CommentOut)
@blp.alt_response(
    409, schema=ProblemSchema, content_type=PROBLEM, description="Changed or claimed since."
)
def decide(choice: dict[str, Any], comment_id: str) -> Response:
    """Approve, reject or escalate a comment.

    Send the `version` you saw: if the comment has changed since, the answer is 409 with its
    present version. Deciding what is decided already changes nothing. While somebody else holds
    a claim on the comment, and when the `claim` you name has lapsed, the answer is 409 as well.
    """
    return once(
        lambda who: review.decide(services(), who, comment_id, Choice(**choice)),
        lambda state: shown(show_comment(state), comments=[comment_id]),
    )


@blp.route("/<comment_id:comment_id>/decision", methods=["DELETE"])
@blp.arguments(UndoQuery(), location="query")
@blp.response(200, CommentOut)
@blp.alt_response(
    409, schema=ProblemSchema, content_type=PROBLEM, description="There is nothing to undo."
)
def undo(query: dict[str, Any], comment_id: str) -> Response:
    """Take back the decision in force; what stood before it stands again."""
    return jsonify(show_comment(review.undo(services(), caller(), comment_id, query["version"])))
