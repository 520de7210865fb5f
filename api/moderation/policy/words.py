"""Words and patterns of the site's own."""

from api.moderation.policy.inforce import Policy
from api.moderation.policy.matches import Match
from api.moderation.policy.subject import Subject

RULE = "rule:"
"""What a reason's `rule` begins with where it is one of the document's rules; its key follows."""


def find(policy: Policy, subject: Subject) -> list[Match]:
    """What is to be said of it."""
    return []
