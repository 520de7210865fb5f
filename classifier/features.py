"""Turn texts into hashed word and character n-grams, never losing the raw offsets.

Everything is arithmetic on arrays of code points: no vocabulary, no state, any `str` will do.
Words and characters are two blocks of rows of one weight table; each block holds the *set* of
its n-grams, scaled to length one, so neither repetition nor length alone moves a score.

Many texts are hashed in one go: they are laid end to end with a space between, and what would
reach from one text into the next is left out. A text has the same rows alone and among others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from classifier.folding import IN_WORD, Codes, Folded, Rows, fold

WORD_BITS: Final = 18
CHAR_BITS: Final = 19
WORD_ROWS: Final = 2**WORD_BITS
ROWS: Final = WORD_ROWS + 2**CHAR_BITS
CHAR_LENGTHS: Final = (3, 4, 5)
# Named in every model file: a model only fits the features it was trained on.
SCHEME: Final = "fold1-word12-18-char35-19"

# A key is the text's place in its batch above this many bits of row: one sort orders both.
_ROW_BITS: Final = 20
_NOBODY: Final = np.uint32(2**32 - 1)
# Texts are taken together while their code points fit a processor's cache.
_TOGETHER: Final = 2**14
_AT_ONCE: Final = 2**11
# Odd 32-bit multipliers: odd ones can be inverted modulo 2**32, and these spread low bits well.
_ROLL: Final = np.uint32(0x9E3779B1)
_UNROLL: Final = np.uint32(pow(0x9E3779B1, -1, 2**32))
_PAIR: Final = np.uint32(0x85EBCA6B)
_MIX: Final = np.uint32(0xC2B2AE35)


@dataclass(frozen=True, slots=True)
class Found:
    """The distinct rows of some texts, in rising order within each text.

    `rows` (n,); those of text t are `rows[edges[2 * t] : edges[2 * t + 2]]`, words before
    characters, divided at `edges[2 * t + 1]`.
    """

    rows: NDArray[np.uint32]
    edges: Rows


@dataclass(frozen=True, slots=True)
class Grams:
    """Every n-gram of a folded text: its row in the weight table and the codes it covers."""

    rows: Rows
    starts: Rows
    ends: Rows


def batches(texts: Sequence[str]) -> list[slice]:
    """Cut `texts` into runs of a good size to be hashed together."""
    slices, start, size = [], 0, 0
    for place, text in enumerate(texts):
        if place > start and (size + len(text) > _TOGETHER or place - start >= _AT_ONCE):
            slices.append(slice(start, place))
            start, size = place, 0
        size += len(text) + 1
    return [*slices, slice(start, len(texts))] if texts else []


def find_rows(texts: Sequence[str]) -> Found:
    """Return the distinct rows of at most 2,048 `texts`, at least one, hashed in one go."""
    folded = fold(texts)
    keys = np.concatenate(_keys(folded.codes, folded.edges, _owners(folded)))
    keys.sort()
    fresh = np.ones(len(keys), dtype=bool)
    np.not_equal(keys[1:], keys[:-1], out=fresh[1:])
    keys = keys[fresh]
    bounds = np.arange(len(texts), dtype=np.uint32)[:, None] << np.uint32(_ROW_BITS)
    bounds = (bounds | np.array([0, WORD_ROWS], dtype=np.uint32)).ravel()
    end = np.searchsorted(keys, np.uint32(len(texts) << _ROW_BITS))
    edges = np.append(np.searchsorted(keys, bounds), end)
    return Found(keys[:end] & np.uint32(2**_ROW_BITS - 1), edges)


def find_words(texts: Sequence[str]) -> Codes:
    """Return the rows of the single words of at most 2,048 `texts`, each once for every text."""
    folded = fold(texts)
    starts, _, hashes = _words(folded.codes)
    whose = _owners(folded)[starts] << np.uint32(_ROW_BITS)
    return np.unique(_bucket(hashes, WORD_BITS) | whose) & np.uint32(WORD_ROWS - 1)


def rows_and_values(text: str) -> tuple[Rows, NDArray[np.float32]]:
    """Return the distinct rows of `text` in rising order and the value of each, both (n,)."""
    found = find_rows([text])
    words, chars = np.diff(found.edges)
    values = np.repeat(np.maximum([words, chars], 1) ** -0.5, [words, chars])
    return found.rows.astype(np.int64), values.astype(np.float32)


def _owners(folded: Folded) -> Codes:
    """Return the number of the text to which each code belongs."""
    owners = np.zeros(len(folded.codes), dtype=np.uint32)
    np.add.at(owners, folded.edges[1:], np.uint32(1))
    return np.cumsum(owners, dtype=np.uint32)


def _keys(codes: Codes, edges: Rows, owners: Codes) -> list[Codes]:
    """Return the keys of all n-grams; those that reach into the next text are `_NOBODY`'s."""
    owners = owners << np.uint32(_ROW_BITS)
    starts, _, hashes = _words(codes)
    whose = owners[starts]
    single, pairs = _word_rows(hashes)
    keys = [single | whose, np.where(whose[1:] == whose[:-1], pairs | whose[1:], _NOBODY)]
    inner = edges[1:-1]
    for length, rows in zip(CHAR_LENGTHS, _char_rows(codes), strict=False):
        rows |= owners[: len(rows)]
        reaching = (inner[:, None] - np.arange(1, length - 1)).ravel()
        rows[reaching[(reaching >= 0) & (reaching < len(rows))]] = _NOBODY
        keys.append(rows)
    return keys


