"""What the website's form has seen: the hidden field, the time taken, the token."""

from datetime import datetime

from api.moderation.policy.inforce import Policy
from api.moderation.policy.matches import Match, Tier, reason
from api.moderation.policy.subject import Subject


def find(policy: Policy, subject: Subject) -> list[Match]:
    """What the form has noticed."""
    do = policy.document.form.honeypot
    if do == "off" or not subject.draft.form.get("honeypot"):
        return []
    message = "A form field that people cannot see was filled in."
    return [Match("form", Tier.RULES, reason("honeypot", message, do, rule="honeypot"))]


def find_token(policy: Policy, subject: Subject) -> tuple[str, datetime] | None:
    """The nonce of a good form token, which is used up now, and when the token expires."""
    return None
