"""Naive Bayes as rspamd learns spam, for comparison: pairs of words, Fisher's combination.

What rspamd's documentation and sources say (rspamd.com/doc/configuration/statistic.html,
src/libstat/classifiers/bayes.c), in our own words and numbers only: each word, and each pair of
words at most four apart ("orthogonal sparse bigrams", Siefkes et al., 2004), is a token. A token's
share of spam is drawn towards one half, the more so the further apart its words are, and left out
where it says little; the rest are combined as Fisher combined tests, once for spam and once for
the opposite (Robinson, "A Statistical Approach to the Spam Problem", 2003). It says nothing before
it has learnt 200 of each kind.
"""

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from math import exp, log
from typing import Final

_WORD: Final = re.compile(r"\w+")
_WINDOW: Final = 5
_LEAST_LEARNT: Final = 200
_LEAST_SEEN: Final = 2
"""A token that was seen less often says nothing."""
_FAINT: Final = 0.05
_SURE: Final = 0.05
"""Only a chance further from one half than this is a verdict."""
_WEIGHTS: Final = (1.0, 3125.0, 256.0, 27.0, 1.0)
"""By how far apart the words of a token are; 0 is a word alone."""
_UNDERFLOW: Final = -300.0

Token = tuple[int, str, str]


class Bayes:
    """What was learnt so far: how often each token was in spam, and in the rest."""

    def __init__(self) -> None:
        self._spam: Counter[Token] = Counter()
        self._ham: Counter[Token] = Counter()
        self._learnt = [0, 0]

    def learn(self, text: str, spam: bool) -> None:
        """Count a text that somebody has decided about."""
        (self._spam if spam else self._ham).update(find_tokens(text))
        self._learnt[spam] += 1

    def holds(self, text: str) -> bool:
        """Whether it says that the text is spam."""
        if min(self._learnt) < _LEAST_LEARNT:
            return False
        told = [share for token in find_tokens(text) if (share := self._weigh(token))]
        if not told:
            return False
        return _combine([log(one) for one in told], [log(1 - one) for one in told]) > 0.5 + _SURE

    def _weigh(self, token: Token) -> float | None:
        """The token's share of spam; None where it says too little."""
        spam, ham = self._spam[token], self._ham[token]
        seen = spam + ham
        if seen < _LEAST_SEEN:
            return None
        in_ham, in_spam = ham / self._learnt[0], spam / self._learnt[1]
        weight = _WEIGHTS[token[0]] * seen / (1 + _WEIGHTS[token[0]] * seen)
        share = (weight * 0.5 + seen * in_spam / (in_spam + in_ham)) / (weight + seen)
        return share if abs(share - 0.5) >= _FAINT else None


@lru_cache(maxsize=30_000)
def find_tokens(text: str) -> frozenset[Token]:
    """The distinct words and pairs of near words of a text."""
    return frozenset(_pair(_WORD.findall(text.casefold())))


def _pair(words: list[str]) -> Iterator[Token]:
    for place, word in enumerate(words):
        for apart in range(min(_WINDOW, place + 1)):
            yield apart, word, words[place - apart]


def _combine(spam: list[float], ham: list[float]) -> float:
    """The chance of spam of the tokens' logarithms for it and against it."""
    for_spam, for_ham, count = sum(spam), sum(ham), len(spam)
    if min(for_spam, for_ham) <= _UNDERFLOW:
        # Where Fisher's would be too small for a number, the plain product of the chances.
        return 1 / (1 + exp(max(-700.0, min(700.0, for_ham - for_spam))))
    return (1 + _fisher(for_spam, count) - _fisher(for_ham, count)) / 2


def _fisher(logs: float, count: int) -> float:
    """The chance of a sum of logarithms like this or lower were all tokens to say nothing.

    That is chi-square's upper tail with twice `count` degrees of freedom.
    """
    term = total = exp(logs)
    for number in range(1, count):
        term *= -logs / number
        total += term
    return min(1.0, total)
