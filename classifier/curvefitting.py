"""A label's curve from its development scores: few points that say enough, none that flatters."""

from typing import Final

import numpy as np

from classifier.curves import MIN_SUPPORT
from classifier.evidence import Evidence, Floats

MOST_POINTS: Final = 120
# Finer near 1, where thresholds to reject at are sought.
_SCORES: Final = np.concatenate(
    (np.arange(10, 990) / 1000, np.arange(9900, 9990) / 10000, np.arange(99900, 100000) / 100000)
)


def fit_curve(evidence: Evidence) -> dict[str, list[float]]:
    """Return the points of a curve, as `classifier.curves` reads it; at most `MOST_POINTS`.

    Each point's share is rounded up, its precision down: no target is met by rounding.
    """
    hits, misses = evidence.counts(_SCORES)
    precision = _rising(hits, hits + misses)
    share, recall = evidence.rates(_SCORES), hits / max(len(evidence.positive), 1)
    kept = _choose_points(precision, share, recall)
    return {
        "score": _SCORES[kept].tolist(),
        "precision": (np.floor(precision[kept] * 1e4) / 1e4).tolist(),
        "support": (hits + misses)[kept].astype(int).tolist(),
        "share": (np.ceil(np.round(share[kept] * 1e5, 6)) / 1e5).tolist(),
        "recall": np.round(recall[kept], 4).tolist(),
    }


def _rising(hits: Floats, support: Floats) -> Floats:
    """Return precision at each score, made to rise with it.

    Among few comments chance has higher scores look less certain. What is measured at a higher
    score then counts for the lower ones as well: no point promises more than any above it keeps.
    Scores with too few comments to count at or above them have what was last believed.
    """
    believed = support >= MIN_SUPPORT
    precision = np.zeros(len(hits))
    measured = hits[believed] / support[believed]
    precision[believed] = np.minimum.accumulate(measured[::-1])[::-1]
    return np.maximum.accumulate(precision)


def _choose_points(precision: Floats, share: Floats, recall: Floats) -> list[int]:
    """Return places of scores between which something changes, about equally much."""
    # A share counts by its logarithm: from 0.2 % to 0.1 % is as far as from 2 % to 1 %. Four
    # powers of ten, all there are between most and none, then weigh as much as the others.
    seen = np.log10(np.maximum(share, 1e-4)) / 4
    moved = sum(np.abs(np.diff(one, prepend=one[0])) for one in (precision, seen, recall))
    way = np.cumsum(moved)
    stops = np.linspace(0.0, way[-1], MOST_POINTS)
    return sorted(set(np.searchsorted(way, stops).tolist()))
