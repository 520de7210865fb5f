"""Train a model: one logistic regression a label on hashed n-grams, then calibrate it."""

import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from classifier import modelfile, thresholds
from classifier.calibration import calibration_error, fit_sigmoid
from classifier.corpora import CORPORA, PAIRED, find_sets, read_examples, read_set
from classifier.evaluation import measure, score_file
from classifier.examples import Examples, fingerprint, merge
from classifier.features import ROWS, batches
from classifier.labels import LABELS
from classifier.model import Model

SERIES: Final = "linear-2026.11"
# How far the weights may go to fit the training rows: smaller is smoother.
STRENGTH: Final = 1.0
ROUNDS: Final = 100
# What lies beyond says little more and would cost most of the memory.
LONGEST: Final = 2000
# One row in this many is kept out of training, to calibrate on.
HELD_OUT: Final = 10

Report = Callable[[str], None]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Training:
    """What a training run starts from."""

    data: Path
    dev: Path | None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class _Task:
    """All rows as a matrix, and which of them are kept for calibration."""

    examples: Examples
    matrix: csr_matrix
    rarity: NDArray[np.float32]
    held: NDArray[np.bool_]


def train(training: Training, out: Path, report: Report = print) -> dict[str, Any]:
    """Train on the known sets in `training.data`, write the model to `out`, return its manifest.

    Thresholds and figures come from the files in `training.dev`; without them every label
    holds at 0.5 and none rejects. The same data and seed give the same bytes. Raises
    ValueError where no known set is found or `out` is in no folder.
    """
    if not out.parent.is_dir():
        raise ValueError(f"There is no folder {out.parent} to write the model to.")
    dev = _dev_files(training.dev)
    report("reading the sets")
    examples = _read(training.data, dev)
    report(f"counting n-grams of {len(examples.texts):,} texts")
    matrix = _matrix(examples.texts)
    task = _Task(examples, matrix, _rarity(matrix), _held_out(examples, training.seed))
    arrays, quality = _fit_all(task, report)
    facts = {"series": SERIES, "training": _describe(examples), "calibration": quality}
    report("measuring on the development sets")
    return modelfile.write(out, arrays, facts | _develop(arrays, facts, dev))


def _dev_files(folder: Path | None) -> list[Path]:
    return [] if folder is None else sorted(folder.glob("*.csv")) + sorted(folder.glob("*.csv.gz"))


def _read(folder: Path, dev: Iterable[Path]) -> Examples:
    parts = [read_examples(name, read_set(path)) for name, path in find_sets(folder)]
    if not parts:
        raise ValueError(f"There is no known training set in {folder}.")
    unseen = {fingerprint(str(text)) for path in dev for text in read_set(path)["text"]}
    return merge(parts, without=frozenset(unseen))


def _matrix(texts: list[str]) -> csr_matrix:
    found = list(batches([text[:LONGEST] for text in texts]))
    sizes = np.concatenate([np.diff(batch.edges) for batch in found])
    edges = np.concatenate(([0], np.cumsum(sizes)[1::2]))
    rows = np.concatenate([batch.rows.astype(np.int32) for batch in found])
    values = np.repeat(np.concatenate([batch.values for batch in found]), sizes)
    return csr_matrix((values, rows, edges), shape=(len(texts), ROWS))


def _rarity(matrix: csr_matrix) -> NDArray[np.float32]:
    """Return the inverse document frequency of each row of the table, around 1 on average."""
    frequency = np.bincount(matrix.indices, minlength=ROWS)
    rarity = np.log((matrix.shape[0] + 1) / (frequency + 1)) + 1
    mean_square = np.average(rarity**2, weights=frequency)
    return np.asarray(rarity / np.sqrt(mean_square), dtype=np.float32)


def _held_out(examples: Examples, seed: int) -> NDArray[np.bool_]:
    # By content, not by place: adding a set does not reshuffle the others.
    places = (int(fingerprint(f"{seed} {text}")[:8], 16) for text in examples.texts)
    return np.array(
        [
            place % HELD_OUT == 0 and name not in PAIRED
            for place, name in zip(places, examples.sets, strict=True)
        ]
    )


def _fit_all(task: _Task, report: Report) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    arrays: dict[str, NDArray[Any]] = {
        "weights": np.zeros((ROWS, len(LABELS)), dtype=np.float16),
        "intercepts": np.zeros(len(LABELS)),
        "slopes": np.ones(len(LABELS)),
        "offsets": np.zeros(len(LABELS)),
    }
    quality = {}
    for column, label in enumerate(LABELS):
        report(f"learning {label}")
        weights, arrays["intercepts"][column] = _fit(task, column)
        arrays["weights"][:, column] = weights
        quality[label] = _calibrate(task, column, arrays)
    return arrays, quality


def _rows(task: _Task, column: int, among: NDArray[np.bool_]) -> tuple[csr_matrix, Floats, Floats]:
    chosen = among & ~np.isnan(task.examples.labels[:, column])
    truth = task.examples.labels[chosen, column]
    return task.matrix[chosen], truth, task.examples.weights[chosen]


def _fit(task: _Task, column: int) -> tuple[Floats, float]:
    """Return one label's weights (rows of the table,) and intercept."""
    matrix, truth, weights = _rows(task, column, ~task.held)
    if len(np.unique(truth)) < 2:
        return np.zeros(ROWS), -5.0
    # lbfgs draws nothing at random.
    fitted = LogisticRegression(C=STRENGTH, max_iter=ROUNDS, tol=2e-4)
    # A rare n-gram may weigh more. The scale goes into the weights: scoring knows none.
    matrix.data *= task.rarity[matrix.indices]
    with warnings.catch_warnings():
        # Stopping at ROUNDS is meant: the last rounds change no score that matters.
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted.fit(matrix, truth.astype(np.float32), sample_weight=weights)
    return fitted.coef_[0] * task.rarity, float(fitted.intercept_[0])


def _calibrate(task: _Task, column: int, arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    """Set one label's slope and offset from the rows kept out; return the figures."""
    matrix, truth, weights = _rows(task, column, task.held)
    # The rounded weights, as they will be loaded again.
    margins = matrix @ arrays["weights"][:, column].astype(np.float64)
    margins = margins + arrays["intercepts"][column]
    slope, offset = fit_sigmoid(margins, truth, weights)
    arrays["slopes"][column], arrays["offsets"][column] = slope, offset
    if not len(truth):
        return {"method": "none", "rows": 0}
    scores = 1.0 / (1.0 + np.exp(-(slope * margins + offset)))
    error = calibration_error(scores, truth, weights)
    return {"method": "sigmoid", "rows": len(truth), "expected_error": round(error, 4)}


def _describe(examples: Examples) -> dict[str, Any]:
    counts = {name: examples.sets.count(name) for name in CORPORA if name in examples.sets}
    return {
        name: {"rows": rows, "licence": CORPORA[name].licence, "about": CORPORA[name].about}
        | {"weight": CORPORA[name].weight}
        for name, rows in counts.items()
    }


def _develop(arrays: modelfile.Arrays, facts: dict[str, Any], dev: list[Path]) -> dict[str, Any]:
    plain = {label: {"hold": 0.5, "reject": None} for label in LABELS}
    model = Model(arrays, facts | {"thresholds": plain})
    sets = [score_file(path, model) for path in dev]
    metrics = {one.name: measure(one) for one in sets}
    chosen = thresholds.choose(sets) if sets else plain
    ordinary = thresholds.outcomes(sets, chosen)
    return {"thresholds": chosen, "metrics": metrics, "ordinary": ordinary}
