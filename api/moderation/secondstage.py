"""The second stage as the rules see it: it reads what the first is not sure of, if it can in time.

Whatever happens to it, the first stage's answer stands, and the health of each is its own.
"""

import logging
import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from api.errors import where_it_broke
from api.moderation.secondopinions import (
    ABSENT,
    EXPLAINING_MOST,
    EXPLAINING_SECONDS,
    FAILED,
    GIVEN,
    LATE,
    NOT_NEEDED,
    OFF,
    OUTCOMES,
    PLAIN,
    Budget,
    Opinion,
    Reading,
)
from api.moderation.timelimit import PAUSE_SECONDS, LateError, TimeLimit
from classifier import Model, ModelError, Submission, detect_language
from classifier.cascade import Cascade
from classifier.reader import Reader, ReaderError

__all__ = ["ALWAYS", "NEVER", "OUTCOMES", "SPOKEN", "WHEN_UNSURE", "SecondStage"]

T = TypeVar("T")
Floats = NDArray[np.float64]
log = logging.getLogger(__name__)

NEVER, WHEN_UNSURE, ALWAYS = "never", "when_unsure", "always"
"""When a policy has it asked; see `classifier.cascade.OPINIONS`."""

SPOKEN = ("en", "und")
"""Languages whose abuse can be judged; a text too short to tell counts as one."""

READING_SECONDS = 0.3
READING_EACH = 0.03
READING_MOST = 5.0
"""How long it may read one comment, how much longer for each further one, and at most."""

GRACE_SECONDS = 0.25
"""When its time is up it may still finish the text it is at; then it is left behind."""

STARTING_SECONDS = 3.0
"""How long it may take to get ready, once in each process; it usually takes a tenth of that."""


