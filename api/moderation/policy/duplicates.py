"""The same text, or nearly, again and again: campaigns."""

from api.moderation.policy.inforce import Policy
from api.moderation.policy.matches import Match
from api.moderation.policy.subject import Subject


def find(policy: Policy, subject: Subject) -> list[Match]:
    """What is to be said of it."""
    return []


def find_bands(policy: Policy, subject: Subject) -> tuple[int, ...]:
    """The bands of the text's signature, to be looked up and to be kept; () where not asked for."""
    return ()


def find_campaign(policy: Policy, subject: Subject) -> str | None:
    """The campaign that the text belongs to, or a new one's name; None where not asked for."""
    return None
