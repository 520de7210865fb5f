"""Which passages of a text drove a score, in the raw text's own offsets."""

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from classifier.features import WORD_BITS, Folded, fold, grams

# A word, link or group of signs. The limit only cuts what nobody writes.
_PIECE: Final = re.compile(r"\S{1,80}")
_QUIET: Final = ".,;:!?\"'()[]{}<>*_~-…“”‘’«»"
# A passage below this share of the heaviest one is noise to a reader.
_NOISE: Final = 0.1
# Neighbours this strong, relative to the heaviest, read better as one passage.
_STRONG: Final = 0.4


@dataclass(frozen=True, slots=True)
class Span:
    """A passage of the raw text, code points `start` to `end` (exclusive), and its weight.

    The weight is the passage's share of the log-odds of the label it was asked for.
    """

    start: int
    end: int
    weight: float


def find_spans(text: str, weights: NDArray[np.float32], slope: float, limit: int) -> list[Span]:
    """Return the passages of `text` that raise a score, heaviest first, not overlapping.

    `weights` (rows of the table,) are one label's; `slope` turns them into log-odds.
    """
    credit = slope * _credit(fold(text), weights, len(text))
    total = np.concatenate(([0.0], np.cumsum(credit)))
    pieces = [
        Span(match.start(), match.end(), float(total[match.end()] - total[match.start()]))
        for match in _PIECE.finditer(text)
    ]
    best = max((piece.weight for piece in pieces), default=0.0)
    if best <= 0.0:
        return []
    heavy = [piece for piece in pieces if piece.weight >= _NOISE * best]
    spans = [_trimmed(span, text) for span in _joined(heavy, text, _STRONG * best)]
    return sorted(spans, key=lambda span: (-span.weight, span.start))[: max(limit, 0)]


def _credit(folded: Folded, weights: NDArray[np.float32], length: int) -> NDArray[np.float64]:
    """Spread each n-gram's part of the log-odds evenly over the raw characters it covers."""
    found = grams(folded.codes)
    _, inverse, counts = np.unique(found.rows, return_inverse=True, return_counts=True)
    words = found.rows < 2**WORD_BITS
    distinct_words = np.unique(found.rows[words]).size
    scale = np.where(words, max(distinct_words, 1), counts.size - distinct_words) ** -0.5
    # A repeated n-gram counts once in the score: its places share that one part.
    share = weights[found.rows] * scale / counts[inverse] / (found.ends - found.starts)
    steps = np.zeros(len(folded.codes) + 1)
    np.add.at(steps, found.starts, share)
    np.add.at(steps, found.ends, -share)
    credit = np.zeros(length + 2)
    # The spaces added at both ends have the origins -1 and `length`.
    credit[folded.origin + 1] = np.cumsum(steps)[:-1]
    return credit[1:-1]


def _joined(pieces: list[Span], text: str, strong: float) -> list[Span]:
    """Join neighbouring strong pieces with only space between them."""
    joined: list[Span] = []
    last = 0.0
    for piece in pieces:
        before = joined[-1] if joined else None
        if (
            before
            and min(last, piece.weight) >= strong
            and text[before.end : piece.start].isspace()
        ):
            joined[-1] = Span(before.start, piece.end, before.weight + piece.weight)
        else:
            joined.append(piece)
        last = piece.weight
    return joined


def _trimmed(span: Span, text: str) -> Span:
    """Take quiet punctuation off both ends, unless there is nothing else."""
    passage = text[span.start : span.end]
    if not passage.strip(_QUIET):
        return span
    start = span.start + len(passage) - len(passage.lstrip(_QUIET))
    return Span(start, span.end - len(passage) + len(passage.rstrip(_QUIET)), span.weight)
