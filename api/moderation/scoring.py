"""The classifier as the rules see it: when it fails, comments are kept all the same."""

import logging
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import classifier
from api.errors import where_it_broke
from api.moderation.secondopinions import ABUSE, OFF, PLAIN, Opinion, Reading
from api.moderation.secondstage import NEVER, SecondStage
from api.moderation.timelimit import LateError, TimeLimit
from api.telemetry import traces
from classifier import Contribution, Measured, Span, Submission
from classifier.cascade import Cascade, to_chances

T = TypeVar("T")
log = logging.getLogger(__name__)

LIMIT_SECONDS = 0.5
"""How long a verdict may take; a usual one takes a thousandth of it."""

SECONDS_PER_TEXT = 2e-3
"""What is added for each text of several; a usual one takes a tenth of it, reasons included."""

SECONDS_PER_CHARACTER = 1e-5
"""What is added for each character: the worst texts known take a quarter of this."""


@dataclass(frozen=True, slots=True)
class Scored:
    """One submission's scores by label; its text is as long as the original's."""

    item: Submission
    scores: dict[str, float]
    opinion: Opinion = PLAIN[OFF]
    """Whether the second stage has had a say in them."""

    def reading(self, label: str) -> Reading | None:
        """What explains a score that is of both stages; None for one that is of the first alone."""
        return self.opinion.reading if label in ABUSE else None


def base_of(version: str | None) -> str | None:
    """Which model gave the labels' scores; an adapter adds to its name and changes none of them."""
    return version and version.partition("+")[0]


@dataclass(slots=True)
class Health:
    """How a model is doing, whatever adapters it is asked with."""

    failure: str | None = None
    failed: int = 0
    limit: TimeLimit = field(default_factory=TimeLimit)


class Scorer:
    """A loaded model, or the sentence that says why there is none.

    `failure` also says so while a model that was loaded fails, until it scores again.
    `failed` counts the texts that it could not score since the process began. `second` is the
    second stage, with a health of its own.
    """

    def __init__(self, path: Path | None = None, second: SecondStage | None = None) -> None:
        self.second = SecondStage() if second is None else second
        self.model: classifier.Model | None = None
        self.base: classifier.Model | None = None
        """Of which model this one was made, see `using`."""
        self._health = Health()
        self._joined: tuple[classifier.Model | None, Cascade | None] = None, None
        try:
            self.model = classifier.load(path)
        except classifier.ModelError as error:
            self.failure = str(error)
        _ = self.cascade

    def using(self, model: classifier.Model | None) -> "Scorer":
        """One that scores with another model made of this one's; what fails, fails for both."""
        other = copy(self)
        other.base, other.model = self.model, model
        return other

    @property
    def cascade(self) -> Cascade | None:
        """Both stages as one; None where there are not two."""
        model, found = self._joined
        if model is not self.model:
            model = self.model
            found = self.second.join(model)
            self._joined = model, found
        return found

    def measured(self, when: str) -> Measured | None:
        """Whose thresholds hold where the second stage is asked `when`; None without a model."""
        return self.model if when == NEVER else self.cascade or self.model

    @property
    def failure(self) -> str | None:
        """Why there are no scores; None while there are."""
        return self._health.failure

    @failure.setter
    def failure(self, why: str | None) -> None:
        self._health.failure = why

    @property
    def failed(self) -> int:
        """How many texts could not be scored since the process began."""
        return self._health.failed

    @failed.setter
    def failed(self, count: int) -> None:
        self._health.failed = count

    @property
    def stuck(self) -> int:
        """How many calls of the model have been given up and are still running."""
        return self._health.limit.stuck

    def score(self, items: Sequence[Submission], when: str = NEVER) -> list[Scored] | None:
        """Score submissions, in order; None when the classifier is missing or fails.

        The second stage is asked `when`, one of `classifier.cascade.OPINIONS`, within its own
        time limit.
        """
        model = self.model
        if model is None:
            self.failed += len(items)
            return None
        try:
            with traces.span("score", texts=len(items)):
                rows, opinions = self._ask_both(model, items, when)
            found = [
                Scored(item, dict(zip(model.labels, row, strict=True)), opinion)
                for item, row, opinion in zip(items, rows, opinions, strict=True)
            ]
            if not all(0 <= score <= 1 for one in found for score in one.scores.values()):
                raise ValueError("a score is no probability")
        except Exception as error:
            # Whatever breaks inside the model, the comment must still be kept and held.
            log.error("the classifier failed on %d texts: %s", len(items), where_it_broke(error))
            self.failure = "The classifier failed on the last texts it was given."
            self.failed += len(items)
            return None
        self.failure = None
        return found

    def _ask_both(
        self, model: classifier.Model, items: Sequence[Submission], when: str
    ) -> tuple[list[list[float]], list[Opinion]]:
        """The scores (n, labels) that count, and what came of asking the second stage."""
        cascade = None if when == NEVER else self.cascade
        if cascade is None:
            return model.score(items).tolist(), self.second.leave_out(len(items))
        odds, opinions = self.second.ask(cascade, items, model.log_odds(items), when)
        return to_chances(odds).tolist(), opinions

    def score_in_time(self, items: Sequence[Submission], when: str = NEVER) -> list[Scored] | None:
        """Scores alone, in order; None when the classifier is missing, fails or hangs.

        A model that says it is prompt with so much text is asked without a time limit, which
        costs more than its answer; the second stage never is.
        """
        prompt = getattr(self.model, "prompt", 0)
        if not self.stuck and sum(len(item.text) for item in items) <= prompt:
            return self.score(items, when)
        return self.in_time(items, lambda: self.score(items, when), when)

    def in_time(
        self, items: Sequence[Submission], work: Callable[[], T], when: str = NEVER
    ) -> T | None:
        """What `work` says of submissions, which may ask for scores and reasons alike.

        None when that takes longer than their length excuses, or while the classifier hangs. The
        second stage, asked `when`, has time of its own besides.
        """
        characters = sum(len(item.text) for item in items)
        seconds = SECONDS_PER_TEXT * (len(items) - 1) + SECONDS_PER_CHARACTER * characters
        if when != NEVER and self.cascade is not None:
            seconds += self.second.find_allowance(len(items))
        try:
            return self._health.limit.call(work, LIMIT_SECONDS + seconds)
        except LateError as error:
            log.error("the classifier hangs on %d texts: %s", len(items), error)
            self.failure = "The classifier took too long for the last texts it was given."
            self.failed += len(items)
            return None

    def explain(self, item: Submission, label: str, lowering: bool = False) -> list[Span]:
        """The passages that raise a score, or lower it, heaviest first; none when it fails."""
        return self._ask(lambda model: model.explain(item, label, lowering=lowering))

    def signals(self, item: Submission) -> list[Contribution]:
        """The signals that speak for spam, heaviest first; none when it fails."""
        found = self._ask(lambda model: model.signals(item))
        return sorted((one for one in found if one.weight > 0), key=lambda one: -one.weight)

    def smallest_change(
        self, item: Submission, label: str, threshold: float, among: Sequence[Span]
    ) -> list[Span]:
        """The fewest of some passages without which a score would fall below; none if it won't."""
        return self._ask(lambda model: model.smallest_change(item, label, threshold, among) or [])

    def _ask(self, question: Callable[[classifier.Model], list[T]]) -> list[T]:
        if self.model is None:
            return []
        try:
            return question(self.model)
        except Exception as error:
            log.error("no reasons for a score: %s", where_it_broke(error))
            return []
