"""What is found of an attribute: how far two scores rank alike, and what thresholds hold."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.comparing.pairing import Pairs
from api.comparing.shares import Equal, find_equal, rise
from classifier.intervals import Figure, proportion

Floats = NDArray[np.float64]
Held = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a threshold of ours does beside theirs."""

    at: float
    held: int
    agreed: Figure
    """The share of comments that are on the same side of both."""
    kappa: float | None
    """Cohen's: agreement beyond chance; None where one of both holds all or nothing."""
    newly: int
    """How many we hold and they do not."""
    no_longer: int
    """How many they hold and we do not."""


@dataclass(frozen=True, slots=True)
class Level:
    """A threshold of theirs."""

    theirs: float
    held: int
    same: Agreement
    """Our score at the same number."""
    equal: Equal | None
    """The threshold of ours that keeps the held share; None where too few say it."""
    then: Agreement | None
    """Our score at that threshold."""


@dataclass(frozen=True, slots=True)
class Finding:
    """All of one attribute."""

    attribute: str
    label: str
    """Our score for it."""
    compared: int
    correlation: float | None
    """Spearman's; None where all scores of a side are one number."""
    levels: tuple[Level, ...]


def find(attribute: str, pairs: Pairs, thresholds: Sequence[float]) -> Finding:
    """Compare one attribute's scores at thresholds of theirs."""
    ours, theirs = pairs.scores()
    steps = rise(ours)
    levels = []
    for at in thresholds:
        held = theirs >= at
        equal = find_equal(steps, held)
        then = None if equal is None else _agree(ours, held, equal.value)
        levels.append(Level(at, int(held.sum()), _agree(ours, held, at), equal, then))
    return Finding(attribute, pairs.label, len(ours), correlate(ours, theirs), tuple(levels))


def find_moved(pairs: Pairs, level: Level, most: int) -> list[tuple[int, float, float]]:
    """Line, our score and theirs of comments that change sides, the farthest apart first."""
    ours, theirs = pairs.scores()
    at = level.theirs if level.equal is None else level.equal.value
    moved = np.flatnonzero((ours >= at) != (theirs >= level.theirs))
    apart = np.abs(rank(ours) - rank(theirs))[moved]
    rows = moved[np.argsort(-apart, kind="stable")][:most].tolist()
    return [(pairs.lines[row], pairs.ours[row], pairs.theirs[row]) for row in rows]


def correlate(ours: Floats, theirs: Floats) -> float | None:
    """Spearman's rank correlation; None where there is nothing to rank."""
    if not len(ours) or np.ptp(ours) == 0 or np.ptp(theirs) == 0:
        return None
    return float(np.corrcoef(rank(ours), rank(theirs))[0, 1])


def rank(scores: Floats) -> Floats:
    """The rank of each score (n,) from the lowest; equal ones share theirs."""
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    middle: Floats = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return middle


def _agree(ours: Floats, held: Held, at: float) -> Agreement:
    mine = ours >= at
    same, among = int((mine == held).sum()), len(held)
    agreed = proportion(same, among) or Figure(0.0, 0.0, 0.0)
    return Agreement(
        at,
        int(mine.sum()),
        agreed,
        _kappa(mine, held, same / among),
        int((mine & ~held).sum()),
        int((held & ~mine).sum()),
    )


def _kappa(mine: Held, held: Held, agreed: float) -> float | None:
    chance = float(mine.mean() * held.mean() + (1 - mine.mean()) * (1 - held.mean()))
    if min(mine.mean(), held.mean()) == 0 or max(mine.mean(), held.mean()) == 1:
        return None
    return (agreed - chance) / (1 - chance)
