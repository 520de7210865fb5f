"""The classifier where nobody waits for an answer: nothing comes late, whatever the load."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from api.moderation.scoring import Scorer
from api.moderation.secondstage import NEVER, SecondStage
from classifier import Submission

T = TypeVar("T")

DAY = 86_400.0
"""Seconds. A second stage that has not answered by then hangs."""


class PatientScorer(Scorer):
    """A scorer without a time limit: the same file has the same verdicts on any machine."""

    def in_time(
        self, items: Sequence[Submission], work: Callable[[], T], when: str = NEVER
    ) -> T | None:
        """What `work` says, however long it takes."""
        return work()


def load_scorer(model: Path | None, reader: Path | None) -> Scorer:
    """Both stages, as files; `failure` says why there is none."""
    return PatientScorer(model, SecondStage.load(reader, patience=DAY))
