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
from classifier.features import Batch, batches
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
        parts = [self._log_odds(batch) for batch in batches(texts)]
        scores = np.concatenate(parts) if parts else np.empty((0, len(LABELS)))
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

    def _log_odds(self, batch: Batch) -> NDArray[np.float64]:
        # "clip" spares a check of every row: `features` makes none beyond the table.
        found = self._table.take(batch.rows, axis=0, mode="clip")
        # Each block has one value for all its rows, so a sum replaces a multiplication. A block
        # is summed by itself, whatever stands before it: the same alone and in a batch.
        filled = np.flatnonzero(np.diff(batch.edges))
        sums = np.zeros((len(batch.values), found.shape[1]), dtype=np.float32)
        sums[filled] = np.add.reduceat(found, batch.edges[filled], axis=0)
        sums *= batch.values[:, None]
        total = sums[::2, : len(LABELS)] + sums[1::2, : len(LABELS)]
        scaled: NDArray[np.float64] = total * self._slopes + self._base
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
