"""Links in the text, and the author's page."""

from api.moderation.policy.inforce import Policy
from api.moderation.policy.matches import Match
from api.moderation.policy.subject import Subject


def find(policy: Policy, subject: Subject) -> list[Match]:
    """What is to be said of it."""
    return []


def find_hosts(policy: Policy, subject: Subject) -> tuple[str, ...]:
    """The hosts that the comment links to, to be looked up and to be kept; () if not asked for."""
    return ()
