"""Listed words that are masked, split or respelt: "st*pid", "wort hless", "phukk".

Every function is pure, reads the text once and returns edits in rising order. What a look at
every text needs is worked out when this is imported: half-words, and the sounds of the list.
"""

import re
from functools import lru_cache
from typing import Final

from classifier.sounds import LONG, is_near, key_of, once, sound_of
from classifier.spellings import SHORT_WORDS
from classifier.swearing import LISTED, ORDINARY, SOLD, SOUND_ALIKE
from classifier.wrappers import Edit

_LISTED: Final = frozenset(LISTED)
# Typed with a letter once or twice, they are still themselves: "stoped".
_ALIKE: Final = frozenset(map(once, SOUND_ALIKE))
_ORDINARY: Final = SHORT_WORDS | ORDINARY
_LONGEST: Final = max(map(len, LISTED))
_TOKEN: Final = re.compile(rf"(?<![\w'’*./@#$&-])[a-z]{{3,{_LONGEST + 4}}}+(?![\w'’*@])", re.I)
# Two words with one space between; the second may be the first of the next two.
_PAIR: Final = re.compile(
    rf"(?<![\w'’*./@#$&-])(?=([a-z]{{1,{_LONGEST}}}) ([a-z]{{2,{_LONGEST}}})(?![\w'’*@/-]))[a-z]",
    re.I,
)
_MASKED: Final = re.compile(
    rf"(?<![\w*./\\-])(?=[a-z]*+\*)[a-z*]{{4,{_LONGEST}}}+(?![\w*/\\(-]|\.\w)", re.I
)
# Which of two words is meant, where custom has long decided.
_MEANT: Final = {"s**t": "shit"}


def _splits() -> dict[tuple[str, str], str]:
    """Return the listed words by the two halves that a space may part them into.

    One half is no word, or people would write both; a single letter stands first or nowhere.
    """
    return {
        (word[:cut], word[cut:]): word
        for word in LISTED + SOLD
        for cut in range(1, len(word) - 1)
        if _is_broken(word[:cut], word[cut:])
    }


def _is_broken(left: str, right: str) -> bool:
    if len(left) == 1 and (len(right) < 3 or right in _ORDINARY):
        return False
    return not (left in _ORDINARY and right in _ORDINARY)


def _telling(left: str, right: str) -> str:
    """Return the half that is no word, the longer of two."""
    return max((half for half in (left, right) if half not in _ORDINARY), key=len)


def _by_sound() -> dict[str, list[str]]:
    table: dict[str, list[str]] = {}
    for word in LISTED:
        table.setdefault(key_of(word), []).append(word)
    return table


_SPLITS: Final = _splits()
_BY_SOUND: Final = _by_sound()
PIECES: Final = frozenset(_telling(*halves) for halves in _SPLITS)
"""Of each pair of halves the one that ordinary texts do not have."""
SOUNDS: Final = frozenset(_BY_SOUND)
KNOWN: Final = _LISTED | SOUND_ALIKE
"""The words that their sound says nothing about."""


def join_pieces(text: str) -> list[Edit]:
    """Join listed words parted by a space: "gar bage", but "worth less" is two words."""
    edits: list[Edit] = []
    for pair in _PAIR.finditer(text):
        left, right = pair[1], pair[2]
        if (left.lower(), right.lower()) not in _SPLITS or (right[0].isupper() > left.isupper()):
            continue
        # "stu pid iot": a half belongs to one word.
        if not edits or edits[-1].end <= pair.start(1):
            edits.append(Edit(pair.end(1), pair.start(2), ""))
    return edits


def read_respellings(text: str) -> list[Edit]:
    """Read what sounds like a listed word, or nearly so: "phukk", "murun"."""
    edits = []
    for token in _TOKEN.finditer(text):
        word = _respelt(token[0].lower())
        if word:
            edits.append(Edit(*token.span(), _in_case(word, token[0])))
    return edits


@lru_cache(maxsize=4096)
def _respelt(token: str) -> str:
    """Return the only listed word that sounds like `token`, "" where there is none."""
    if token in _LISTED or once(token) in _ALIKE:
        return ""
    sound = sound_of(token)
    words = _BY_SOUND.get(key_of(token), [])
    alike = [word for word in words if sound_of(word) == sound]
    if not alike and len(sound) >= LONG:
        alike = [word for word in words if is_near(sound_of(word), sound)]
    return alike[0] if len(alike) == 1 else ""


def is_masked(_: str, kinds: bytes) -> bool:
    """An asterisk that may stand for a letter."""
    return b"*a" in kinds or b"a*" in kinds


def read_masks(text: str) -> list[Edit]:
    """Read asterisks for letters where one listed word fits and half of it is shown.

    "*never*" is emphasis, "*rash" a note on a word, and "idiot*" has one.
    """
    edits = []
    for token in _MASKED.finditer(text):
        word = _unmasked(token[0].lower())
        if word:
            edits.append(Edit(*token.span(), _in_case(word, token[0])))
    return edits


@lru_cache(maxsize=4096)
def _unmasked(token: str) -> str:
    shown = token.strip("*")
    gaps = token.count("*")
    if 2 * gaps > len(token) or (token[0] == token[-1] == "*"):
        return ""
    if len(shown) < len(token) and (shown in _ORDINARY or shown in _LISTED):
        return ""
    if token.replace("*", "") in _LISTED:
        return ""
    fits = re.compile(token.replace("*", "[a-z]")).fullmatch
    words = [word for word in LISTED if len(word) == len(token) and fits(word)]
    return words[0] if len(words) == 1 else _MEANT.get(token, "")


def _in_case(word: str, written: str) -> str:
    """Return `word` in capitals where it was written so, or with one to begin with."""
    if written.isupper():
        return word.upper()
    return word.capitalize() if written[0].isupper() else word
