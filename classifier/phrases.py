"""What comment spam talks about, as words and phrases; found by one look-up a word.

Each topic is a table of phrases. `?` before a phrase marks a weak one: harmless people say it
too, so that it takes two different ones, or a strong one, before a topic counts at all.
Wordings are our own, after the kinds of spam every blog gets.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Final

from classifier.wordings import PRAISE, TOPICS

STRONG: Final = 1.0
WEAK: Final = 0.4
# One weak phrase alone is nothing.
LEAST: Final = 0.75
MOST: Final = 3.0

_WORD: Final = re.compile(r"[^\W_]+")
_PLAIN: Final = bytes(
    ord(chr(code).lower()) if chr(code).isalnum() and code < 128 else ord(" ")
    for code in range(256)
)


@dataclass(frozen=True, slots=True)
class Words:
    """The lower-case words of a text, with the text they came from for their places."""

    text: str
    words: Sequence[str]

    def places(self) -> list[tuple[int, int]]:
        """Return start and end of each word; dearer than the words, so only asked on a hit."""
        return [match.span() for match in _WORD.finditer(self.text)]


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase of `topic` at the words `first` to `last` (exclusive), worth `value`."""

    topic: str
    value: float
    first: int
    last: int


def split_words(text: str, *, plain: bool = False) -> Words:
    """Cut `text` into lower-case runs of letters and digits.

    `plain` says that all of them are ASCII.
    """
    if plain or text.isascii():
        # The same words in a tenth of the time.
        return Words(text, text.encode("ascii", "replace").translate(_PLAIN).decode().split())
    # One by one, since a lower-case text can be longer than the text itself.
    return Words(text, [word.lower() for word in _WORD.findall(text)])


@dataclass(frozen=True, slots=True)
class _Phrase:
    words: list[str]
    anchor: int
    topic: str
    value: float

    @property
    def pair(self) -> Sequence[str]:
        """The anchor and the word before it, after it where none is before, or it alone."""
        first = max(self.anchor - 1, 0)
        return self.words[first : first + 2]


def _anchors() -> dict[str, list[_Phrase]]:
    """Return the phrases by their longest word, the one least often met elsewhere."""
    table: dict[str, list[_Phrase]] = {}
    for topic, phrases in (*TOPICS.items(), ("praise", PRAISE)):
        for phrase in phrases:
            words = list(split_words(phrase).words)
            longest = max(range(len(words)), key=lambda place: len(words[place]))
            value = WEAK if phrase.startswith("?") else STRONG
            table.setdefault(words[longest], []).append(_Phrase(words, longest, topic, value))
    return table


ANCHORS: Final = _anchors()
"""The phrases by their longest word."""


def find_phrases(words: Sequence[str]) -> Iterator[Hit]:
    """Yield the phrases among lower-case `words`. Linear: one look-up a word."""
    words = list(words)
    for place in compress(range(len(words)), map(ANCHORS.__contains__, words)):
        for phrase in ANCHORS[words[place]]:
            first = place - phrase.anchor
            last = first + len(phrase.words)
            if first >= 0 and words[first:last] == phrase.words:
                yield Hit(phrase.topic, phrase.value, first, last)


def weigh_topics(hits: Sequence[Hit], words: Sequence[str]) -> dict[str, float]:
    """Return the value of each topic: its different phrases added up, at most `MOST`.

    The same phrase again adds nothing. Topics below `LEAST` are left out.
    """
    worth: dict[str, dict[tuple[str, ...], float]] = {}
    for hit in hits:
        worth.setdefault(hit.topic, {})[tuple(words[hit.first : hit.last])] = hit.value
    totals = {topic: min(sum(found.values()), MOST) for topic, found in worth.items()}
    return {topic: total for topic, total in totals.items() if total >= LEAST}
