"""Labelled CSV files of any origin: their columns read for what they say, and their scores."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from classifier.labels import LABELS
from classifier.submission import Submission

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
# Called after each step with the number of rows it scored.
Progress = Callable[[int], object]

TEXTS: Final = ("text", "comment_text")
# What others call our labels, the Jigsaw challenges first of all. Where a file has several
# names of one label, the first of this list counts. A column "label" could be anything and is
# taken as hate only in the set named below.
COLUMNS: Final[Mapping[str, str]] = {
    **{label: label for label in LABELS},
    "is_spam": "spam",
    "toxic": "toxicity",
    "is_toxic": "toxicity",
    "toxic_majority": "toxicity",
    "target": "toxicity",
    "severe_toxic": "severe_toxicity",
    "obscene": "profanity",
    "profane_any2": "profanity",
    "threat_any2": "threat",
    "insult_any2": "insult",
    "identity_hate": "identity_attack",
    "identity_attack_any2": "identity_attack",
}
_HATE_SETS: Final = frozenset({"dynahate_test"})
# Comments someone let stand on a site, without labels: what must not be held.
_PUBLISHED: Final = frozenset({"blog_comments_published"})
# "hateful" and "non-hateful" are HateCheck's words.
_TRUE: Final = frozenset({"true", "yes", "toxic", "spam", "hateful"})
_FALSE: Final = frozenset({"false", "no", "not toxic", "ham", "non-hateful"})
_WRITER: Final = ("author_name", "author_url", "author_email", "honeypot")
_GROUP: Final = "group"
_MOST_GROUPS: Final = 200
_AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True)
class LabelledFile:
    """A labelled file: what was written (n), `truth` (n, 7) with NaN for unknown, and groups.

    A group is a name and the rows (n,) that belong to it; a row may belong to several.
    """

    name: str
    items: Sequence[str | Submission]
    truth: Floats
    groups: Mapping[str, Bools]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A labelled file, scored: `truth` and `scores` are (n, 7), unknown labels are NaN."""

    name: str
    truth: Floats
    scores: Floats
    groups: Mapping[str, Bools] = field(default_factory=dict)

    @property
    def ordinary(self) -> Bools:
        """Rows (n,) of ordinary comments: every abuse label is 0, or a site let them stand."""
        if self.name in _PUBLISHED:
            return np.ones(len(self.truth), dtype=bool)
        clean: Bools = (self.truth[:, 1:] == 0).all(axis=1)
        return clean


def read_labelled(path: Path, groups: Iterable[str] = ()) -> LabelledFile:
    """Read a CSV, gzipped or not; columns called `group` or `group_…` and `groups` are groups.

    Raises ValueError, with a sentence, where there are no rows, no column of texts, or a
    column of `groups` is missing.
    """
    frame = _frame(path)
    text = next((column for column in TEXTS if column in frame), None)
    if text is None:
        raise ValueError(f"{path} has no column named text.")
    if frame.empty:
        raise ValueError(f"{path} has a header but no rows.")
    name = path.name.removesuffix(".gz").removesuffix(".csv")
    return LabelledFile(name, _items(frame, text), _truth(frame, name), _groups(frame, groups))


def score_labelled(file: LabelledFile, model: Any, progress: Progress | None = None) -> Labelled:
    """Score the rows of `file` with `model`, a `Model` or anything with its `score`."""
    parts = []
    for first in range(0, len(file.items), _AT_ONCE):
        items = file.items[first : first + _AT_ONCE]
        parts.append(model.score(items))
        if progress is not None:
            progress(len(items))
    return Labelled(file.name, file.truth, np.concatenate(parts), file.groups)


def score_file(path: Path, model: Any) -> Labelled:
    """Read a labelled CSV and score it; raise ValueError, with a sentence, if it is none."""
    return score_labelled(read_labelled(path), model)


def _frame(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path, keep_default_na=False, dtype=str)
    except pd.errors.EmptyDataError as error:
        raise ValueError(f"{path} is empty.") from error
    except (pd.errors.ParserError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is not a CSV file in UTF-8: {error}") from error


def _items(frame: pd.DataFrame, text: str) -> list[str | Submission]:
    texts: list[str | Submission] = frame[text].tolist()
    known = [column for column in _WRITER if column in frame]
    if not known:
        return texts
    rows = zip(*(frame[column] for column in (text, *known)), strict=True)
    return [Submission(**dict(zip(("text", *known), row, strict=True))) for row in rows]


def _truth(frame: pd.DataFrame, name: str) -> Floats:
    truth = np.full((len(frame), len(LABELS)), np.nan)
    known = {**COLUMNS, "label": "identity_attack"} if name in _HATE_SETS else COLUMNS
    for column, label in known.items():
        place = LABELS.index(label)
        if column in frame and np.isnan(truth[:, place]).all():
            truth[:, place] = frame[column].map(flag)
    return truth


def flag(value: str) -> float:
    """Return 1 for yes, 0 for no and NaN for unknown.

    A share of annotators, 0 to 1, is a yes from one half on, as in the Jigsaw challenges; -1
    is their unknown.
    """
    word = value.strip().lower()
    if word in _TRUE or word in _FALSE:
        return float(word in _TRUE)
    try:
        share = float(word)
    except ValueError:
        return float("nan")
    return float(share >= 0.5) if 0 <= share <= 1 else float("nan")


def _groups(frame: pd.DataFrame, wanted: Iterable[str]) -> dict[str, Bools]:
    wanted = list(wanted)
    for column in wanted:
        if column not in frame:
            raise ValueError(f"There is no column named {column} to group by.")
    named = [one for one in frame if one == _GROUP or one.startswith(f"{_GROUP}_")]
    groups: dict[str, Bools] = {}
    for column in dict.fromkeys([*named, *wanted]):
        groups |= _members(frame[column], column)
    if len(groups) > _MOST_GROUPS:
        raise ValueError(f"{len(groups)} groups are too many to report on ({_MOST_GROUPS}).")
    return groups


def _members(values: "pd.Series[str]", column: str) -> dict[str, Bools]:
    """A column of flags is one group; of anything else, one group for each value."""
    flags = values.map(flag).to_numpy()
    blank = (values.str.strip() == "").to_numpy()
    if not np.isnan(flags[~blank]).any():
        return {column.removeprefix(f"{_GROUP}_"): flags == 1}
    return {str(one): (values == one).to_numpy() for one in sorted(set(values[~blank]))}
