"""The rules of the policy over HTTP: how often each was found, and in which comments."""

from typing import Any

import marshmallow as ma
from flask import Response, jsonify

from api.moderation import rulehits
from api.moderation.rulehits import Used
from api.web.answers import show_comment
from api.web.comment_schemas import CommentPage
from api.web.fields import PageQuery, Time, show_time, text
from api.web.routing import Blueprint, caller, services

blp = Blueprint("policy_rules", __name__, url_prefix="/v1/policy/rules")

LONGEST_KEY = 250


class RulesQuery(PageQuery):
    """Which rules."""

    unused = ma.fields.Boolean(
        load_default=False,
        truthy={"true"},
        falsy={"false"},
        metadata={"description": "true: only rules that were never found in a comment"},
    )


class HitsQuery(PageQuery):
    """Which rule."""

    rule = text(
        LONGEST_KEY,
        1,
        required=True,
        metadata={"description": "the rule's key: its name, or else e.g. word:casino"},
    )


class UsedRuleOut(ma.Schema):
    """A rule, and how often it was found."""

    key = ma.fields.String(required=True)
    kind = ma.fields.String(required=True)
    value = ma.fields.String(required=True)
    name = ma.fields.String(required=True, metadata={"description": "empty where it has none"})
    do = ma.fields.String(required=True)
    hits = ma.fields.Integer(
        required=True, metadata={"description": "comments that are kept, each counted once"}
    )
    hits_30_days = ma.fields.Integer(required=True)
    last_hit_at = Time(required=True, allow_none=True)


class UsedRulePage(ma.Schema):
    """Some rules, in the order of the policy, and the cursor of the next page."""

    policy = ma.fields.Integer(required=True, metadata={"description": "the policy's version"})
    items = ma.fields.List(ma.fields.Nested(UsedRuleOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)


@blp.route("", methods=["GET"])
@blp.arguments(RulesQuery(), location="query")
@blp.response(200, UsedRulePage)
def list_rules(query: dict[str, Any]) -> Response:
    """The rules of the policy in force, and in how many comments each was found.

    A rule that authors may skip counts where it was found all the same. Hits stay with the key
    of a rule when the policy changes, and go with the comment when it is deleted.
    """
    page = rulehits.list_rules(services(), caller(), **query)
    items = [_show(one) for one in page.items]
    return jsonify({"policy": page.version, "items": items, "next": page.next})


@blp.route("/hits", methods=["GET"])
@blp.arguments(HitsQuery(), location="query")
@blp.response(200, CommentPage)
def list_hits(query: dict[str, Any]) -> Response:
    """The comments in which a rule was found, in any of their wordings, newest first."""
    page = rulehits.list_comments(services(), caller(), **query)
    return jsonify({"items": [show_comment(state) for state in page.items], "next": page.next})


def _show(used: Used) -> dict[str, Any]:
    rule = used.rule
    return {
        "key": rule.key,
        "kind": rule.kind,
        "value": rule.value,
        "name": rule.name,
        "do": rule.do,
        "hits": used.hits,
        "hits_30_days": used.recent,
        "last_hit_at": show_time(used.last_at),
    }
