"""Labels as an adapter is trained on them: numbers, in the order of their decisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from api.moderation.learning import gate, margins
from api.moderation.learning.decided import FULL
from api.moderation.learning.gate import Foretold
from api.moderation.learning.labels import Label
from classifier import LABELS, Adapter, Model, Threshold

if TYPE_CHECKING:
    from api.moderation.learning.trust import Account
    from classifier.adapting import Examples

LEAST: Final = 30
"""So many labels it takes."""
LEAST_OF_EACH: Final = 8
"""And so many of the rarer kind."""
MOST_FOR_CHANCE: Final = 10.0
"""A sample that was drawn stands for all that were not; for so many at most."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Lessons:
    """Labels (n,), oldest first; `margins` is how far the shipped model is beyond their line.

    `weights` is how much each counts in training, `counts` how much when errors are counted: no
    more than once, and not at all where people were asked because a model was unsure. `accounts`
    is how far whoever has decided them is believed.
    """

    examples: "Examples"
    margins: Floats
    rejected: Floats
    weights: Floats
    counts: Floats
    accounts: "Mapping[str, Account]"

    def train(self, manifest: Mapping[str, Any]) -> Adapter:
        """The adapter that all of them teach."""
        from classifier import adapting

        known = self.margins, self.rejected, self.weights
        return adapting.train(self.examples, *known, manifest)

    def foretell(self, model: Model, present: Adapter | None, fresh: int) -> Foretold:
        """What is said of each without knowing it, also by the adapter in force.

        From the place `fresh` on, that one has not been taught of them.
        """
        from classifier import adapting

        starts = gate.find_starts(len(self.margins), None if present is None else fresh)
        known = self.margins, self.rejected, self.weights
        candidate = gate.forward(model, self.examples, *known, starts)
        theirs = np.full(len(self.margins), np.nan)
        fair = min((start for start in starts if start >= fresh), default=len(theirs))
        if present is not None and fair < len(theirs):
            here = slice(fair, None)
            theirs[here] = self.margins[here] + adapting.correct(present, self.examples.pick(here))
        return Foretold(self.rejected > 0, self.margins, candidate, self.counts, theirs)


def suffice(labels: Sequence[Label]) -> bool:
    """Whether there are enough to learn of."""
    rejected = sum(label.rejected for label in labels)
    return len(labels) >= LEAST and min(rejected, len(labels) - rejected) >= LEAST_OF_EACH


def study(
    examples: "Examples", labels: Sequence[Label], thresholds: Mapping[str, Threshold]
) -> Lessons:
    """Say of a site's labels, which were read, how far each is to be believed."""
    from api.moderation.learning import trust

    beyond = margins.measure(examples.odds, LABELS, thresholds)
    rejected = np.array([float(label.rejected) for label in labels])
    given = np.array([label.weight for label in labels])
    found = trust.weigh(examples, beyond, rejected, given, [label.actor for label in labels])
    chances = np.array([label.chance or 1.0 for label in labels])
    fair = np.array([float(not label.asked) for label in labels])
    # What overturns a verdict teaches twice and is one error all the same: counted twice, a coin
    # would seem to be better than the model that it contradicts.
    once = FULL / np.maximum(given, FULL)
    counts = found.weights * once * np.minimum(1 / chances, MOST_FOR_CHANCE) * fair
    return Lessons(examples, beyond, rejected, found.weights, counts, found.accounts)


def count_until(labels: Sequence[Label], until: datetime | None) -> int:
    """How many of them, oldest first, were decided by then."""
    return 0 if until is None else sum(label.decided_at <= until for label in labels)
