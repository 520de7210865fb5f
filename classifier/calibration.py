"""Turn a linear model's margins into probabilities that mean what they say."""

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

Floats = NDArray[np.float64]


def fit_sigmoid(margins: Floats, truth: Floats, weights: Floats) -> tuple[float, float]:
    """Return slope and offset so that sigmoid(slope * margin + offset) is a probability.

    Platt's method on rows the model was not trained on, all arguments (n,). It keeps the
    order of the scores and needs two numbers, which rare labels can still afford. Returns
    (1, 0), which changes nothing, where there is too little to learn from.
    """
    if min((truth == 1).sum(), (truth == 0).sum()) < 5:
        return 1.0, 0.0
    fitted = LogisticRegression(C=1e4).fit(margins[:, None], truth, sample_weight=weights)
    slope, offset = float(fitted.coef_[0, 0]), float(fitted.intercept_[0])
    # A falling slope would turn the scores upside down: better uncalibrated than wrong.
    return (slope, offset) if slope > 0 else (1.0, 0.0)


def calibration_error(scores: Floats, truth: Floats, weights: Floats, bins: int = 15) -> float:
    """Return the expected calibration error over `bins` equal bins, all arguments (n,)."""
    place = np.minimum((scores * bins).astype(int), bins - 1)
    gap = np.bincount(place, weights * (scores - truth), bins)
    return float(np.abs(gap).sum() / weights.sum())
