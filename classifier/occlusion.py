"""Which passages a score hangs on, for a model that can only be asked: leave them out and see.

After Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks" (2014). One passage
is left out at a time, so what only matters together is not seen: the answer is approximate.
"""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from classifier.explanation import Span, join_spans

Measure = Callable[[Sequence[str]], list[float]]
"""The log-odds of texts, in order; NaN where there was no time left."""

_WORD: Final = re.compile(r"\S{1,80}")
_AT_ONCE: Final = 12
"""A longer text is first left out in so many pieces; then the heaviest are taken apart."""
_TAKEN_APART: Final = 2


def occlude(text: str, measure: Measure, limit: int) -> list[Span]:
    """Return the passages of `text` without which it scores lower, heaviest first, at most `limit`.

    Each is a word or several in a row; its weight is by how much the log-odds fall.
    """
    words = [match.span() for match in _WORD.finditer(text)]
    if not words:
        return []
    [whole] = measure([text])
    if np.isnan(whole):
        return []
    pieces = _divide(words)
    falls = _falls(text, pieces, whole, measure)
    for _ in range(_TAKEN_APART):
        # The heaviest that can be taken apart, and what it is made of instead.
        large = [at for at, piece in enumerate(pieces) if len(piece) > 1 and falls[at] > 0]
        if not large:
            break
        worst = max(large, key=lambda at: falls[at])
        parts = _divide(pieces[worst])
        found = _falls(text, parts, whole, measure)
        if np.isnan(found).any():
            break
        pieces[worst : worst + 1], falls[worst : worst + 1] = parts, found
    spans = [
        Span(piece[0][0], piece[-1][1], fall)
        for piece, fall in zip(pieces, falls, strict=True)
        if fall > 0
    ]
    return join_spans(text, spans, limit)


def _divide(words: Sequence[tuple[int, int]]) -> list[Sequence[tuple[int, int]]]:
    """Cut a row of words into at most `_AT_ONCE` rows of like length."""
    count = min(_AT_ONCE, len(words))
    edges = [round(at * len(words) / count) for at in range(count + 1)]
    return [words[a:b] for a, b in pairwise(edges)]


def _falls(
    text: str, pieces: Sequence[Sequence[tuple[int, int]]], whole: float, measure: Measure
) -> list[float]:
    """Return by how much the log-odds fall without each piece; NaN where it was not asked."""
    without = [text[: piece[0][0]] + text[piece[-1][1] :] for piece in pieces]
    return [whole - one for one in measure(without)]
