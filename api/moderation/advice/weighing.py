"""Shares among comments of which only some were looked at, and how sure they are.

Who was looked at with a chance of p stands for 1/p comments (Horvitz and Thompson, JASA 47, 1952),
and a share is the ratio of two such sums (Hájek, 1971). Its interval is Wilson's (JASA 22, 1927) on
an effective number of comments: that of Kish (Survey Sampling, 1965), or where it is smaller, that
which gives the ratio's own linearised variance (Korn and Graubard, Survey Methodology 24, 1998).
All intervals hold 95 %.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_QUANTILE = 1.959964
"""Of the normal distribution, for 95 % in the middle."""


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares in [0, 1] and the ends of their intervals, all (n,); NaN where nothing is known."""

    value: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class Sums:
    """Of some comments: how many, their weights, and those of the hits; all (n,)."""

    count: Floats
    weight: Floats
    squares: Floats
    hits: Floats
    hit_squares: Floats


def split(scores: Floats, truth: Floats, weights: Floats, at: Floats) -> tuple[Sums, Sums]:
    """The sums over the comments whose score reaches each threshold, and over those below it.

    `scores`, `truth` (0 or 1) and `weights` are of the comments, (m,), in any order; `at` holds
    the thresholds, (n,).
    """
    order = np.argsort(scores)
    first = np.searchsorted(scores[order], at, side="left")
    squares = weights**2
    added = (np.ones_like(weights), weights, squares, weights * truth, squares * truth)
    sides = [_sum_sides(values[order], first) for values in added]
    return Sums(*(above for above, _ in sides)), Sums(*(below for _, below in sides))


def _sum_sides(values: Floats, first: NDArray[np.intp]) -> tuple[Floats, Floats]:
    # Each side is summed by itself: a difference of sums would leave a trace where there is none.
    above = np.append(np.cumsum(values[::-1])[::-1], 0.0)
    below = np.append(0.0, np.cumsum(values))
    return above[first], below[first]


def share(sums: Sums) -> Shares:
    """The share of hits by weight."""
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(sums.count > 0, sums.hits / sums.weight, np.nan)
        kish = sums.weight**2 / sums.squares
        spread = sums.hit_squares * (1 - 2 * value) + value**2 * sums.squares
        linear = value * (1 - value) * sums.weight**2 / spread
        among = np.fmin(kish, np.where(spread > 0, linear, np.inf))
    return _widen(np.clip(value, 0, 1), among)


def caught(above: Sums, below: Sums) -> Shares:
    """Of all hits the share that is above, by weight.

    Its interval is made of those of the two counts, as that of a ratio is by MOVER-R (Newcombe,
    Statistical Methods in Medical Research 25, 2016): where no hit was found below, it still says
    how many there may be.
    """
    hits, missed = _total(above), _total(below)
    with np.errstate(divide="ignore", invalid="ignore"):
        both = hits.value * missed.value
        least = missed.low * (2 * missed.value - missed.low)
        most = missed.high * (2 * missed.value - missed.high)
        among_most = hits.high * (2 * hits.value - hits.high)
        among_least = hits.low * (2 * hits.value - hits.low)
        root = np.sqrt(np.maximum(both**2 - least * among_most, 0))
        low = np.where(least > 0, least / (both + root), 0.0)
        high = (both + np.sqrt(np.maximum(both**2 - most * among_least, 0))) / among_least
        high = np.where(among_least > 0, high, np.where(most == 0, 0.0, np.inf))
        value = hits.value / (hits.value + missed.value)
    known = above.count > 0
    return Shares(*(np.where(known, one, np.nan) for one in (value, 1 / (1 + high), 1 / (1 + low))))


def _total(sums: Sums) -> Shares:
    """How many hits, by weight, as a count that came about by chance."""
    with np.errstate(divide="ignore", invalid="ignore"):
        # What one hit stands for; before any is found, what a comment does.
        each = np.fmax(sums.hit_squares / sums.hits, sums.squares / sums.weight)
        count = np.nan_to_num(sums.hits / each)
    half = _QUANTILE * np.sqrt(count + _QUANTILE**2 / 4)
    centre = count + _QUANTILE**2 / 2
    each = np.nan_to_num(each)
    low = np.where(count == 0, 0.0, np.maximum(centre - half, 0))
    return Shares(sums.hits, each * low, each * (centre + half))


def _widen(value: Floats, among: Floats) -> Shares:
    weight = _QUANTILE**2 / among
    centre = (value + weight / 2) / (1 + weight)
    half = _QUANTILE / (1 + weight) * np.sqrt(value * (1 - value) / among + weight / among / 4)
    # Rounding must not take an end of 0 or 1 a hair away from it.
    low = np.where(value == 0, 0.0, np.clip(centre - half, 0, 1))
    return Shares(value, low, np.where(value == 1, 1.0, np.clip(centre + half, 0, 1)))
