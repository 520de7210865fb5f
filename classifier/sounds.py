"""How a word sounds, roughly: what respellings of one word have in common.

`kernel.c` has a twin of `sound_of` and `bones_of`, for the look at every word of a text.
"""

import re
from typing import Final

_SAID: Final = str.maketrans("cquyz", "kkois")
_AGAIN: Final = re.compile(r"(.)\1+")
_AGAIN_HARD: Final = re.compile(r"([^aeio])\1+")
_VOWELS: Final = str.maketrans("eio", "aaa")
# A shorter word with another vowel is mostly another word.
LONG: Final = 6


def sound_of(word: str) -> str:
    """Return the sound of a lower-case ASCII word: "phukk" and "fuck" have the same."""
    said = once(word.replace("ph", "f")).translate(_SAID)
    return _AGAIN_HARD.sub(r"\1", said)


def once(word: str) -> str:
    """Return `word` with each letter that is doubled written once."""
    return _AGAIN.sub(r"\1", word)


def bones_of(sound: str) -> str:
    """Return what is left of a sound when its vowels are all alike."""
    return sound.translate(_VOWELS)


def key_of(word: str) -> str:
    """Return what a table of words by their sound has `word` under."""
    sound = sound_of(word)
    return bones_of(sound) if len(sound) >= LONG else sound


def is_near(one: str, other: str) -> bool:
    """Whether two sounds of the same bones differ in one vowel at most."""
    return sum(a != b for a, b in zip(one, other, strict=True)) <= 1
