"""A model with a site's own correction: an eighth score, `learned`, that costs no second look."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from classifier.adapter import CLIP, FLOOR, LARGEST, Adapter, Floats
from classifier.curves import FINDERS
from classifier.explanation import Contribution
from classifier.labels import LABELS
from classifier.model import Model
from classifier.modelfile import ModelError
from classifier.submission import Submission
from classifier.weights import ZERO, as_bytes

LEARNED: Final = "learned"
"""The score of what a site's own decisions have taught: 0.5 says nothing, more speaks for
rejecting, less for approving. Its log-odds are what the adapter adds to those of the labels."""
_PLACE: Final = len(LABELS)


class AdaptedModel(Model):
    """A model that says what it says and, as `LEARNED`, what a site has taught it besides.

    The other scores are those of the model itself. A disguised text is read without the
    disguise. As with any model, its answers never change.
    """

    labels = (*LABELS, LEARNED)

    def __init__(self, model: Model, adapter: Adapter) -> None:
        """Raises `ModelError` where the adapter is a correction of another model."""
        if adapter.manifest.get("base") != model.version:
            raise ModelError(
                f"The adapter corrects {adapter.manifest.get('base')}, not {model.version}."
            )
        self.__dict__.update(model.__dict__)
        self._curve = adapter.manifest.get("curve")
        self._bias = adapter.bias
        self._weights = adapter.labels.tolist()
        self._version = f"{model.version}+{adapter.digest[:8]}"
        self._words = adapter.into(model._words)
        self._bytes = as_bytes(self._words)
        self._scales = np.hstack([model._scales, adapter.scales[:, None]])
        self._base = np.append(model._base, 0.0)

    @property
    def version(self) -> str:
        """The model's name, and the beginning of its adapter's digest."""
        return self._version

    def has_learnt(self, rows: NDArray[np.uint32]) -> NDArray[np.bool_]:
        """Say of rows of the weight table (n,) whether the adapter weighs them."""
        return np.asarray(self._bytes[rows, _PLACE] != ZERO)

    def find_threshold(self, label: str, kind: str, value: float) -> float | None:
        """As of any model; for `LEARNED`, of the chance that a moderator of the site rejects."""
        if label != LEARNED:
            return super().find_threshold(label, kind, value)
        if kind not in FINDERS:
            raise ValueError(f"There is no target {kind!r}; it is precision or share.")
        return None if self._curve is None else FINDERS[kind](self._curve, value)

    def contributions(self, item: str | Submission, label: str) -> list[Contribution]:
        """As of any model; the bias of `LEARNED` is what the labels' scores add, within bounds."""
        found = super().contributions(item, label)
        if label == LEARNED:
            odds = float(self.log_odds([item])[0, _PLACE])
            found[0] = Contribution("bias", odds - sum(one.weight for one in found[1:]))
        return found

    def _log_odds(self, items: Sequence[Submission]) -> Floats:
        found = super()._log_odds(items)
        # Texts mostly come alone, and so few numbers are not worth an array. That they are added
        # one after the other gives a text the same alone and in any batch.
        for row, odds in enumerate(found.tolist()):
            found[row, _PLACE] = self._add(odds)
        return found

    def _add(self, odds: list[float]) -> float:
        """Return the correction of a text, of the log-odds of its labels and of its words."""
        total = odds.pop() + self._bias
        for one, weight in zip(odds, self._weights, strict=True):
            if one > FLOOR:
                total += ((one if one < CLIP else CLIP) - FLOOR) * weight
        return total if -LARGEST < total < LARGEST else LARGEST if total > 0 else -LARGEST

    def _choose(self, raw: Floats, seen: Floats) -> Floats:
        chosen = super()._choose(raw, seen)
        chosen[:, _PLACE] = seen[:, _PLACE]
        return chosen

    def _counts(self, seen: float, raw: float, column: int) -> bool:
        return column == _PLACE or super()._counts(seen, raw, column)
