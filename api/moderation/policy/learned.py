"""What a site's own decisions have taught, applied to the scores.

The score `learned` is a correction, in log-odds, of how far a comment is beyond what the policy
holds. Below zero it tempers what the labels' scores ask for, by one step at most: what they would
reject is held, what they would hold passes. Above zero it may hold what they would let pass: then
the chance that a moderator of this site would reject the comment is what counts.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from api.moderation.policy.matches import Match
from classifier import LEARNED, NEVER, Threshold

RULE = "learned"
"""What a reason names as its rule where this site's decisions are behind it."""

HOLD = Threshold(0.5, None)
"""What is learnt holds what is rejected more often than not, and rejects nothing by itself."""

_EDGE = 1e-6
_BECAUSE = "But moderators here approve comments like this: learned here."
_MILDER = {"reject": "hold", "hold": "flag"}


def find_log_odds(probability: float, edge: float = _EDGE) -> float:
    """The log-odds of a probability; nearer to 0 or 1 than `edge` it says no more."""
    kept = max(edge, min(1 - edge, probability))
    return math.log(kept / (1 - kept))


@dataclass(frozen=True, eq=False)
class Lesson:
    """What is learnt of one comment, beside its scores and their thresholds."""

    found: Mapping[str, float]
    thresholds: Mapping[str, Threshold]

    @cached_property
    def correction(self) -> float:
        """In log-odds; 0 where nothing was learnt."""
        score = self.found.get(LEARNED)
        return 0.0 if score is None else find_log_odds(score)

    @property
    def speaks(self) -> bool:
        """Whether something was learnt that bears on the comment."""
        return self.correction != 0.0

    @cached_property
    def margin(self) -> float:
        """How far, in log-odds, the comment is beyond what its labels' thresholds hold."""
        return max(
            (
                find_log_odds(self.found[label]) - find_log_odds(threshold.hold)
                for label, threshold in self.thresholds.items()
                if label != LEARNED and label in self.found and threshold.hold < NEVER
            ),
            default=-math.inf,
        )

    @property
    def rejection(self) -> float:
        """The chance that a moderator of this site would reject it, were they asked."""
        log_odds = max(-30.0, min(30.0, self.margin + self.correction))
        return 1 / (1 + math.exp(-log_odds))

    def score(self, label: str) -> float | None:
        """What is held against a label's threshold; None where it has no score."""
        if label != LEARNED:
            return self.found.get(label)
        return self.rejection if self.correction > 0 else None

    def needed(self, label: str) -> float:
        """The score from which on a label would have the comment held."""
        threshold = self.thresholds[label]
        if threshold.hold >= NEVER:
            return threshold.hold
        if self.correction > 0:
            enough = find_log_odds(self.thresholds.get(LEARNED, HOLD).hold)
            return min(threshold.hold, self.reverse(threshold.hold, enough))
        # What would be rejected is held at least, whatever was learnt.
        most = NEVER if threshold.reject is None else threshold.reject
        return min(most, self.reverse(threshold.hold)) if self.speaks else threshold.hold

    def reverse(self, threshold: float, enough: float = 0.0) -> float:
        """The score that comes to a threshold, or beyond it by `enough`, once it is corrected."""
        return 1 / (1 + math.exp(self.correction - find_log_odds(threshold) - enough))

    def ease(self, label: str, score: float, action: str) -> str:
        """What a label asks for once more is known: moderators' approval spares one step."""
        if label == LEARNED or self.correction >= 0 or action not in _MILDER:
            return action
        threshold = self.thresholds[label]
        limit = threshold.reject if action == "reject" else threshold.hold
        corrected = find_log_odds(score) + self.correction
        kept = limit is not None and corrected >= find_log_odds(limit)
        return action if kept else _MILDER[action]

    def temper(self, match: Match) -> Match:
        """A match of a label as it is once more is known."""
        label, score = str(match.reason["code"]).removesuffix("_score"), match.reason["score"]
        action = self.ease(label, score, match.action)
        if action == match.action:
            return match
        lifted = {
            "action": action,
            "message": f"{match.reason['message']} {_BECAUSE}",
            "rule": RULE,
            # Below this it would be spared another step.
            "threshold": self.needed(label) if action == "hold" else match.reason["threshold"],
        }
        return replace(match, reason={**match.reason, **lifted})
