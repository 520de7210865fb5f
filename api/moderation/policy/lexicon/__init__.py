"""All rules for one field, prepared: which of them are found in a text, and where.

A literal is looked up by its longest word, so that thousands cost as much as none; wildcards and
expressions are asked many at once (`patterns.Sieve`), then each that may be there by itself.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from api.moderation.policy.document import FIELDS, Rule
from api.moderation.policy.lexicon.patterns import Sieve, read_pattern
from api.moderation.policy.lexicon.spelling import Spelling
from api.moderation.policy.lexicon.wildcards import read_wildcard

Place = tuple[int, int]
Numbered = Sequence[tuple[int, Rule]]

MOST_PLACES = 10
"""How many places of a rule in a text are told."""

MOST_REPLACED = 500
"""The same of a rule that replaces."""

MOST_PLACES_OF_ALL = 2000
"""How many places in a text are told of all rules, those that stand first in the document."""


class Hit(NamedTuple):
    """A rule, by its number in the document, and where it is found, in code points.

    Empty strings that an expression finds are no place. `more` says that there are others.
    """

    rule: int
    places: list[Place]
    more: bool


class Lexicon:
    """Rules, for use by any number of threads."""

    def __init__(self, rules: Numbered) -> None:
        self._most = {number: _most(rule) for number, rule in rules}
        self._parts: list[_Spelt | _Expressions] = []
        for case in (False, True):
            alike = [(number, rule) for number, rule in rules if rule.case is case]
            spelt = [pair for pair in alike if pair[1].kind != "regex"]
            expressions = [pair for pair in alike if pair[1].kind == "regex"]
            self._parts += [_Spelt(spelt, case)] if spelt else []
            self._parts += [_Expressions(expressions, case)] if expressions else []

    def find(self, text: str) -> Iterator[Hit]:
        """The rules in a text, in the order of the document."""
        found = [candidate for part in self._parts for candidate in part.find(text)]
        left = MOST_PLACES_OF_ALL
        for number, places in sorted(found, key=_by_number):
            most = min(self._most[number], left)
            # One more than is told, to know whether there are more.
            some = list(islice(places, most + 1))
            if some:
                told = [place for place in some[:most] if place[0] < place[1]]
                left -= len(told)
                yield Hit(number, told, len(some) > most)


Candidate = tuple[int, Iterator[Place]]
"""A rule that may be in a text, and its places there, looked for as they are asked for."""


class _Spelt:
    """Words and wildcards: what is looked for in the spelling of a text."""

    def __init__(self, rules: Numbered, case: bool) -> None:
        self._case = case
        self._by_word: dict[str, list[tuple[int, str]]] = {}
        self._loose: list[tuple[int, Callable[[str], Iterator[Place]]]] = []
        parts: list[str] = []
        for number, rule in rules:
            if rule.kind == "wildcard":
                wildcard = read_wildcard(rule.value, case)
                self._loose.append((number, _finder(wildcard.source)))
                parts.append(wildcard.part)
                continue
            spelling = Spelling(rule.value.strip(), case)
            if spelling.words:
                key = max(spelling.words, key=len)
                self._by_word.setdefault(key, []).append((number, spelling.text))
            else:
                self._loose.append((number, _seeker(spelling.text)))
                parts.append(spelling.text)
        self._words = frozenset(self._by_word)
        self._sieve = Sieve(list(map(re.escape, parts)), case=True)

    def find(self, text: str) -> Iterator[Candidate]:
        """The rules that may be in a text."""
        spelling = Spelling(text, self._case)
        for word in self._words.intersection(spelling.words):
            for number, spelt in self._by_word[word]:
                if spelt in spelling.text:
                    yield number, spelling.locate_all(_seeker(spelt)(spelling.text))
        if self._loose:
            for one in self._sieve.find(spelling.text.encode(errors="replace")):
                number, find = self._loose[one]
                yield number, spelling.locate_all(find(spelling.text))


class _Expressions:
    """Regular expressions: what is looked for in the text as it is."""

    def __init__(self, rules: Numbered, case: bool) -> None:
        self._rules = [(number, read_pattern(rule.value, case)) for number, rule in rules]
        self._sieve = Sieve([rule.value for _, rule in rules], case)

    def find(self, text: str) -> Iterator[Candidate]:
        """The rules that may be in a text."""
        encoded = text.encode(errors="replace")
        for one in self._sieve.find(encoded):
            number, pattern = self._rules[one]
            places = (match.span() for match in pattern.finditer(encoded))
            yield number, places if text.isascii() else _decode(encoded, places)


def prepare(rules: Sequence[Rule]) -> dict[str, Lexicon]:
    """A lexicon for each field that rules are about."""
    numbered = list(enumerate(rules))
    by_field = {field: [pair for pair in numbered if field in pair[1].fields] for field in FIELDS}
    return {field: Lexicon(found) for field, found in by_field.items() if found}


def _most(rule: Rule) -> int:
    return MOST_REPLACED if rule.do == "replace" else MOST_PLACES


def _by_number(candidate: Candidate) -> int:
    return candidate[0]


# Most wildcards are never found, so that none is compiled before it is needed.
_compile = lru_cache(maxsize=10_000)(re.compile)


def _finder(source: str) -> Callable[[str], Iterator[Place]]:
    return lambda text: (found.span() for found in _compile(source).finditer(text))


def _seeker(sought: str) -> Callable[[str], Iterator[Place]]:
    def find(text: str) -> Iterator[Place]:
        at = text.find(sought)
        while at >= 0:
            end = at + len(sought)
            yield at, end
            at = text.find(sought, end)

    return find


def _decode(encoded: bytes, places: Iterator[Place]) -> Iterator[Place]:
    """Places in UTF-8, none overlapping, as code points."""
    done = count = 0
    for start, end in places:
        if start == end:
            # It may be inside a character, where nothing is to be counted from.
            yield count, count
            continue
        # With `\C` RE2 finds parts of characters.
        begin = count + len(encoded[done:start].decode(errors="ignore"))
        count, done = begin + len(encoded[start:end].decode(errors="ignore")), end
        yield begin, count
