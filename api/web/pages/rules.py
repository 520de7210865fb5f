"""The policy's rules for people: how often each was found, and in which comments."""

from flask import abort, request, url_for

from api.moderation import rulehits
from api.web.pages import console
from api.web.pages.cards import tell_age
from api.web.policy_rules import LONGEST_KEY
from api.web.routing import caller, services

PAGE_SIZE = 100
FOUND_IN = 50


def show() -> str:
    """The rules in the policy's order, or those alone that were never found."""
    unused, cursor = "unused" in request.args, request.args.get("cursor")
    page = rulehits.list_rules(services(), caller(), unused, PAGE_SIZE, cursor)
    now = services().now()
    return console.render(
        "rules.html",
        version=page.version,
        rules=[(one, one.last_at and tell_age(one.last_at, now)) for one in page.items],
        unused=unused,
        next=page.next
        and url_for("pages.policy_rules", cursor=page.next, unused=1 if unused else None),
    )


def show_hits() -> str:
    """The comments in which a rule was found, newest first."""
    rule = request.args.get("rule", "")
    if not 0 < len(rule) <= LONGEST_KEY:
        abort(422, "This address names no rule.")
    cursor = request.args.get("cursor")
    page = rulehits.list_comments(services(), caller(), rule, FOUND_IN, cursor)
    now = services().now()
    return console.render(
        "rule.html",
        rule=rule,
        found=[(one, tell_age(one.comment.received_at, now)) for one in page.items],
        next=page.next and url_for("pages.policy_rule", rule=rule, cursor=page.next),
    )
