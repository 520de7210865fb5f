"""Suites of texts that every candidate is measured on, whatever a site has taught it.

What moderators decide about is one site's traffic of a few weeks. These are the texts that must
come out right on any site, whatever its line: harmless comments, some of which look suspicious;
plain abuse and spam; texts in disguise, which must not fare better than without; and sentences
that differ only in the group they name, which must fare alike (as in Röttger et al., "HateCheck:
Functional Tests for Hate Speech Detection Models", 2021). All were written for this project, and
nothing is trained on them. Swearing alone is in none: some sites do not mind it.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from classifier.identity import GROUPS, Sentence, held_out_sentences, training_sentences
from classifier.model import Model

_FILE: Final = Path(__file__).parent / "data" / "suites.json"

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Hold = Callable[[Floats, Sequence[str]], Bools]
"""Says of scores (n, labels), and of what their columns are, which texts (n,) would not pass."""


@dataclass(frozen=True, slots=True, eq=False)
class Suite:
    """Cases of a topic, trick or group each, `kinds`, and the texts it takes to judge them.

    `judge` says of which texts are held which cases came out right.
    """

    kinds: tuple[str, ...]
    texts: tuple[str, ...]
    judge: Callable[[Bools], Bools]


@dataclass(frozen=True, slots=True, eq=False)
class Outcomes:
    """Which cases of a suite came out right, (n,), in an order that never changes."""

    right: Bools
    kinds: tuple[str, ...]

    @property
    def rate(self) -> float:
        """The share that came out right."""
        return float(self.right.mean())

    def by_kind(self) -> dict[str, float]:
        """The share of each kind that came out right."""
        kinds = np.array(self.kinds)
        return {kind: float(self.right[kinds == kind].mean()) for kind in dict.fromkeys(self.kinds)}


def measure(model: Model, hold: Hold) -> dict[str, Outcomes]:
    """Return, by the name of the suite, what comes out right with a model and rules on its scores.

    Two models' outcomes can be compared case by case.
    """
    suites = read_suites()
    texts = [text for suite in suites.values() for text in suite.texts]
    held = hold(model.score(texts), model.labels)
    ends = np.cumsum([len(suite.texts) for suite in suites.values()])
    return {
        name: Outcomes(suite.judge(part), suite.kinds)
        for (name, suite), part in zip(suites.items(), np.split(held, ends[:-1]), strict=True)
    }


@lru_cache(maxsize=1)
def read_suites() -> Mapping[str, Suite]:
    """Return the suites by name: `harmless`, `caught`, `evasion` and `fairness`."""
    written, twins = _read(), _read_twins(held_out_sentences())
    # Each sentence once, of one group or another: all of them would drown the other texts.
    once = [some[place % len(some)] for place, some in enumerate(twins)]
    harmless = [one.text for one in once if not one.hateful]
    hateful = [one.text for one in once if one.hateful]
    return {
        "harmless": _list({**written["harmless"], "groups": harmless}, _pass),
        "caught": _list({**written["caught"], "groups": hateful}, _hold),
        "evasion": _pair(written["evasion"]),
        "fairness": _compare(twins),
    }


def read_usual() -> list[str]:
    """Return ordinary comments, which are in no suite: they show what texts have in common.

    Each group of people is in one of them, so that nobody's name comes to speak for rejecting.
    """
    harmless = [some for some in _read_twins(training_sentences()) if not some[0].hateful]
    named = [harmless[place % len(harmless)][place].text for place in range(len(GROUPS))]
    return [*_read()["usual"], *named]


def read_plain() -> list[str]:
    """Return plain abuse and spam, which is in no suite: what no site's decisions may let pass."""
    return list(_read()["plain"])


def _read() -> Any:
    return json.loads(_FILE.read_text(encoding="utf-8"))


def _read_twins(sentences: Iterable[Sentence]) -> list[list[Sentence]]:
    """Return, for each sentence, its twins of all groups."""
    given = list(sentences)
    count = len(given) // len(GROUPS)
    return [given[place::count] for place in range(count)]


def _list(by_kind: Mapping[str, Sequence[str]], judge: Callable[[Bools], Bools]) -> Suite:
    kinds = [kind for kind, texts in by_kind.items() for _ in texts]
    return Suite(tuple(kinds), tuple(text for texts in by_kind.values() for text in texts), judge)


def _pass(held: Bools) -> Bools:
    return ~held


def _hold(held: Bools) -> Bools:
    return held


def _pair(by_trick: Mapping[str, Sequence[tuple[str, str]]]) -> Suite:
    """Texts without and with a disguise, which is not to help."""
    kinds = tuple(trick for trick, pairs in by_trick.items() for _ in pairs)
    plain, disguised = zip(*(pair for pairs in by_trick.values() for pair in pairs), strict=True)

    def judge(held: Bools) -> Bools:
        before, after = np.split(held, 2)
        return np.asarray(after | ~before)

    return Suite(kinds, plain + disguised, judge)


def _compare(twins: Sequence[Sequence[Sentence]]) -> Suite:
    """Sentences (sentences, groups), each to be treated as it is for most groups."""
    sentences = [one for some in twins for one in some]

    def judge(held: Bools) -> Bools:
        table = held.reshape(len(twins), -1)
        most = table.mean(axis=1, keepdims=True) >= 0.5
        return np.asarray((table == most).ravel())

    kinds, texts = (one.group for one in sentences), (one.text for one in sentences)
    return Suite(tuple(kinds), tuple(texts), judge)
