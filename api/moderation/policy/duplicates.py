"""The same text, or nearly, again and again: campaigns.

A text that came once is of no campaign: the second copy begins one and takes the first along.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import blake2b

from api.moderation.policy.facts import Following, Near
from api.moderation.policy.inforce import Policy
from api.moderation.policy.matches import Match, Tier, reason
from api.moderation.policy.signatures import READ, SPELT
from api.moderation.policy.subject import Subject

CAMPAIGN = "campaign:"
"""What a reason's `rule` begins with where it is about a campaign; its id follows."""

MOST = 100
"""How many earlier comments a text is compared with at most."""

_ACTIONS = {"approve": "approved", "reject": "rejected"}


def find(policy: Policy, subject: Subject) -> list[Match]:
    """Whether enough copies have come before, and what was decided about their campaign."""
    alike = _find_alike(policy, subject)
    if not alike:
        return []
    decided = _find_following(policy, subject)
    matches = [_follow(decided)] if decided is not None and _follows(subject, decided) else []
    rules = policy.document.duplicates
    if len(alike) + 1 >= rules.copies:
        # What people have decided about this very text says more than that there is much of it.
        do = rules.do if decided is None else "flag"
        matches.append(_match("near_duplicate", _count(alike), do, find_campaign(policy, subject)))
    return matches


def find_bands(policy: Policy, subject: Subject) -> tuple[int, ...]:
    """The bands of the text's signature, to be looked up and to be kept; () where not asked for."""
    rules = policy.document.duplicates
    if rules.do == "off" or len(subject.spelt) < rules.least_characters:
        return ()
    return subject.bands


def find_campaign(policy: Policy, subject: Subject) -> str | None:
    """The campaign that the text belongs to; None where nothing like it has come before."""
    alike = _find_alike(policy, subject)
    nearest = _find_nearest(subject, alike)
    if nearest is not None:
        return nearest.campaign
    # Two copies that come at the same moment give it the same name.
    return _name(min(one.number for one in alike)) if alike else None


def find_mates(policy: Policy, subject: Subject) -> tuple[int, ...]:
    """The numbers of the comments that are of its campaign now, but were of none so far."""
    alike = _find_alike(policy, subject)
    return tuple(sorted(one.number for one in alike if one.campaign is None))


def _find_alike(policy: Policy, subject: Subject) -> list[Near]:
    """The earlier comments that are nearly the same."""
    if not find_bands(policy, subject):
        return []
    least = policy.document.duplicates.similarity
    pairs = zip(subject.facts.near, subject.likeness, strict=True)
    return [one for one, likeness in pairs if likeness >= least]


def _find_nearest(subject: Subject, alike: Sequence[Near]) -> Near | None:
    """The most alike of those that have a campaign; of equals, the newest."""
    some = [one for one in alike if one.campaign is not None]
    if not some:
        return None
    known = dict(zip(subject.facts.near, subject.likeness, strict=True))
    return max(some, key=lambda one: (known[one], one.number))


def _find_following(policy: Policy, subject: Subject) -> Following | None:
    """What was decided about its campaign, if that is still in force."""
    campaign = find_campaign(policy, subject)
    return next(
        (
            one
            for one in subject.facts.following
            if one.campaign == campaign and one.until > subject.now
        ),
        None,
    )


def _follows(subject: Subject, decided: Following) -> bool:
    """Whether a decision about its campaign is one about this text.

    An approval is only of the very same text, all of which was compared, by an author without a
    page: whoever adds a link to what was approved is judged like anybody.
    """
    if decided.action == "reject":
        return True
    whole = len(subject.text) <= READ and len(subject.spelt) < SPELT
    return whole and 1.0 in subject.likeness and not subject.draft.author.get("url")


def _follow(decided: Following) -> Match:
    says = (
        f"Nearly the same texts were {_ACTIONS[decided.action]} by a moderator;"
        f" what comes until {_spell(decided.until)} is too."
    )
    return _match("campaign_decided", says, decided.action, decided.campaign)


def _count(alike: Sequence[Near]) -> str:
    copy = f"copy {len(alike) + 1}"
    if len(alike) == MOST:
        copy += " or later"
    since = _spell(min(one.received_at for one in alike))
    return f"This is {copy} of nearly the same text since {since}."


def _match(code: str, message: str, action: str, campaign: str | None) -> Match:
    rule = f"{CAMPAIGN}{campaign}"
    return Match("duplicates", Tier.RULES, reason(code, message, action, rule=rule))


def _name(number: int) -> str:
    return f"cmp_{blake2b(str(number).encode(), digest_size=12, person=b'campaign').hexdigest()}"


def _spell(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
