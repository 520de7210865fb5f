"""Fit one label: a logistic regression on n-grams that are scaled by how much they tell.

Two scales are multiplied: the inverse document frequency, and how unevenly an n-gram is shared
between the two kinds, the absolute log-count ratio of Wang and Manning ("Baselines and
Bigrams", ACL 2012). Where an n-gram tells something its weight is cheap, where it tells
nothing it is dear. Both scales go into the weights: scoring knows neither.
"""

import warnings
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from classifier.features import ROWS, batches, find_rows

Floats = NDArray[np.float64]

# What lies beyond says little more and would cost most of the memory.
LONGEST: Final = 2000
# How far the weights may go to fit the training rows: smaller is smoother.
STRENGTH: Final = 1.0
ROUNDS: Final = 50
# What an n-gram with the same share in both kinds keeps of its scale.
_FLOOR: Final = 0.3


def count_grams(texts: list[str]) -> csr_matrix:
    """Return the n-grams of `texts`, (n, ROWS), each block of a row of length 1.

    An n-gram that only one text has would merely name that text: it is left out.
    """
    short = [text[:LONGEST] for text in texts]
    found = [find_rows(short[part]) for part in batches(short)]
    rows = np.concatenate([one.rows.astype(np.int32) for one in found])
    sizes = np.concatenate([np.diff(one.edges) for one in found])
    values = np.repeat((np.maximum(sizes, 1) ** -0.5).astype(np.float32), sizes)
    edges = np.concatenate(([0], np.cumsum(sizes)))[::2]
    values[np.bincount(rows, minlength=ROWS)[rows] < 2] = 0
    matrix = csr_matrix((values, rows, edges), shape=(len(texts), ROWS))
    matrix.eliminate_zeros()
    return matrix


def fit_label(
    matrix: csr_matrix, extra: csr_matrix | None, truth: Floats, weights: Floats
) -> tuple[Floats, float]:
    """Return weights (columns of `matrix`, then of `extra`) and intercept.

    `matrix` (n, columns) holds the n-grams, `extra` (n, m) features that are not scaled;
    `truth` (n,) are probabilities: a row in doubt counts partly as each kind. Returns zeros and
    a low intercept where only one kind is known.
    """
    wide = matrix.shape[1] + (0 if extra is None else extra.shape[1])
    rows = np.concatenate((np.flatnonzero(truth > 0), np.flatnonzero(truth < 1)))
    kinds = np.repeat([1.0, 0.0], [(truth > 0).sum(), (truth < 1).sum()])
    if len(np.unique(kinds)) < 2:
        return np.zeros(wide), -5.0
    shares = weights[rows] * np.where(kinds == 1, truth[rows], 1 - truth[rows])
    # Columns that no row has would only cost time.
    used = np.flatnonzero(np.bincount(matrix.indices, minlength=matrix.shape[1]))
    place = np.zeros(matrix.shape[1], dtype=np.int32)
    place[used] = np.arange(len(used))
    shape = (len(truth), len(used))
    matrix = csr_matrix((matrix.data, place[matrix.indices], matrix.indptr), shape)
    scale = _scale(matrix, truth, weights)
    scaled = matrix[rows]
    scaled.data *= scale[scaled.indices]
    if extra is not None:
        scaled = hstack((scaled, extra[rows]), format="csr")
    # lbfgs draws nothing at random.
    model = LogisticRegression(C=STRENGTH, max_iter=ROUNDS, tol=1e-4)
    with warnings.catch_warnings():
        # Stopping at ROUNDS is meant: the last rounds change no score that matters.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(scaled, kinds.astype(np.float32), sample_weight=shares.astype(np.float32))
    found = np.zeros(wide)
    found[used] = model.coef_[0, : len(used)] * scale
    found[wide - (model.coef_.shape[1] - len(used)) :] = model.coef_[0, len(used) :]
    return found, float(model.intercept_[0])


def _scale(matrix: csr_matrix, truth: Floats, weights: Floats) -> NDArray[np.float32]:
    """Return the scale of each column, whose mean square over all places is 1."""
    frequency = np.bincount(matrix.indices, minlength=matrix.shape[1])
    rarity = np.log((matrix.shape[0] + 1) / (frequency + 1)) + 1
    present = csr_matrix(
        (np.ones(matrix.nnz, dtype=np.float32), matrix.indices, matrix.indptr), matrix.shape
    )
    has = present.T @ (weights * truth) + 1
    lacks = present.T @ (weights * (1 - truth)) + 1
    telling = np.abs(np.log((has / has.sum()) / (lacks / lacks.sum()))) + _FLOOR
    scale = rarity * telling
    return np.asarray(scale / np.sqrt(np.average(scale**2, weights=frequency)), dtype=np.float32)
