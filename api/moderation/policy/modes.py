"""How comments are taken here and now: published, held, or not at all."""

from api.moderation.policy.inforce import Policy
from api.moderation.policy.matches import Match
from api.moderation.policy.subject import Subject


def find(policy: Policy, subject: Subject) -> list[Match]:
    """What is to be said of it."""
    return []
