"""What a moderation phase may answer, from how a comment stands.

An approved comment is answered with no opinion (204) and not with APPROVED: that would end
Coral's own moderation, above all where a site reads everything before it is published, and
counts in Coral as a moderator's word. What is held or rejected says for which of the two reasons
that Coral knows, and a rejection why in the words of its DSA mode, which tells the author.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from api.moderation.comments import State

HELD, REJECTED = "SYSTEM_WITHHELD", "REJECTED"
"""Coral's statuses: withheld until a moderator has looked, and never published."""

WITHHELD: Mapping[str, Any] = {"status": HELD, "actions": []}
"""What is said of a comment that was not looked at: Coral publishes what is refused."""

TOXIC, SPAM = "COMMENT_DETECTED_TOXIC", "COMMENT_DETECTED_SPAM"

OTHER = "OTHER"
"""The code of what is none of the others."""

_CODES: Mapping[str, str] = {
    # What the model and the rules find.
    "spam_score": "SPAM",
    "toxicity_score": "OFFENSIVE",
    "profanity_score": "OFFENSIVE",
    "severe_toxicity_score": "ABUSIVE",
    "threat_score": "ABUSIVE",
    "insult_score": "HARASSMENT_BULLYING",
    "identity_attack_score": "HATE_SPEECH",
    "word_rule": "BANNED_WORD",
    "honeypot": "SPAM",
    "too_fast": "SPAM",
    "near_duplicate": "SPAM",
    "campaign_decided": "SPAM",
    "too_many_links": "SPAM",
    "only_links": "SPAM",
    "shortener": "SPAM",
    "blocked_host": "SPAM",
    "new_host": "SPAM",
    # What people decide for.
    "spam": "SPAM",
    "ad": "AD",
    "advertising": "AD",
    "abusive": "ABUSIVE",
    "offensive": "OFFENSIVE",
    "harassment": "HARASSMENT_BULLYING",
    "hate": "HATE_SPEECH",
    "misinformation": "MISINFORMATION",
    "off-topic": "IRRELEVANT_CONTENT",
    "illegal": "ILLEGAL_CONTENT",
}
"""Coral's code for a reason of ours."""

_FLAGS: Mapping[str, str] = {
    "SPAM": SPAM,
    "AD": SPAM,
    "OFFENSIVE": TOXIC,
    "ABUSIVE": TOXIC,
    "HARASSMENT_BULLYING": TOXIC,
    "HATE_SPEECH": TOXIC,
}
"""Which flag goes with a code; the rest of them have none."""


def answer(state: State) -> dict[str, Any] | None:
    """What to say of a comment; None is no opinion."""
    if state.comment.status == "approved":
        return None
    rejected = state.comment.status == "rejected"
    codes = list(_find_codes(state))
    flags = dict.fromkeys(_FLAGS[code] for code in codes if code in _FLAGS)
    said: dict[str, Any] = {
        "status": REJECTED if rejected else HELD,
        "actions": [{"actionType": "FLAG", "reason": flag} for flag in flags],
    }
    if rejected:
        reason = {"code": codes[0] if codes else OTHER}
        said["moderationAction"] = {"status": REJECTED, "rejectionReason": reason}
    return said


def _find_codes(state: State) -> Iterator[str]:
    """Why it stands as it does: a person's reason first, then what the verdict came by."""
    if state.decision is not None and state.decision.reason is not None:
        yield _CODES.get(state.decision.reason, OTHER)
    for one in state.verdict.reasons:
        if one.get("action") in ("hold", "reject"):
            yield _CODES.get(one["code"], OTHER)
