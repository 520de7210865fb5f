"""A text as rules read it: its words and what stands between them, spelt in one way.

In this spelling each word stands between two NULs, blanks are one space, and capitals do not
matter (unless asked for): `Free  money!` is `·free· ·money·!`, a `·` being a NUL. A word or a
phrase is in a text where its spelling is in the text's.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from itertools import accumulate

MARK = "\0"
"""Stands before and after each word; no comment may hold it."""

# Thai, Lao, Tibetan, Burmese, Khmer, Tai Lue, Javanese; kana, Bopomofo, Han.
UNSPACED = (
    "\u0e00-\u0eff\u0f00-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf\ua980-\ua9df"
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff66-\uff9f\U00016fe0-\U00018cff\U0001b000-\U0001b16f\U00020000-\U000323af"
)
"""Characters of scripts that put no blanks between words: no edge of a word is seen in them."""


def _find_marks() -> str:
    unspaced = re.compile(f"[{UNSPACED}]")
    codes = [
        code
        for code in range(0x300, 0x1F000)
        if unicodedata.category(chr(code)) in ("Mn", "Mc") and not unspaced.match(chr(code))
    ]
    return "".join(_span(codes))


def _span(codes: list[int]) -> Iterator[str]:
    begin = last = codes[0]
    for code in [*codes[1:], -1]:
        if code != last + 1:
            yield f"{chr(begin)}-{chr(last)}"
            begin = code
        last = code


MARKS = _find_marks()
"""Accents, vowel signs and the like, as a class of a regular expression has them."""

LETTER = f"[^\\W_{UNSPACED}]"
"""A letter or a digit of a script that puts blanks between words."""

_WORD = re.compile(f"({LETTER}+(?:[{MARKS}]+{LETTER}*)*)")
_ASCII_WORD = re.compile("([A-Za-z0-9]+)")
_BLANKS = re.compile(r"\s+")
_CLUSTER = re.compile(f"\\s+|.[{MARKS}]*", re.DOTALL)

Split = Callable[[str], list[str]]
Edges = tuple[int, int]


def split_words(text: str) -> list[str]:
    """The text in pieces: what stands before the first word, the word, what follows it, ..."""
    words = _ASCII_WORD if text.isascii() else _WORD
    return words.split(text)


class Spelling:
    """A text in its one spelling, and the way back to where things stand in it."""

    def __init__(self, text: str, case: bool = False, split: Split = split_words) -> None:
        text = text.replace(MARK, " ")
        self._raw = split(text)
        self._case = case
        spelt = _fold(MARK.join(self._raw), case)
        # Of blanks only the space can be printed.
        even = text.isprintable() and "  " not in text
        self.text = spelt if even else _BLANKS.sub(" ", spelt)
        self._gaps: dict[int, list[Edges]] = {}

    @property
    def words(self) -> list[str]:
        """The words, in order."""
        return self._pieces[1::2]

    @cached_property
    def _pieces(self) -> list[str]:
        return self.text.split(MARK)

    @cached_property
    def _starts(self) -> tuple[list[int], list[int]]:
        """Where each piece begins, in the spelling and in the text; and the text's end."""
        spelt = accumulate((len(piece) + 1 for piece in self._pieces), initial=0)
        return list(spelt), list(accumulate(map(len, self._raw), initial=0))

    def locate_all(self, places: Iterable[Edges]) -> Iterator[Edges]:
        """Where in the text those things stand which are at places of the spelling."""
        return ((self._find_edge(start, 0), self._find_edge(end - 1, 1)) for start, end in places)

    def _find_edge(self, at: int, after: int) -> int:
        """Where that begins, or ends if `after` is 1, which a code point is the spelling of."""
        spelt, raw = self._starts
        number = bisect_right(spelt, at) - 1
        inside = at - spelt[number]
        if inside == len(self._pieces[number]):
            return raw[number + 1]
        if number % 2:
            # A word is found whole or not at all.
            return raw[number + after]
        return raw[number] + self._find_edges(number, inside)[after]

    def _find_edges(self, number: int, inside: int) -> Edges:
        """Where a code point between two words comes from, counted from the word before."""
        raw, spelt = self._raw[number], self._pieces[number]
        if raw == spelt:
            return inside, inside + 1
        if number not in self._gaps:
            self._gaps[number] = _align(raw, spelt, self._case)
        return self._gaps[number][inside]


def _align(raw: str, spelt: str, case: bool) -> list[Edges]:
    found: list[Edges] = []
    for part in _CLUSTER.finditer(raw):
        length = 1 if part[0].isspace() else len(_fold(part[0], case))
        found += [part.span()] * length
    # Where letters have joined across parts, none is found without the others.
    return found if len(found) == len(spelt) else [(0, len(raw))] * len(spelt)


def _fold(text: str, case: bool) -> str:
    folded = text if case else text.casefold()
    return folded if folded.isascii() else unicodedata.normalize("NFC", folded)
