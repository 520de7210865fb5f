"""Turn a linear model's margins into probabilities that mean what they say."""

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

Floats = NDArray[np.float64]


def fit_sigmoid(margins: Floats, truth: Floats, weights: Floats) -> tuple[float, float]:
    """Return slope and offset so that sigmoid(slope * margin + offset) is a probability.

    Platt's method on rows the model was not trained on, all arguments (n,); a `truth` between
    0 and 1 counts partly as each. It keeps the order of the scores and needs two numbers, which
    rare labels can still afford. Returns (1, 0), which changes nothing, where there is too
    little to learn from.
    """
    if min((truth > 0.5).sum(), (truth < 0.5).sum()) < 5:
        return 1.0, 0.0
    kinds = np.repeat([1.0, 0.0], len(truth))
    shares = np.concatenate((weights * truth, weights * (1 - truth)))
    twice = np.concatenate((margins, margins))[:, None]
    fitted = LogisticRegression(C=1e4).fit(twice, kinds, sample_weight=shares)
    slope, offset = float(fitted.coef_[0, 0]), float(fitted.intercept_[0])
    # A falling slope would turn the scores upside down: better uncalibrated than wrong.
    return (slope, offset) if slope > 0 else (1.0, 0.0)


def calibration_error(scores: Floats, truth: Floats, weights: Floats, bins: int = 15) -> float:
    """Return the expected calibration error over `bins` equal bins, all arguments (n,)."""
    place = np.minimum((scores * bins).astype(int), bins - 1)
    gap = np.bincount(place, weights * (scores - truth), bins)
    return float(np.abs(gap).sum() / weights.sum())


def calibration_curve(
    scores: Floats, truth: Floats, weights: Floats, bins: int = 10
) -> list[list[float]]:
    """Return mean score, share that has the label and share of all weight, for each filled bin."""
    place = np.minimum((scores * bins).astype(int), bins - 1)
    among = np.bincount(place, weights, bins)
    filled = among > 0
    said = np.bincount(place, weights * scores, bins)[filled] / among[filled]
    found = np.bincount(place, weights * truth, bins)[filled] / among[filled]
    rows = np.column_stack((said, found, among[filled] / among.sum()))
    curve: list[list[float]] = rows.round(4).tolist()
    return curve
