"""One piece from its file to its part, in whichever process it is given to."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from threadpoolctl import threadpool_limits

from api.bulkscore.cutting import Piece
from api.bulkscore.judging import Answer, judge_rows
from api.bulkscore.parts import name_part, write_part
from api.bulkscore.patience import load_scorer
from api.bulkscore.rows import Columns, read_piece
from api.bulkscore.sources import BrokenError, Source
from api.moderation.policy.inforce import Policy
from api.moderation.policy.reading import read_policy
from api.moderation.scoring import Scorer
from classifier import reader as readers

SHIPPED = "shipped"
"""The second stage that came with Winnow, wherever a host has it."""


@dataclass(frozen=True, slots=True)
class Models:
    """What both stages are called; a second that cannot be used, or is not wanted, has no name."""

    first: str
    second: str | None


@dataclass(frozen=True, slots=True)
class Job:
    """What all pieces of a run have in common."""

    folder: str
    aside: str
    """Where this run writes parts before they are whole; a later run has another."""
    form: str
    columns: Columns
    policy: str
    """As it was written; empty for the defaults."""
    at: datetime
    model: str | None
    reader: str | None
    """A file, or `SHIPPED`; None where no second stage is wanted."""
    models: Models


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a piece."""

    rows: int
    errors: int
    size: int
    """Bytes of its part."""


def try_piece(job: Job, number: int, source: Source, piece: Piece) -> Done | str:
    """What came of a piece, or why trying it again would be in vain."""
    try:
        return score_piece(job, number, source, piece)
    except BrokenError as error:
        return str(error)


def score_piece(job: Job, number: int, source: Source, piece: Piece) -> Done:
    """Judge a piece and write its part; raise BrokenError where its file is at fault."""
    scorer, policy = _open(job.model, job.reader), _read_policy(job.policy)
    if name_models(scorer) != job.models:
        raise BrokenError(f"A process has other models than {_tell(job.models)}.")
    counted = _Counted()
    rows = read_piece(source, piece, job.columns)
    answers = counted.number(judge_rows(scorer, policy, job.at, rows), source, piece)
    path = Path(job.folder) / name_part(number, job.form)
    size = write_part(path, Path(job.aside), job.form, answers)
    return Done(counted.rows, counted.errors, size)


class _Counted:
    """Numbers answers while they are written, and counts them."""

    def __init__(self) -> None:
        self.rows = self.errors = 0

    def number(
        self, answers: Iterator[list[Answer]], source: Source, piece: Piece
    ) -> Iterator[list[Answer]]:
        """The answers with the file and the row, from 1, that each is of."""
        for some in answers:
            first = piece.before + self.rows + 1
            self.rows += len(some)
            self.errors += sum("error" in one for one in some)
            yield [{"file": source.path, "row": row, **one} for row, one in enumerate(some, first)]


def name_models(scorer: Scorer) -> Models:
    """What both stages of a scorer are called; raise BrokenError where there is no first."""
    if scorer.model is None:
        raise BrokenError(str(scorer.failure))
    return Models(scorer.model.version, scorer.second.version if scorer.cascade else None)


def _tell(models: Models) -> str:
    return " and ".join(filter(None, (models.first, models.second)))


@lru_cache(maxsize=1)
def _open(model: str | None, reader: str | None) -> Scorer:
    # Each process has a core: what calculates in threads would take the others'.
    threadpool_limits(1)
    path = readers.SHIPPED if reader == SHIPPED else Path(reader) if reader else None
    return load_scorer(Path(model) if model else None, path)


@lru_cache(maxsize=1)
def _read_policy(text: str) -> Policy:
    return Policy(read_policy(text or "{}").document).make_ready()
