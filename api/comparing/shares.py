"""Which of our thresholds holds as much as one of theirs."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

FEWEST: Final = 10
"""With fewer comments on either side of a threshold, nothing is said of it."""
_DOUBT: Final = 0.05

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Equal:
    """A threshold of ours, and the ends of its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Steps:
    """Our scores in rising order, equal ones together.

    `values` (m,) are different; `place` (n,) says on which of them each comment stands; `reaching`
    (m,) how many comments have at least so much.
    """

    values: Floats
    place: Counts
    reaching: Counts


def rise(ours: Floats) -> Steps:
    """Put our scores (n,) in order."""
    values, place, counts = np.unique(ours, return_inverse=True, return_counts=True)
    return Steps(values, place, _sum_from(counts))


def find_equal(steps: Steps, held: NDArray[np.bool_]) -> Equal | None:
    """The threshold of ours that holds as many comments as `held` (n,) names.

    None where too few are held, or too few are not.
    """
    many = int(held.sum())
    if min(many, len(held) - many) < FEWEST:
        return None
    best = int(np.abs(steps.reaching - many).argmin())
    low, high = _find_interval(steps, held, many)
    value = _roundest(float(steps.values[best - 1]) if best else 0.0, float(steps.values[best]))
    return Equal(value, min(low, value), max(high, value))


def _find_interval(steps: Steps, held: NDArray[np.bool_], many: int) -> tuple[float, float]:
    """The thresholds of which nobody can say that they hold more, or less, than theirs does.

    McNemar's exact test (Psychometrika 12, 1947): comments that one side alone holds would be the
    other's as often as not. It is made for pairs, and asks for no resampling.
    """
    # It takes longer to load than all else that a server needs, so only who compares waits for it.
    from scipy import special

    both = _sum_from(np.bincount(steps.place[held], minlength=len(steps.values)))
    # The last place is above the highest score, where we hold nobody.
    ours, theirs = np.append(steps.reaching - both, 0), np.append(many - both, many)
    chance = 2 * special.bdtr(np.minimum(ours, theirs), np.maximum(ours + theirs, 1), 0.5)
    sure = chance < _DOUBT
    # A threshold does the same anywhere between two scores.
    low = int(np.flatnonzero(~(sure & (ours > theirs)))[0])
    high = int(np.flatnonzero(~(sure & (ours < theirs)))[-1])
    return float(steps.values[low - 1]) if low else 0.0, float(steps.values[high])


def _sum_from(counts: Counts) -> Counts:
    """Of each place, how many are there and above."""
    return np.cumsum(counts[::-1])[::-1]


def _roundest(above: float, most: float) -> float:
    """The number with the fewest digits that is over one score and not over the next."""
    for digits in range(2, 17):
        near = round((above + most) / 2, digits)
        if above < near <= most:
            return near
    return most