class SecondStage:
    """A reader, or the sentence that says why there is none; with neither, none is wanted.

    Attributes:
        reader: what reads; None where nothing can.
        failure: why it does not read; None while it does, and where none is wanted.
        patience: how many seconds each call and its reasons may take where nobody waits for an
            answer, so that none comes late; None is what somebody who waits can be asked for.
        outcomes: how many comments came to each of `OUTCOMES` since the process began.

    """

    def __init__(
        self,
        reader: Reader | None = None,
        failure: str | None = None,
        patience: float | None = None,
    ) -> None:
        self.reader = reader
        self.failure = failure
        self.patience = patience
        self.outcomes = Counter(dict.fromkeys(OUTCOMES, 0))
        self._limit = TimeLimit()
        self._started_in = -1
        self._resting_until = 0.0

    @classmethod
    def load(cls, path: Path | None, patience: float | None = None) -> "SecondStage":
        """The one in a file; without a path, none is wanted."""
        if path is None:
            return cls()
        try:
            return cls(Reader.load(path), patience=patience)
        except ReaderError as error:
            return cls(failure=str(error))

    @property
    def version(self) -> str | None:
        """The reader's name; None where there is none."""
        return None if self.reader is None else self.reader.version

    def join(self, model: Model | None) -> Cascade | None:
        """Both stages as one; None where one is missing, or they do not go together."""
        if self.reader is None or model is None:
            return None
        try:
            return Cascade(model, self.reader)
        except ModelError as error:
            self.reader, self.failure = None, str(error)
            return None

    def leave_out(self, count: int) -> list[Opinion]:
        """What is said of comments that nobody has it read, or that it cannot."""
        missing = self.reader is None and self.failure is not None
        return self._count([PLAIN[ABSENT if missing else OFF]] * count)

    def find_allowance(self, count: int) -> float:
        """How many seconds it may take in all for so many comments, reasons included."""
        if self.patience is not None:
            return self.patience
        starting = 0.0 if self._started_in == os.getpid() else STARTING_SECONDS
        explaining = min(EXPLAINING_SECONDS * count, EXPLAINING_MOST)
        return starting + _find_limit(count) + explaining + 2 * GRACE_SECONDS

    def ask(
        self, cascade: Cascade, items: Sequence[Submission], first: Floats, when: str
    ) -> tuple[Floats, list[Opinion]]:
        """The log-odds (n, labels) that count, made of the first stage's, and an opinion each."""
        found = [PLAIN[NOT_NEEDED]] * len(items)
        doubted = cascade.doubts(first) if when == WHEN_UNSURE else np.ones(len(items), np.bool_)
        for row in np.flatnonzero(doubted).tolist():
            language = detect_language(items[row].text).code
            found[row] = Opinion(NOT_NEEDED, language=language)
        rows = [row for row, one in enumerate(found) if one.language in SPOKEN]
        if not rows:
            return first, self._count(found)
        odds = first.copy()
        odds[rows], read = self._read(cascade, [items[row] for row in rows], first[rows])
        for row, one in zip(rows, read, strict=True):
            found[row] = replace(one, language=found[row].language)
        return odds, self._count(found)

    def within(self, work: Callable[[], T], seconds: float) -> T | None:
        """What `work` returns; None where it fails, or takes so long that it is left behind."""
        try:
            return self._limit.call(work, seconds + GRACE_SECONDS)
        except Exception as error:
            self._note(error)
            return None

    def _read(
        self, cascade: Cascade, items: Sequence[Submission], first: Floats
    ) -> tuple[Floats, list[Opinion]]:
        """The log-odds that count of what should be read, and an opinion each."""
        patience = self.patience
        seconds = _find_limit(len(items)) if patience is None else patience
        try:
            self._start(cascade.reader)
            until = time.monotonic() + seconds
            second = self._limit.call(
                lambda: cascade.reader.log_odds(items, until), seconds + GRACE_SECONDS
            )
            late = time.monotonic() >= until
            odds = cascade.combine(first, second)
            if not np.isfinite(odds).all():
                raise ValueError("a score is no number")
        except Exception as error:
            return first, [PLAIN[self._note(error)]] * len(items)
        read = [not np.isnan(row).any() for row in second]
        if not all(read) and not late:
            self._note(ValueError("a text has no score"))
        elif any(read):
            self.failure = None
        budget, missing = Budget(), PLAIN[LATE if late else FAILED]
        if patience is not None:
            budget.left = patience

        def give(item: Submission, row: Floats) -> Opinion:
            reading = Reading(cascade, item, row, self.within, budget, patience)
            return Opinion(GIVEN, self.version, reading=reading)

        return odds, [
            give(item, row) if was else missing
            for item, row, was in zip(items, second, read, strict=True)
        ]

    def _start(self, reader: Reader) -> None:
        """Get ready in this process; raises `ReaderError`, or LateError where that takes long."""
        if self._started_in == os.getpid():
            return
        if time.monotonic() < self._resting_until:
            raise ReaderError(str(self.failure))
        try:
            self._limit.call(reader.start, max(STARTING_SECONDS, self.patience or 0.0))
        except ReaderError:
            # It would fail again, at the price of a start each time.
            self._resting_until = time.monotonic() + PAUSE_SECONDS
            raise
        self._started_in = os.getpid()

    def _note(self, error: Exception) -> str:
        """Say of itself that it failed, and return what it came to."""
        log.error("the second stage says nothing: %s", where_it_broke(error))
        if isinstance(error, LateError):
            self.failure = "The second stage took too long for the last texts it was given."
            return LATE
        known = isinstance(error, ReaderError)
        self.failure = (
            str(error) if known else "The second stage failed on the last texts it was given."
        )
        return FAILED

    def _count(self, found: list[Opinion]) -> list[Opinion]:
        for one in found:
            self.outcomes[one.outcome] += 1
        return found


def _find_limit(count: int) -> float:
    """How many seconds it may read so many comments."""
    return min(READING_SECONDS + READING_EACH * (count - 1), READING_MOST)
