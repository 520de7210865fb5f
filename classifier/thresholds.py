"""Where to hold and where to reject, chosen by rule from development sets.

Reject: the lowest score at which at least 98 % of the comments at or above it truly have the
label, while no set of ordinary comments loses more than 0.5 %. Where no score is that certain,
the label never rejects. Hold: the abuse labels share one budget of ordinary comments; spam has
its own. The bounds below are a little tighter than those promises, as other comments differ
from these.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from classifier.evaluation import Labelled
from classifier.labels import LABELS

PRECISION: Final = 0.98
MIN_SUPPORT: Final = 30
REJECTED_ORDINARY: Final = 0.004
HELD_ABUSE: Final = 0.03
HELD_SPAM: Final = 0.015
# Scores to choose from. One chance in four is the least that is worth a moderator's time.
# Every row of these was called toxic by someone: a 0 is a lost vote, not a clean comment.
DISPUTED: Final = frozenset({"civil_comments_trial"})
GRID: Final = np.concatenate((np.arange(250, 990) / 1000, np.arange(9900, 10000) / 10000))
_BUDGETS: Final = tuple(HELD_ABUSE * step / 20 for step in range(20, 0, -1))

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Evidence:
    """One label's development rows: who has it, and the ordinary rows of each set."""

    positive: Floats
    negative: Floats
    ordinary: tuple[Floats, ...]

    def precision(self, at: float) -> tuple[float, int]:
        """Return the share of true ones among those at or above `at`, and their number."""
        hits = int((self.positive >= at).sum())
        support = hits + int((self.negative >= at).sum())
        return (hits / support if support else 0.0), support

    def false_positives(self, at: float) -> float:
        """Return the largest share of any ordinary set at or above `at`."""
        return max((float((scores >= at).mean()) for scores in self.ordinary), default=0.0)


def _evidence(sets: Sequence[Labelled], label: str) -> _Evidence:
    column = LABELS.index(label)
    settled = [one for one in sets if one.name not in DISPUTED]
    scores = np.concatenate([np.empty(0), *(one.scores[:, column] for one in settled)])
    truth = np.concatenate([np.empty(0), *(one.truth[:, column] for one in settled)])
    ordinary = tuple(one.scores[one.ordinary, column] for one in sets if one.ordinary.any())
    return _Evidence(scores[truth == 1], scores[truth == 0], ordinary)


def _reject(evidence: _Evidence) -> float | None:
    for at in GRID.tolist():
        precision, support = evidence.precision(at)
        if support < MIN_SUPPORT:
            return None
        if precision >= PRECISION and evidence.false_positives(at) <= REJECTED_ORDINARY:
            return float(at)
    return None


def _hold(evidence: _Evidence, budget: float) -> float:
    for at in GRID.tolist():
        if evidence.false_positives(at) <= budget:
            return float(at)
    return float(GRID[-1])


def _held_for_abuse(sets: Sequence[Labelled], holds: dict[str, float]) -> float:
    """Return the largest share of any ordinary set that one abuse label or more would hold."""
    limits = np.array([holds[label] for label in LABELS[1:]])
    shares = [
        float((one.scores[one.ordinary, 1:] >= limits).any(axis=1).mean())
        for one in sets
        if one.ordinary.any()
    ]
    return max(shares, default=0.0)


def choose(sets: Sequence[Labelled]) -> dict[str, dict[str, Any]]:
    """Return for each label `hold`, `reject` (None: never) and the figures behind them."""
    evidence = {label: _evidence(sets, label) for label in LABELS}
    holds: dict[str, float] = {}
    for budget in _BUDGETS:
        holds = {label: _hold(evidence[label], budget) for label in LABELS[1:]}
        if _held_for_abuse(sets, holds) <= HELD_ABUSE:
            break
    holds["spam"] = _hold(evidence["spam"], HELD_SPAM)
    return {label: _entry(evidence[label], holds[label]) for label in LABELS}


def _entry(evidence: _Evidence, hold: float) -> dict[str, Any]:
    reject = _reject(evidence)
    hold = hold if reject is None else min(hold, reject)
    entry: dict[str, Any] = {"hold": hold, "reject": reject, "at_hold": _figures(evidence, hold)}
    return entry | {"at_reject": None if reject is None else _figures(evidence, reject)}


def _figures(evidence: _Evidence, at: float) -> dict[str, Any]:
    precision, support = evidence.precision(at)
    recall = float((evidence.positive >= at).mean()) if evidence.positive.size else 0.0
    return {
        "precision": round(precision, 4),
        "support": support,
        "recall": round(recall, 4),
        "false_positive_rate": round(evidence.false_positives(at), 5),
    }
