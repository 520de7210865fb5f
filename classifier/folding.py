"""Even out case, kinds of space and long runs of one character, keeping every offset."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint32]
Rows = NDArray[np.int64]

BMP: Final = 0x10000
_SPACE: Final = 32


def _folded(char: str) -> int:
    if char.isspace():
        return _SPACE
    lower = char.lower()
    # A letter whose lower case is longer would shift every offset after it.
    return ord(lower) if len(lower) == 1 else ord(char)


def _in_word(char: str) -> bool:
    # Marks belong to the letter they sit on, or "naïve" in decomposed form would be two words.
    return char.isalnum() or unicodedata.category(char) in ("Mn", "Mc")


FOLDED: Final[Codes] = np.array([_folded(chr(code)) for code in range(BMP)], dtype=np.uint32)
# The last place stands for all that lies beyond the table: signs, never part of a word.
IN_WORD: Final = np.array([*(_in_word(chr(code)) for code in range(BMP)), False])


@dataclass(frozen=True, slots=True)
class Folded:
    """Some texts, folded, end to end, with a space before, between and after them.

    `codes` (n,); `edges` (texts + 1,) are the places of those spaces, two of them the same
    where a text is empty or all space. `origin[i]` is the offset of `codes[i]` in the texts
    joined by one character each: for a single text its raw offset, -1 for the leading space
    and the text's length for the trailing one.
    """

    codes: Codes
    edges: Rows
    origin: Rows


def fold(texts: Sequence[str]) -> Folded:
    """Fold to lower case, single spaces and at most two of a character in a row."""
    joined = f" {' '.join(texts)} "
    raw = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    codes = FOLDED.take(raw, mode="clip")
    if raw.max() >= BMP:
        codes = np.where(raw < BMP, codes, raw)
    same = codes[1:] == codes[:-1]
    drop = np.zeros(len(codes), dtype=bool)
    np.logical_and(same[1:], same[:-1], out=drop[2:])
    drop[1:] |= same & (codes[1:] == _SPACE)
    kept = np.flatnonzero(~drop)
    borders = np.cumsum([0, *(len(text) + 1 for text in texts)])
    # A dropped space stands for the one kept before it.
    return Folded(codes[kept], np.searchsorted(kept, borders, side="right") - 1, kept - 1)
