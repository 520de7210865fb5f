"""Single characters read as what they look like, and a picture of a text in kinds of them.

Every function is pure and linear in the text.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from classifier.confusables import BARRED, INVISIBLE, JOINERS, MIXED_LOOKALIKES, REGIONAL, STYLED
from classifier.spellings import ALPHABETS, LEET
from classifier.wrappers import Edit

_BMP: Final = 0x10000
_PLAIN: Final = {**STYLED, **dict.fromkeys(INVISIBLE, "")}
_MARKS: Final = (
    "\u0300-\u036f\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20df\u20e1-\u20ff\ufe20-\ufe2f"
)
_WORD: Final = re.compile(rf"[^\W\d_][^\W\d_{_MARKS}]*(?:[{_MARKS}]+[^\W\d_]*)*")
_JOINED: Final = re.compile(rf"(?<=[\x21-\x7e\u00c0-\u024f])[{''.join(JOINERS)}]+")
_FLAGS: Final = re.compile(r"[\U0001f1e6-\U0001f1ff]+")
_ACCENTED: Final = re.compile(rf"[\u00c0-\u024f\u1e00-\u1eff{_MARKS}]")
_FAR: Final = np.array([ord(c) for c in (*_PLAIN, *REGIONAL) if ord(c) >= _BMP], dtype=np.uint32)
_GENUINE: Final = tuple(map(frozenset, ALPHABETS))


def _kind(char: str) -> str:
    """Name the kind of `char` in the picture `draw` makes."""
    if char in _PLAIN:
        return "x"
    if char.isascii():
        return _ascii_kind(char)
    if char in JOINERS:
        return "j"
    if "\u00c0" <= char < "\u0250" or "\u1e00" <= char < "\u1f00" or re.match(f"[{_MARKS}]", char):
        return "é" if char.isalpha() or char not in LEET else "@"
    if char in MIXED_LOOKALIKES:
        return "ж"
    if char in LEET:
        return "@"
    if char.isspace():
        return " "
    return "a" if char.isalpha() else "~"


def _ascii_kind(char: str) -> str:
    if char.isalpha():
        return "a"
    if char.isdigit():
        return "0"
    if char.isspace():
        return " "
    return char


def _table() -> NDArray[np.uint8]:
    kinds = "".join(_kind(chr(code)) for code in range(_BMP))
    return np.frombuffer(kinds.replace("ж", "\xf0").encode("latin-1"), dtype=np.uint8)


_KINDS: Final = _table()


@dataclass(frozen=True, slots=True)
class Picture:
    """A text in kinds of characters, one byte a code point, for fast searches.

    `kinds`: "a" for plain letters, "0" digits, " " spaces, ASCII signs as such, "x" a styled or
    unseen character, "é" an accent, "\\xf0" a look-alike, "j" a joiner, "@" a sign that is also
    read as a letter. `runs`: whether a letter stands three times in a row.
    """

    kinds: bytes
    runs: bool


def draw(text: str) -> Picture:
    """Return the picture of `text`."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    kinds = _KINDS[np.minimum(codes, _BMP - 1)]
    if len(text) and codes.max() >= _BMP:
        kinds[np.isin(codes, _FAR)] = ord("x")
    same = codes[1:] | 32 == codes[:-1] | 32
    thrice = same[1:] & same[:-1] & (kinds[2:] == ord("a"))
    return Picture(kinds.tobytes(), bool(thrice.any()))


def plain_characters(text: str) -> list[str]:
    """Return for each code point what it stands for: styled letters plain, the unseen nothing."""
    return [_PLAIN.get(char, char) for char in text]


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
