"""Many comments by both stages, each looked at once by either, whatever is made of it after."""

import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from classifier.cascade import Cascade, to_chances
from classifier.labels import LABELS
from classifier.model import Model
from classifier.reader import Reader
from classifier.readerfile import ReaderError
from classifier.submission import Submission

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
# Called after each step with the number of comments it was about.
Progress = Callable[[int], object]
# Reading so many takes half a second: who watches sees that it goes on.
_AT_ONCE: Final = 64


@dataclass(frozen=True, slots=True)
class Seen:
    """What both stages make of n comments, and of which of them the first is not sure.

    `first` (n, labels) and `second` (n, 7) are log-odds; those of a comment that was not read
    are NaN. `doubts` is (n,).
    """

    cascade: Cascade
    first: Floats
    second: Floats
    doubts: Bools

    def asked(self, when: str) -> Bools:
        """Say which comments are read, (n,), where the second stage is asked `when`."""
        rows = np.zeros(len(self.first), dtype=bool)
        return self.doubts if when == "when_unsure" else rows | (when == "always")

    def scores(self, when: str) -> Floats:
        """Return the probabilities (n, labels) where the second stage is asked `when`."""
        second = np.where(self.asked(when)[:, None], self.second, np.nan)
        return to_chances(self.cascade.combine(self.first, second))


def open_wanted(
    model: Model, reader: str | None, whens: str | Sequence[str] | None
) -> Cascade | None:
    """Return both stages as a command's `--reader` and `--second` ask, None for the first alone.

    Where neither asks for a second stage and the shipped one cannot be had, stderr says why.
    Raises `ReaderError`, or ValueError, where one was asked for.
    """
    wanted = whens not in (None, "never", ["never"])
    if wanted and reader == "none":
        raise ValueError("--second asks for a second stage, and --reader none leaves it out.")
    if reader == "none" or (whens and not wanted):
        return None
    try:
        return open_cascade(model, Path(reader) if reader else None)
    except ReaderError as error:
        if reader or wanted:
            raise
        print(f"classifier: the first stage alone: {error}", file=sys.stderr)
        return None


def open_cascade(model: Model, path: Path | None) -> Cascade:
    """Return `model` with the reader of the file `path`, or with the shipped one, ready to read.

    Raises `ReaderError` where there is none, where it does not go with `model`, or where
    packages are missing.
    """
    cascade = Cascade(model, Reader.load(path))
    cascade.reader.start()
    return cascade


def look(
    cascade: Cascade,
    items: Sequence[str | Submission],
    whens: Collection[str],
    progress: Progress | None = None,
) -> Seen:
    """Look at `items` with the first stage, and once with the second what any of `whens` asks."""
    parts = [_look(cascade, items[:0], whens)]
    for start in range(0, len(items), _AT_ONCE):
        parts.append(_look(cascade, items[start : start + _AT_ONCE], whens))
        if progress is not None:
            progress(len(parts[-1].first))
    first, second = (np.vstack([getattr(p, name) for p in parts]) for name in ("first", "second"))
    return Seen(cascade, first, second, np.concatenate([part.doubts for part in parts]))


def _look(cascade: Cascade, items: Sequence[str | Submission], whens: Collection[str]) -> Seen:
    first = cascade.model.log_odds(items)
    seen = Seen(
        cascade,
        first,
        np.full((len(items), len(LABELS)), np.nan),
        np.asarray(cascade.doubts(first)),
    )
    asked = np.any([seen.asked(when) for when in whens], axis=0)
    rows = np.flatnonzero(asked).tolist()
    if rows:
        seen.second[rows] = cascade.reader.log_odds([items[row] for row in rows])
    return seen
