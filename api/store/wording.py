"""What words a text consists of, for searching: the same for what is kept and what is asked.

The databases' own ideas of words differ, and change from release to release. So ours come first,
and both databases are given plain words with blanks between them.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

LONGEST_WORD = 64
"""What a word has beyond so many characters is not looked at."""

MOST_WORDS = 16_000
"""What a comment has beyond so many words is not found: PostgreSQL counts no further."""

MOST_TIMES = 255
"""How often one word of a comment is kept: PostgreSQL keeps no more of its places."""

# Scripts that write no blanks between words: Thai, Lao, Myanmar, Khmer, Kana, Han, Hangul.
_WITHOUT_BLANKS = (
    *((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF)),
    *((0x3005, 0x3007), (0x3040, 0x30FF), (0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF)),
    *((0xAC00, 0xD7AF), (0xF900, 0xFAFF), (0x1B000, 0x1B16F), (0x20000, 0x3FFFF)),
)
_PLAIN = re.compile("[a-z0-9]+")


def split(text: str) -> list[str]:
    """The words of a text, in order: without accents, without large letters.

    >>> split("Où est le chat de Zoë_2? 東京")
    ['ou', 'est', 'le', 'chat', 'de', 'zoe', '2', '東', '京']
    """
    if text.isascii():
        found: Iterable[str] = _PLAIN.findall(text.lower())
    else:
        folded = unicodedata.normalize("NFKD", text).casefold()
        bare = unicodedata.normalize("NFD", folded).translate(_bare)
        found = unicodedata.normalize("NFC", bare).translate(_spaced).split()
    return [word[:LONGEST_WORD] for word in found]


def fit(*parts: str) -> Iterator[tuple[int, str]]:
    """The words of several texts and their places, from 1 on, as far as a database keeps them.

    Between two texts a place stays free, so that no phrase goes from one into the other.
    """
    times: Counter[str] = Counter()
    place = 0
    for part in parts:
        for word in split(part):
            place += 1
            if place > MOST_WORDS:
                return
            times[word] += 1
            if times[word] <= MOST_TIMES:
                yield place, word
        place += 1


class _Table(dict[int, str | None]):
    """What becomes of each character, worked out when it first comes."""

    def __init__(self, find: Callable[[str], str | None]) -> None:
        self._find = find

    def __missing__(self, code: int) -> str | None:
        found = self[code] = self._find(chr(code))
        return found


def _without_accent(character: str) -> str | None:
    # Marks that stand above or below. Vowels that Indic and Thai letters take are letters.
    return None if unicodedata.combining(character) else character


def _with_blanks(character: str) -> str:
    if not (character.isalnum() or unicodedata.category(character)[0] == "M"):
        return " "
    code = ord(character)
    alone = any(first <= code <= last for first, last in _WITHOUT_BLANKS)
    return f" {character} " if alone else character


_bare, _spaced = _Table(_without_accent), _Table(_with_blanks)
