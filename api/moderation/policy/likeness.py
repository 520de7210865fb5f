"""Whom an author resembles: people who are banned, and people who do not want to be found."""

from api.moderation.policy import disposable
from api.moderation.policy.document import Authors
from api.moderation.policy.inforce import Policy
from api.moderation.policy.matches import Match, Tier, reason
from api.moderation.policy.subject import Subject

STANDING = "standing:"
"""What a reason's `rule` begins with where a standing is behind it; its id follows."""


def find(policy: Policy, subject: Subject) -> list[Match]:
    """What the address, the network and the mailbox speak for."""
    asked = policy.document.authors
    found = (_find_alike(asked, subject), _find_disposable(asked, subject))
    return [match for match in found if match is not None]


def _find_alike(asked: Authors, subject: Subject) -> Match | None:
    if asked.look_alikes == "off" or not subject.facts.alike:
        return None
    nearest = subject.facts.alike[0]
    says = f"Shares an address, a network or nearly a mailbox with one who is {nearest.standing}."
    return _match("look_alike", says, asked.look_alikes, rule=f"{STANDING}{nearest.id}")


def _find_disposable(asked: Authors, subject: Subject) -> Match | None:
    if asked.disposable_email == "off":
        return None
    domain = disposable.find(subject.draft.author.get("email", ""), asked.disposable_domains)
    if domain is None:
        return None
    says = f"The e-mail address is a throw-away one ({domain})."
    return _match("disposable_email", says, asked.disposable_email, rule=f"domain:{domain}")


def _match(code: str, message: str, action: str, **given: str) -> Match:
    return Match("authors", Tier.AUTHOR, reason(code, message, action, **given))
