"""Labelled texts in memory: texts, what is known of each, and how much each counts."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Examples:
    """Texts with `labels` (n, 7) of 0, 1 or NaN for unknown, `weights` (n,) and set names."""

    texts: list[str]
    labels: NDArray[np.float64]
    weights: NDArray[np.float64]
    sets: list[str]


def merge(parts: list[Examples], without: frozenset[str] = frozenset()) -> Examples:
    """Join sets; a text met before keeps its first labels and takes those it had not.

    Texts whose `fingerprint` is in `without` are left out.
    """
    texts = [text for part in parts for text in part.texts]
    names = [name for part in parts for name in part.sets]
    labels = np.concatenate([part.labels for part in parts])
    first: dict[str, int] = {}
    for row, key in enumerate(map(fingerprint, texts)):
        if key in without:
            continue
        kept = first.setdefault(key, row)
        labels[kept] = np.where(np.isnan(labels[kept]), labels[row], labels[kept])
    rows = list(first.values())
    return Examples(
        [texts[row] for row in rows],
        labels[rows],
        np.concatenate([part.weights for part in parts])[rows],
        [names[row] for row in rows],
    )


def fingerprint(text: str) -> str:
    """Name a text by its letters alone: some sets were lower-cased or re-spaced on the way."""
    return hashlib.sha256(" ".join(text.lower().split()).encode("utf-8", "replace")).hexdigest()
