"""Labelled CSV files, and how well a model's scores agree with them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from classifier.corpora import read_set
from classifier.labels import LABELS
from classifier.model import Model

# What others call our labels. A column "label" could be anything and is taken as hate only in
# the set named below.
COLUMNS: Final[Mapping[str, str]] = {
    **{label: label for label in LABELS},
    "toxic": "toxicity",
    "is_toxic": "toxicity",
    "toxic_majority": "toxicity",
    "severe_toxic": "severe_toxicity",
    "obscene": "profanity",
    "profane_any2": "profanity",
    "threat_any2": "threat",
    "insult_any2": "insult",
    "identity_hate": "identity_attack",
    "identity_attack_any2": "identity_attack",
}
_HATE_SETS: Final = frozenset({"dynahate_test"})
# Comments someone let stand on a site, without labels: what must not be held.
_PUBLISHED: Final = frozenset({"blog_comments_published"})
_TRUE: Final = frozenset({"1", "1.0", "true", "yes", "toxic", "spam"})
_FALSE: Final = frozenset({"0", "0.0", "false", "no", "not toxic", "ham"})


@dataclass(frozen=True, slots=True)
class Labelled:
    """A labelled file, scored: `truth` and `scores` are (n, 7), unknown labels are NaN."""

    name: str
    truth: NDArray[np.float64]
    scores: NDArray[np.float64]

    @property
    def ordinary(self) -> NDArray[np.bool_]:
        """Rows (n,) of ordinary comments: every abuse label is 0, or a site let them stand."""
        if self.name in _PUBLISHED:
            return np.ones(len(self.truth), dtype=bool)
        clean: NDArray[np.bool_] = (self.truth[:, 1:] == 0).all(axis=1)
        return clean


def score_file(path: Path, model: Model) -> Labelled:
    """Read a CSV with a `text` column and score it; raise ValueError if it has none."""
    frame = read_set(path).astype(str)
    name = path.name.removesuffix(".gz").removesuffix(".csv")
    return Labelled(name, _truth(frame, name), model.score(frame["text"].tolist()))


def _truth(frame: pd.DataFrame, name: str) -> NDArray[np.float64]:
    truth = np.full((len(frame), len(LABELS)), np.nan)
    known = {**COLUMNS, "label": "identity_attack"} if name in _HATE_SETS else COLUMNS
    for column, label in known.items():
        if column in frame:
            truth[:, LABELS.index(label)] = frame[column].map(_flag)
    return truth


def _flag(value: str) -> float:
    word = value.strip().lower()
    return 1.0 if word in _TRUE else 0.0 if word in _FALSE else float("nan")


def measure(labelled: Labelled) -> dict[str, dict[str, Any]]:
    """Return AUC, positives and rows for each label of which the file has both kinds."""
    found = {}
    for column, label in enumerate(LABELS):
        truth = labelled.truth[:, column]
        known = ~np.isnan(truth)
        positives = int(truth[known].sum())
        if 0 < positives < known.sum():
            auc = roc_auc_score(truth[known], labelled.scores[known, column])
            found[label] = {
                "auc": round(float(auc), 4),
                "positives": positives,
                "rows": int(known.sum()),
            }
    return found
