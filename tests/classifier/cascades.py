"""A cascade over the shipped linear model and a reader whose answers the test chooses."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from classifier import LABELS, Model
from classifier.cascade import Cascade

NEVER_DOUBT = 1e9


class FakeReader:
    """Reads as `says` tells: a text to the log-odds of all labels, or of one by name."""

    version = "reader-test-00000000"

    def __init__(self, manifest: dict[str, Any], says: Callable[[str], dict[str, float]]) -> None:
        self.manifest, self.says = manifest, says
        self.read: list[str] = []

    def start(self) -> None:
        pass

    def log_odds(self, items: Sequence[Any], until: float | None = None) -> np.ndarray:
        found = np.zeros((len(items), len(LABELS)))
        for row, item in enumerate(items):
            text = getattr(item, "text", item)
            self.read.append(text)
            for label, odds in self.says(text).items():
                found[row, LABELS.index(label)] = odds
        return found


def facts(base: Model, /, **other: Any) -> dict[str, Any]:
    """What a reader's manifest says: abuse is the second stage's, all above 0.1 is in doubt."""
    weights = np.zeros((len(LABELS), 3))
    weights[0, 0] = weights[1:, 1] = 1.0
    lowest = [NEVER_DOUBT] + [float(np.log(0.1 / 0.9))] * (len(LABELS) - 1)
    highest = [NEVER_DOUBT] + [float(np.log(0.999 / 0.001))] * (len(LABELS) - 1)
    entry = {"hold": 0.5, "reject": 0.9}
    usual = dict.fromkeys(LABELS, entry)
    points = {"score": [0.4, 0.8], "precision": [0.5, 0.95], "support": [99, 99]}
    points |= {"share": [0.02, 0.001], "recall": [0.9, 0.4]}
    known = {
        "model": base.version,
        "weights": weights.tolist(),
        "bands": [lowest, highest],
        "thresholds": usual,
        "profiles": dict.fromkeys(("relaxed", "balanced", "strict"), usual),
        "curves": dict.fromkeys(LABELS, points),
    }
    return {"cascade": known | other}


def cascade(model: Model, says: Callable[[str], dict[str, float]], **other: Any) -> Cascade:
    reader: Any = FakeReader(facts(model, **other), says)
    return Cascade(model, reader)
