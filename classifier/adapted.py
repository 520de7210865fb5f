"""A model with a site's own correction: an eighth score, `learned`, that costs no second look."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np

from classifier.adapter import LARGEST, Adapter, Floats
from classifier.curves import FINDERS
from classifier.explanation import Contribution
from classifier.labels import LABELS
from classifier.model import Model
from classifier.modelfile import ModelError
from classifier.submission import Submission
from classifier.weights import as_bytes

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
        self._adapter = adapter
        self._words = adapter.into(model._words)
        self._bytes = as_bytes(self._words)
        self._scales = np.hstack([model._scales, adapter.scales[:, None]])
        self._base = np.append(model._base, 0.0)
        self._look = lru_cache(maxsize=16)(self._look_at)

    @property
    def version(self) -> str:
        """The model's name, and the beginning of its adapter's digest."""
        return f"{super().version}+{self._adapter.digest[:8]}"

    def find_threshold(self, label: str, kind: str, value: float) -> float | None:
        """As of any model; for `LEARNED`, of the chance that a moderator of the site rejects."""
        if label != LEARNED:
            return super().find_threshold(label, kind, value)
        curve = self._adapter.manifest.get("curve")
        return None if curve is None else FINDERS[kind](curve, value)

    def contributions(self, item: str | Submission, label: str) -> list[Contribution]:
        """As of any model; what the labels' scores add to `LEARNED` is a bias of its own."""
        found = super().contributions(item, label)
        if label == LEARNED:
            odds = self.log_odds([item])[:, :_PLACE]
            found[0] = Contribution("bias", float(self._adapter.weigh_labels(odds)[0]))
        return found

    def _log_odds(self, items: Sequence[Submission]) -> Floats:
        found = super()._log_odds(items)
        given = found[:, :_PLACE]
        found[:, _PLACE] += self._adapter.weigh_labels(given)
        np.clip(found[:, _PLACE], -LARGEST, LARGEST, out=found[:, _PLACE])
        return found

    def _choose(self, raw: Floats, seen: Floats) -> Floats:
        chosen = super()._choose(raw, seen)
        chosen[:, _PLACE] = seen[:, _PLACE]
        return chosen

    def _counts(self, seen: float, raw: float, column: int) -> bool:
        return column == _PLACE or super()._counts(seen, raw, column)
