"""Which word a token of letters, digits and signs stands for, if any."""

import re
from functools import lru_cache
from typing import Final

from classifier.spellings import LEET

_COUNTED: Final = re.compile(r"\d+[a-z]{1,2}|\d\d+[a-z]+|[a-z]{1,3}\d|[a-z]+(?:\d\d+|[2689])", re.I)
_REPEATED: Final = re.compile(r"([^a-z])\1\1+", re.I)
_VOWELS: Final = frozenset("aeiouyAEIOUY")
_LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_PLAIN: Final = str.maketrans(dict(LEET))
# What is an i or an l, by its neighbours.
_UPRIGHT: Final = frozenset("1!|")


# Short tokens are few, however many of them somebody writes.
@lru_cache(maxsize=4096)
def read_token(token: str) -> str:
    """Return the word `token` stands for, or "" where it is none."""
    # Two digits at the end or the beginning count something: "covid19", "300km".
    if _COUNTED.fullmatch(token):
        return ""
    token = _REPEATED.sub(r"\1", token)
    letters = sum(map(_LETTERS.__contains__, token))
    signs = len(token) - letters
    if letters + 2 >= signs and letters + signs // 3 >= 2:
        if _UPRIGHT.isdisjoint(token):
            plain = token.translate(_PLAIN)
        else:
            plain = "".join(
                _one(token, place) if char in _UPRIGHT else LEET.get(char, char)
                for place, char in enumerate(token)
            )
        if plain.isalpha() and not _VOWELS.isdisjoint(plain):
            return plain
    return ""


def _one(token: str, place: int) -> str:
    """Read a 1, ! or | as i or l by its neighbours: "1oser", "ki11", "va1ue", but "1diot"."""
    before = LEET.get(token[place - 1], token[place - 1]).lower() if place else ""
    after = token[place + 1 : place + 2]
    if "1" in (token[place - 1 : place], after) and token[place] == "1" and before:
        return "l"
    after = LEET.get(after, after).lower()
    if not before:
        return "l" if after and after in "aeou" else "i"
    if before in "aeou" and after in "aeiouy":
        return "l"
    return "l" if before in "eiu" else "i"
