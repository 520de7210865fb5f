"""Turn a text into hashed word and character n-grams, never losing the raw offsets.

Everything is arithmetic on arrays of code points: no vocabulary, no state, any `str` will do.
Words and characters are two blocks of rows of one weight table; each block holds the *set* of
its n-grams, scaled to length one, so neither repetition nor length alone moves a score.
"""

import unicodedata
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
class Grams:
    """Every n-gram of a folded text: its row in the weight table and the codes it covers."""

    rows: Rows
    starts: Rows
    ends: Rows


def fold(text: str) -> Folded:
    """Fold `text` to lower case, single spaces and at most two of a character in a row."""
    raw = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    codes = np.full(len(raw) + 2, _SPACE, dtype=np.uint32)
    codes[1:-1] = np.where(raw < _BMP, _FOLDED[raw & (_BMP - 1)], raw)
    same = codes[1:] == codes[:-1]
    keep = np.ones(len(codes), dtype=bool)
    keep[2:] = ~(same[1:] & same[:-1])
    keep[1:] &= ~(same & (codes[1:] == _SPACE))
    return Folded(codes[keep], np.flatnonzero(keep) - 1)


def _bucket(hashes: Codes, bits: int) -> Rows:
    mixed = (hashes ^ (hashes >> np.uint32(15))) * _MIX
    return (mixed >> np.uint32(32 - bits)).astype(np.int64)


def _words(codes: Codes) -> tuple[Rows, Rows, Codes]:
    """Return starts, ends and hashes of the words; a hash does not depend on the place."""
    inside = _IN_WORD[codes & np.uint32(_BMP - 1)] & (codes < _BMP)
    edges = np.flatnonzero(inside[1:] != inside[:-1]) + 1
    starts, ends = edges[::2], edges[1::2]
    # Polynomial hash by prefix sums: (sum up to the end - sum up to the start) / P**start.
    total = np.zeros(len(codes) + 1, dtype=np.uint32)
    np.cumsum(codes * _powers(_ROLL, len(codes)), dtype=np.uint32, out=total[1:])
    return starts, ends, (total[ends] - total[starts]) * _powers(_UNROLL, len(codes))[starts]


def _powers(factor: np.uint32, count: int) -> Codes:
    return np.cumprod(np.full(count, factor, dtype=np.uint32), dtype=np.uint32)


def _word_rows(hashes: Codes) -> tuple[Rows, Rows]:
    return _bucket(hashes, WORD_BITS), _bucket(hashes[:-1] * _PAIR + hashes[1:], WORD_BITS)


def _char_rows(codes: Codes) -> list[Rows]:
    """Return the rows of the n-grams starting at each code, one array for each length."""
    found, hashes = [], np.zeros(len(codes) + 1, dtype=np.uint32)
    for length in range(1, max(CHAR_LENGTHS) + 1):
        hashes = (hashes[:-1] + np.uint32(length)) * _ROLL + codes[length - 1 :]
        if length in CHAR_LENGTHS:
            found.append(_bucket(hashes, CHAR_BITS) + 2**WORD_BITS)
        if len(hashes) < 2:
            break
    return found


def _distinct(rows: Rows) -> Rows:
    rows = np.sort(rows)
    return rows[np.concatenate(([True], rows[1:] != rows[:-1]))] if len(rows) else rows


def rows_and_values(text: str) -> tuple[Rows, NDArray[np.float32]]:
    """Return the distinct rows of `text` in rising order and the value of each, both (n,)."""
    codes = fold(text).codes
    words = _distinct(np.concatenate(_word_rows(_words(codes)[2])))
    chars = _distinct(np.concatenate(_char_rows(codes)))
    values = np.empty(len(words) + len(chars), dtype=np.float32)
    values[: len(words)] = max(len(words), 1) ** -0.5
    values[len(words) :] = len(chars) ** -0.5
    return np.concatenate((words, chars)), values


def grams(codes: Codes) -> Grams:
    """Return all n-grams of folded `codes`, repeated ones too, with what each covers."""
    starts, ends, hashes = _words(codes)
    single, pairs = _word_rows(hashes)
    rows, begin, end = [single, pairs], [starts, starts[:-1]], [ends, ends[1:]]
    for length, found in zip(CHAR_LENGTHS, _char_rows(codes), strict=False):
        rows.append(found)
        begin.append(np.arange(len(found)))
        end.append(np.arange(len(found)) + length)
    return Grams(np.concatenate(rows), np.concatenate(begin), np.concatenate(end))
