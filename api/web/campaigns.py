"""Campaigns over HTTP: nearly the same texts, shown and decided as one."""

from datetime import datetime
from typing import Any

import marshmallow as ma
from flask import Response, jsonify
from marshmallow import validate

from api.moderation import campaigns
from api.moderation.campaigns import Campaign, decisions
from api.moderation.review import Choice
from api.store.policies import CampaignDecision
from api.web.answers import show_comment
from api.web.comment_schemas import CommentOut
from api.web.fields import PageQuery, Time, show_time, text
from api.web.problems import PROBLEM, ProblemSchema
from api.web.repeats import once, shown
from api.web.routing import Blueprint, caller, services

blp = Blueprint("campaigns", __name__, url_prefix="/v1/campaigns")

_OF_THE_NEWEST = {"description": f"of the newest {campaigns.LOOKED_AT:,} of its comments"}


class CampaignDecisionOut(ma.Schema):
    """What was decided about a campaign; later arrivals follow until `until`."""

    action = ma.fields.String(required=True, validate=validate.OneOf(decisions.ACTIONS))
    reason = ma.fields.String(required=True, allow_none=True)
    actor = ma.fields.String(required=True)
    created_at = Time(required=True)
    until = Time(required=True)
    following = ma.fields.Boolean(required=True)


class SampleOut(ma.Schema):
    """The newest of a campaign's comments, with the beginning of its text."""

    id = ma.fields.String(required=True)
    text = ma.fields.String(required=True)


class CampaignOut(ma.Schema):
    """Comments whose texts are nearly the same."""

    id = ma.fields.String(required=True)
    size = ma.fields.Integer(required=True)
    pending = ma.fields.Integer(required=True, metadata=_OF_THE_NEWEST)
    authors = ma.fields.Integer(required=True, metadata=_OF_THE_NEWEST)
    articles = ma.fields.Integer(required=True, metadata=_OF_THE_NEWEST)
    first_at = Time(required=True)
    last_at = Time(required=True)
    sample = ma.fields.Nested(SampleOut, required=True)
    decision = ma.fields.Nested(CampaignDecisionOut, required=True, allow_none=True)


class CampaignPage(ma.Schema):
    """Some campaigns, and the cursor of the next page."""

    items = ma.fields.List(ma.fields.Nested(CampaignOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)


class MembersPage(ma.Schema):
    """A campaign, some of its comments, and the cursor of the next page."""

    campaign = ma.fields.Nested(CampaignOut, required=True)
    items = ma.fields.List(ma.fields.Nested(CommentOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)


class CampaignDecisionIn(ma.Schema):
    """What to do with a campaign, and why."""

    action = ma.fields.String(required=True, validate=validate.OneOf(decisions.ACTIONS))
    reason = text(100, 1, allow_none=True)
    note = text(2000, allow_none=True)


@blp.route("", methods=["GET"])
@blp.arguments(PageQuery(), location="query")
@blp.response(200, CampaignPage)
def list_campaigns(query: dict[str, Any]) -> Response:
    """Texts that came twice or more, those first that have come again last."""
    page = campaigns.list_campaigns(services(), caller(), **query)
    now = services().now()
    return jsonify({"items": [show_campaign(one, now) for one in page.items], "next": page.next})


@blp.route("/<campaign_id:campaign_id>", methods=["GET"])
@blp.arguments(PageQuery(), location="query")
@blp.response(200, MembersPage)
def get(query: dict[str, Any], campaign_id: str) -> Response:
    """A campaign and its comments, the newest first."""
    found = campaigns.find(services(), caller(), campaign_id)
    page = campaigns.list_members(services(), caller(), campaign_id, **query)
    items = [show_comment(state) for state in page.items]
    shown_as = show_campaign(found, services().now())
    return jsonify({"campaign": shown_as, "items": items, "next": page.next})


@blp.route("/<campaign_id:campaign_id>/decision", methods=["POST"])
@blp.arguments(CampaignDecisionIn())
@blp.response(200, CampaignOut)
@blp.alt_response(
    409, schema=ProblemSchema, content_type=PROBLEM, description="It is decided otherwise."
)
def decide(choice: dict[str, Any], campaign_id: str) -> Response:
    """Approve or reject all comments of a campaign that wait, but for those others have claimed.

    What comes later follows for as many hours as the policy's `duplicates.follow_hours` says. The
    first hundred are decided at once, and `pending` says what was left then; a thousand more are
    decided before the answer comes, the rest by a worker. Deciding the same again is safe, and
    takes along what waits; 409 while it is decided otherwise.
    """
    now = services().now()
    return once(
        lambda who: decisions.decide(services(), who, campaign_id, Choice(**choice)),
        lambda found: shown(show_campaign(found, now), comments=[found.sample_id]),
    )


@blp.route("/<campaign_id:campaign_id>/decision", methods=["DELETE"])
@blp.response(200, CampaignOut)
@blp.alt_response(
    409, schema=ProblemSchema, content_type=PROBLEM, description="There is nothing to undo."
)
def undo(campaign_id: str) -> Response:
    """Take a campaign's decision back, with all decisions on comments that it has made.

    What came later and has followed it is judged again, by a worker.
    """
    found = decisions.undo(services(), caller(), campaign_id)
    return jsonify(show_campaign(found, services().now()))


def show_campaign(campaign: Campaign, now: datetime) -> dict[str, Any]:
    """A campaign as `CampaignOut` describes it."""
    return {
        "id": campaign.id,
        "size": campaign.size,
        "pending": campaign.pending,
        "authors": campaign.authors,
        "articles": campaign.articles,
        "first_at": show_time(campaign.first_at),
        "last_at": show_time(campaign.last_at),
        "sample": {"id": campaign.sample_id, "text": campaign.sample},
        "decision": campaign.decision and _show_decision(campaign.decision, now),
    }


def _show_decision(decision: CampaignDecision, now: datetime) -> dict[str, Any]:
    return {
        "action": decision.action,
        "reason": decision.reason,
        "actor": decision.actor,
        "created_at": show_time(decision.created_at),
        "until": show_time(decision.until),
        "following": decision.until > now,
    }
