"""Turn a text into hashed word and character n-grams, never losing the raw offsets.

Everything is arithmetic on arrays of code points: no vocabulary, no state, any `str` will do.
Words and characters are two blocks of rows of one weight table; each block holds the *set* of
its n-grams, scaled to length one, so neither repetition nor length alone moves a score.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint32]
Rows = NDArray[np.int64]

WORD_BITS: Final = 18
CHAR_BITS: Final = 19
ROWS: Final = 2**WORD_BITS + 2**CHAR_BITS
CHAR_LENGTHS: Final = (1, 2, 3, 4, 5)
# Named in every model file: a model only fits the features it was trained on.
SCHEME: Final = "fold1-word12-18-char15-19"

_SPACE: Final = 32
_AT_ONCE: Final = 16_000
_BMP: Final = 0x10000
# Odd 32-bit multipliers: odd ones can be inverted modulo 2**32, and these spread low bits well.
_ROLL: Final = np.uint32(0x9E3779B1)
_UNROLL: Final = np.uint32(pow(0x9E3779B1, -1, 2**32))
_PAIR: Final = np.uint32(0x85EBCA6B)
_MIX: Final = np.uint32(0xC2B2AE35)


def _folded(char: str) -> int:
    if char.isspace():
        return _SPACE
    lower = char.lower()
    # A letter whose lower case is longer would shift every offset after it.
    return ord(lower) if len(lower) == 1 else ord(char)


def _in_word(char: str) -> bool:
    # Marks belong to the letter they sit on, or "naïve" in decomposed form would be two words.
    return char.isalnum() or unicodedata.category(char) in ("Mn", "Mc")


_FOLDED: Final[Codes] = np.array([_folded(chr(code)) for code in range(_BMP)], dtype=np.uint32)
_IN_WORD: Final = np.array([_in_word(chr(code)) for code in range(_BMP)])


@dataclass(frozen=True, slots=True)
class Folded:
    """A text with case, kinds of space and long runs of one character evened out.

    `codes` begins and ends with a space; `origin[i]` is the raw offset of `codes[i]`,
    -1 for the leading space and the text's length for the trailing one.
    """

    codes: Codes
    origin: Rows


@dataclass(frozen=True, slots=True)
class Batch:
    """The distinct rows of n texts end to end, each text's words before its characters.

    Words of text i are `rows[edges[2 * i]:edges[2 * i + 1]]`, its characters those from there to
    `edges[2 * i + 2]`, both rising. `values` (2 * n,) is what each row of a block counts.
    """

    rows: Rows
    edges: Rows
    values: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Grams:
    """Every n-gram of a folded text: its row in the weight table and the codes it covers."""

    rows: Rows
    starts: Rows
    ends: Rows


def fold(text: str) -> Folded:
    """Fold `text` to lower case, single spaces and at most two of a character in a row."""
    codes, keep, _ = _fold_all([text])
    return Folded(codes, np.flatnonzero(keep) - 1)


def _fold_all(texts: Sequence[str]) -> tuple[Codes, NDArray[np.bool_], Rows]:
    """Return the folded codes of all texts end to end, which were kept, and n + 1 edges."""
    raw = np.frombuffer(f" {'  '.join(texts)} ".encode("utf-32-le", "surrogatepass"), dtype="<u4")
    codes = _FOLDED.take(raw, mode="clip")
    if raw.max() >= _BMP:
        codes = np.where(raw < _BMP, codes, raw)
    edges = np.zeros(len(texts) + 1, dtype=np.int64)
    np.cumsum([len(text) + 2 for text in texts], out=edges[1:])
    same = codes[1:] == codes[:-1]
    keep = np.ones(len(codes), dtype=bool)
    keep[2:] = ~(same[1:] & same[:-1])
    keep[1:] &= ~(same & (codes[1:] == _SPACE))
    # The space before a text is not the same as the one after the text before it.
    keep[edges[:-1]] = True
    edges[1:] = np.cumsum(np.add.reduceat(keep, edges[:-1], dtype=np.int64))
    return codes[keep], keep, edges


def _bucket(hashes: Codes, bits: int) -> Codes:
    mixed = hashes ^ (hashes >> np.uint32(15))
    mixed *= _MIX
    mixed >>= np.uint32(32 - bits)
    return mixed


def _words(codes: Codes) -> tuple[Rows, Rows, Codes]:
    """Return starts, ends and hashes of the words; a hash does not depend on the place."""
    inside = _IN_WORD.take(codes, mode="clip") & (codes < _BMP)
    edges = np.flatnonzero(inside[1:] != inside[:-1]) + 1
    starts, ends = edges[::2], edges[1::2]
    # Polynomial hash by prefix sums: (sum up to the end - sum up to the start) / P**start.
    total = np.zeros(len(codes) + 1, dtype=np.uint32)
    np.cumsum(codes * _powers(_ROLL, len(codes)), dtype=np.uint32, out=total[1:])
    return starts, ends, (total[ends] - total[starts]) * _powers(_UNROLL, len(codes))[starts]


def _powers(factor: np.uint32, count: int) -> Codes:
    return np.cumprod(np.full(count, factor, dtype=np.uint32), dtype=np.uint32)


def _word_rows(hashes: Codes) -> tuple[Codes, Codes]:
    return _bucket(hashes, WORD_BITS), _bucket(hashes[:-1] * _PAIR + hashes[1:], WORD_BITS)


def _char_rows(codes: Codes) -> list[Codes]:
    """Return the rows of the n-grams starting at each code, one array for each length."""
    found, hashes = [], np.zeros(len(codes) + 1, dtype=np.uint32)
    for length in range(1, max(CHAR_LENGTHS) + 1):
        hashes = (hashes[:-1] + np.uint32(length)) * _ROLL + codes[length - 1 :]
        if length in CHAR_LENGTHS:
            found.append(_bucket(hashes, CHAR_BITS) + np.uint32(2**WORD_BITS))
        if len(hashes) < 2:
            break
    return found


_BLANK: Final = _char_rows(np.array([_SPACE], dtype=np.uint32))[0][0]


def _char_grid(codes: Codes, edges: Rows) -> Codes:
    """Return the rows of the n-grams starting at each code, (lengths, codes).

    An n-gram that would reach into the next text is the row of a space, which every text has.
    """
    grid = np.full((len(CHAR_LENGTHS), len(codes)), _BLANK, dtype=np.uint32)
    for line, length, rows in zip(grid, CHAR_LENGTHS, _char_rows(codes), strict=False):
        line[: len(rows)] = rows
        for back in range(1, length):
            line[edges[1:] - back] = _BLANK
    return grid


def hash_all(texts: Sequence[str]) -> Batch:
    """Return the distinct rows of all `texts`: one pass for all, the same as one at a time."""
    codes, _, edges = _fold_all(texts)
    starts, _, hashes = _words(codes)
    single, pairs = _word_rows(hashes)
    grid, words = _char_grid(codes, edges), np.searchsorted(starts, edges)
    blocks: list[Codes] = []
    for text in range(len(texts)):
        first, last = words[text], words[text + 1]
        # A pair belongs to a text where both of its words do.
        blocks.append(np.concatenate((single[first:last], pairs[first : max(last - 1, first)])))
        blocks.append(grid[:, edges[text] : edges[text + 1]].ravel())
    return _distinct(blocks)


def _distinct(blocks: list[Codes]) -> Batch:
    for block in blocks:
        block.sort()
    rows = np.concatenate(blocks)
    ends = np.cumsum([len(block) for block in blocks])
    new = np.ones(len(rows), dtype=bool)
    np.not_equal(rows[1:], rows[:-1], out=new[1:])
    starts = ends[:-1]
    new[starts[starts < len(rows)]] = True
    edges = np.concatenate(([0], np.cumsum(new)))[np.concatenate(([0], ends))]
    sizes = np.maximum(np.diff(edges), 1)
    return Batch(rows[new].astype(np.int64), edges, (sizes**-0.5).astype(np.float32))


def batches(texts: Sequence[str]) -> Iterator[Batch]:
    """Hash `texts` a few thousand characters at a time: what the processor's cache holds."""
    first = size = 0
    for last, text in enumerate(texts, 1):
        size += len(text)
        if size >= _AT_ONCE or last == len(texts):
            yield hash_all(texts[first:last])
            first, size = last, 0


def rows_and_values(text: str) -> tuple[Rows, NDArray[np.float32]]:
    """Return the distinct rows of `text` in rising order and the value of each, both (n,)."""
    batch = hash_all([text])
    return batch.rows, np.repeat(batch.values, np.diff(batch.edges))


def grams(codes: Codes) -> Grams:
    """Return all n-grams of folded `codes`, repeated ones too, with what each covers."""
    starts, ends, hashes = _words(codes)
    single, pairs = _word_rows(hashes)
    rows, begin, end = [single, pairs], [starts, starts[:-1]], [ends, ends[1:]]
    for length, found in zip(CHAR_LENGTHS, _char_rows(codes), strict=False):
        rows.append(found)
        begin.append(np.arange(len(found)))
        end.append(np.arange(len(found)) + length)
    return Grams(np.concatenate(rows).astype(np.int64), np.concatenate(begin), np.concatenate(end))
