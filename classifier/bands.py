"""In which first-stage scores the second stage is asked: bands of doubt, one a label.

No AUC on the development sets is more than `LOSS` below that of always asking, and few ordinary
comments are asked about.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from classifier.cascade import stack, to_chances
from classifier.intervals import rank
from classifier.labelled import Labelled, LabelledFile
from classifier.labels import LABELS

LOSS: Final = 0.002
"""How far the AUC may be below that of always asking the second stage."""
Floats = NDArray[np.float64]
_FEWEST: Final = 20
"""An AUC of fewer of either kind says nothing of a band."""


@dataclass(frozen=True, slots=True)
class Read:
    """A labelled file and both stages' log-odds of it, each (n, 7)."""

    file: LabelledFile
    first: Floats
    second: Floats

    def alone(self) -> Labelled:
        """Return it with the first stage's scores."""
        return Labelled(self.file.name, self.file.truth, to_chances(self.first), self.file.groups)

    def scored(self, weights: Floats, bands: Floats | None) -> Labelled:
        """Return it with the scores of both stages, or of the first alone outside of the bands."""
        odds = stack(weights, self.first, self.second)
        if bands is not None:
            sure = ~_within(self.first, bands)
            odds[sure] = self.first[sure]
        return Labelled(self.file.name, self.file.truth, to_chances(odds), self.file.groups)

    def asked(self, bands: Floats) -> float:
        """Return the share of its rows that the second stage is asked about."""
        return float(_within(self.first, bands).mean())


def choose_bands(sets: Sequence[Read], weights: Floats, loss: float = LOSS) -> Floats:
    """Return from and to which log-odds of the first stage each label is in doubt, (2, 7).

    No AUC is more than `loss` below that of always asking, and few ordinary comments are in doubt:
    from nobody on, the label's lower end comes down whose step wins most for each ordinary comment
    that is then read. Then the upper ends come down together. Where the first stage alone ranks as
    well as both, nothing is lost; sets that it cannot rank at all do not count either: what it has
    no idea of, it cannot be unsure of.
    """
    best = find_aucs(sets, weights, None)
    alone = find_aucs(sets, weights, NOBODY)
    counted = {name: auc for name, auc in best.items() if _SENSIBLE <= alone[name] < auc}
    ordinary = [one.first[one.alone().ordinary] for one in sets]
    ordinary = [rows for rows in ordinary if len(rows)]
    steps = np.quantile(np.vstack(ordinary), _SHARES, axis=0)
    search = _Search(sets, weights, counted, ordinary, loss)
    bands = _raise_again(search, steps, _lower(search, steps))
    for chance in _CERTAIN:
        higher = bands.copy()
        higher[1, 1:] = np.log(chance / (1 - chance))
        if search.excess(higher) > 0:
            break
        bands = higher
    return bands


NOBODY: Final = np.array([[1e9] * len(LABELS)] * 2)
"""Bands in which nothing is; JSON has no infinity, and no log-odds are so large."""
_SENSIBLE: Final = 0.65
_SHARES: Final = np.arange(0.98, 0.3, -0.02)
"""Which shares of ordinary comments are below a label's lower end, one step after another."""
_CERTAIN: Final = (0.9999, 0.9995, 0.999, 0.998, 0.995, 0.99, 0.98)


@dataclass(frozen=True, slots=True)
class _Search:
    """What bands are judged by."""

    sets: Sequence[Read]
    weights: Floats
    best: Mapping[str, float]
    ordinary: Sequence[Floats]
    loss: float

    def excess(self, bands: Floats) -> float:
        """Return by how much the AUCs lose more than they may, all together."""
        found = find_aucs(self.sets, self.weights, bands)
        return sum(max(0.0, auc - found[name] - self.loss) for name, auc in self.best.items())

    def asked(self, bands: Floats) -> float:
        """Return the share of ordinary comments that are read, each set counting once."""
        return float(np.mean([_within(first, bands).mean() for first in self.ordinary]))


def _lower(search: _Search, steps: Floats) -> list[int]:
    """Return how many of its steps (m, 7) each label's lower end goes down."""
    places = [0] * len(LABELS)
    excess, asked = search.excess(_at(steps, places)), 0.0
    while excess > 0:
        tried = []
        for column in range(1, len(LABELS)):
            # A single step may win nothing where the next one does.
            for more in (1, 3):
                moved = places.copy()
                moved[column] = min(places[column] + more, len(steps))
                if moved != places:
                    bands = _at(steps, moved)
                    left, cost = search.excess(bands), search.asked(bands)
                    tried.append(((excess - left) / (cost - asked + 1e-4), left, cost, moved))
        if not tried:
            break
        _, excess, asked, places = max(tried)
    return places


def _raise_again(search: _Search, steps: Floats, places: list[int]) -> Floats:
    """Return the bands of `places`, those steps taken back that the others have made needless."""
    for column in range(len(LABELS) - 1, 0, -1):
        while places[column]:
            fewer = places.copy()
            fewer[column] -= 1
            if search.excess(_at(steps, fewer)) > 0:
                break
            places = fewer
    return _at(steps, places)


def _at(steps: Floats, places: Sequence[int]) -> Floats:
    """Return bands whose lower ends have gone so many steps down; none, where it is 0."""
    bands = NOBODY.copy()
    for column, place in enumerate(places):
        if place:
            bands[0, column] = steps[place - 1, column]
    return bands


def _within(first: Floats, bands: Floats) -> NDArray[np.bool_]:
    return np.asarray(((first >= bands[0]) & (first <= bands[1])).any(axis=1))


def find_aucs(sets: Sequence[Read], weights: Floats, bands: Floats | None) -> dict[str, float]:
    """Return the AUC of every abuse label in every set that can say it."""
    found = {}
    for one in sets:
        scores = one.scored(weights, bands).scores
        for column in range(1, len(LABELS)):
            truth = one.file.truth[:, column]
            known = ~np.isnan(truth)
            positives = int((truth[known] == 1).sum())
            if min(positives, int(known.sum()) - positives) >= _FEWEST:
                ranking = rank(scores[known, column], truth[known])
                name = f"{one.file.name} {LABELS[column]}"
                found[name] = float(ranking.auc(np.ones(int(known.sum()))))
    return found
