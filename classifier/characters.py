"""Single characters read as what they look like.

Every function is pure and linear in the text.
"""

import re
import unicodedata
from typing import Final

from classifier.confusables import BARRED, INVISIBLE, JOINERS, REGIONAL, STYLED
from classifier.spellings import ALPHABETS
from classifier.wrappers import Edit

PLAIN: Final = {**STYLED, **dict.fromkeys(INVISIBLE, "")}
MARKS: Final = (
    "\u0300-\u036f\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20df\u20e1-\u20ff\ufe20-\ufe2f"
)
_WORD: Final = re.compile(rf"[^\W\d_][^\W\d_{MARKS}]*(?:[{MARKS}]+[^\W\d_]*)*")
_JOINED: Final = re.compile(rf"(?<=[\x21-\x7e\u00c0-\u024f])[{''.join(JOINERS)}]+")
_FLAGS: Final = re.compile(r"[\U0001f1e6-\U0001f1ff]+")
_ACCENTED: Final = re.compile(rf"[\u00c0-\u024f\u1e00-\u1eff{MARKS}]")
_GENUINE: Final = tuple(map(frozenset, ALPHABETS))


def plain_characters(text: str) -> list[str]:
    """Return for each code point what it stands for: styled letters plain, the unseen nothing."""
    return [PLAIN.get(char, char) for char in text]


def drop_joiners(text: str) -> list[Edit]:
    """Drop joiners, variation selectors and keycaps on Latin letters and digits.

    Beside other letters and in emoji they are spelling: Persian, Hindi, families of emoji.
    """
    return [Edit(found.start(), found.end(), "") for found in _JOINED.finditer(text)]


def spell_flags(text: str) -> list[Edit]:
    """Read regional indicators as letters, but two of them are a flag."""
    return [
        Edit(found.start(), found.end(), "".join(REGIONAL[char] for char in found[0]))
        for found in _FLAGS.finditer(text)
        if len(found[0]) != 2
    ]


def strip_accents(text: str) -> list[str]:
    """Return for each code point its letter without marks, in texts that wear them as a mask.

    A text keeps its accents where more than a third of its words have some and one alphabet
    has them all: Vietnamese, Czech, Polish. A few accents among English words say nothing to
    an English model, nor do those of French or Spanish.
    """
    words = [word[0] for word in _WORD.finditer(text)]
    accented = [word for word in words if not word.isascii() and _ACCENTED.search(word)]
    seen = set(unicodedata.normalize("NFC", "".join(accented).lower()))
    accents = frozenset(char for char in seen if not char.isascii())
    if 3 * len(accented) > len(words) and any(accents <= genuine for genuine in _GENUINE):
        return list(text)
    bare = {char: _bare(char) for char in set(text) if _ACCENTED.match(char)}
    return [bare.get(char, char) for char in text]


def _bare(char: str) -> str:
    base = unicodedata.normalize("NFD", char)[0]
    if unicodedata.combining(base) or unicodedata.category(base) == "Me":
        return ""
    return base if base.isascii() else BARRED.get(char, char)
