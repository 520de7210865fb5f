"""Train a model: one logistic regression a label on hashed n-grams, then calibrate it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from classifier import modelfile
from classifier.blocklist import Hashes, build_blocklist
from classifier.calibration import calibration_curve, calibration_error, fit_sigmoid
from classifier.development import PLAIN, describe, develop
from classifier.examples import Examples
from classifier.features import ROWS
from classifier.fitting import LONGEST, count_grams, fit_label
from classifier.gathering import Training, dev_files, gather, held_back, held_out
from classifier.labels import LABELS
from classifier.model import Model
from classifier.normalise import normalise
from classifier.signals import signal_names, signal_vector
from classifier.stages import Stages
from classifier.weights import as_words, quantise

SERIES: Final = "linear-2026.11"
# How much of toxicity's weights goes into those of labels that are kinds of it: insult has
# learnt from fewer texts, identity_attack from sets where a group's name alone means hate.
BLENDS: Final[Mapping[str, float]] = {"insult": 0.5, "identity_attack": 0.5}
COMMENT_SPAM: Final = frozenset({"youtube_spam"})
COMMENT_SHARE: Final = 0.25
# Looked for in the folder `lists` beside the data.
BLOCKLIST: Final = "wp_comment_blocklist.txt"

Report = Callable[[str], None]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Task:
    """All rows as a matrix, and which of them are kept for calibration."""

    examples: Examples
    matrix: csr_matrix
    held: NDArray[np.bool_]


def train(training: Training, out: Path, report: Report = print) -> dict[str, Any]:
    """Train on the known sets in `training.data`, write the model to `out`, return its manifest.

    Thresholds and figures come from the files in `training.dev`; without them every label
    holds at 0.5 and none rejects. The same data and seed give the same bytes. Raises
    ValueError where no known set is found or `out` is in no folder.
    """
    if not out.parent.is_dir():
        raise ValueError(f"There is no folder {out.parent} to write the model to.")
    report("reading the sets")
    examples = gather(training)
    report(f"counting n-grams of {len(examples.texts):,} texts")
    task = _Task(examples, count_grams(examples.texts), held_out(examples, training.seed))
    # The last digit of a sum depends on how many threads shared it.
    with threadpool_limits(limits=1):
        stages = Stages(training.stages, examples, training.seed)
        arrays, quality = _fit_all(task, stages, training.data.parent / "lists", report)
    facts = {"series": SERIES, "training": describe(examples), "calibration": quality}
    report("measuring on the development sets")
    back = held_back(examples, task.held)
    facts |= develop(arrays, facts, dev_files(training.dev), back)
    return modelfile.write(out, arrays, facts)


def _fit_all(
    task: _Task, stages: Stages, lists: Path, report: Report
) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    weights, intercepts = np.zeros((ROWS, len(LABELS))), np.zeros(len(LABELS))
    signals = np.zeros(len(signal_names))
    for column, label in enumerate(LABELS):
        report(f"learning {label}")
        fit = _fit_spam if label == "spam" else _fit_abuse
        weights[:, column], found, intercepts[column] = stages.recall(
            label, partial(fit, task, column)
        )
        signals = found if label == "spam" else signals
    _blend(weights, intercepts)
    arrays: dict[str, NDArray[Any]] = {"signals": signals, "intercepts": intercepts}
    arrays["blocklist"] = _blocklist(task, lists)
    arrays |= {"slopes": np.ones(len(LABELS)), "offsets": np.zeros(len(LABELS))}
    table, arrays["scales"] = quantise(weights)
    arrays["weights"] = as_words(table)
    report("calibrating")
    return arrays, _calibrate(task, arrays)


def _blocklist(task: _Task, lists: Path) -> Hashes:
    """Return the hashes of the list of spam strings, without those that ordinary texts have."""
    path = lists / BLOCKLIST
    if not path.is_file():
        return np.empty(0, dtype=np.uint32)
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    harmless = task.examples.labels[:, LABELS.index("spam")] != 1
    texts = task.examples.texts
    return build_blocklist(lines, (texts[row][:LONGEST] for row in np.flatnonzero(harmless)))


def _known(task: _Task, column: int) -> NDArray[np.int64]:
    return np.flatnonzero(~task.held & ~np.isnan(task.examples.labels[:, column]))


def _truth(task: _Task, column: int, rows: NDArray[np.int64]) -> tuple[Floats, Floats]:
    return task.examples.labels[rows, column], task.examples.weights[rows, column]


def _fit_abuse(task: _Task, column: int) -> tuple[Floats, Floats, Floats]:
    """Return weights of n-grams, none of signals, and intercept."""
    known = _known(task, column)
    weights, intercept = fit_label(task.matrix[known], None, *_truth(task, column, known))
    return weights, np.empty(0), np.asarray(intercept)


def _fit_spam(task: _Task, column: int) -> tuple[Floats, Floats, Floats]:
    """Return weights of n-grams and of signals, and intercept.

    What all kinds of spam share, and on top of it a part of what comments alone teach: mail and
    text messages are another register.
    """
    rows = _known(task, column)
    extra = _signals(task.examples, rows)
    found, intercept = fit_label(task.matrix[rows], extra, *_truth(task, column, rows))
    own = np.array([task.examples.sets[row] in COMMENT_SPAM for row in rows])
    if own.any():
        truth, weights = _truth(task, column, rows[own])
        more, offset = fit_label(task.matrix[rows[own]], extra[own], truth, weights)
        found, intercept = found + COMMENT_SHARE * more, intercept + COMMENT_SHARE * offset
    # A sign of spam never speaks for a comment, whatever mail and messages say.
    return found[:ROWS], np.maximum(found[ROWS:], 0.0), np.asarray(intercept)


def _blend(weights: Floats, intercepts: Floats) -> None:
    toxicity = LABELS.index("toxicity")
    for label, share in BLENDS.items():
        column = LABELS.index(label)
        weights[:, column] += share * weights[:, toxicity]
        intercepts[column] += share * intercepts[toxicity]


def _signals(examples: Examples, rows: NDArray[np.int64]) -> csr_matrix:
    vectors = []
    for row in rows:
        text = examples.texts[row][:LONGEST]
        view = normalise(text)
        vectors.append(signal_vector(text, None if view.text == text else view))
    return csr_matrix(np.array(vectors, dtype=np.float32).reshape(-1, len(signal_names)))


def _calibrate(task: _Task, arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    """Set slopes and offsets from the rows kept out, scored as they will be; return figures."""
    rows = np.flatnonzero(task.held)
    model = Model(arrays, {"thresholds": PLAIN})
    margins = model.log_odds([task.examples.texts[row][:LONGEST] for row in rows])
    quality: dict[str, Any] = {}
    for column, label in enumerate(LABELS):
        known = ~np.isnan(task.examples.labels[rows, column])
        truth = task.examples.labels[rows[known], column]
        weights = task.examples.weights[rows[known], column]
        slope, offset = fit_sigmoid(margins[known, column], truth, weights)
        arrays["slopes"][column], arrays["offsets"][column] = slope, offset
        if len(truth):
            scores = 1.0 / (1.0 + np.exp(-(slope * margins[known, column] + offset)))
            error = round(calibration_error(scores, truth, weights), 4)
            curve = calibration_curve(scores, truth, weights)
            quality[label] = {"method": "sigmoid", "rows": len(truth), "expected_error": error}
            quality[label]["curve"] = curve
        else:
            quality[label] = {"method": "none", "rows": 0}
    return quality
