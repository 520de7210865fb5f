"""Labelled texts in memory: texts, what is known of each, and how much each counts."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Examples:
    """Texts with what is known of them.

    `labels` (n, 7) are probabilities, mostly 0 or 1, NaN for unknown; `weights` (n, 7) say how
    much each counts; `sets` names where each text comes from.
    """

    texts: list[str]
    labels: NDArray[np.float64]
    weights: NDArray[np.float64]
    sets: list[str]


def merge(parts: Sequence[Examples], without: frozenset[str] = frozenset()) -> Examples:
    """Join sets; a text met before keeps its first labels and takes those it had not.

    Texts whose `fingerprint` is in `without` are left out.
    """
    texts = [text for part in parts for text in part.texts]
    names = [name for part in parts for name in part.sets]
    labels = np.concatenate([part.labels for part in parts])
    weights = np.concatenate([part.weights for part in parts])
    first: dict[str, int] = {}
    for row, key in enumerate(map(fingerprint, texts)):
        if key in without:
            continue
        kept = first.setdefault(key, row)
        new = np.isnan(labels[kept])
        labels[kept, new], weights[kept, new] = labels[row, new], weights[row, new]
    rows = list(first.values())
    return Examples(
        [texts[row] for row in rows], labels[rows], weights[rows], [names[row] for row in rows]
    )


def fingerprint(text: str) -> str:
    """Name a text by its letters alone: some sets were lower-cased or re-spaced on the way."""
    return hashlib.sha256(" ".join(text.lower().split()).encode("utf-8", "replace")).hexdigest()
