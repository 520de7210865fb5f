"""One cheap look at a text: what may be in it, so that only that is searched for.

Most comments are calm prose, and must not pay for the searches that the others need. `glance`
gives marks; one may be there in vain, none is missing. `glance.h` does it in one pass, where it
was compiled, and `glance_with_python` gives the same marks, several times slower.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise, starmap
from typing import Final
from zlib import crc32

import numpy as np

from classifier import masks, pictures
from classifier.folding import IN_WORD
from classifier.phrases import ANCHORS, split_words
from classifier.sounds import key_of
from classifier.summing import kernel

# The marks: `STRANGE` stands alone and says that everything must be searched for.
STRANGE: Final = 1  # a character of which the look knows nothing
DISGUISED: Final = 2  # not the ASCII prose in which no fix would find anything to do
LINKED: Final = 4
SHOUTED: Final = 8
WALLED: Final = 16
CROWDED: Final = 32  # five emoji
REPEATED: Final = 64
PAID: Final = 128
PHONED: Final = 256
MASHED: Final = 512  # six consonants in a row
MARKED_UP: Final = 1024
PHRASED: Final = 4096
PIECED: Final = 8192  # half of a listed word
SOUNDED: Final = 16384  # what sounds like one
# What the table of words says of one, or of its sound or of a pair.
_PHRASE, _PIECE, _SOUND, _KNOWN, _PAIR = 1, 2, 4, 8, 16

_MOST_WORDS: Final = 2048
_LONGEST_KEPT: Final = 40

# The kinds of characters, numbered as in `glance.h`; 0 is the edge of the text.
_BLANK, _LETTER, _HARD, _DIGIT, _STOP, _STROKE, _CALL, _OPEN, _CLOSE, _SIGN, _EMOJI, _ALIEN = range(
    1, 13
)
_GROUPS: Final = {
    **dict.fromkeys("<&[{|\\*^~`#@$+%>]}", _SIGN),
    **dict.fromkeys('-/_:;=?",', _STROKE),
    **dict.fromkeys("0123456789", _DIGIT),
    **dict(zip(".!()", (_STOP, _CALL, _OPEN, _CLOSE), strict=True)),
}
_CONSONANTS: Final = frozenset("bcdfghjklmnpqrstvwxz")
# Added to the kind: what walls of signs are made of, and the others as in `glance.h`.
_ALSO: Final = (
    (16, "!?$*~=#+-"),
    (32, "$uegbdprUEGBDPR"),
    (64, ".,:@/aAdDsS"),
    (128, "0123456789 ().+-"),
)
# Dashes, quotes, arrows, boxes: signs that no fix and no signal looks at.
_SIGNS: Final = ((0x2010, 0x2028), (0x2030, 0x205F), (0x2190, 0x2C00))
_FACES: Final = ((0x2600, 0x27C0), (0x2B50, 0x2B51), (0x2B55, 0x2B56), (0x1F000, 0x1FB00))
_SEPARATORS: Final = "•·"


def _ascii_kind(char: str) -> int:
    also = sum(bit for bit, chars in _ALSO if char in chars)
    if char.isalpha():
        return also + (_HARD if char.lower() in _CONSONANTS else _LETTER)
    return also + _GROUPS.get(char, _BLANK)


def _kinds() -> bytes:
    """Return the kind of each code point up to the last emoji; the last place is all others."""
    kinds = np.full(_FACES[-1][1] + 1, _ALIEN, dtype=np.uint8)
    kinds[:128] = [_ascii_kind(chr(code)) for code in range(128)]
    for ranges, kind in ((_SIGNS, _BLANK), (_FACES, _EMOJI)):
        for first, last in ranges:
            drawn = pictures.draw("".join(map(chr, range(first, last))))
            plain = np.frombuffer(drawn, dtype=np.uint8) == ord("~")
            if last <= pictures.BMP:
                plain &= ~IN_WORD[first:last]
            kinds[first:last][plain] = kind
    kinds[[ord(sign) for sign in _SEPARATORS]] = _ALIEN
    return kinds.tobytes()


def _marked() -> dict[int, int]:
    """Return the marks of words, sounds and pairs of words by their hash."""
    pairs = [phrase.pair for phrases in ANCHORS.values() for phrase in phrases]
    marked: dict[int, int] = {}
    for mark, keys in (
        (_PHRASE, [_hash(pair[0]) for pair in pairs if len(pair) == 1]),
        (_PAIR, [_hash_pair(*map(_hash, pair)) for pair in pairs if len(pair) == 2]),
        (_PIECE, map(_hash, masks.PIECES)),
        (_SOUND, map(_hash, masks.SOUNDS)),
        (_KNOWN, map(_hash, masks.KNOWN)),
    ):
        for key in keys:
            marked[key] = marked.get(key, 0) | mark
    return marked


def _hash(word: str) -> int:
    return crc32(word.encode())


def _hash_pair(first: int, second: int) -> int:
    return (first * 0x9E3779B1 + second) & 0xFFFFFFFF


def _table(marked: dict[int, int]) -> bytes:
    """Return `marked` as the open hash table that `glance.h` looks into."""
    size = 1 << (4 * len(marked)).bit_length()
    table = np.zeros(size, dtype=np.uint64)
    for key, marks in marked.items():
        place = key % size
        while table[place]:
            place = (place + 1) % size
        table[place] = key << 8 | marks
    return table.tobytes()


_KINDS: Final = _kinds()
_MARKED: Final = _marked()
_TABLE: Final = _table(_MARKED)
_NOT_ASCII: Final = re.compile(r"[^\0-\x7f]")
_UNSURE: Final = re.compile(r"//|ww|,[a-z]|\( ?[.,:@/ads]", re.I)
_NO_CAPITALS: Final = bytes(code for code in range(256) if not 65 <= code <= 90)
_SOUGHT: Final = (
    (LINKED, re.compile(r"\.[a-z0-9]|://", re.I)),
    (WALLED, re.compile(r"[!?$*~=#+-]{4}")),
    (PAID, re.compile(r"\$\s?\d|\d\s?[$uegbdpr]", re.I)),
    (PHONED, re.compile(r"(?:[0-9][ ().+-]*){8}")),
    (MASHED, re.compile(r"[bcdfghjklmnpqrstvwxz]{6}", re.I)),
    (MARKED_UP, re.compile(r"[<\[]")),
)


@lru_cache(maxsize=4)
def glance_with_python(text: str) -> int:
    """As `glance`, without the compiled loop."""
    plain, marks = text, 0
    if not text.isascii():
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
        kinds = np.frombuffer(_KINDS, dtype=np.uint8).take(codes, mode="clip").tobytes()
        if _ALIEN in kinds:
            return STRANGE
        face = bytes([_EMOJI])
        marks |= WALLED * (3 * face in kinds) | CROWDED * (kinds.count(face) >= 5)
        plain = _NOT_ASCII.sub("\0", text)
        marks |= DISGUISED * (_UNSURE.search(plain) is not None)
    marks |= DISGUISED * (not pictures.is_calm(plain))
    for mark, sign in _SOUGHT:
        if sign.search(plain):
            marks |= mark
    return marks | _words_of(plain)


def _words_of(text: str) -> int:
    """Return the marks that the words of a text in ASCII give."""
    words = split_words(text).words
    capitals = len(text.encode().translate(None, _NO_CAPITALS))
    marks = SHOUTED * (capitals >= 12 and capitals >= 0.5 * sum(map(len, words)))
    hashes = list(map(_hash, words))
    pairs = list(starmap(_hash_pair, pairwise(hashes)))
    marks |= REPEATED * (len(words) > _MOST_WORDS or _repeats(hashes, pairs))
    if any(_MARKED[pair] & _PAIR for pair in pairs if pair in _MARKED):
        marks |= PHRASED
    for word in words:
        marks |= _marks_of(word) if len(word) <= _LONGEST_KEPT else _marks_of.__wrapped__(word)
    return marks


# Most words of a text were in others before.
@lru_cache(maxsize=8192)
def _marks_of(word: str) -> int:
    found = _MARKED.get(_hash(word), 0)
    marks = found & (_PHRASE | _PIECE)
    if len(word) >= 3 and word.isalpha() and not found & _KNOWN:
        marks |= _MARKED.get(_hash(key_of(word)), 0) & _SOUND
    return PHRASED * marks


def _repeats(hashes: Sequence[int], pairs: Sequence[int]) -> bool:
    distinct, different = (len({key or 1 for key in keys}) for keys in (hashes, pairs))
    return len(hashes) >= 8 and distinct <= 0.7 * len(hashes) and different <= 0.75 * len(pairs)


# A text is looked at for its disguise and for its signals.
@lru_cache(maxsize=4)
def glance_compiled(text: str) -> int:
    """As `glance`, by the compiled loop, which must be there."""
    marks: int = kernel.glance(text, _KINDS, _TABLE)
    return marks


glance: Final[Callable[[str], int]] = (
    glance_compiled if hasattr(kernel, "glance") else glance_with_python
)
"""Return the marks of a text. Never raises for any string."""
