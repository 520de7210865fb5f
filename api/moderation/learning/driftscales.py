"""How a figure of drift is compared: on a scale where equal steps are alike, with the least band.

Shares lie by their log-odds, volumes by their logarithm, indices, which are sums of squares, by
their root. No band is narrower than what chance does to as few comments, or than what nobody would
mind. `python -m tests.bench.drift` says what comes of the numbers here.
"""

from collections.abc import Callable, Mapping, Sequence
from math import exp, log, sqrt
from statistics import NormalDist
from typing import Any, NamedTuple

_SHARE = 0.05
"""No share leaves its band by less than this."""
_STABLE = 0.1
"""Siddiqi's bound: an index below it is no change."""
_TRIPLE = log(3)
"""As many comments as between a third and three times the usual are as usual."""
_BY_CHANCE = 1e-4
"""How often chance alone puts a figure of one day beyond the least band.

Of many days more often, by the root of their number: their windows overlap, so that fewer are told
from each other in a year.
"""
_BINS = 10
_ALIKE = 2
_EDGE = 1e-6


class Found(NamedTuple):
    """A figure; `n` is how many it is of, `hits` how many of them where it is a share.

    `low` and `high` are the ends of its band, None where it has none yet, or no lower end. It is
    of so many `days`, and is compared with so many comments or decisions `before` them.
    """

    value: float
    n: int
    hits: int | None = None
    low: float | None = None
    high: float | None = None
    days: int = 1
    before: int | None = None

    def write(self) -> list[Any]:
        """As it is kept; `Found(*written)` reads it."""
        return [round(part, 6) if isinstance(part, float) else part for part in self]


class Before(NamedTuple):
    """An earlier day: how many days ago, its counts, what was found, and what was outside."""

    ago: int
    document: Mapping[str, Any]
    found: Mapping[str, Found]
    outside: Sequence[str]


class Scale(NamedTuple):
    """Where a figure lies so that equal steps are alike, and what a band holds at the least."""

    place: Callable[[Found], float]
    read: Callable[[float], float]
    least: Callable[[Found, float], tuple[float | None, float]]


def _place_share(found: Found) -> float:
    hits = found.value * found.n
    return log((hits + 0.5) / (found.n - hits + 0.5))


def _read_share(odds: float) -> float:
    return 1 / (1 + exp(-odds))


def _allow(found: Found) -> float:
    return _BY_CHANCE * sqrt(found.days)


def _reach(found: Found) -> float:
    """How many standard errors chance reaches: from 3.9 for a day to 3.5 for 28."""
    return -NormalDist().inv_cdf(_allow(found) / 2)


def _weigh(found: Found) -> float:
    """The variance that comes of so few, here and before, where one alone has a variance of 1."""
    return 1 / found.n + (1 / found.before if found.before else 0)


def _hold_shares(found: Found, middle: float) -> tuple[float | None, float]:
    """What a share may be by chance; two of each kind are added, as Agresti has it."""
    usual = _read_share(middle)
    kept = (usual * found.n + 2) / (found.n + 4)
    off = max(_SHARE, _reach(found) * sqrt(kept * (1 - kept) * _weigh(found)))
    low, high = (
        log(end / (1 - end)) for end in (max(usual - off, _EDGE), min(usual + off, 1 - _EDGE))
    )
    return low, high


def _hold_chance(found: Found, middle: float) -> tuple[float | None, float]:
    """How large an index may be by the chance of which comments came."""
    # The index times the size follows chi-square (Yurdakul, Statistical Properties of PSI, 2018),
    # whose mean is in the middle already.
    freedom = _BINS - 1
    # 17 MB that only who looks for drift needs.
    from scipy import special

    chance = (float(special.chdtri(freedom, _allow(found))) - freedom) * _weigh(found)
    return None, sqrt(max(_STABLE, middle**2 + chance))


def _hold_new_words(found: Found, middle: float) -> tuple[None, float]:
    # Comments about one thing bring the same new words: they tell as much as half as many.
    return None, _hold_shares(found._replace(n=found.n // _ALIKE), middle)[1]


def _hold_distance(found: Found, middle: float) -> tuple[None, float]:
    return None, middle + max(_SHARE, _reach(found) * sqrt(middle * (1 - middle) / found.n))


def _hold_third(_found: Found, middle: float) -> tuple[float, float]:
    return middle - _TRIPLE, middle + _TRIPLE


def _plain(found: Found) -> float:
    return found.value


_SHARES = Scale(_place_share, _read_share, _hold_shares)
_SCALES = {
    "volume": Scale(lambda found: log(found.value + 1), lambda x: max(exp(x) - 1, 0), _hold_third),
    "held": _SHARES,
    "overrides": _SHARES,
    "false_holds": _SHARES,
    "score": Scale(lambda found: sqrt(found.value), lambda x: x**2, _hold_chance),
    "words.unseen": Scale(_place_share, _read_share, _hold_new_words),
    "words.distance": Scale(_plain, float, _hold_distance),
}


def find_scale(name: str) -> Scale:
    """The scale of a figure, by its name, or by its kind, which stands before the dot."""
    return _SCALES.get(name) or _SCALES[name.partition(".")[0]]
