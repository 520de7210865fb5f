"""What scores are worth, as a model file tells it: from a target to the lowest score that meets it.

A curve is a few lists of one length, in the order of rising scores: `score`; `precision`, the
share of comments at or above it that truly have the label, never falling; `support`, how many
comments that was counted on; `share`, how many ordinary comments are at or above it, in the worst
of the ordinary sets; `recall`. Between two points nothing is guessed: the upper one counts.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from classifier.labels import LABELS

NEVER: Final = 2.0
"""A threshold that no probability reaches."""
MIN_SUPPORT: Final = 30
"""On fewer comments a precision is not believed."""
POINTS: Final = ("score", "precision", "support", "share", "recall")
"""The lists of a curve."""

Curve = Mapping[str, Sequence[float]]


def find_precision(curve: Curve, least: float) -> float:
    """Return the lowest score at or above which at least the share `least` has the label.

    `NEVER` where no score with enough support is that certain.
    """
    points = zip(curve["score"], curve["precision"], curve["support"], strict=True)
    sure = (at for at, precision, support in points if _met(precision, support, least))
    return next(sure, NEVER)


def _met(precision: float, support: float, least: float) -> bool:
    return precision >= least and support >= MIN_SUPPORT


def find_share(curve: Curve, most: float) -> float:
    """Return the lowest score at or above which at most the share `most` of ordinary ones lies.

    `NEVER` where even beyond the last point there are more.
    """
    points = zip(curve["score"], curve["share"], strict=True)
    return next((at for at, share in points if share <= most), NEVER)


FINDERS: Final = {"precision": find_precision, "share": find_share}
"""By the kind of target."""


def check(curves: Mapping[str, Curve]) -> None:
    """Raise ValueError, KeyError or TypeError where this is not one curve for each label."""
    for label in LABELS:
        check_one(curves[label], label)


def check_one(curve: Curve, whose: str) -> None:
    """Raise ValueError, KeyError or TypeError where this is no curve."""
    lists = [[float(one) for one in curve[name]] for name in POINTS]
    if len({len(one) for one in lists}) != 1 or lists[0] != sorted(set(lists[0])):
        raise ValueError(f"The curve of {whose} is none.")
