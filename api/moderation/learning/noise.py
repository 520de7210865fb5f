"""Whether one of two who answered the same questions is better, or only luckier."""

import math
import zlib
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

DRAWS: Final = 1_000
"""How often the questions are drawn anew, with replacement."""

_AT_ONCE = 50

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Share:
    """A share of what was asked, and the ends of its 95 % interval."""

    value: float
    low: float
    high: float

    def show(self) -> dict[str, float]:
        """As a report keeps it."""
        return {name: round(getattr(self, name), 4) for name in ("value", "low", "high")}


@dataclass(frozen=True, slots=True)
class Pair:
    """How often two were wrong about the same, and how probably the second is better, or worse."""

    first: Share
    second: Share
    better: float
    worse: float


def compare(first: Bools, second: Bools, weights: Floats) -> Pair:
    """Compare two by where they were wrong (n,), each question with its weight: paired bootstrap.

    The draws follow from what is compared, so that the same always comes out the same.
    """
    given = np.stack([first * weights, second * weights, weights]).astype(np.float64)
    random = np.random.default_rng(zlib.crc32(given.tobytes()))
    sums = np.concatenate([_draw(given, random) for _ in range(DRAWS // _AT_ONCE)])
    # A draw in which nothing counts says nothing of either.
    rates = sums[:, :2] / np.maximum(sums[:, 2:], 1e-12)
    total = max(float(weights.sum()), 1e-12)
    shares = [_share(float(given[at].sum()) / total, rates[:, at]) for at in (0, 1)]
    better, worse = (rates[:, 1] < rates[:, 0]).mean(), (rates[:, 1] > rates[:, 0]).mean()
    return Pair(shares[0], shares[1], float(better), float(worse))


def _draw(given: Floats, random: np.random.Generator) -> Floats:
    """Sums (draws, 3) of what is drawn."""
    count = given.shape[1]
    drawn = random.integers(0, count, (_AT_ONCE, count))
    return np.stack([one[drawn].sum(axis=1) for one in given], axis=1)


def _share(value: float, drawn: Floats) -> Share:
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Share(value, min(float(low), value), max(float(high), value))


def chance_of_losses(losses: int, gains: int) -> float:
    """How probable so many losses or more are among those that changed, were both as probable."""
    changed = losses + gains
    ways = sum(math.comb(changed, one) for one in range(losses, changed + 1))
    return float(ways / 2**changed)


def chance_of_rise(before: int, of: int, after: int, among: int) -> float:
    """How probable a rise to `after` of `among` is, were the share `before` of `of` the same."""
    if not of or not among:
        return 1.0
    pooled = (before + after) / (of + among)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / of + 1 / among))
    if spread == 0:
        return 1.0
    return 0.5 * math.erfc((after / among - before / of) / spread / math.sqrt(2))


def show(pair: Pair) -> dict[str, Any]:
    """The two shares and how sure their order is, as a report keeps them."""
    return {
        "first": pair.first.show(),
        "second": pair.second.show(),
        "better": round(pair.better, 3),
        "worse": round(pair.worse, 3),
    }
