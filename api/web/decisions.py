"""Decisions over HTTP: a comment's last word, taking it back, and what two people think."""

from typing import Any

import marshmallow as ma
from flask import Response, jsonify
from marshmallow import validate

from api.moderation import review, secondlooks
from api.moderation.repeats import Answer
from api.moderation.review import Choice, Outcome
from api.store.review import SecondLook
from api.web.answers import show_blind, show_comment
from api.web.comment_schemas import BlindCommentOut, CommentOut
from api.web.fields import Time, show_time, text
from api.web.problems import PROBLEM, ProblemSchema
from api.web.repeats import once, shown
from api.web.routing import Blueprint, caller, services

blp = Blueprint("decisions", __name__, url_prefix="/v1/comments")


class DecisionIn(ma.Schema):
    """What to do with a comment, and why."""

    action = ma.fields.String(
        required=True, validate=validate.OneOf([*review.ACTIONS, review.SKIP])
    )
    reason = text(100, 1, allow_none=True)
    note = text(2000, allow_none=True)
    queue = text(
        50,
        1,
        allow_none=True,
        metadata={"description": "where to escalate to: `escalated`, or a saved queue"},
    )
    version = ma.fields.Integer(strict=True, allow_none=True)
    claim = text(
        40, 1, allow_none=True, metadata={"description": "the id of the claim you hold on it"}
    )


class DecisionAnswer(BlindCommentOut):
    """The comment as it stands then."""

    awaits_second = ma.fields.Boolean(
        required=True,
        metadata={"description": "whether this is an opinion until a second person agrees"},
    )


class UndoQuery(ma.Schema):
    """The version that is being undone."""

    version = ma.fields.Integer(load_default=None)


class OpinionOut(ma.Schema):
    """What one of two people said."""

    actor = ma.fields.String(required=True)
    action = ma.fields.String(required=True, validate=validate.OneOf(secondlooks.FINAL))
    reason = ma.fields.String(required=True, allow_none=True)
    note = ma.fields.String(required=True, allow_none=True)
    created_at = Time(required=True)


class SecondLookOut(ma.Schema):
    """Two people on one wording; `second` is null while nobody has answered."""

    kind = ma.fields.String(
        required=True, validate=validate.OneOf([secondlooks.AGREE, secondlooks.RECHECK])
    )
    version = ma.fields.Integer(required=True)
    agreed = ma.fields.Boolean(required=True, allow_none=True)
    first = ma.fields.Nested(OpinionOut, required=True)
    second = ma.fields.Nested(OpinionOut, required=True, allow_none=True)


class OpinionList(ma.Schema):
    """The second looks at a comment, oldest first."""

    items = ma.fields.List(ma.fields.Nested(SecondLookOut), required=True)


@blp.route("/<comment_id:comment_id>/decision", methods=["POST"])
@blp.arguments(DecisionIn())
@blp.response(200, DecisionAnswer)
@blp.alt_response(
    409, schema=ProblemSchema, content_type=PROBLEM, description="Changed or claimed since."
)
def decide(choice: dict[str, Any], comment_id: str) -> Response:
    """Approve, reject, escalate or skip a comment.

    Send the `version` you saw: if the comment has changed since, the answer is 409 with the
    comment as it is now. Deciding what is decided already changes nothing. While somebody else
    holds a claim on the comment, and when the `claim` you name has lapsed, the answer is 409 as
    well; so it is without a claim where the policy says `review.claims: required`.

    Where two must agree, `awaits_second` is true and the comment stays as it is until a second
    person says the same. `skip` changes nothing but that you are not asked for a while.
    """
    return once(
        lambda who: review.decide(services(), who, comment_id, Choice(**choice)), _show_outcome
    )


@blp.route("/<comment_id:comment_id>/decision", methods=["DELETE"])
@blp.arguments(UndoQuery(), location="query")
@blp.response(200, CommentOut)
@blp.alt_response(
    409, schema=ProblemSchema, content_type=PROBLEM, description="There is nothing to undo."
)
def undo(query: dict[str, Any], comment_id: str) -> Response:
    """Take back the decision in force; what stood before it stands again.

    What you have said as one of two people is taken back instead, where there is such a thing.
    """
    return jsonify(show_comment(review.undo(services(), caller(), comment_id, query["version"])))


@blp.route("/<comment_id:comment_id>/opinions", methods=["GET"])
@blp.response(200, OpinionList)
def list_opinions(comment_id: str) -> Response:
    """What two people said of a comment, where two were asked.

    What nobody has answered yet is told to nobody but who said it.
    """
    found = secondlooks.list_opinions(services(), caller(), comment_id)
    return jsonify({"items": [_show_look(look) for look in found]})


def _show_outcome(outcome: Outcome) -> Answer:
    whole = show_blind(outcome) if outcome.blind else show_comment(outcome)
    return shown(
        {**whole, "awaits_second": outcome.awaits_second}, comments=[outcome.comment.public_id]
    )


def _show_look(look: SecondLook) -> dict[str, Any]:
    answered = look.second_at is not None
    return {
        "kind": look.kind,
        "version": look.version,
        "agreed": look.first_action == look.second_action if answered else None,
        "first": _show_opinion(look, "first"),
        "second": _show_opinion(look, "second") if answered else None,
    }


def _show_opinion(look: SecondLook, side: str) -> dict[str, Any]:
    said = {name: getattr(look, f"{side}_{name}") for name in ("actor", "action", "reason", "note")}
    return {**said, "created_at": show_time(getattr(look, f"{side}_at"))}
