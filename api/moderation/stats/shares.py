"""Shares with how many they are of and their 95 % intervals; none of too few."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from api.moderation.advice import weighing
from api.moderation.advice.weighing import Shares, Sums

LEAST = 20
"""Of how many a share must be to be told: of fewer, its interval may be half as wide as can be."""


@dataclass(frozen=True, slots=True)
class Share:
    """Of `n` looked at, `hits`; what part that is and between which ends, None of too few.

    Where some stand for more than others, the part is not `hits / n`.
    """

    n: int
    hits: int
    value: float | None = None
    low: float | None = None
    high: float | None = None


def of(hits: int, n: int) -> Share:
    """The share of hits where each counts once, with Wilson's interval."""
    if n < LEAST:
        return Share(n, hits)
    all_, some = np.array([float(n)]), np.array([float(hits)])
    return _pick(n, hits, weighing.share(Sums(all_, all_, all_, some, some)))


def weigh(truth: Sequence[bool], weights: Sequence[float]) -> Share:
    """The share of hits by weight: each stands for as many as its weight says."""
    hits = sum(truth)
    if len(truth) < LEAST:
        return Share(len(truth), hits)
    return _pick(len(truth), hits, weighing.share(add_up(truth, weights)))


def add_up(truth: Sequence[bool], weights: Sequence[float]) -> Sums:
    """The sums that a weighted share is made of, each of one entry."""
    each = np.array(weights, dtype=np.float64)
    hit = np.array(truth, dtype=np.float64)
    parts = np.ones_like(each), each, each**2, each * hit, each**2 * hit
    return Sums(*(np.array([part.sum()]) for part in parts))


def part_of(above: Sums, below: Sums, n: int, hits: int) -> Share:
    """Of all hits those that are above, by weight: see `weighing.caught`."""
    return _pick(n, hits, weighing.caught(above, below))


def _pick(n: int, hits: int, found: Shares) -> Share:
    value, low, high = (float(one[0]) for one in (found.value, found.low, found.high))
    return Share(n, hits) if np.isnan(value) else Share(n, hits, value, low, high)
