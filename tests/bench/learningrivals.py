"""Who learns of a site's decisions: Winnow's adapter, and what else one could have.

Each is asked what it holds of texts that nobody has decided, after so many decisions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from api.moderation.learning import lessons, margins
from api.moderation.learning.labels import Label
from classifier import LABELS, LEARNED, NEVER, Adapter, Model, Threshold, adapting
from classifier.adapting import PENALTY, Examples
from tests.bench.learningbayes import Bayes
from tests.bench.learningsite import HAND

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Thresholds = Mapping[str, Threshold]


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """All texts as they are read once, the decided ones first, and what was said of these."""

    model: Model
    examples: Examples
    texts: Sequence[str]
    labels: Sequence[Label]

    @property
    def rejected(self) -> Floats:
        """What was decided, (labels,)."""
        return np.array([float(label.rejected) for label in self.labels])


class Rival(Protocol):
    """Learns of the first decisions, and says which of the texts at the places it would hold."""

    def __call__(self, known: Known, decisions: int, places: slice) -> Bools: ...


@dataclass(frozen=True, slots=True)
class Shipped:
    """The shipped model, which learns nothing."""

    thresholds: Thresholds

    def __call__(self, known: Known, decisions: int, places: slice) -> Bools:
        """Hold what a label's score would."""
        return hold(known.examples.pick(places), self.thresholds)


@dataclass(frozen=True, slots=True)
class Adapted:
    """The shipped model with what the site has taught it, as the product trains and applies it."""

    thresholds: Thresholds
    penalty: float = PENALTY

    def __call__(self, known: Known, decisions: int, places: slice) -> Bools:
        """Hold as the policy does with the score `learned`."""
        adapter = self.train(known, decisions)
        return hold(known.examples.pick(places), self.thresholds, adapter)

    def train(self, known: Known, decisions: int) -> Adapter | None:
        """The adapter of the first decisions; None where there are too few to learn of.

        All moderators err alike here: they are believed without a trial, which takes long.
        """
        labels = known.labels[:decisions]
        if not lessons.suffice(labels):
            return None
        examples = known.examples.pick(slice(0, decisions))
        beyond = margins.measure(examples.odds, LABELS, self.thresholds)
        weights = np.array([label.weight for label in labels])
        told = beyond, known.rejected[:decisions], weights
        return adapting.train(examples, *told, {"base": known.model.version}, self.penalty)


def learn_from_scratch(known: Known, decisions: int, places: slice) -> Bools:
    """Hold what a logistic regression over the same n-grams, without any model, would."""
    told = known.rejected[:decisions]
    if len(np.unique(told)) < 2:
        return np.zeros(len(known.texts[places]), dtype=bool)
    grams = known.examples.grams
    seen = np.unique(grams[:decisions].indices)
    found = LogisticRegression(C=1 / PENALTY, solver="liblinear", dual=True, random_state=0)
    found.fit(grams[:decisions][:, seen], told)
    return np.asarray(found.predict(grams[places][:, seen]) > 0)


def learn_as_bayes(known: Known, decisions: int, places: slice) -> Bools:
    """Hold what naive Bayes in rspamd's manner says is spam."""
    bayes = Bayes()
    for text, rejected in zip(known.texts[:decisions], known.rejected, strict=False):
        bayes.learn(text, bool(rejected))
    return np.array([bayes.holds(text) for text in known.texts[places]])


def hold(examples: Examples, thresholds: Thresholds, adapter: Adapter | None = None) -> Bools:
    """What the policy's thresholds hold, with what was learnt where there is something."""
    odds, labels = examples.odds, list(LABELS)
    if adapter is not None:
        odds = np.hstack([odds, adapting.correct(adapter, examples)[:, None]])
        labels = [*LABELS, LEARNED]
    return margins.find_held(1 / (1 + np.exp(-np.clip(odds, -30, 30))), labels, thresholds)


def find_thresholds(model: Model) -> Thresholds:
    """Those of a site that has changed nothing."""
    return {**model.thresholds, LEARNED: Threshold(0.5, None)}


def set_by_hand(thresholds: Thresholds) -> Thresholds:
    """Those of a site that has switched off what it allows."""
    off = {label: replace(thresholds[label], hold=NEVER, reject=None) for label in HAND}
    return {**thresholds, **off}
