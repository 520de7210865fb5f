"""Words disguised as those who evade a filter disguise them, to learn from: the way back of
`disguises`.
"""

import re
from collections.abc import Callable
from random import Random
from typing import Final

from classifier.confusables import LOOKALIKES
from classifier.spellings import LEET

_WORD: Final = re.compile(r"\b[A-Za-z]{4,}\b")
_MOST_WORDS: Final = 3
_SPACES: Final = (" ", ".", "-", "_", "*")


def _turned(signs: dict[str, str]) -> dict[str, list[str]]:
    """Return for each letter what is written for it."""
    found: dict[str, list[str]] = {}
    for sign, letter in signs.items():
        found.setdefault(letter, []).append(sign)
    return found


_SIGNS: Final = _turned({sign: letter for sign, letter in LEET.items() if sign.isascii()})
# Greek and Cyrillic, which the encoder knows; other letters are all one unknown piece to it.
_LIKE: Final = _turned({one: as_ for one, as_ in LOOKALIKES.items() if "\u0370" <= one < "\u0500"})


def disguise(text: str, chance: Random) -> str:
    """Return `text` with one to three of its longer words disguised; itself where it has none."""
    words = list(_WORD.finditer(text))
    chosen = chance.sample(words, min(len(words), chance.randint(1, _MOST_WORDS)))
    for word in sorted(chosen, key=lambda match: -match.start()):
        hidden = chance.choice(_TRICKS)(word[0], chance)
        text = f"{text[: word.start()]}{hidden}{text[word.end() :]}"
    return text


def _swap(word: str, chance: Random, signs: dict[str, list[str]]) -> str:
    """Write another sign for about every second letter that has one."""
    return "".join(
        chance.choice(signs[one]) if one in signs and chance.random() < 0.5 else one for one in word
    )


def _sign(word: str, chance: Random) -> str:
    return _swap(word, chance, _SIGNS)


def _look_alike(word: str, chance: Random) -> str:
    return _swap(word, chance, _LIKE)


def _mask(word: str, chance: Random) -> str:
    end = chance.randint(2, len(word) - 1)
    return f"{word[0]}{chance.choice('*#_') * (end - 1)}{word[end:]}"


def _space(word: str, chance: Random) -> str:
    return chance.choice(_SPACES).join(word)


def _stretch(word: str, chance: Random) -> str:
    place = chance.randrange(1, len(word))
    return word[:place] + word[place] * chance.randint(2, 4) + word[place + 1 :]


def _slip(word: str, chance: Random) -> str:
    place = chance.randrange(1, len(word) - 1)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


_TRICKS: Final[tuple[Callable[[str, Random], str], ...]] = (
    *(_sign, _look_alike, _mask, _space, _stretch, _slip),
)
