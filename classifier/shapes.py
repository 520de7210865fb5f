"""What a text looks like, whatever it says: repetition, shouting, walls of signs, numbers.

Every question has a cheap answer for ordinary text, since it is asked of every comment. All
patterns are linear: no part of one can match what the part after it also matches.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log2
from typing import Final

from classifier.glance import (
    CROWDED,
    MASHED,
    PAID,
    PHONED,
    REPEATED,
    SHOUTED,
    STRANGE,
    WALLED,
)

Places = Sequence[tuple[int, int]]

_UPPER: Final = re.compile(r"[A-ZÀ-ÖØ-ÞΑ-ΩА-Я]+")
_SHOUTED: Final = re.compile(r"[A-ZÀ-ÖØ-ÞΑ-ΩА-Я]{4,}")
_EMOJI: Final = re.compile(r"[\U0001F000-\U0001FAFF\u2600-\u27BF\u2B50\u2B55]")
_WALL: Final = re.compile(r"[!?$*~=#+-]{4,80}|[\U0001F000-\U0001FAFF\u2600-\u27BF\uFE0F]{3,80}")
_MONEY: Final = re.compile(
    r"[$£€₽₿₹\d](?:(?<!\d)\s?\d[\d.,]{0,15}[kKmM]?|(?<=\d)\s?(?:[$£€₽₿₹]"
    r"|(?i:usd|usdt|eur|gbp|btc|dollars?|euros?|pounds?|bucks|rubles?|руб|рублей)\b))"
)
# At least nine digits in all, or a plus before eight; dates and versions have fewer.
_PHONE: Final = re.compile(r"(?<![\w.,/-])\+?\(?\d[\d ().-]{6,17}\d(?![\w.,]\d)")
_LONE_DIGIT: Final = re.compile(r"\d[ .-]\d(?!\d)")
_LONG_WORD: Final = re.compile(r"[a-zA-Z0-9]{8,40}")
_CONSONANTS: Final = re.compile(r"[bcdfghjklmnpqrstvwxz]{6}", re.IGNORECASE)
_SCRIPTS: Final[Mapping[str, re.Pattern[str]]] = {
    "Latin": re.compile(r"[A-Za-zÀ-ɏ]"),
    "Greek": re.compile(r"[Ͱ-Ͽἀ-῿]"),
    "Cyrillic": re.compile(r"[Ѐ-ԯ]"),
    "Hebrew": re.compile(r"[\u0590-\u05FF]"),
    "Arabic": re.compile(r"[\u0600-\u06FF\u0750-\u077F]"),
    "Indic": re.compile(r"[\u0900-\u0DFF]"),
    "Thai": re.compile(r"[\u0E00-\u0EFF]"),
    "Korean": re.compile(r"[\u1100-\u11FF\uAC00-\uD7AF]"),
    "Japanese or Chinese": re.compile(r"[\u3040-\u30FF\u4E00-\u9FFF]"),
}


@dataclass(frozen=True, slots=True)
class Shape:
    """How strongly a text shows a shape, above 0, and where (raw code points, end exclusive)."""

    value: float
    places: Places = ()


def _spans(pattern: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    return [match.span() for match in pattern.finditer(text)]


def _shouting(text: str, words: Sequence[str]) -> Shape | None:
    """Tell when most of at least twelve letters are capitals: from 0.5 up to 1."""
    capitals = sum(map(len, _UPPER.findall(text)))
    if capitals < 12 or capitals < (letters := sum(map(len, words))) * 0.5:
        return None
    return Shape(min(1.0, capitals / letters), _spans(_SHOUTED, text))


def _wall(text: str, words: Sequence[str]) -> Shape | None:
    """Tell of four signs or three emoji in a row: the logarithm of how many, at most 1."""
    places = _spans(_WALL, text)
    # A line of hyphens or equals signs under a heading is one wall; it says little.
    places = [place for place in places if text[place[0] : place[1]].strip("-=*~")]
    if not places:
        return None
    size = sum(end - start for start, end in places)
    return Shape(min(1.0, log2(size) / 6), places)


def _emoji(text: str, words: Sequence[str]) -> Shape | None:
    """Tell of five emoji or more, relative to the words: at most 1."""
    places = _spans(_EMOJI, text)
    if len(places) < 5:
        return None
    return Shape(min(1.0, 2.0 * len(places) / (len(words) + 5)), places)


def _repetition(text: str, words: Sequence[str]) -> Shape | None:
    """Tell of pairs of words said again: the share of repeated pairs, from 0.25."""
    if len(words) < 8 or len(set(words)) > 0.7 * len(words):
        return None
    pairs = len(set(pairwise(words)))
    share = 1.0 - pairs / (len(words) - 1)
    return Shape(share) if share >= 0.25 else None


def _money(text: str, words: Sequence[str]) -> Shape | None:
    places = _spans(_MONEY, text)
    return Shape(min(1.0, 0.5 + 0.25 * (len(places) - 1)), places) if places else None


def _phone(text: str, words: Sequence[str]) -> Shape | None:
    places = []
    for match in _PHONE.finditer(text):
        digits = sum(char.isdigit() for char in match[0])
        # The numbers of books have groups of one digit inside, those of telephones do not.
        if _LONE_DIGIT.search(match[0]):
            continue
        if 10 <= digits <= 15 or (digits >= 8 and match[0].startswith("+")):
            places.append(match.span())
    return Shape(1.0, places) if places else None


def _scripts(text: str, words: Sequence[str]) -> Shape | None:
    """Tell of three scripts or more in one text; two are everyday life for many people."""
    letters = "".join(set(text))
    count = sum(pattern.search(letters) is not None for pattern in _SCRIPTS.values())
    # Japanese or Chinese next to Latin and one more is still ordinary in a language class.
    return Shape(min(1.0, 0.5 * (count - 2))) if count >= 3 else None


def _random_words(text: str, words: Sequence[str]) -> Shape | None:
    """Tell of words nobody can say: six consonants in a row, of four kinds at least."""
    places = []
    for match in _LONG_WORD.finditer(text):
        run = _CONSONANTS.search(match[0])
        if run and len(set(run[0].lower())) >= 4 and _is_mash(match[0]):
            places.append(match.span())
    return Shape(min(1.0, 0.5 * len(places)), places) if places else None


def _is_mash(word: str) -> bool:
    vowels = sum(char in "aeiouyAEIOUY" for char in word)
    # camelCase and constants are code, not noise.
    return vowels * 5 <= len(word) and (word.islower() or any(char.isdigit() for char in word))


SHAPES: Final[Mapping[str, Callable[[str, Sequence[str]], Shape | None]]] = {
    "shouting": _shouting,
    "sign_wall": _wall,
    "emoji_wall": _emoji,
    "repeated_text": _repetition,
    "money": _money,
    "phone_number": _phone,
    "script_soup": _scripts,
    "random_words": _random_words,
}
# The mark of `glance` without which a text has not the shape.
_MARKS: Final = (
    (SHOUTED, "shouting"),
    (WALLED, "sign_wall"),
    (CROWDED, "emoji_wall"),
    (REPEATED, "repeated_text"),
    (PAID, "money"),
    (PHONED, "phone_number"),
    (MASHED, "random_words"),
)
SHAPED: Final = STRANGE | sum(mark for mark, _ in _MARKS)
"""The marks of a text that may have any shape."""


def find_shapes(text: str, words: Sequence[str], marks: int = STRANGE) -> dict[str, Shape]:
    """Return the shapes `text` has, by name. `words` are its lower-case words.

    `marks` are those of `glance`; without them every question is asked.
    """
    found: dict[str, Shape] = {}
    if not marks & SHAPED:
        return found
    asked = SHAPES if marks & STRANGE else [name for mark, name in _MARKS if marks & mark]
    for name in asked:
        shape = SHAPES[name](text, words)
        if shape is not None:
            found[name] = shape
    return found
