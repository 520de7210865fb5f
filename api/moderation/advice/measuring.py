"""What thresholds do: precision and recall by the evidence, the queue by how scores are spread."""

from dataclasses import dataclass

import numpy as np

from api.moderation.advice import spread, weighing
from api.moderation.advice.evidence import Evidence
from api.moderation.advice.spread import Spread
from api.moderation.advice.weighing import Flags, Floats, Shares

LEAST = 50
"""How many decided comments must reach a threshold for it to be advised."""

LEAST_SAMPLES = 50
"""How many audit samples tell how much is missed."""

MOST_UNSEEN = 0.05
"""The share that nobody could be asked about above which the rest does not stand for all."""


FEWEST_PASSED = 10
"""How many audit samples of what was approved must reach a threshold that holds much of it."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share and the ends of its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Point:
    """What a threshold does; None where that cannot be known."""

    threshold: float
    precision: Estimate | None
    recall: Estimate | None
    held_a_day: float
    """Comments that the score holds."""
    rejected_a_day: float
    """Comments that it rejects, by the reject threshold in force."""
    minutes_a_day: float
    """What it takes to look at those held."""


@dataclass(frozen=True, slots=True)
class Measures:
    """The same of many thresholds at once; all arrays are (n,)."""

    thresholds: Floats
    precision: Shares
    recall: Shares | None
    held: Floats
    rejected: Floats
    minutes: Floats
    representative: Flags
    """Whether nearly all comments that reach it had a chance to be looked at."""
    firm: Flags
    """Whether enough of them were, too."""

    def point(self, at: int) -> Point:
        """One of them."""
        known = bool(self.representative[at])
        return Point(
            threshold=float(self.thresholds[at]),
            precision=_pick(self.precision, at) if known else None,
            recall=_pick(self.recall, at) if known and self.recall else None,
            held_a_day=float(self.held[at]),
            rejected_a_day=float(self.rejected[at]),
            minutes_a_day=float(self.minutes[at]),
        )


def measure(
    found: Evidence, scores: Spread, seconds: float, reject: float | None, at: Floats
) -> Measures:
    """Measure thresholds (n,); `seconds` is what a review takes, `reject` from where on none is."""
    above, below = weighing.split(found.scores, found.truth, found.weights, at)
    rejecting = np.maximum(at, np.inf if reject is None else reject)
    held = scores.count(at, rejecting)
    representative = _is_representative(found, scores, at)
    return Measures(
        thresholds=at,
        precision=weighing.share(above),
        recall=None if why_no_recall(found, scores) else weighing.caught(above, below),
        held=held,
        rejected=scores.count(rejecting, np.full_like(at, np.inf)),
        minutes=held * seconds / 60,
        representative=representative,
        firm=representative & (above.count >= LEAST),
    )


def _is_representative(found: Evidence, scores: Spread, at: Floats) -> Flags:
    """Whether what was approved is among the evidence where it reaches a threshold.

    What was rejected is not asked for: it has higher scores than what is held beside it, so
    without it a precision comes out too low rather than too high.
    """
    unseen = spread.share(scores, scores.approved & scores.unseen, at)
    passing = spread.share(scores, scores.approved, at)
    drawn = np.sort(found.scores[found.passed])
    enough = len(drawn) - np.searchsorted(drawn, at) >= FEWEST_PASSED
    return (unseen <= MOST_UNSEEN) & (enough | (passing <= MOST_UNSEEN))


def why_no_recall(found: Evidence, scores: Spread) -> str | None:
    """Why nobody can say how much is missed; None where one can."""
    if found.samples < LEAST_SAMPLES:
        return (
            f"{found.samples} audit samples have been decided, and it takes {LEAST_SAMPLES} to say"
            " how much is missed: the policy's audit has them drawn."
        )
    unseen = spread.part(scores.unseen)
    if unseen > MOST_UNSEEN:
        return (
            f"{unseen:.0%} of the comments were approved or rejected while no audit samples were"
            " drawn: ask for the days since they are."
        )
    return None


def _pick(shares: Shares, at: int) -> Estimate | None:
    ends = (float(one[at]) for one in (shares.value, shares.low, shares.high))
    found = Estimate(*ends)
    return None if np.isnan(found.value) else found