def _bucket(hashes: Codes, bits: int) -> Codes:
    mixed = hashes >> np.uint32(15)
    mixed ^= hashes
    mixed *= _MIX
    mixed >>= np.uint32(32 - bits)
    return mixed


def _words(codes: Codes) -> tuple[Rows, Rows, Codes]:
    """Return starts, ends and hashes of the words; a hash does not depend on the place."""
    inside = IN_WORD.take(codes, mode="clip")
    edges = np.flatnonzero(inside[1:] != inside[:-1]) + 1
    starts, ends = edges[::2], edges[1::2]
    # Polynomial hash by prefix sums: (sum up to the end - sum up to the start) / P**start.
    total = np.zeros(len(codes) + 1, dtype=np.uint32)
    rising, falling = _powers(1 << (len(codes) - 1).bit_length())
    np.cumsum(codes * rising[: len(codes)], dtype=np.uint32, out=total[1:])
    return starts, ends, (total[ends] - total[starts]) * falling[starts]


@lru_cache(maxsize=8)
def _powers(count: int) -> tuple[Codes, Codes]:
    """Return the first `count` powers of the two factors, made once for each power of two."""
    rising, falling = (
        np.cumprod(np.full(count, factor, dtype=np.uint32), dtype=np.uint32)
        for factor in (_ROLL, _UNROLL)
    )
    return rising, falling


def _word_rows(hashes: Codes) -> tuple[Codes, Codes]:
    return _bucket(hashes, WORD_BITS), _bucket(hashes[:-1] * _PAIR + hashes[1:], WORD_BITS)


def _char_rows(codes: Codes) -> list[Codes]:
    """Return the rows of the n-grams starting at each code, one array for each length."""
    found, hashes = [], np.zeros(len(codes) + 1, dtype=np.uint32)
    for length in range(1, min(max(CHAR_LENGTHS), len(codes)) + 1):
        hashes = (hashes[:-1] + np.uint32(length)) * _ROLL
        hashes += codes[length - 1 :]
        if length in CHAR_LENGTHS:
            found.append(_bucket(hashes, CHAR_BITS) + np.uint32(WORD_ROWS))
    return found


def grams(folded: Folded) -> Grams:
    """Return all n-grams of one folded text, repeated ones too, with what each covers."""
    starts, ends, hashes = _words(folded.codes)
    single, pairs = _word_rows(hashes)
    rows, begin, end = [single, pairs], [starts, starts[:-1]], [ends, ends[1:]]
    for length, found in zip(CHAR_LENGTHS, _char_rows(folded.codes), strict=False):
        rows.append(found)
        begin.append(np.arange(len(found)))
        end.append(np.arange(len(found)) + length)
    return Grams(np.concatenate(rows).astype(np.int64), np.concatenate(begin), np.concatenate(end))
