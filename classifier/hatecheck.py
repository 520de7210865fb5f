"""How often a model is right about hate, kind by kind of test case.

After Röttger et al., "HateCheck: Functional Tests for Hate Speech Detection Models" (2021): each
group of rows is a functionality, such as slurs, or counter-speech that quotes what it answers. Most
hold rows of one kind only, so that there is nothing to rank; what counts is whether a comment is
held or rejected if and only if it is hateful. Held for `identity_attack` alone, which is what the
set asks; and for that or `toxicity`, which also holds abuse that is not hate, as a newsroom wants.
"""

from collections.abc import Mapping, Sequence
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
WAYS: Final = {"alone": (HATE,), "either": (HATE, "toxicity")}
"""For which labels a comment is held that is taken for hateful."""
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Case:
    """One group's rows that say whether they are hateful, and the share that was judged so.

    `accuracy` is by the names of `WAYS`.
    """

    name: str
    rows: int
    hateful: int
    accuracy: Mapping[str, Figure]


def check_groups(labelled: Labelled, thresholds: Mapping[str, Threshold]) -> tuple[Case, ...]:
    """Return the accuracy on all rows, on either kind and in each group; empty without groups.

    Rows that do not say whether they are hateful count nowhere, and groups without another row
    are left out.
    """
    truth = labelled.truth[:, LABELS.index(HATE)]
    if not labelled.groups or np.isnan(truth).all():
        return ()
    held = {way: _held(labelled, thresholds, labels) for way, labels in WAYS.items()}
    kinds = {
        "all rows": ~np.isnan(truth),
        f"all with {HATE}": truth == 1,
        f"all without {HATE}": truth == 0,
    }
    named = [*kinds.items(), *labelled.groups.items()]
    cases = (
        _check(name, {way: one[rows] for way, one in held.items()}, truth[rows])
        for name, rows in named
    )
    return tuple(case for case in cases if case is not None)


def _held(labelled: Labelled, thresholds: Mapping[str, Threshold], labels: Sequence[str]) -> Bools:
    limits = [(LABELS.index(label), thresholds[label].hold) for label in labels]
    held: Bools = np.any([labelled.scores[:, one] >= at for one, at in limits], axis=0)
    return held


def _check(name: str, held: Mapping[str, Bools], truth: NDArray[np.float64]) -> Case | None:
    known = ~np.isnan(truth)
    hateful = truth[known] == 1
    accuracy = {}
    for way, one in held.items():
        share = proportion(int((one[known] == hateful).sum()), int(known.sum()))
        if share is None:
            return None
        accuracy[way] = share
    return Case(name, int(known.sum()), int(hateful.sum()), accuracy)


def meaning(way: str) -> str:
    """Return what is counted, in words."""
    return f"accuracy by group, held or rejected for {' or '.join(WAYS[way])} if and only if {HATE}"
