"""How far scores are beyond what a policy holds, for many comments at once.

The arithmetic of `api.moderation.policy.learned`, over arrays.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from api.moderation.policy.learned import find_log_odds
from classifier import LEARNED, NEVER, Threshold

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_FAR = 30.0
"""Log-odds beyond this are as good as certain."""


def measure(odds: Floats, labels: Sequence[str], thresholds: Mapping[str, Threshold]) -> Floats:
    """How far, in log-odds, comments are beyond what the labels' thresholds hold, (n,).

    `odds` (n, labels) are the log-odds of their scores.
    """
    found = np.full(len(odds), -_FAR)
    for column, label in enumerate(labels):
        hold = thresholds[label].hold
        if label != LEARNED and hold < NEVER:
            np.maximum(found, odds[:, column] - find_log_odds(hold), out=found)
    return np.asarray(np.minimum(found, _FAR))


def find_held(scores: Floats, labels: Sequence[str], thresholds: Mapping[str, Threshold]) -> Bools:
    """Whether comments with such scores (n, labels) would be held or rejected, (n,)."""
    kept = np.clip(scores, 1e-6, 1 - 1e-6)
    odds = np.log(kept / (1 - kept))
    margins = measure(odds, labels, thresholds)
    if LEARNED not in labels:
        return np.asarray(margins >= 0)
    learned = odds[:, list(labels).index(LEARNED)]
    held = margins + np.minimum(learned, 0) >= 0
    # What would be rejected is held at least, whatever was learnt.
    for column, label in enumerate(labels):
        reject = thresholds[label].reject
        if label != LEARNED and reject is not None:
            held |= scores[:, column] >= reject
    line = find_log_odds(thresholds[LEARNED].hold)
    return np.asarray(held | ((learned > 0) & (margins + learned >= line)))
