"""How sure a measured figure is: bootstrap and Wilson intervals, and what they resample."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
ROUNDS: Final = 1000
# The share of repeated measurements that an interval is meant to hold, and its normal quantile.
LEVEL: Final = 0.95
_QUANTILE: Final = 1.959964


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value and the ends of its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


@dataclass(frozen=True, slots=True)
class Ranking:
    """Scores of one label in rising order, equal ones together, with who has the label.

    `place` (n,) is the step each row stands on; `truth` (n,) is 0 or 1, both kinds present.
    """

    place: NDArray[np.int64]
    truth: Floats
    steps: int

    def auc(self, counts: Floats) -> float:
        """Area under the ROC curve where row i occurs `counts[i]` times; equal scores half."""
        positive, negative = self._kinds(counts)
        below = np.cumsum(negative) - negative / 2
        return float(positive @ below / (positive.sum() * negative.sum()))

    def average_precision(self, counts: Floats) -> float:
        """Mean of the precisions at each recall gained, without interpolation."""
        positive, negative = (kind[::-1] for kind in self._kinds(counts))
        hits = np.cumsum(positive)
        # A step nobody stands on in this sample divides 0 by 0 and gains no recall.
        named = np.maximum(hits + np.cumsum(negative), 1)
        return float((positive * hits / named).sum() / hits[-1])

    def _kinds(self, counts: Floats) -> tuple[Floats, Floats]:
        positive = np.bincount(self.place, counts * self.truth, self.steps).astype(np.float64)
        return positive, np.bincount(self.place, counts, self.steps) - positive


def rank(scores: Floats, truth: Floats) -> Ranking:
    """Put rows in the order of their scores; all arguments (n,)."""
    steps, place = np.unique(scores, return_inverse=True)
    return Ranking(place, truth, len(steps))


def resamples(truth: Floats, rounds: int, seed: int) -> Iterator[Floats]:
    """Yield how often each row (n,) occurs in samples drawn with replacement.

    Each kind is drawn among its own, so that no sample lacks a rare label's few positives
    (the stratified bootstrap, as in Carpenter and Bithell, Statistics in Medicine 19, 2000).
    """
    random = np.random.default_rng(seed)
    kinds = [np.flatnonzero(truth == kind) for kind in (0, 1)]
    for _ in range(rounds):
        drawn = [rows[random.integers(0, len(rows), len(rows))] for rows in kinds if len(rows)]
        yield np.bincount(np.concatenate(drawn), minlength=len(truth)).astype(np.float64)


def percentile(value: float, samples: Floats) -> Figure:
    """The percentile interval of a bootstrap: the middle 95 % of what the samples gave."""
    if not samples.size:
        return Figure(value, value, value)
    low, high = np.quantile(samples, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    # Few rows can put the whole-sample value a hair outside of its resamples.
    return Figure(float(value), min(float(low), value), max(float(high), value))


def proportion(hits: int, among: int) -> Figure | None:
    """A share with Wilson's score interval (JASA 22, 1927); None where there is nothing."""
    if not among:
        return None
    share, weight = hits / among, _QUANTILE**2 / among
    centre = (share + weight / 2) / (1 + weight)
    half = _QUANTILE / (1 + weight) * np.sqrt(share * (1 - share) / among + weight / among / 4)
    return Figure(share, max(0.0, centre - float(half)), min(1.0, centre + float(half)))
