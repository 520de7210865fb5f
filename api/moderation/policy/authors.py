"""Who writes: what people have said of them, and what their own past says."""

from collections.abc import Set

from api.moderation.policy.inforce import Policy
from api.moderation.policy.matches import Match
from api.moderation.policy.subject import Subject


def find_standings(policy: Policy, subject: Subject) -> list[Match]:
    """Bans, suspensions and holds in force for this very author."""
    return []


def find(policy: Policy, subject: Subject) -> list[Match]:
    """What the author's past and address speak for."""
    return []


def find_skipped(policy: Policy, subject: Subject) -> tuple[Set[str], str]:
    """The checks that ask for nothing of this author, and the sentence that says why."""
    return frozenset(), ""
