"""How often a model is right about hate, kind by kind of test case.

After Röttger et al., "HateCheck: Functional Tests for Hate Speech Detection Models" (2021): each
group of rows is a functionality, such as slurs, or counter-speech that quotes what it answers. Most
hold rows of one kind only, so that there is nothing to rank; what counts is whether a comment is
held or rejected if and only if it is hateful.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from classifier.intervals import Figure, proportion
from classifier.labelled import Labelled
from classifier.labels import LABELS
from classifier.profiles import Threshold

HATE: Final = "identity_attack"
"""The label that says what is hateful."""
HELD_FOR: Final = (HATE, "toxicity")
"""By either of these a comment is taken for hateful."""
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Case:
    """One group's rows that say whether they are hateful, and the share that was judged so."""

    name: str
    rows: int
    hateful: int
    accuracy: Figure


def check_groups(labelled: Labelled, thresholds: Mapping[str, Threshold]) -> tuple[Case, ...]:
    """Return the accuracy on all rows, on either kind and in each group; empty without groups.

    Rows that do not say whether they are hateful count nowhere, and groups without another row
    are left out.
    """
    truth = labelled.truth[:, LABELS.index(HATE)]
    if not labelled.groups or np.isnan(truth).all():
        return ()
    limits = [(LABELS.index(label), thresholds[label].hold) for label in HELD_FOR]
    held = np.any([labelled.scores[:, column] >= at for column, at in limits], axis=0)
    kinds = {
        "all rows": ~np.isnan(truth),
        f"all with {HATE}": truth == 1,
        f"all without {HATE}": truth == 0,
    }
    named = [*kinds.items(), *labelled.groups.items()]
    cases = (_check(name, held[rows], truth[rows]) for name, rows in named)
    return tuple(case for case in cases if case is not None)


def _check(name: str, held: Bools, truth: NDArray[np.float64]) -> Case | None:
    known = ~np.isnan(truth)
    right = int((held[known] == (truth[known] == 1)).sum())
    accuracy = proportion(right, int(known.sum()))
    hateful = int((truth == 1).sum())
    return Case(name, int(known.sum()), hateful, accuracy) if accuracy else None
