"""How the two stages go together: weights of both, bands of doubt, thresholds, chosen by rule.

The weights are fitted to the rows that neither stage has learnt from. The bands are such that no
AUC on the development sets is more than `LOSS` below that of always asking, and few ordinary
comments are asked about. The thresholds are chosen as those of the linear model are.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from classifier import readerfile
from classifier.calibration import calibration_curve, calibration_error
from classifier.cascade import CLIP, Cascade, stack, to_chances
from classifier.development import choose_thresholds
from classifier.evaluation import measure
from classifier.examples import Examples
from classifier.fairness import measure_groups
from classifier.gathering import Training, dev_files, held_back, held_out
from classifier.gathering import gather as gather_rows
from classifier.intervals import rank
from classifier.labelled import Labelled, LabelledFile, read_labelled
from classifier.labels import LABELS
from classifier.model import Model
from classifier.reader import Reader
from classifier.thresholds import SHARES

LOSS: Final = 0.002
"""How far the AUC may be below that of always asking the second stage."""
Floats = NDArray[np.float64]
Report = Callable[[str], None]

_SPAM: Final = LABELS.index("spam")
_HATE: Final = "identity_attack"
# An attack on a group is what the second stage is there to see: it may use half of the budget.
_BUDGET: Final = {**SHARES, _HATE: 0.5}
_MANY: Final = 500
_GRID: Final = np.arange(0, 100) / 100
_CHANCE: Final = 0.005
_FEWEST: Final = 20
"""An AUC of fewer of either kind says nothing of a band."""
_AT_ONCE: Final = 500


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


def fit_cascade(
    path: Path, model: Model, training: Training, out: Path, report: Report = print
) -> dict[str, Any]:
    """Fit the reader in the file `path` to go with `model`, write it to `out`; return the manifest.

    Raises `ReaderError` where `path` is no reader, and ValueError where a set is missing.
    """
    if not (files := dev_files(training.dev)):
        raise ValueError(f"There is no development set in {training.dev}.")
    reader = Reader.load(path)
    examples = gather_rows(training)
    held = held_out(examples, training.seed)
    kept = _pick(examples, held)
    report(f"reading {len(kept.texts):,} rows kept out of training")
    both = _read_both(model, reader, kept.texts, report)
    weights = fit_weights(*both, kept.labels, kept.weights)
    sets = []
    for file in map(read_labelled, files):
        report(f"reading {len(file.items):,} rows of {file.name}")
        sets.append(Read(file, *_read_both(model, reader, file.items, report)))
    bands = choose_bands(sets, weights)
    sets.append(_look_up(held_back(examples, held), kept, both))
    cascade = {
        "model": model.version,
        "weights": weights.round(5).tolist(),
        "bands": bands.round(3).tolist(),
        "calibration": describe_calibration(stack(weights, *both), kept),
        **measure_stages(sets, weights, bands),
    }
    _write(path, cascade, out)
    report("reading sentences about groups")
    holds = {label: one["hold"] for label, one in cascade["thresholds"].items()}
    cascade["groups"] = measure_groups(Cascade(model, Reader.load(out)), holds)
    return _write(path, cascade, out)


def _write(path: Path, cascade: Mapping[str, Any], out: Path) -> dict[str, Any]:
    graph, tokenizer, manifest = readerfile.read(path)
    del manifest["digest"]
    return readerfile.write(out, graph, tokenizer, manifest | {"cascade": cascade})


def measure_stages(sets: Sequence[Read], weights: Floats, bands: Floats) -> dict[str, Any]:
    """Return thresholds, profiles and curves of both stages, and figures of each and of both.

    The last of `sets` are training's rows: thresholds are chosen on them too, but no figure is
    of them.
    """
    together = [one.scored(weights, bands) for one in sets]
    figures = {
        "metrics": together,
        "metrics_first": [one.alone() for one in sets],
        "metrics_always": [one.scored(weights, None) for one in sets],
    }
    return {
        "asked": {one.file.name: round(_share(one, bands), 4) for one in sets},
        **{
            name: {one.name: found for one in scored[:-1] if (found := measure(one))}
            for name, scored in figures.items()
        },
        **choose_thresholds(together, least={_HATE: find_even(together)}, shares=_BUDGET),
    }


def find_even(sets: Sequence[Labelled]) -> float:
    """Return the score of `identity_attack` from which on most rows are judged right, to 0.01.

    On sets with many rows of either kind, as those about hate alone have: among other comments
    attacks on groups are so rare that hardly any score holds too many of them. The middle of all
    scores that are as good but for chance; 0 without such sets.
    """
    column = LABELS.index(_HATE)
    right = np.zeros(len(_GRID))
    for one in sets:
        truth = one.truth[:, column]
        if min(int((truth == 1).sum()), int((truth == 0).sum())) >= _MANY:
            known = ~np.isnan(truth)
            held = one.scores[known, column][:, None] >= _GRID
            right += (held == (truth[known] == 1)[:, None]).mean(0)
    return round(float(_GRID[right >= right.max() - _CHANCE].mean()), 2) if right.any() else 0.0


def describe_calibration(odds: Floats, kept: Examples) -> dict[str, Any]:
    """Return for each label how far the scores (n, 7) of rows kept out of training are off."""
    chances = to_chances(odds)
    found = {}
    for column, label in enumerate(LABELS):
        known = ~np.isnan(kept.labels[:, column]) & (kept.weights[:, column] > 0)
        given = (
            chances[known, column],
            kept.labels[known, column],
            kept.weights[known, column],
        )
        found[label] = {
            "rows": int(known.sum()),
            "expected_error": round(calibration_error(*given), 4),
            "curve": calibration_curve(*given),
        }
    return found


def fit_weights(first: Floats, second: Floats, labels: Floats, counts: Floats) -> Floats:
    """Return for each label what both stages' log-odds of it and a 1 weigh, (7, 3).

    By logistic regression on both (n, 7); `labels` (n, 7) are shares, NaN where unknown, `counts`
    (n, 7) what each counts. Spam is the first stage's alone: it knows links and the form, of which
    the second reads nothing.
    """
    weights = np.zeros((len(LABELS), 3))
    weights[_SPAM, 0] = 1.0
    for column in range(len(LABELS)):
        if column == _SPAM:
            continue
        known = ~np.isnan(labels[:, column]) & (counts[:, column] > 0)
        truth, count = labels[known, column], counts[known, column]
        inputs = np.clip(
            np.column_stack([first[known, column], second[known, column]]), -CLIP, CLIP
        )
        # A share is so much of a yes, and the rest of a no.
        fit = LogisticRegression(max_iter=1000)
        kinds = np.repeat([1, 0], len(truth))
        each = np.concatenate([truth * count, (1 - truth) * count])
        fit.fit(np.vstack([inputs] * 2), kinds, each)
        weights[column] = *fit.coef_[0], fit.intercept_[0]
    return weights


def choose_bands(sets: Sequence[Read], weights: Floats, loss: float = LOSS) -> Floats:
    """Return from and to which log-odds of the first stage each label is in doubt, (2, 7).

    No AUC is more than `loss` below that of always asking, and few ordinary comments are in doubt:
    from nobody on, the label's lower end comes down whose step wins most for each ordinary comment
    that is then read. Then the upper ends come down together. Where the first stage alone ranks as
    well as both, nothing is lost; sets that it cannot rank at all do not count either: what it has
    no idea of, it cannot be unsure of.
    """
    best = _find_aucs(sets, weights, None)
    alone = _find_aucs(sets, weights, _NOBODY)
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


_NOBODY: Final = np.array([[1e9] * len(LABELS)] * 2)
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
        found = _find_aucs(self.sets, self.weights, bands)
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
    bands = _NOBODY.copy()
    for column, place in enumerate(places):
        if place:
            bands[0, column] = steps[place - 1, column]
    return bands


def _within(first: Floats, bands: Floats) -> NDArray[np.bool_]:
    return np.asarray(((first >= bands[0]) & (first <= bands[1])).any(axis=1))


def _find_aucs(sets: Sequence[Read], weights: Floats, bands: Floats | None) -> dict[str, float]:
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


def _share(one: Read, bands: Floats) -> float:
    return float(_within(one.first, bands).mean())


def _read_both(
    model: Model, reader: Reader, items: Sequence[Any], report: Report
) -> tuple[Floats, Floats]:
    second = []
    for at in range(0, len(items), _AT_ONCE):
        second.append(reader.log_odds(items[at : at + _AT_ONCE]))
        if at and at % (10 * _AT_ONCE) == 0:
            report(f"{at:,} of {len(items):,}")
    return model.log_odds(items), np.vstack([np.empty((0, len(LABELS))), *second])


def _pick(examples: Examples, held: NDArray[np.bool_]) -> Examples:
    rows = np.flatnonzero(held).tolist()
    texts, sets = ([given[row] for row in rows] for given in (examples.texts, examples.sets))
    return Examples(texts, examples.labels[rows], examples.weights[rows], sets)


def _look_up(own: LabelledFile, kept: Examples, both: tuple[Floats, Floats]) -> Read:
    """Return rows of `kept` as a set, with what both stages said of them already."""
    place = {text: row for row, text in enumerate(kept.texts)}
    rows = [place[str(text)] for text in own.items]
    return Read(own, both[0][rows], both[1][rows])
