"""The texts of stored answers, scored by us: pairs of numbers, and a count of what has none."""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from api.comparing.answers import Fault, Read
from api.comparing.attributes import find_label
from api.comparing.shapes import Answer
from api.errors import StartupError
from api.moderation.policy.scores import SPOKEN
from api.moderation.scoring import Scorer
from classifier import Submission, detect_language

BATCH: Final = 256
"""Texts scored at once."""
_NAMED: Final = 20
"""Of how many bad lines of a kind the numbers are kept."""

Floats = NDArray[np.float64]


@dataclass(slots=True)
class Pairs:
    """Scores of the same texts: ours, theirs, and the lines they are from."""

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
    """How many were left out because they are in a language that we do not score."""
    unscored: Counter[str] = field(default_factory=Counter)
    """How many answers hold an attribute that we do not score."""


def gather(
    scorer: Scorer,
    read: Iterable[Read],
    wanted: Callable[[str], bool] = lambda _attribute: True,
    report: Callable[[], None] = lambda: None,
) -> Gathered:
    """Score the texts of answers, for the attributes wanted; `report` is called now and then."""
    gathered = Gathered()
    comparable = (one for one in read if _takes(gathered, one))
    while some := list(islice(comparable, BATCH)):
        _score(scorer, gathered, some, wanted)
        report()
    return gathered


def _takes(gathered: Gathered, one: Read) -> bool:
    """Whether it can be compared; if not, it is counted as what it is."""
    line, found = one
    gathered.read += 1
    if isinstance(found, Fault):
        gathered.faulty[found.why] += 1
        lines = gathered.faults.setdefault(found.why, [])
        if len(lines) < _NAMED:
            lines.append(line)
        return False
    language = _find_foreign(found)
    if language:
        gathered.languages[language] += 1
    return language is None


def _find_foreign(answer: Answer) -> str | None:
    """The language of a text that would be refused, or None."""
    if answer.languages:
        plain = [one.lower().partition("-")[0] for one in answer.languages]
        return None if "en" in plain else plain[0]
    code = detect_language(answer.text).code
    return None if code in SPOKEN else code


def _score(
    scorer: Scorer, gathered: Gathered, some: list[Read], wanted: Callable[[str], bool]
) -> None:
    answers = [(line, one) for line, one in some if isinstance(one, Answer)]
    scored = scorer.score([Submission(answer.text) for _, answer in answers])
    if scored is None:
        raise StartupError(scorer.failure or "There is no classifier.")
    for (line, answer), ours in zip(answers, scored, strict=True):
        paired = False
        for attribute, theirs in answer.scores.items():
            if not wanted(attribute):
                continue
            label = find_label(attribute)
            if label is None:
                gathered.unscored[attribute] += 1
            else:
                gathered.pairs.setdefault(attribute, Pairs()).add(ours.scores[label], theirs, line)
                paired = True
        gathered.compared += paired
