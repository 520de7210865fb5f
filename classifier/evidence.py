"""What development sets say of one label's scores, and with what certainty."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from classifier.intervals import proportion
from classifier.labels import LABELS

if TYPE_CHECKING:
    # Reading labelled sets takes pandas, which a server does not have.
    from classifier.labelled import Labelled

Floats = NDArray[np.float64]

# Every row of these was called toxic by someone: a 0 is a lost vote, not a clean comment.
DISPUTED: Final = frozenset({"civil_comments_trial"})


@dataclass(frozen=True, slots=True)
class Evidence:
    """One label's development scores: of those who have it, of those who do not, and of the
    comments of each ordinary set."""

    positive: Floats
    negative: Floats
    ordinary: Sequence[Floats]

    def counts(self, at: Floats) -> tuple[Floats, Floats]:
        """Return how many with and how many without the label are at or above each of `at`."""
        hits = np.array([count_above(self.positive, at), count_above(self.negative, at)])
        return hits[0], hits[1]

    def precision(self, at: float) -> tuple[float, int]:
        """Return the share of true ones among those at or above `at`, and their number."""
        hits = int((self.positive >= at).sum())
        support = hits + int((self.negative >= at).sum())
        return (hits / support if support else 0.0), support

    def rates(self, at: Floats) -> Floats:
        """Return the largest share of any ordinary set at or above each of `at`."""
        shares = [count_above(one, at) / len(one) for one in self.ordinary]
        return np.asarray(np.max([np.zeros(len(at)), *shares], axis=0))


def count_above(scores: Floats, at: Floats) -> Floats:
    """Return how many of `scores` are at or above each of `at`."""
    above = len(scores) - np.searchsorted(np.sort(scores), at, side="left")
    return np.asarray(above, dtype=np.float64)


def gather(sets: Sequence["Labelled"], label: str) -> Evidence:
    """Put the sets' scores of `label` together."""
    column = LABELS.index(label)
    settled = [one for one in sets if one.name not in DISPUTED]
    scores = np.concatenate([np.empty(0), *(one.scores[:, column] for one in settled)])
    truth = np.concatenate([np.empty(0), *(one.truth[:, column] for one in settled)])
    ordinary = [one.scores[one.ordinary, column] for one in sets if one.ordinary.any()]
    return Evidence(scores[truth == 1], scores[truth == 0], ordinary)


def describe(evidence: Evidence, at: float) -> dict[str, Any]:
    """Return precision, recall and the worst ordinary set's share from `at` on, with intervals."""
    precision, support = evidence.precision(at)
    caught = int((evidence.positive >= at).sum())
    worst = max(evidence.ordinary, key=lambda one: float((one >= at).mean()), default=np.empty(0))
    spared = int((worst >= at).sum())
    return {
        "precision": round(precision, 4),
        "precision_interval": _interval(caught, support),
        "support": support,
        "recall": round(caught / max(evidence.positive.size, 1), 4),
        "recall_interval": _interval(caught, evidence.positive.size),
        "false_positive_rate": round(spared / max(worst.size, 1), 5),
        "false_positive_interval": _interval(spared, worst.size),
    }


def _interval(hits: int, among: int) -> list[float] | None:
    found = proportion(hits, among)
    return None if found is None else [round(found.low, 5), round(found.high, 5)]
