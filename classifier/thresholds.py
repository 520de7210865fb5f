"""Where to hold and where to reject, chosen by rule from rows no training has seen.

Reject: the lowest score at which at least 98 % of the comments at or above it truly have the
label, while no set of ordinary comments loses more than 0.5 %. Where no score is that certain,
the label never rejects. Hold: the abuse labels share one budget of ordinary comments; spam has
its own. The bounds below are well within those promises, as other comments differ
from these. Shares come with Wilson's 95 % intervals.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from classifier.intervals import proportion
from classifier.labelled import Labelled
from classifier.labels import LABELS

PRECISION: Final = 0.98
MIN_SUPPORT: Final = 30
REJECTED_ORDINARY: Final = 0.003
HELD_ABUSE: Final = 0.025
HELD_SPAM: Final = 0.015
# How much of the budget each label may use by itself: most of what any of them names is toxic
# too, and what only a rare label names is mostly wrong.
SHARES: Final[Mapping[str, float]] = {
    "toxicity": 1.0,
    "insult": 0.5,
    "profanity": 0.5,
    "identity_attack": 0.15,
    "threat": 0.2,
    "severe_toxicity": 0.2,
}
# Scores to choose from. One chance in four is the least that is worth a moderator's time.
# Every row of these was called toxic by someone: a 0 is a lost vote, not a clean comment.
DISPUTED: Final = frozenset({"civil_comments_trial"})
GRID: Final = np.concatenate((np.arange(250, 990) / 1000, np.arange(9900, 10000) / 10000))
_BUDGETS: Final = tuple(HELD_ABUSE * step / 20 for step in range(20, 0, -1))

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Evidence:
    """One label's development scores: of those who have it, and of those who do not.

    `rates` holds, for each point of `GRID`, the largest share of any ordinary set above it;
    `ordinary` are the scores of each of these sets.
    """

    positive: Floats
    negative: Floats
    rates: Floats
    ordinary: Sequence[Floats]

    def precision(self, at: float) -> tuple[float, int]:
        """Return the share of true ones among those at or above `at`, and their number."""
        hits = int((self.positive >= at).sum())
        support = hits + int((self.negative >= at).sum())
        return (hits / support if support else 0.0), support


def _evidence(sets: Sequence[Labelled], label: str) -> _Evidence:
    column = LABELS.index(label)
    settled = [one for one in sets if one.name not in DISPUTED]
    scores = np.concatenate([np.empty(0), *(one.scores[:, column] for one in settled)])
    truth = np.concatenate([np.empty(0), *(one.truth[:, column] for one in settled)])
    ordinary = [one.scores[one.ordinary, column] for one in sets if one.ordinary.any()]
    rates = np.max([np.zeros(len(GRID)), *map(_shares_above, ordinary)], axis=0)
    return _Evidence(scores[truth == 1], scores[truth == 0], rates, ordinary)


def _shares_above(scores: Floats) -> Floats:
    """Return for each point of `GRID` the share of `scores` at or above it."""
    return 1.0 - np.searchsorted(np.sort(scores), GRID, side="left") / len(scores)


def _reject(evidence: _Evidence) -> float | None:
    for at, rate in zip(GRID.tolist(), evidence.rates, strict=True):
        precision, support = evidence.precision(at)
        if support < MIN_SUPPORT:
            return None
        if precision >= PRECISION and rate <= REJECTED_ORDINARY:
            return float(at)
    return None


def _hold(evidence: _Evidence, budget: float) -> float:
    # The rates fall along the grid; where even its last point is too much, it is that one.
    spared = np.append(np.flatnonzero(evidence.rates <= budget), len(GRID) - 1)
    return float(GRID[spared[0]])


def _touched(one: Labelled, limits: Mapping[str, float]) -> float:
    """Return the share of a set's ordinary comments at or above any of the `limits`."""
    columns = [LABELS.index(label) for label in limits]
    scores = one.scores[one.ordinary][:, columns]
    return float((scores >= np.array(list(limits.values()))).any(axis=1).mean())


def choose(sets: Sequence[Labelled]) -> dict[str, dict[str, Any]]:
    """Return for each label `hold`, `reject` (None: never) and the figures behind them."""
    evidence = {label: _evidence(sets, label) for label in LABELS}
    holds: dict[str, float] = {}
    ordinary = [one for one in sets if one.ordinary.any()]
    for budget in _BUDGETS:
        holds = {label: _hold(evidence[label], budget * share) for label, share in SHARES.items()}
        if all(_touched(one, holds) <= HELD_ABUSE for one in ordinary):
            break
    holds["spam"] = _hold(evidence["spam"], HELD_SPAM)
    return {label: _entry(evidence[label], holds[label]) for label in LABELS}


def outcomes(sets: Sequence[Labelled], chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Return what share of each set's ordinary comments the chosen thresholds touch."""
    hold = {label: chosen[label]["hold"] for label in LABELS}
    reject = {label: at for label in LABELS if (at := chosen[label]["reject"]) is not None}
    abuse = {label: at for label, at in hold.items() if label != "spam"}
    return {
        one.name: {
            "comments": int(one.ordinary.sum()),
            "held_or_rejected_for_abuse": round(_touched(one, abuse), 5),
            "held_or_rejected_for_spam": round(_touched(one, {"spam": hold["spam"]}), 5),
            "rejected": round(_touched(one, reject), 5) if reject else 0.0,
        }
        for one in sets
        if one.ordinary.any()
    }


def _entry(evidence: _Evidence, hold: float) -> dict[str, Any]:
    reject = _reject(evidence)
    hold = hold if reject is None else min(hold, reject)
    entry: dict[str, Any] = {"hold": hold, "reject": reject, "at_hold": _figures(evidence, hold)}
    return entry | {"at_reject": None if reject is None else _figures(evidence, reject)}


def _figures(evidence: _Evidence, at: float) -> dict[str, Any]:
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
