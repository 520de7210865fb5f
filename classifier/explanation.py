"""Which passages of a text drove a score, in the raw text's own offsets."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from classifier.features import WORD_ROWS, grams
from classifier.folding import fold

Floats = NDArray[np.float64]
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


@dataclass(frozen=True, slots=True)
class Contribution:
    """One addend of a label's log-odds.

    `name` is "bias" for what an empty text starts from, "text" for a passage, or the name of a
    signal, whose sentence is `message`. `spans` are places in the raw text, code points, end
    exclusive; none for the bias and for signals that are not about a place.
    """

    name: str
    weight: float
    spans: tuple[tuple[int, int], ...] = ()
    message: str = ""


def spread(text: str, weigh: Callable[[NDArray[np.int64]], Floats]) -> Floats:
    """Return each raw character's part of the log-odds, (len(text) + 2,).

    `weigh` returns one label's weights of rows of the table. Each n-gram's part is spread
    evenly over the characters it covers. The first and last place are those of the spaces around
    the text.
    """
    folded = fold([text])
    found = grams(folded)
    _, inverse, counts = np.unique(found.rows, return_inverse=True, return_counts=True)
    words = found.rows < WORD_ROWS
    distinct_words = np.unique(found.rows[words]).size
    scale = np.where(words, max(distinct_words, 1), max(counts.size - distinct_words, 1)) ** -0.5
    # A repeated n-gram counts once in the score: its places share that one part.
    share = weigh(found.rows) * scale / counts[inverse] / (found.ends - found.starts)
    steps = np.zeros(len(folded.codes) + 1)
    np.add.at(steps, found.starts, share)
    np.add.at(steps, found.ends, -share)
    credit = np.zeros(len(text) + 2)
    credit[folded.origin + 1] = np.cumsum(steps)[:-1]
    return credit


def carry(credit: Floats, origin: NDArray[np.int64], length: int) -> Floats:
    """Take the credit of a view's characters back to the raw text's, (length + 2,)."""
    places = np.concatenate(([0], np.asarray(origin) + 1, [length + 1]))
    return np.bincount(places, credit, length + 2).astype(np.float64)


def find_spans(text: str, credit: Floats, limit: int) -> list[Span]:
    """Return the passages of `text` that raise a score, heaviest first, not overlapping.

    `credit` (len(text) + 2,) is that of each character, as `spread` gives it.
    """
    total = np.concatenate(([0.0], np.cumsum(credit[1:-1])))
    pieces = [
        Span(match.start(), match.end(), float(total[match.end()] - total[match.start()]))
        for match in _PIECE.finditer(text)
    ]
    return join_spans(text, pieces, limit)


def join_spans(text: str, pieces: Sequence[Span], limit: int) -> list[Span]:
    """Return the heaviest of `pieces`, strong neighbours joined, heaviest first, at most `limit`.

    The pieces are in order and do not overlap; those far below the heaviest are left out.
    """
    best = max((piece.weight for piece in pieces), default=0.0)
    if best <= 0.0:
        return []
    heavy = [piece for piece in pieces if piece.weight >= _NOISE * best]
    spans = [_trimmed(span, text) for span in _joined(heavy, text, _STRONG * best)]
    return sorted(spans, key=lambda span: (-span.weight, span.start))[: max(limit, 0)]


def cut_out(text: str, spans: Sequence[Span]) -> str:
    """Return `text` without the passages, which do not overlap."""
    for span in sorted(spans, key=lambda span: -span.start):
        text = text[: span.start] + text[span.end :]
    return text


def find_contributions(text: str, credit: Floats) -> list[Contribution]:
    """Return the passages of `text`, in order, whose weights add up to all of `credit`."""
    starts = [match.start() for match in _PIECE.finditer(text)]
    if not starts:
        rest = float(credit.sum())
        return [Contribution("text", rest)] if rest else []
    # What stands between two passages counts with the one before it.
    edges = np.array([0, *(start + 1 for start in starts[1:]), len(credit)])
    weights = np.add.reduceat(credit, edges[:-1]).tolist()
    ends = [match.end() for match in _PIECE.finditer(text)]
    return [
        Contribution("text", weight, ((start, end),))
        for start, end, weight in zip(starts, ends, weights, strict=True)
    ]


def _joined(pieces: Iterable[Span], text: str, strong: float) -> list[Span]:
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
