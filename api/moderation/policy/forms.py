"""What the website's form has seen: the hidden field, the time taken, the token."""

from datetime import datetime

from api.moderation.policy.inforce import Policy
from api.moderation.policy.matches import Match, Tier, reason
from api.moderation.policy.subject import Subject

FAULTS = {
    "missing": "The form came without its token.",
    "forged": "The form's token is none that was made for this site.",
    "other_article": "The form's token was made for another article.",
    "expired": "The form's token is too old.",
    "used": "The form's token was used for another comment before.",
}
"""What may be wrong with a form's token, and how people read it."""


def find(policy: Policy, subject: Subject) -> list[Match]:
    """What the form has noticed."""
    return [
        *_find_filled(policy, subject),
        *_find_hasty(policy, subject),
        *_find_fault(policy, subject),
    ]


def find_token(policy: Policy, subject: Subject) -> tuple[str, datetime] | None:
    """The nonce of a form token that is used up now, and until when that must be known."""
    token = subject.facts.token
    if token is None or token.nonce is None or token.known_until is None:
        return None
    return token.nonce, token.known_until


def _find_filled(policy: Policy, subject: Subject) -> list[Match]:
    if not subject.draft.form.get("honeypot"):
        return []
    message = "A form field that people cannot see was filled in."
    return _match("honeypot", message, policy.document.form.honeypot)


def _find_hasty(policy: Policy, subject: Subject) -> list[Match]:
    """Whether it took less time than people need, by the form's own clock or by ours."""
    least, token = policy.document.form.least_ms, subject.facts.token
    if least is None:
        return []
    times = subject.draft.form.get("elapsed_ms"), None if token is None else token.age_ms
    took = min((time for time in times if time is not None), default=least)
    if took >= least:
        return []
    message = f"The form came back after {_seconds(took)}, sooner than {_seconds(least)}."
    return _match("too_fast", message, policy.document.form.too_fast)


def _find_fault(policy: Policy, subject: Subject) -> list[Match]:
    token = subject.facts.token
    if token is None or token.fault is None:
        return []
    return _match(f"token_{token.fault}", FAULTS[token.fault], policy.document.form.token)


def _match(code: str, message: str, do: str) -> list[Match]:
    if do == "off":
        return []
    return [Match("form", Tier.RULES, reason(code, message, do, rule=code))]


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds / 1000:.1f} s"
