"""How well a model's scores agree with labelled files: ranking, calibration, verdicts, groups."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.calibration import calibration_error
from classifier.hatecheck import Case, check_groups
from classifier.intervals import ROUNDS, Figure, percentile, proportion, rank, resamples
from classifier.labelled import Labelled, score_file
from classifier.labels import LABELS
from classifier.profiles import Threshold
from classifier.verdicts import Touched, Verdicts, judge, touch

__all__ = ["Evaluation", "Labelled", "evaluate", "measure", "score_file"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Group:
    """One label in one group: how it ranks there, and whom it would hold without cause.

    `auc` is None where the group has one kind only.
    """

    name: str
    rows: int
    positives: int
    auc: float | None
    false_positive_rate: Figure | None


@dataclass(frozen=True, slots=True)
class Quality:
    """One label of one file. `truth` and `scores` (n,) are those of the rows that know it."""

    label: str
    truth: Floats
    scores: Floats
    auc: Figure
    average_precision: Figure
    calibration_error: float
    verdicts: tuple[Verdicts, ...]
    groups: tuple[Group, ...]

    @property
    def auc_spread(self) -> float | None:
        """The largest difference between two groups' AUC; None with fewer than two."""
        found = [group.auc for group in self.groups if group.auc is not None]
        return max(found) - min(found) if len(found) > 1 else None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A file's figures, label by label, and what could not be measured, in sentences.

    `cases` are there where the file has groups and says what is hateful.
    """

    name: str
    rows: int
    qualities: tuple[Quality, ...]
    touched: Touched | None
    notes: tuple[str, ...]
    cases: tuple[Case, ...] = ()


def evaluate(
    labelled: Labelled,
    thresholds: Mapping[str, Threshold],
    rounds: int = ROUNDS,
    seed: int = 0,
    ordinary: bool = False,
) -> Evaluation:
    """Measure a scored file; with `ordinary`, all its rows are comments that should stand.

    Raises ValueError, with a sentence, where the file lets nothing be measured.
    """
    measured, notes = [], []
    for column, label in enumerate(LABELS):
        truth = labelled.truth[:, column]
        kinds = set(truth[~np.isnan(truth)].tolist())
        if len(kinds) == 2:
            measured.append(_quality(labelled, column, thresholds[label], rounds, seed))
        elif kinds:
            only = int(kinds.pop())
            notes.append(f"{label} is {only} in every row of {labelled.name}: nothing to rank.")
    rows = np.ones(len(labelled.truth), dtype=bool) if ordinary else labelled.ordinary
    touched = touch(labelled.scores[rows], thresholds)
    cases = check_groups(labelled, thresholds)
    if not measured and touched is None and not cases:
        raise ValueError(" ".join(notes) or _no_label(labelled.name))
    return Evaluation(labelled.name, len(rows), tuple(measured), touched, tuple(notes), cases)


def _no_label(name: str) -> str:
    return (
        f"{name} has no column of labels: name one {', '.join(LABELS)}, or say --ordinary if "
        f"every row is a comment that should be published."
    )


def _quality(
    labelled: Labelled, column: int, threshold: Threshold, rounds: int, seed: int
) -> Quality:
    known = ~np.isnan(labelled.truth[:, column])
    truth, scores = labelled.truth[known, column], labelled.scores[known, column]
    auc, average_precision = _ranking(scores, truth, rounds, seed)
    groups = {name: members[known] for name, members in labelled.groups.items()}
    return Quality(
        LABELS[column],
        truth,
        scores,
        auc,
        average_precision,
        calibration_error(scores, truth, np.ones(len(truth))),
        judge(scores, truth, threshold),
        tuple(_group(name, scores[one], truth[one], threshold) for name, one in groups.items()),
    )


def _ranking(scores: Floats, truth: Floats, rounds: int, seed: int) -> tuple[Figure, Figure]:
    """Return AUC and average precision, with intervals from the same resamples."""
    ranking = rank(scores, truth)
    whole = np.ones(len(truth))
    samples = np.array(
        [
            (ranking.auc(counts), ranking.average_precision(counts))
            for counts in [whole, *resamples(truth, rounds, seed)]
        ]
    )
    return percentile(samples[0, 0], samples[1:, 0]), percentile(samples[0, 1], samples[1:, 1])


def _group(name: str, scores: Floats, truth: Floats, threshold: Threshold) -> Group:
    clean = scores[truth == 0]
    both = 0 < len(clean) < len(truth)
    auc = rank(scores, truth).auc(np.ones(len(truth))) if both else None
    rate = proportion(int((clean >= threshold.hold).sum()), len(clean))
    return Group(name, len(truth), int(truth.sum()), auc, rate)


def measure(labelled: Labelled) -> dict[str, dict[str, Any]]:
    """Return AUC with its interval, positives and rows for each label that has both kinds."""
    found: dict[str, dict[str, Any]] = {}
    for label, truth, scores in zip(LABELS, labelled.truth.T, labelled.scores.T, strict=True):
        known = ~np.isnan(truth)
        positives = int(truth[known].sum())
        if 0 < positives < known.sum():
            auc, _ = _ranking(scores[known], truth[known], ROUNDS, 0)
            found[label] = {
                "auc": round(auc.value, 4),
                "auc_interval": [round(auc.low, 4), round(auc.high, 4)],
                "positives": positives,
                "rows": int(known.sum()),
            }
    return found
