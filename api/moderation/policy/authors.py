"""Who writes: what people have said of them, and what their own past says."""

from collections.abc import Set
from datetime import UTC, datetime

from api.moderation.policy import likeness, rates, records
from api.moderation.policy.facts import Standing
from api.moderation.policy.inforce import Policy
from api.moderation.policy.matches import Match, Tier, reason
from api.moderation.policy.subject import Subject

_DOES = {"banned": "reject", "suspended": "reject", "held": "hold"}
_SOFTER = {"reject": "hold", "hold": "flag"}
_WHO = {
    "author": "This author",
    "email": "Whoever has this e-mail address",
    "address": "Whoever writes from this address",
    "network": "Whoever writes from this network",
}
_SHARED = ("address", "network")
"""What many people may have in common."""


def find_standings(policy: Policy, subject: Subject) -> list[Match]:
    """Bans, suspensions and holds in force for this very author.

    Who is trusted in person fares better where their address or network alone is meant: held
    instead of rejected, and not held. The reason behind a standing is not in the match, which
    websites show to people; it names the standing, which moderators can look up.
    """
    standings = subject.facts.standings
    trusted = any(one.standing == "trusted" and one.kind not in _SHARED for one in standings)
    return [_say(one, trusted) for one in standings if one.standing in _DOES]


def find(policy: Policy, subject: Subject) -> list[Match]:
    """What the author's past and address speak for."""
    return [
        *records.find(policy.document.authors, subject),
        *likeness.find(policy, subject),
        *rates.find(policy.document.authors.rates, subject),
    ]


def find_skipped(policy: Policy, subject: Subject) -> tuple[Set[str], str]:
    """The checks that ask for nothing of this author, and the sentence that says why."""
    asked = policy.document.authors
    if subject.draft.author.get("role") == "staff":
        return frozenset(asked.staff_skips), "Not counted: the author is staff."
    if any(one.standing == "trusted" for one in subject.facts.standings):
        return frozenset(asked.trusted_skips), "Not counted: the author is trusted."
    return frozenset(), ""


def _say(standing: Standing, trusted: bool) -> Match:
    action = _DOES[standing.standing]
    if trusted and standing.kind in _SHARED:
        action = _SOFTER[action]
    says = f"{_WHO[standing.kind]} is {standing.standing}{_show_end(standing.until)}."
    code, rule = f"author_{standing.standing}", f"{likeness.STANDING}{standing.id}"
    return Match("standing", Tier.LISTS, reason(code, says, action, rule=rule))


def _show_end(until: datetime | None) -> str:
    return f" until {until.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if until else ""
