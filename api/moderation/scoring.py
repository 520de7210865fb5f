"""The classifier as the rules see it: when it fails, comments are kept all the same."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import classifier
from api.errors import where_it_broke

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Scored:
    """One text's scores by label, and the text they are about (same length as the original)."""

    text: str
    scores: dict[str, float]


class Scorer:
    """A loaded model, or the sentence that says why there is none.

    `failure` also says so while a model that was loaded fails, until it scores again.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.model: classifier.Model | None = None
        self.failure: str | None = None
        try:
            self.model = classifier.load(path)
        except classifier.ModelError as error:
            self.failure = str(error)

    def score(self, texts: Sequence[str]) -> list[Scored] | None:
        """Score texts, in order; None when the classifier is missing or fails."""
        if self.model is None:
            return None
        try:
            found = [
                Scored(text, dict(zip(classifier.LABELS, row, strict=True)))
                for text, row in zip(texts, self.model.score(texts).tolist(), strict=True)
            ]
            if not all(0 <= score <= 1 for one in found for score in one.scores.values()):
                raise ValueError("a score is no probability")
        except Exception as error:
            # Whatever breaks inside the model, the comment must still be kept and held.
            log.error("the classifier failed on %d texts: %s", len(texts), where_it_broke(error))
            self.failure = "The classifier failed on the last texts it was given."
            return None
        self.failure = None
        return found

    def explain(self, text: str, label: str) -> list[classifier.Span]:
        """The spans of `text` behind a label's score, heaviest first; none when it fails."""
        if self.model is None:
            return []
        try:
            return self.model.explain(text, label)
        except Exception as error:
            log.error("no reasons for a %s score: %s", label, where_it_broke(error))
            return []
