"""Suites of texts that every candidate is measured on, whatever a site has taught it.

What moderators decide about is one site's traffic of a few weeks. These are the texts that must
come out right on any site: harmless comments that look suspicious, plain abuse and spam, the same
in disguise, and sentences that differ only in the group they name (as in Roettger et al.,
"HateCheck: Functional Tests for Hate Speech Detection Models", 2021). All were written for this
project, and nothing is trained on them.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from classifier.identity import held_out_sentences
from classifier.model import Model

SUITES: Final = ("harmless", "caught", "evasion", "fairness")
"""Harmless texts that should pass, bad ones that should not, the same in disguise, and both kinds
about groups of people."""
_FILE: Final = Path(__file__).parent / "data" / "suites.json"

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Hold = Callable[[Floats, Sequence[str]], Bools]
"""Says of scores (n, labels), and of what their columns are, which texts (n,) would not pass."""


@dataclass(frozen=True, slots=True, eq=False)
class Suite:
    """Texts; `kinds` names the topic, trick or group of each, `bad` (n,) those not to pass."""

    texts: tuple[str, ...]
    kinds: tuple[str, ...]
    bad: Bools


@dataclass(frozen=True, slots=True, eq=False)
class Outcomes:
    """Which texts of a suite came out right, (n,), in an order that never changes."""

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
    """Return, by the name of the suite, what came out right with a model and rules on its scores.

    Two models' outcomes can be compared text by text.
    """
    suites = read_suites()
    texts = [text for suite in suites.values() for text in suite.texts]
    held = hold(model.score(texts), model.labels)
    ends = np.cumsum([len(suite.texts) for suite in suites.values()])
    return {
        name: Outcomes(part == suite.bad, suite.kinds)
        for (name, suite), part in zip(suites.items(), np.split(held, ends[:-1]), strict=True)
    }


@lru_cache(maxsize=1)
def read_suites() -> Mapping[str, Suite]:
    """Return the suites by name, in the order of `SUITES`."""
    written = _read()
    sentences = list(held_out_sentences())
    return {
        "harmless": _gather(written["harmless"], bad=False),
        "caught": _gather(written["caught"], bad=True),
        "evasion": _gather(written["evasion"], bad=True),
        "fairness": Suite(
            tuple(one.text for one in sentences),
            tuple(one.group for one in sentences),
            np.array([one.hateful for one in sentences]),
        ),
    }


def read_usual() -> list[str]:
    """Return ordinary comments, which are in no suite: what texts have in common."""
    return list(_read()["usual"])


def _read() -> Any:
    return json.loads(_FILE.read_text(encoding="utf-8"))


def _gather(by_kind: Mapping[str, Sequence[str]], bad: bool) -> Suite:
    pairs = [(text, kind) for kind, texts in by_kind.items() for text in texts]
    texts, kinds = zip(*pairs, strict=True)
    return Suite(texts, kinds, np.full(len(pairs), bad))
