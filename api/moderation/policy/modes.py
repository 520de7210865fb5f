"""How comments are taken here and now: published, held, or not at all."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

from api.moderation.policy import opening
from api.moderation.policy.document import Document, Mode
from api.moderation.policy.inforce import Policy
from api.moderation.policy.matches import Match, Tier, reason
from api.moderation.policy.subject import Subject


def find(policy: Policy, subject: Subject) -> list[Match]:
    """What the place says where the comment stands, whoever writes."""
    mode = find_mode(policy.document, subject.draft.article)
    found = (
        _find_closed(mode),
        _find_ended(mode, subject),
        _find_hours(mode, subject),
        _find_held(mode, subject),
    )
    return [match for match in found if match is not None]


def find_mode(document: Document, article: Mapping[str, Any]) -> Mode:
    """What holds for an article: its own, its section's or else the site's, field by field."""
    places = (
        document.articles.get(article["id"]),
        document.sections.get(article.get("section", "")),
        document.mode,
    )
    own = [place for place in places if place is not None]
    return own[0] if len(own) == 1 else Mode(*(_first(own, one.name) for one in fields(Mode)))


def find_began(article: Mapping[str, Any]) -> datetime | None:
    """When the website says that the article was published; None where it does not."""
    try:
        time = datetime.fromisoformat(article["published_at"])
    except (KeyError, TypeError, ValueError):
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _first(places: list[Mode], name: str) -> Any:
    said = (getattr(place, name) for place in places)
    return next((one for one in said if one is not None), None)


def _find_closed(mode: Mode) -> Match | None:
    if mode.mode != "closed":
        return None
    return _match("mode_closed", "No comments are taken here.", "reject")


def _find_ended(mode: Mode, subject: Subject) -> Match | None:
    days = mode.close_after_days
    began = find_began(subject.draft.article) or subject.facts.article_began
    if not days or began is None or subject.now - began < timedelta(days=days):
        return None
    return _match("thread_closed", f"Comments are taken here for {days} days only.", "reject")


def _find_hours(mode: Mode, subject: Subject) -> Match | None:
    hours = mode.hours
    if hours is None or opening.is_open(hours, subject.now):
        return None
    action = "reject" if hours.outside == "closed" else "hold"
    return _match("outside_hours", f"Comments are taken {opening.tell(hours)}.", action)


def _find_held(mode: Mode, subject: Subject) -> Match | None:
    if mode.mode == "pre":
        return _match("mode_pre", "Every comment here is read before it is published.")
    needed = mode.approvals or 0
    if mode.mode != "first" or subject.facts.approved >= needed:
        return None
    says = f"An author's first {needed} comments are read before they are published."
    return _match("mode_first", says)


def _match(code: str, message: str, action: str = "hold") -> Match:
    # Who is trusted need not wait; where a thread is closed, that holds for all but staff.
    check = "closing" if action == "reject" else "modes"
    return Match(check, Tier.RULES, reason(code, message, action))
