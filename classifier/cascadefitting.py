"""How the two stages go together: weights of both, bands of doubt, thresholds, chosen by rule.

The weights are fitted to the rows that neither stage has learnt from; the bands are searched in
`bands`; the thresholds are chosen as those of the linear model are.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from classifier import readerfile
from classifier.bands import Read, choose_bands
from classifier.calibration import calibration_curve, calibration_error
from classifier.cascade import CLIP, Cascade, stack, to_chances
from classifier.development import choose_thresholds
from classifier.evaluation import measure
from classifier.examples import Examples
from classifier.fairness import measure_groups
from classifier.gathering import Training, dev_files, held_back, held_out
from classifier.gathering import gather as gather_rows
from classifier.labelled import Labelled, LabelledFile, read_labelled
from classifier.labels import LABELS
from classifier.model import Model
from classifier.reader import Reader
from classifier.thresholds import SHARES

Floats = NDArray[np.float64]
Report = Callable[[str], None]

_SPAM: Final = LABELS.index("spam")
_HATE: Final = "identity_attack"
# An attack on a group is what the second stage is there to see: it may use half of the budget.
_BUDGET: Final = {**SHARES, _HATE: 0.5}
_MANY: Final = 500
_GRID: Final = np.arange(0, 100) / 100
_CHANCE: Final = 0.005
_AT_ONCE: Final = 500


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
        "asked": {one.file.name: round(one.asked(bands), 4) for one in sets},
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
