"""A loaded model: comments in, calibrated scores and the reasons for them out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from classifier import modelfile
from classifier.curves import FINDERS
from classifier.explanation import (
    Contribution,
    Span,
    carry,
    cut_out,
    find_contributions,
    find_spans,
    spread,
)
from classifier.features import batches
from classifier.handweights import HAND_WEIGHTS
from classifier.labels import LABELS
from classifier.language import detect
from classifier.modelfile import ModelError
from classifier.normalise import Normalised, find_view
from classifier.profiles import Threshold, read_curves, read_profiles, read_thresholds
from classifier.signals import Signal, find_signals, signal_names
from classifier.submission import Submission, as_submission
from classifier.summing import sum_texts
from classifier.weights import as_bytes, restore

SHIPPED: Final = Path(__file__).parent / "data" / "model.safetensors"
_SPAM: Final = LABELS.index("spam")
Floats = NDArray[np.float64]


class Model:
    """A trained linear model. Its answers never change; share it between threads freely.

    A comment is read twice: as it stands and, where `normalise` sees a disguise, without it. For
    each label the reading with the higher score counts.
    """

    prompt: Final = 2000
    """Texts of up to so many characters in all are scored in a few milliseconds, whatever they
    hold: nothing that is done with them waits for anything, or takes longer than they are long."""

    labels: tuple[str, ...] = LABELS
    """What its scores are of, in the order of their columns."""

    def __init__(self, arrays: modelfile.Arrays, manifest: Mapping[str, Any]) -> None:
        self._words = arrays["weights"]
        self._bytes = as_bytes(arrays["weights"])
        self._blocklist = arrays["blocklist"]
        # In log-odds: what one step of a byte, one of a signal, and no evidence at all are worth.
        self._scales = arrays["scales"] * arrays["slopes"]
        learnt = arrays["signals"] * arrays["slopes"][_SPAM]
        self._learnt = dict(zip(signal_names, learnt.tolist(), strict=True))
        self._base = arrays["slopes"] * arrays["intercepts"] + arrays["offsets"]
        # A score is usually followed by questions about it: the last few looks are kept.
        self._look = lru_cache(maxsize=16)(self._look_at)
        self.manifest: Mapping[str, Any] = MappingProxyType(dict(manifest))
        self.thresholds: Mapping[str, Threshold] = read_thresholds(manifest.get("thresholds"))
        self.profiles: Mapping[str, Mapping[str, Threshold]] = read_profiles(
            manifest.get("profiles"), self.thresholds
        )
        """By profile and label; those of `balanced` are `thresholds`."""
        self._curves = read_curves(manifest.get("curves"))

    def find_threshold(self, label: str, kind: str, value: float) -> float | None:
        """Return the score from which on a target is met, by what was measured of this model.

        `kind` is "precision": the lowest score at or above which at least the share `value` of
        comments truly has the label; or "share": the lowest at or above which at most the share
        `value` of ordinary comments lies. A score above 1 (`classifier.NEVER`) where none meets
        it; None where the model file does not say, as of a model made before there were targets.
        Raises ValueError for another label or kind.
        """
        if label not in LABELS:
            raise ValueError(f"There is no label {label!r}; the labels are {', '.join(LABELS)}.")
        if kind not in FINDERS:
            raise ValueError(f"There is no target {kind!r}; it is precision or share.")
        curve = self._curves.get(label)
        return None if curve is None else FINDERS[kind](curve, value)

    @property
    def version(self) -> str:
        """The model's name: its series and the beginning of its digest."""
        return f"{self.manifest['series']}-{self.manifest['digest'][:8]}"

    def score(self, items: Sequence[str | Submission]) -> Floats:
        """Return calibrated probabilities, (len(items), labels), columns in the order of `labels`.

        Never raises for any string. An item has the same scores alone and in any batch.
        """
        # Beyond 500 the probability is 0 or 1 anyway, and exp would overflow.
        return 1.0 / (1.0 + np.exp(-np.clip(self.log_odds(items), -500, 500)))

    def log_odds(self, items: Sequence[str | Submission]) -> Floats:
        """Return the log-odds behind `score`, in its shape: what reasons add up to."""
        odds = np.empty((len(items), len(self.labels)))
        submissions = [as_submission(item) for item in items]
        for part in batches([item.text for item in submissions]):
            odds[part] = self._log_odds(submissions[part])
        return odds

    def explain(
        self, item: str | Submission, label: str, limit: int = 5, lowering: bool = False
    ) -> list[Span]:
        """Return the passages that raise `label`, heaviest first, at most `limit`.

        Offsets count code points of the raw text, end exclusive; spans do not overlap; weights
        are shares of the log-odds, all above 0. With `lowering`, those that lower it, by how much
        they do. Signals count in the passages they were read from. Raises ValueError for a label
        not in `labels`.
        """
        item = as_submission(item)
        column = self._column(label)
        view, signals = self._look(item)
        credit = self._credit(item.text, view, column)
        if column == _SPAM:
            for signal in signals:
                _credit_places(credit, signal, self._worth(signal))
        return find_spans(item.text, -credit if lowering else credit, limit)

    def contributions(self, item: str | Submission, label: str) -> list[Contribution]:
        """Return the bias, passages and signals whose weights add up to `label`'s log-odds.

        They may also be below 0. Raises ValueError for a label not in `labels`.
        """
        item = as_submission(item)
        column = self._column(label)
        view, _ = self._look(item)
        found = [Contribution("bias", float(self._base[column]))]
        found += find_contributions(item.text, self._credit(item.text, view, column))
        return found + self.signals(item) if column == _SPAM else found

    def signals(self, item: str | Submission) -> list[Contribution]:
        """Return the signals of `item` and what each adds to the log-odds of spam."""
        _, signals = self._look(as_submission(item))
        return [Contribution(one.name, self._worth(one), one.spans, one.message) for one in signals]

    def smallest_change(
        self,
        item: str | Submission,
        label: str,
        threshold: float,
        among: Sequence[Span] | None = None,
    ) -> list[Span] | None:
        """Return the fewest passages without which `label` would score under `threshold`.

        Of the passages `among`, heaviest first, by default all that `explain` finds. They are
        taken away from the heaviest on, then those that were not needed are put back; each set
        was scored. Empty where the score is under the threshold already, None where no set
        brings it there. Raises ValueError for an unknown label.
        """
        item = as_submission(item)
        column = self._column(label)
        spans = self.explain(item, label, limit=40) if among is None else among
        cuts = [list(spans[:count]) for count in range(len(spans) + 1)]
        enough = np.flatnonzero(self._without(item, cuts)[:, column] < threshold)
        if not len(enough):
            return None
        kept = cuts[int(enough[0])]
        for span in kept[::-1]:
            fewer = [one for one in kept if one is not span]
            if fewer and self._without(item, [fewer])[0, column] < threshold:
                kept = fewer
        return kept

    def _without(self, item: Submission, cuts: Sequence[Sequence[Span]]) -> Floats:
        """Score `item` with each set of passages taken out of its text."""
        return self.score([replace(item, text=cut_out(item.text, spans)) for spans in cuts])

    def _log_odds(self, items: Sequence[Submission]) -> Floats:
        texts = [item.text for item in items]
        # Nobody asks about many at once, and keeping a look has its price.
        look = self._look if len(items) == 1 else self._look_at
        looks = [look(item) for item in items]
        views = [view for view, _ in looks]
        seen = [place for place, view in enumerate(views) if view is not None]
        odds = self._read([*texts, *(view.text for view in views if view is not None)])
        found = odds[: len(texts)]
        if seen:
            found[seen] = self._choose(found[seen], odds[len(texts) :])
        for row, (_, signals) in enumerate(looks):
            if signals:
                found[row, _SPAM] += sum(map(self._worth, signals))
        return found

    def _choose(self, raw: Floats, seen: Floats) -> Floats:
        """Of the readings with and without disguise, (texts, labels), what counts."""
        return np.maximum(raw, seen)

    def _read(self, texts: list[str]) -> Floats:
        """Return the log-odds (texts, labels) that the n-grams alone give."""
        sums, counts = sum_texts(self._words, texts)
        lengths = np.sqrt(np.maximum(counts, 1))[:, :, None]
        parts = sums[:, :, : len(self.labels)] * self._scales / lengths
        return np.asarray(parts[:, 0] + parts[:, 1] + self._base)

    def _look_at(self, item: Submission) -> tuple[Normalised | None, tuple[Signal, ...]]:
        """Return the reading without disguise, None where it is the same, and the signals."""
        other = find_view(item.text)
        # The language is only asked for where something hangs on it.
        foreign = item.site_language is not None and _is_foreign(item)
        found = find_signals(item, other, blocklist=self._blocklist, other_language=foreign)
        return other, tuple(found)

    def _worth(self, signal: Signal) -> float:
        """Return what a signal adds to the log-odds of spam."""
        each = self._learnt.get(signal.name)
        return signal.value * (HAND_WEIGHTS.get(signal.name, 0.0) if each is None else each)

    def _credit(self, text: str, other: Normalised | None, column: int) -> Floats:
        """Return the raw characters' parts of a label's log-odds, in the reading that counts."""
        weigh = partial(restore, self._bytes[:, column], self._scales[:, column])
        if other is not None:
            raw, seen = self._read([text, other.text])[:, column]
            if self._counts(seen, raw, column):
                return carry(spread(other.text, weigh), other.origin, len(text))
        return spread(text, weigh)

    def _counts(self, seen: float, raw: float, column: int) -> bool:
        """Whether it is the reading without disguise, scored `seen`, that counts for a label."""
        return seen > raw

    def _column(self, label: str) -> int:
        if label not in self.labels:
            known = ", ".join(self.labels)
            raise ValueError(f"There is no label {label!r}; the labels are {known}.")
        return self.labels.index(label)


def _is_foreign(item: Submission) -> bool:
    """Say whether the text is known to be in another language than its site."""
    code = detect(item.text).code
    return code not in ("und", (item.site_language or code).lower()[:2])


def _credit_places(credit: Floats, signal: Signal, worth: float) -> None:
    """Spread what a signal adds over its places; one without a place is no passage."""
    length = sum(end - start for start, end in signal.spans)
    for start, end in signal.spans if length else ():
        credit[start + 1 : end + 1] += worth / length


def load(path: str | Path | None = None) -> Model:
    """Load the model file at `path`, or the shipped one.

    Raises `ModelError`, with one sentence, for a file that is missing, damaged, changed,
    foreign or of another version.
    """
    arrays, manifest = modelfile.read(SHIPPED if path is None else Path(path))
    if not isinstance(manifest.get("series"), str):
        raise ModelError("The model's manifest does not name its series.")
    return Model(arrays, manifest)
