"""Two stages as one: a linear model, and a reader that is asked where the first is not sure.

A comment is read where any kind of abuse is neither out of the question nor certain by the linear
model: within that label's band. Then both stages' log-odds are weighed into one, by weights that
were fitted to rows neither has learnt from (stacking, after Wolpert, "Stacked Generalization",
1992). Bands, weights and thresholds are in the reader's file, made by `cascadefitting` for one
linear model.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from classifier.adapted import LEARNED
from classifier.curves import FINDERS
from classifier.explanation import Span
from classifier.labels import LABELS
from classifier.model import Model
from classifier.modelfile import ModelError
from classifier.occlusion import occlude
from classifier.profiles import Threshold, read_curves, read_profiles, read_thresholds
from classifier.reader import Reader
from classifier.readerfile import ReaderError
from classifier.submission import Submission, as_submission

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
OPINIONS: Final = ("never", "when_unsure", "always")
"""When the second stage is asked."""
CLIP: Final = 12.0
"""Beyond this, log-odds say no more, and one wild number of either stage decides nothing."""


class Cascade:
    """A linear model and a reader. Its answers never change; share it between threads freely.

    Attributes:
        model: the first stage, with a site's adapter or without.
        reader: the second.
        labels: those of the model.
        thresholds: for the scores of `score`, by label.
        profiles: the same by profile; those of `balanced` are `thresholds`.

    """

    def __init__(self, model: Model, reader: Reader) -> None:
        """Raises `ReaderError` where the reader's file was not made to go with this model."""
        self.model, self.reader = model, reader
        self.labels = model.labels
        known = reader.manifest.get("cascade")
        base = model.version.partition("+")[0]
        if not known:
            raise ReaderError(f"The second stage {reader.version} was not fitted to any model.")
        if known["model"] != base:
            raise ReaderError(
                f"The second stage {reader.version} goes with {known['model']}, not with {base}."
            )
        try:
            self._weights = _read(known["weights"], (len(LABELS), 3))
            self._lowest, self._highest = _read(known["bands"], (2, len(LABELS)))
            self.thresholds: Mapping[str, Threshold] = read_thresholds(known["thresholds"])
            profiles = read_profiles(known["profiles"], self.thresholds)
            self._curves = read_curves(known["curves"])
        except (KeyError, TypeError, ValueError, ModelError) as error:
            raise ReaderError(
                f"The second stage {reader.version} does not say how it goes with a model."
            ) from error
        self.profiles: Mapping[str, Mapping[str, Threshold]] = MappingProxyType(profiles)

    @property
    def version(self) -> str:
        """Both stages' names."""
        return f"{self.model.version} {self.reader.version}"

    def find_threshold(self, label: str, kind: str, value: float) -> float | None:
        """As `Model.find_threshold`, of the scores of both stages."""
        if label == LEARNED or kind not in FINDERS or label not in self._curves:
            return self.model.find_threshold(label, kind, value)
        return FINDERS[kind](self._curves[label], value)

    def doubts(self, first: Floats) -> Bools:
        """Say of the first stage's log-odds (n, labels) which should be read, (n,)."""
        odds = first[:, : len(LABELS)]
        return np.asarray(((odds >= self._lowest) & (odds <= self._highest)).any(axis=1))

    def combine(self, first: Floats, second: Floats) -> Floats:
        """Return both stages' log-odds (n, labels), of `first` (n, labels) and `second` (n, 7).

        A row of NaN in `second`, one that was not read, has the first stage's. Labels that only
        the first stage has stay.
        """
        found = first.copy()
        read = ~np.isnan(second).any(axis=1)
        both = stack(self._weights, first[read, : len(LABELS)], second[read])
        # Spam stays to the last digit what the first stage says.
        found[read, 1 : len(LABELS)] = both[:, 1:]
        return found

    def score(self, items: Sequence[str | Submission], when: str = "when_unsure") -> Floats:
        """Return calibrated probabilities, (items, labels); `when` is one of `OPINIONS`.

        Raises ValueError for another `when`, and `ReaderError` where the second stage cannot run.
        """
        if when not in OPINIONS:
            raise ValueError(f"The second stage is asked {', '.join(OPINIONS)}, not {when!r}.")
        first = self.model.log_odds(items)
        second = np.full((len(items), len(LABELS)), np.nan)
        asked = np.full(len(items), when == "always")
        rows = np.flatnonzero(self.doubts(first) if when == "when_unsure" else asked).tolist()
        second[rows] = self.reader.log_odds([items[row] for row in rows])
        return to_chances(self.combine(first, second))

    def reread(
        self,
        item: Submission,
        texts: Sequence[str],
        until: float | None = None,
        known: dict[str, Floats] | None = None,
    ) -> Floats:
        """Return both stages' log-odds (n, labels) of `item`, had it each of these texts instead.

        NaN where `time.monotonic()` was past `until`. `known` has what the second stage has said
        of texts (7,), and is added to.
        """
        known = {} if known is None else known
        new = [replace(item, text=text) for text in dict.fromkeys(texts) if text not in known]
        for cut, odds in zip(new, self.reader.log_odds(new, until), strict=True):
            if not np.isnan(odds).any():
                known[cut.text] = odds
        nothing = np.full(len(LABELS), np.nan)
        second = np.array([known.get(text, nothing) for text in texts])
        found = self.combine(
            self.model.log_odds([replace(item, text=text) for text in texts]), second
        )
        found[np.isnan(second).any(axis=1)] = np.nan
        return found

    def explain(
        self,
        item: str | Submission,
        label: str,
        seconds: float,
        limit: int = 5,
        known: dict[str, Floats] | None = None,
    ) -> list[Span]:
        """Return the passages without which both stages' score of `label` would be lower.

        Heaviest first, not overlapping, in code points of the raw text; the weight is by how much
        the log-odds fall. They are approximate: passages are left out one at a time (occlusion,
        after Zeiler and Fergus, 2014), so words that only matter together are not seen, and
        within `seconds` a long text is looked at in pieces. `known` is as of `reread`. Raises
        ValueError for an unknown label.
        """
        item = as_submission(item)
        column = self._column(label)
        until = time.monotonic() + seconds
        known = {} if known is None else known

        def measure(texts: Sequence[str]) -> list[float]:
            return [float(one) for one in self.reread(item, texts, until, known)[:, column]]

        return occlude(item.text, measure, limit)

    def _column(self, label: str) -> int:
        if label not in LABELS:
            raise ValueError(f"There is no label {label!r}; the labels are {', '.join(LABELS)}.")
        return LABELS.index(label)


def stack(weights: Floats, first: Floats, second: Floats) -> Floats:
    """Return log-odds (n, 7): of each label, `weights` (7, 3) are of both stages' and of a 1."""
    one, two = (np.clip(odds, -CLIP, CLIP) for odds in (first, second))
    return np.asarray(one * weights[:, 0] + two * weights[:, 1] + weights[:, 2])


def to_chances(odds: Floats) -> Floats:
    """Return the probabilities of log-odds."""
    return 1.0 / (1.0 + np.exp(-np.clip(odds, -500, 500)))


def _read(given: Any, shape: tuple[int, ...]) -> Floats:
    """Return an array; raise ValueError or TypeError where it has another shape or holds NaN."""
    # JSON has no infinity: None is a bound that nothing reaches.
    array = np.array(given, dtype=np.float64)
    if array.shape != shape or np.isnan(array).any():
        raise ValueError("not such an array")
    return array
