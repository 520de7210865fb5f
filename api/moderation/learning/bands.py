"""The band in which a figure of a day is as usual, by the days before it.

Median and median absolute deviation (MAD), which a few strange days do not move (Leys et al.,
J. Exp. Soc. Psychol. 49, 2013); a floor, so that days that were all alike make no alarm of a
trifle; and a look at the same day of the week, for weekends are not strange.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

DAYS = 28
"""How many days before a day it is compared with: four of each day of the week."""

LEAST_DAYS = 7
"""Of how many of them the figure must be known."""

WIDTH = 4
"""How many MADs the band reaches to each side."""

# The spread of few days is known badly: of seven days the band is half as wide again.
_FEW = 4
# The MAD of normally distributed figures times this is their standard deviation.
_TO_DEVIATION = 1.4826


class Past(NamedTuple):
    """A figure of an earlier day; `ago` is how many days lie between."""

    ago: int
    value: float
    outside: bool


@dataclass(frozen=True, slots=True)
class Band:
    """From where to where a figure is as usual; None where that side has no end."""

    low: float | None
    high: float
    outside: bool


def judge(
    value: float, past: Sequence[Past], least: Callable[[float], tuple[float | None, float]]
) -> Band | None:
    """Whether a figure has left its band; None where too little is known.

    `least` says, for the median, what the band reaches to at the least, None where it has no end.
    """
    if len(past) < LEAST_DAYS:
        return None
    before = np.array([one.value for one in past])
    middle = float(np.median(before))
    spread = _TO_DEVIATION * float(np.median(np.abs(before - middle)))
    half = WIDTH * spread * (1 + _FEW / len(past))
    low, high = least(middle)
    band = Band(None if low is None else min(low, middle - half), max(high, middle + half), False)
    # The way from the middle that matters: upwards, or downwards if that side has an end.
    if value > band.high:
        usual = _is_weekly(value - middle, middle, 1, past, (high - middle) / 2)
    elif low is not None and band.low is not None and value < band.low:
        usual = _is_weekly(middle - value, middle, -1, past, (middle - low) / 2)
    else:
        return band
    return replace(band, outside=not usual)


def _is_weekly(off: float, middle: float, side: int, past: Sequence[Past], margin: float) -> bool:
    """Whether the same day of the week was as far off: once as usual, or twice anyhow."""
    as_far = [
        one for one in past if one.ago % 7 == 0 and side * (one.value - middle) + margin >= off
    ]
    return len(as_far) >= 2 or any(not one.outside for one in as_far)
