"""What people search for: words, "phrases", beginnings* and -what must not be there."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple, Self

from api.store.wording import split

MOST = 40
"""How many words a query may have."""

_PIECE = re.compile(r"""(?P<without>-?)(?:"(?P<quoted>[^"]*)"?|(?P<plain>[^\s"]+))""")


class QueryError(ValueError):
    """There is nothing to look for, or too much."""


class Term(NamedTuple):
    """Words that must stand side by side; with `prefix` the last one is a beginning."""

    words: tuple[str, ...]
    prefix: bool = False

    def is_in(self, padded: str) -> bool:
        """Whether it is in words with one blank around each."""
        return f" {' '.join(self.words)}{'' if self.prefix else ' '}" in padded

    def for_sqlite(self) -> str:
        """As FTS5 has it; words are letters and digits, so nothing has to be escaped."""
        return f'"{" ".join(self.words)}"{" *" if self.prefix else ""}'

    def for_postgresql(self) -> str:
        """As a `tsquery` has it."""
        found = " <-> ".join(f"'{word}'" for word in self.words)
        return f"({found}{':*' if self.prefix else ''})"


class Query(NamedTuple):
    """All of `wanted` and none of `unwanted`."""

    wanted: tuple[Term, ...]
    unwanted: tuple[Term, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read any text at all; raise QueryError where no word must be there, or too many are."""
        terms = list(_read(text))
        if sum(len(term.words) for term, _ in terms) > MOST:
            raise QueryError(f"Longer than {MOST} words.")
        wanted = tuple(dict.fromkeys(term for term, without in terms if not without))
        if not wanted:
            raise QueryError("Names no word to look for: letters and digits make words.")
        return cls(wanted, tuple(dict.fromkeys(term for term, without in terms if without)))

    def matches(self, words: str) -> bool:
        """Whether it is in words with a blank between each."""
        padded = f" {words} "
        return all(term.is_in(padded) for term in self.wanted) and not any(
            term.is_in(padded) for term in self.unwanted
        )

    @property
    def exact(self) -> Self:
        """What is left without beginnings, perhaps nothing; what matches this query matches it."""
        whole = (term._replace(words=term.words[:-1], prefix=False) for term in self.wanted)
        return type(self)(
            tuple(
                left if term.prefix else term
                for term, left in zip(self.wanted, whole, strict=True)
                if left.words or not term.prefix
            ),
            tuple(term for term in self.unwanted if not term.prefix),
        )

    @property
    def beginnings(self) -> list[Term]:
        """The wanted beginnings, each by itself."""
        return [Term(term.words[-1:], prefix=True) for term in self.wanted if term.prefix]

    def for_sqlite(self, also: Sequence[str] = ()) -> str:
        """As FTS5's MATCH has it; `also` are words of our own that must be there."""
        both = " AND ".join(
            [*(f'"{word}"' for word in also), *(term.for_sqlite() for term in self.wanted)]
        )
        without = " OR ".join(term.for_sqlite() for term in self.unwanted)
        return f"({both}) NOT ({without})" if without else both

    def for_postgresql(self, also: Sequence[str] = ()) -> str:
        """The same as a `tsquery`."""
        both = [f"'{word}'" for word in also] + [term.for_postgresql() for term in self.wanted]
        return " & ".join([*both, *(f"!{term.for_postgresql()}" for term in self.unwanted)])


parse = lru_cache(maxsize=1000)(Query.parse)


def _read(text: str) -> Iterator[tuple[Term, bool]]:
    """The terms of a query, and whether each must be missing.

    What is written in one piece, as `don't` or 東京, is a phrase; a star counts at a piece's end.
    """
    for piece in _PIECE.finditer(text):
        whole = piece["quoted"] if piece["quoted"] is not None else piece["plain"]
        words = tuple(split(whole))
        if words:
            yield Term(words, prefix=whole.endswith("*")), bool(piece["without"])
