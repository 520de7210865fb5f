"""Days that are taken together until there are enough of them to tell anything.

Chance alone does much to a few comments. So a figure is of a window: the day and as many days
before it as it takes, the fewest that hold enough. Where much comes that is the day alone.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np

from api.moderation.learning.bands import DAYS
from classifier import LABELS

ENOUGH = 300
"""How many comments a window is to hold."""

ENOUGH_DECIDED = 200
"""How many decisions, for a rate."""

LONGEST = 28
"""How many days a window has at the most, whatever it holds then."""

_TIMES = 3
"""How many times as long as a window those are at the least which it is compared with."""


def find_since(day: date, length: int) -> date:
    """The first day of a window of some length that ends on a day."""
    return day - timedelta(days=length - 1)


def find_span(length: int) -> int:
    """How many days before a window of some length it is compared with."""
    return max(DAYS, _TIMES * length)


KEPT = LONGEST + find_span(LONGEST)
"""How many days before a day are looked at, at the most."""

Document = Mapping[str, Any]
"""The counts of a day, as `driftcounts` makes them."""


def find_length(counts: Sequence[int], enough: int) -> int:
    """How many days hold enough, or all that there are; `counts` are by day, the latest first."""
    for length, held in enumerate(accumulate(counts[:LONGEST]), start=1):
        if held >= enough:
            return length
    return min(len(counts), LONGEST)


def count_scored(days: Sequence[Document]) -> list[int]:
    """Comments by day that were scored by the model that is in use, the latest first.

    Another model scores otherwise: that is no change of the comments.
    """
    model = next((one["model"] for one in days if one["model"]), None)
    return [one["scored"] if one["model"] == model else 0 for one in days]


def pool_scores(days: Sequence[Document], counts: Sequence[int]) -> Any:
    """Histograms by label (7, 10) of the days of which anything is counted."""
    bins = [
        [one["scores"][label] for label in LABELS]
        for one, count in zip(days, counts, strict=True)
        if count
    ]
    return np.sum(bins, axis=0)


class Share(NamedTuple):
    """Of `n` in a window of so many `days` how many are `hits`; `before` how many are before it."""

    n: int
    hits: int
    days: int
    before: int


def pool_share(told: Sequence[Sequence[int]], enough: int) -> Share:
    """The share in the window that holds enough; how many, and hits, by day, the latest first."""
    counts = [n for n, _ in told]
    length = find_length(counts, enough)
    before = sum(counts[length : length + find_span(length)])
    return Share(sum(counts[:length]), sum(hits for _, hits in told[:length]), length, before)
