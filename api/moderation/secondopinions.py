"""What came of asking the second stage about a comment, and why both stages score it so."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from classifier import LABELS, Span, Submission
from classifier.cascade import Cascade, to_chances
from classifier.explanation import cut_out

T = TypeVar("T")

OUTCOMES = GIVEN, NOT_NEEDED, OFF, ABSENT, LATE, FAILED = (
    "given",
    "not_needed",
    "off",
    "absent",
    "late",
    "failed",
)
"""What came of it: both stages' scores count; the first was sure, or the second does not read the
language; it is not wanted; there is none that can be used; it took too long; it failed."""

ABUSE = LABELS[1:]
"""The labels that both stages weigh: of spam the second knows nothing."""

EXPLAINING_SECONDS = 0.25
"""How long the reasons for one comment may take."""

EXPLAINING_MOST = 2.0
"""How long they may take for all comments of a call."""


class Within(Protocol):
    """Does something within so many seconds; None where it takes longer, or fails."""

    def __call__(self, work: Callable[[], T], seconds: float) -> T | None:
        """Return what `work` returns."""


@dataclass(slots=True)
class Budget:
    """The seconds that the comments of one call may spend together."""

    left: float = EXPLAINING_MOST


class Reading:
    """A comment and what the second stage has said of it; its answers are approximate."""

    def __init__(
        self,
        cascade: Cascade,
        item: Submission,
        second: NDArray[np.float64],
        within: Within,
        budget: Budget,
        patience: float | None = None,
    ) -> None:
        self._cascade = cascade
        self._item = item
        # Reasons for several labels ask about the same passages.
        self._known = {item.text: second}
        self._within = within
        self._left = EXPLAINING_SECONDS if patience is None else patience
        self._budget = budget

    def explain(self, label: str) -> list[Span]:
        """The passages that raise a score, heaviest first; none where the time does not suffice."""

        def find(seconds: float) -> list[Span]:
            return self._cascade.explain(self._item, label, seconds, known=self._known)

        return self._spend(find) or []

    def smallest_change(self, label: str, threshold: float, among: Sequence[Span]) -> list[Span]:
        """The fewest of some passages, from the first on, without which a score falls below.

        None where it does not, or the time does not suffice.
        """
        column = self._cascade.labels.index(label)
        cuts = [cut_out(self._item.text, among[: count + 1]) for count in range(len(among))]

        def find(seconds: float) -> list[Span]:
            until = time.monotonic() + seconds
            odds = self._cascade.reread(self._item, cuts, until, self._known)
            enough = np.flatnonzero(to_chances(odds[:, column]) < threshold)
            return list(among[: enough[0] + 1]) if len(enough) else []

        return self._spend(find) or []

    def _spend(self, work: Callable[[float], T]) -> T | None:
        seconds = min(self._left, self._budget.left)
        if seconds <= 0:
            return None
        began = time.monotonic()
        try:
            return self._within(lambda: work(seconds), seconds)
        finally:
            spent = time.monotonic() - began
            self._left -= spent
            self._budget.left -= spent


@dataclass(frozen=True, slots=True)
class Opinion:
    """Whether the second stage was asked about a comment, and what came of it."""

    outcome: str = OFF
    """One of `OUTCOMES`."""
    model: str | None = None
    """Which one has read it; None where none has."""
    language: str | None = None
    """The comment's, where it had to be found out."""
    reading: Reading | None = field(default=None, compare=False, repr=False)
    """What explains its scores; None where it was not read."""


PLAIN: Final = {outcome: Opinion(outcome) for outcome in OUTCOMES}
"""Of comments of which there is nothing else to say."""
