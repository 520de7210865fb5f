"""Which words a day's comments were made of, told by hash: no word is kept.

Every word counts once for each comment that has it, so that nobody's repetitions weigh more. A
bit for each of 262,144 places says whether any word fell there; counts by 2,048 coarser places
say how often.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.features import WORD_ROWS, find_words

BUCKETS = 2048
"""How many coarse places there are."""

LONGEST = 2_000
"""Characters of a comment that are read."""

_EACH = WORD_ROWS // BUCKETS
_DRAWS = 16
_BITS = WORD_ROWS // 8

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Words:
    """Where the words of some comments fell: `seen` (262,144,), `often` (2,048,)."""

    seen: NDArray[np.bool_]
    often: Counts


def count(counts: Counts, texts: Sequence[str]) -> None:
    """Add the words of up to 2,048 texts to counts by place (262,144,)."""
    np.add.at(counts, find_words([text[:LONGEST] for text in texts]), 1)


def start() -> Counts:
    """Counts by place of no words."""
    return np.zeros(WORD_ROWS, dtype=np.int64)


def pack(counts: Counts) -> bytes:
    """What is kept of a day's counts."""
    often = counts.reshape(BUCKETS, _EACH).sum(axis=1)
    return zlib.compress(np.packbits(counts > 0).tobytes() + often.astype("<u4").tobytes(), 6)


def unite(kept: Sequence[bytes]) -> Words:
    """The words of some days together."""
    seen, often = np.zeros(_BITS, dtype=np.uint8), np.zeros(BUCKETS, dtype=np.int64)
    for one in map(zlib.decompress, kept):
        seen |= np.frombuffer(one, dtype=np.uint8, count=_BITS)
        often += np.frombuffer(one, dtype="<u4", offset=_BITS)
    return Words(np.unpackbits(seen).astype(bool), often)


def find_unseen(counts: Counts, past: Words) -> float:
    """The share of words that fell where none had before; 0 where there are no words."""
    return float(counts[~past.seen].sum() / max(counts.sum(), 1))


def find_distance(counts: Counts, past: Words) -> float:
    """How far two spreads of words lie apart: the Jensen-Shannon distance (Lin 1991), 0 to 1.

    As many words drawn from the past itself would lie at some distance as well, and the fewer
    the farther. That much is taken off, so that a quiet day is not a strange one.
    """
    often = counts.reshape(BUCKETS, _EACH).sum(axis=1)
    total, before = int(often.sum()), past.often / max(past.often.sum(), 1)
    if not total or not past.often.any():
        return 0.0
    # Seeded: who measures a day twice finds the same twice.
    draws = np.random.default_rng(0).multinomial(total, before, size=_DRAWS)
    by_chance = float(np.mean([_diverge(draw / total, before) for draw in draws]))
    return float(np.sqrt(max(_diverge(often / total, before) - by_chance, 0.0)))


def _diverge(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """The Jensen-Shannon divergence in bits."""
    middle = (one + other) / 2
    return (_diverge_from(one, middle) + _diverge_from(other, middle)) / 2


def _diverge_from(one: NDArray[np.float64], middle: NDArray[np.float64]) -> float:
    here = one > 0
    return float((one[here] * np.log2(one[here] / middle[here])).sum())
