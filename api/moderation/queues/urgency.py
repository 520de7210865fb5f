"""Expected harm: what it may cost that nobody has looked at a comment yet.

Severity times probability times exposure, and the product doubles each time the comment has
waited for so long as the site says: so nothing starves. Because everything doubles at the same
pace, the order of two comments never changes by waiting alone, and can be kept in an index.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from classifier import LEARNED

HARM = {
    "spam": 0.4,
    "toxicity": 0.6,
    "severe_toxicity": 1.0,
    "profanity": 0.3,
    "threat": 1.0,
    "insult": 0.6,
    "identity_attack": 0.9,
}
"""How bad it is if the label is right, in [0, 1]."""

REPORTED_HARM = 0.6
"""How bad it is, at least, where reporters alone are right."""

UNREAD = 0.5
"""How bad it may be where the classifier could not say."""

PUBLIC = 2.0
"""How much more is seen of what is published already."""

REPLY = 0.8
"""How much less is seen of an answer to another comment."""

_LEAST = 1e-6
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Harm:
    """The terms of expected harm; `label` is the one that is feared most.

    `probability` is in [0, 1] and has taken in `reports`, the chance that those are right who
    have reported the comment. `exposure` is 1 for a comment that few see and nobody yet.
    """

    label: str | None
    severity: float
    probability: float
    reports: float = 0.0
    exposure: float = 1.0

    @property
    def value(self) -> float:
        """Expected harm at the moment when the comment came to wait."""
        return self.severity * self.probability * self.exposure


def weigh(scores: Mapping[str, float], reports: float = 0.0, exposure: float = 1.0) -> Harm:
    """The harm to be expected of a comment; without scores as of one that may be anything.

    What the site's own decisions have taught shifts the chance of every label.
    """
    if not scores:
        return Harm(None, _between(UNREAD, reports), 1.0, reports, exposure)
    known = {label: shift(scores.get(label, 0.0), scores.get(LEARNED)) for label in HARM}
    label = max(known, key=lambda one: HARM[one] * known[one])
    harm, score = HARM[label], known[label]
    # Either the score is right or one of the reporters, as if independent: a noisy or. What is
    # feared then lies between the two, so that whom nobody believes changes next to nothing.
    probability = score + (1 - score) * reports
    alone = 1 - score / probability if reports and probability else 0.0
    return Harm(label, _between(harm, alone), probability, reports, exposure)


def shift(score: float, learned: float | None) -> float:
    """A label's probability when its log-odds are corrected by those of the score `learned`."""
    if learned is None or learned == 0.5 or not 0 < score < 1:
        return score
    odds = score / (1 - score) * learned / max(1 - learned, _LEAST)
    return odds / (1 + odds)


def _between(harm: float, share: float) -> float:
    """How bad it is if reporters alone are right with a share of the chance."""
    return harm + share * (max(harm, REPORTED_HARM) - harm)


def expose(public: bool, reply: bool, heat: float = 1.0) -> float:
    """How many see it; `heat` is 1 for a quiet article, see `api.moderation.queues.heat`."""
    return (PUBLIC if public else 1.0) * (REPLY if reply else 1.0) * heat


def rank(harm: Harm, since: datetime, doubles_after: timedelta) -> float:
    """By what to sort, the most urgent last: the logarithm of harm, without what time adds."""
    return math.log2(max(harm.value, _LEAST)) - (since - _EPOCH) / doubles_after


def grow(since: datetime, now: datetime, doubles_after: timedelta) -> float:
    """By how much waiting has multiplied the harm."""
    return float(2 ** max(0.0, (now - since) / doubles_after))
