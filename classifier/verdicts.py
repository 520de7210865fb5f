"""What thresholds do to labelled comments: confusions, and whom they touch without cause."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from classifier.intervals import Figure, proportion
from classifier.labels import LABELS
from classifier.profiles import Threshold

ACTIONS: Final = ("hold", "reject")
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What one label's threshold for `action` does: the confusion, and shares of it.

    A share is None where it would divide by nothing, as the precision of no hit at all.
    """

    action: str
    at: float
    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int

    @property
    def precision(self) -> Figure | None:
        """Of those at or above the threshold, the share that truly has the label."""
        return proportion(self.true_positives, self.true_positives + self.false_positives)

    @property
    def recall(self) -> Figure | None:
        """Of those that have the label, the share at or above the threshold."""
        return proportion(self.true_positives, self.true_positives + self.false_negatives)

    @property
    def false_positive_rate(self) -> Figure | None:
        """Of those without the label, the share at or above the threshold."""
        return proportion(self.false_positives, self.false_positives + self.true_negatives)


@dataclass(frozen=True, slots=True)
class Touched:
    """How many of a file's ordinary comments the thresholds of all labels hold or reject."""

    rows: int
    held: Figure
    rejected: Figure


def judge(scores: Floats, truth: Floats, threshold: Threshold) -> tuple[Verdicts, ...]:
    """Count one label's verdicts; `scores` and `truth` are (n,). No entry for never."""
    limits = zip(ACTIONS, (threshold.hold, threshold.reject), strict=True)
    return tuple(_count(action, at, scores, truth) for action, at in limits if at is not None)


def _count(action: str, at: float, scores: Floats, truth: Floats) -> Verdicts:
    named, has = scores >= at, truth == 1
    cells = (named & has, named & ~has, ~named & has, ~named & ~has)
    return Verdicts(action, at, *(int(cell.sum()) for cell in cells))


def decide(scores: Floats, thresholds: Mapping[str, Threshold]) -> NDArray[np.int64]:
    """Return for each row of `scores` (n, 7) what all labels come to: 0, 1 hold, 2 reject."""
    hold = np.array([thresholds[label].hold for label in LABELS])
    reject = np.array([_or_never(thresholds[label].reject) for label in LABELS])
    rejected, held = (scores >= reject).any(axis=1), (scores >= hold).any(axis=1)
    return np.where(rejected, 2, held.astype(np.int64))


def _or_never(at: float | None) -> float:
    return np.inf if at is None else at


def touch(scores: Floats, thresholds: Mapping[str, Threshold]) -> Touched | None:
    """Return what becomes of comments that should stand, (n, 7); None where there are none."""
    actions = decide(scores, thresholds)
    held, rejected = (proportion(int((actions == one).sum()), len(actions)) for one in (1, 2))
    return Touched(len(actions), held, rejected) if held and rejected else None
