"""Campaigns for people: the same text again and again, decided as one."""

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from api.moderation import campaigns
from api.moderation.campaigns import decisions
from api.moderation.errors import ConflictError
from api.moderation.review import Choice
from api.web.pages import console
from api.web.pages.cards import tell_age
from api.web.pages.queue import find_reasons
from api.web.routing import caller, services

PAGE_SIZE = 20
MEMBERS = 50


def show_all() -> str:
    """The campaigns there are, those that grew last first."""
    page = campaigns.list_campaigns(services(), caller(), PAGE_SIZE, request.args.get("cursor"))
    now = services().now()
    return console.render(
        "campaigns.html",
        campaigns=[(one, tell_age(one.last_at, now)) for one in page.items],
        next=page.next and url_for("pages.campaigns", cursor=page.next),
        codes=find_reasons(),
        now=now,
    )


def show(campaign: str, trouble: str = "") -> str:
    """One campaign with its comments."""
    found = campaigns.find(services(), caller(), campaign)
    cursor = request.args.get("cursor")
    page = campaigns.list_members(services(), caller(), campaign, MEMBERS, cursor)
    now = services().now()
    return console.render(
        "campaign.html",
        campaign=found,
        age=tell_age(found.last_at, now),
        members=[(one, tell_age(one.comment.received_at, now)) for one in page.items],
        next=page.next and url_for("pages.campaign", campaign=campaign, cursor=page.next),
        codes=find_reasons(),
        now=now,
        trouble=trouble,
    )


def decide(campaign: str) -> ResponseReturnValue:
    """Decide all of a campaign that waits; what comes later follows for a time."""
    action, reason = request.form.get("action", ""), request.form.get("reason", "")
    offered = ("", *(one.code for one in find_reasons()))
    if action not in decisions.ACTIONS or reason not in offered:
        abort(422, "The form was not filled in as we made it.")
    try:
        decisions.decide(services(), caller(), campaign, Choice(action, reason or None))
    except ConflictError as error:
        return show(campaign, str(error)), 409
    return redirect(url_for("pages.campaign", campaign=campaign), 303)


def undo(campaign: str) -> ResponseReturnValue:
    """Take the decision about a campaign back."""
    try:
        decisions.undo(services(), caller(), campaign)
    except ConflictError as error:
        return show(campaign, str(error)), 409
    return redirect(url_for("pages.campaign", campaign=campaign), 303)
