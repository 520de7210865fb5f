"""A loaded model: text in, calibrated scores and the reasons for them out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from classifier import modelfile
from classifier.explanation import Span, find_spans
from classifier.features import WORD_BITS, rows_and_values
from classifier.labels import LABELS
from classifier.modelfile import ModelError

SHIPPED: Final = Path(__file__).parent / "data" / "model.safetensors"


@dataclass(frozen=True, slots=True)
class Threshold:
    """From which score on a comment is held, and from which it is rejected.

    Both are probabilities, `hold` <= `reject`. `reject` is None where no score is certain
    enough to reject on; compare with `score >= threshold.hold`.
    """

    hold: float
    reject: float | None


class Model:
    """A trained linear model. Immutable after loading; share it between threads freely."""

    def __init__(self, arrays: modelfile.Arrays, manifest: Mapping[str, Any]) -> None:
        # Eight columns, one cache line a row: the gather below is what a score costs.
        self._table = np.zeros((len(arrays["weights"]), 8), dtype=np.float32)
        self._table[:, : len(LABELS)] = arrays["weights"]
        self._slopes = arrays["slopes"]
        self._base = arrays["slopes"] * arrays["intercepts"] + arrays["offsets"]
        self.manifest: Mapping[str, Any] = MappingProxyType(dict(manifest))
        self.thresholds: Mapping[str, Threshold] = MappingProxyType(_thresholds(manifest))

    @property
    def version(self) -> str:
        """The model's name: its series and the beginning of its digest."""
        return f"{self.manifest['series']}-{self.manifest['digest'][:8]}"

    def score(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return calibrated probabilities, shape (len(texts), 7), columns in `LABELS` order.

        Never raises for any string. A text has the same scores alone and in any batch.
        """
        scores = np.empty((len(texts), len(LABELS)))
        for row, text in enumerate(texts):
            scores[row] = self._log_odds(text)
        # Beyond 500 the probability is 0 or 1 anyway, and exp would overflow.
        return 1.0 / (1.0 + np.exp(-np.clip(scores, -500, 500)))

    def explain(self, text: str, label: str, limit: int = 5) -> list[Span]:
        """Return the passages that raise `label`, heaviest first, at most `limit`.

        Offsets count code points of `text`, end exclusive; spans do not overlap; weights are
        shares of the log-odds, all above 0. Raises ValueError for a label not in `LABELS`.
        """
        if label not in LABELS:
            raise ValueError(f"There is no label {label!r}; the labels are {', '.join(LABELS)}.")
        column = LABELS.index(label)
        return find_spans(text, self._table[:, column], float(self._slopes[column]), limit)

    def _log_odds(self, text: str) -> NDArray[np.float64]:
        rows, values = rows_and_values(text)
        words = int(np.searchsorted(rows, 2**WORD_BITS))
        found = self._table[rows]
        # Each block has one value for all its rows, so two sums replace a multiplication.
        total = found[words:].sum(axis=0) * values[-1]
        if words:
            total += found[:words].sum(axis=0) * values[0]
        scaled: NDArray[np.float64] = total[: len(LABELS)] * self._slopes + self._base
        return scaled


def _thresholds(manifest: Mapping[str, Any]) -> dict[str, Threshold]:
    try:
        return {
            label: Threshold(float(entry["hold"]), _optional(entry["reject"]))
            for label, entry in ((label, manifest["thresholds"][label]) for label in LABELS)
        }
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError("The model's manifest has no usable thresholds.") from error


def _optional(value: float | None) -> float | None:
    return None if value is None else float(value)


def load(path: str | Path | None = None) -> Model:
    """Load the model file at `path`, or the shipped one.

    Raises `ModelError`, with one sentence, for a file that is missing, damaged, changed,
    foreign or of another version.
    """
    arrays, manifest = modelfile.read(SHIPPED if path is None else Path(path))
    if not isinstance(manifest.get("series"), str):
        raise ModelError("The model's manifest does not name its series.")
    return Model(arrays, manifest)
