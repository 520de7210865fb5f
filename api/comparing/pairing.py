"""The texts of stored answers, scored by us: pairs of numbers, and a count of what has none."""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from api.comparing.answers import Fault, Read
from api.comparing.shapes import Answer
from api.errors import StartupError
from api.moderation.policy.inforce import DEFAULT
from api.moderation.scoring import Scorer
from api.web.dropin.drafts import clean
from api.web.dropin.perspective import attributes, languages
from classifier import Submission

BATCH: Final = 256
"""Texts scored at once."""
_NAMED: Final = 20
"""Of how many bad lines of a kind the numbers are kept."""

Floats = NDArray[np.float64]
Wanted = Callable[[str], bool]
Scores = dict[str, tuple[str, float]]
"""By attribute, which of our scores it is, and theirs."""


@dataclass(slots=True)
class Pairs:
    """Scores of the same texts: ours, theirs, and the lines they are from."""

    label: str
    """Which of our scores it is."""
    ours: "array[float]" = field(default_factory=lambda: array("d"))
    theirs: "array[float]" = field(default_factory=lambda: array("d"))
    lines: "array[int]" = field(default_factory=lambda: array("Q"))

    def add(self, ours: float, theirs: float, line: int) -> None:
        """Take one text more."""
        self.ours.append(ours)
        self.theirs.append(theirs)
        self.lines.append(line)

    def scores(self) -> tuple[Floats, Floats]:
        """Ours and theirs, (n,) each."""
        return np.array(self.ours), np.array(self.theirs)


@dataclass(slots=True)
class Gathered:
    """All that was read."""

    pairs: dict[str, Pairs] = field(default_factory=dict)
    """By attribute."""
    read: int = 0
    compared: int = 0
    faults: dict[str, list[int]] = field(default_factory=dict)
    """By what is wrong, the first lines with it."""
    faulty: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    """How many have an attribute that we do not score in their language."""
    unscored: Counter[str] = field(default_factory=Counter)
    """How many have an attribute that we do not score."""


def gather(
    scorer: Scorer,
    read: Iterable[Read],
    wanted: Wanted = lambda _attribute: True,
    report: Callable[[], None] = lambda: None,
) -> Gathered:
    """Score the texts of answers, for the attributes wanted; `report` is called now and then."""
    gathered, read = Gathered(), iter(read)
    while some := list(islice(read, BATCH)):
        gathered.read += len(some)
        _pair(scorer, gathered, some, wanted)
        report()
    return gathered


def _pair(scorer: Scorer, gathered: Gathered, some: Sequence[Read], wanted: Wanted) -> None:
    found, items = [], []
    for line, one in some:
        if isinstance(one, Fault):
            _count(gathered, one.why, line)
        elif scores := _find_scores(gathered, one, wanted):
            found.append((line, scores))
            items.append(_make_item(one))
    scored = scorer.score(items, DEFAULT.document.second_opinion) if items else []
    if scored is None:
        raise StartupError(scorer.failure or "There is no classifier.")
    gathered.compared += len(found)
    for (line, scores), ours in zip(found, scored, strict=True):
        for name, (label, theirs) in scores.items():
            gathered.pairs.setdefault(name, Pairs(label)).add(ours.scores[label], theirs, line)


def _count(gathered: Gathered, why: str, line: int) -> None:
    gathered.faulty[why] += 1
    lines = gathered.faults.setdefault(why, [])
    if len(lines) < _NAMED:
        lines.append(line)


def _find_scores(gathered: Gathered, answer: Answer, wanted: Wanted) -> Scores:
    """The scores of attributes that `comments:analyze` would answer; the others are counted."""
    spoken = answer.languages or languages.detect(answer.text)
    readable, scores, refused = languages.are_readable(spoken), Scores(), False
    for name, theirs in answer.scores.items():
        if wanted(name):
            known = attributes.find(name)
            if known is None or known.label is None:
                gathered.unscored[name] += 1
            elif known.is_had(readable, None):
                scores[name] = known.label, theirs
            else:
                refused = True
    if refused:
        gathered.languages[spoken[0]] += 1
    return scores


def _make_item(answer: Answer) -> Submission:
    """The text as `comments:analyze` scores it."""
    return Submission(
        clean(answer.text, len(answer.text)), language=next(iter(answer.languages), None)
    )
