"""What an author may hear of a verdict: kinds of trouble, and nothing to aim at.

No score, threshold, rule or passage; what the form has noticed and what people have said of the
author are not told at all.
"""

from dataclasses import dataclass

from api.moderation.policy.judging import Judgement

SAYS = {
    "spam": "This may look like advertising to others.",
    "rude": "This may sound rude or disrespectful to others.",
    "swearing": "This has strong language in it.",
    "hateful": "This may hurt people for who they are.",
    "threat": "This may read like a threat.",
    "words": "A word or phrase in this is not welcome here.",
    "links": "Please look at the links in this, or at your website's address.",
    "repeats": "Much the same was posted here before.",
    "often": "Please wait a little before you post again.",
    "email": "Please use a lasting e-mail address.",
    "closed": "Comments are not taken here at the moment.",
    "review": "A moderator may have to look at this before it appears.",
}
"""The categories of hints, and how people read them."""

_CATEGORIES = {
    "spam_score": "spam",
    "toxicity_score": "rude",
    "severe_toxicity_score": "rude",
    "insult_score": "rude",
    "profanity_score": "swearing",
    "identity_attack_score": "hateful",
    "threat_score": "threat",
    "word_rule": "words",
    "too_many_links": "links",
    "new_host": "links",
    "blocked_host": "links",
    "shortener": "links",
    "only_links": "links",
    "near_duplicate": "repeats",
    "campaign_decided": "repeats",
    "rate_author": "often",
    "rate_address": "often",
    "rate_article": "often",
    "disposable_email": "email",
    "mode_closed": "closed",
    "thread_closed": "closed",
}
"""By the codes of reasons; all others are `review`."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What an author hears: whether the text would be published, and the kinds of trouble.

    `publishable` is None where the classifier could not say.
    """

    publishable: bool | None
    hints: tuple[str, ...]


def advise(judgement: Judgement) -> Advice:
    """What of a judgement an author may hear."""
    if judgement.action == "approve":
        return Advice(True, ())
    codes = [one["code"] for one in judgement.reasons if one["action"] in ("hold", "reject")]
    found = tuple(dict.fromkeys(_CATEGORIES.get(code, "review") for code in codes))
    return Advice(None if judgement.model is None else False, found or ("review",))
