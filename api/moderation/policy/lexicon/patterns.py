"""Regular expressions as RE2 reads them: in linear time, in bounded memory, never by chance.

Expressions that would need much of either are refused when a policy is read, so that none can
fail when a comment comes.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import re2

LARGEST = 5_000
"""Instructions that one expression may have; `.` has 12, `\\p{L}` has 1,200."""

LARGEST_ALL = 100_000
"""Instructions that all expressions of a policy may have."""

_MEMORY = 1 << 20
"""Bytes that an expression of a site may take."""

_GROUP_MEMORY = 32 << 20
_GROUP = 32
"""How many expressions are looked for one by one when any of them is there."""

_GROUPS = 16

Pattern = Any


class PatternError(ValueError):
    """RE2 cannot use the expression; the message is a sentence."""


def read_pattern(source: str, case: bool) -> Pattern:
    """An expression ready for use, to be searched in UTF-8; raise PatternError."""
    try:
        pattern = re2.compile(source, _options(case, _MEMORY))
    except re2.error as error:
        raise PatternError(_explain(error)) from error
    if pattern.programsize > LARGEST:
        raise PatternError(_TOO_LARGE)
    return pattern


_TOO_LARGE = "Would take too long: repeat less, or use smaller classes of characters."


def _explain(error: Exception) -> str:
    said = error.args[0]
    words = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    if "too large" in words:
        return _TOO_LARGE
    return f"Not a regular expression that RE2 reads: {words}."


def _options(case: bool, memory: int) -> Any:
    options = re2.Options()
    options.case_sensitive = case
    options.log_errors = False
    options.max_mem = memory
    # Groups would only cost time.
    options.never_capture = True
    return options


class _Group(NamedTuple):
    """Members of a sieve, and what is in every text that one of them is in."""

    pattern: Pattern
    below: "tuple[_Group, ...]"
    members: tuple[int, ...]


class Sieve:
    """Which of many expressions may be in a text, asked of many at once.

    They are joined in groups of groups. RE2's own way for many, its `Set`, would find nothing
    where its memory is at an end, and not say so; a joined expression goes on, more slowly.
    """

    def __init__(self, sources: Sequence[str], case: bool) -> None:
        self._case = case
        self._sources = [_close(source) for source in sources]
        order = sorted(range(len(sources)), key=self._sources.__getitem__)
        self._groups = self._join(order, _GROUP * _GROUPS)

    def find(self, text: bytes) -> Iterator[int]:
        """The numbers of the expressions that may be in a text in UTF-8."""
        return _sift(self._groups, text)

    def _join(self, members: Sequence[int], size: int) -> tuple[_Group, ...]:
        parts = (members[at : at + size] for at in range(0, len(members), size))
        return tuple(group for part in parts for group in self._make(part))

    def _make(self, members: Sequence[int]) -> Iterable[_Group]:
        sources = (f"(?:{self._sources[one]})" for one in members)
        try:
            pattern = re2.compile("|".join(sources), _options(self._case, _GROUP_MEMORY))
        except re2.error:
            # Too large together, or two of their groups have one name.
            half = len(members) // 2
            return (*self._make(members[:half]), *self._make(members[half:]))
        below = self._join(members, _GROUP) if len(members) > _GROUP else ()
        return [_Group(pattern, below, tuple(members))]


def _close(source: str) -> str:
    """The expression, fit to stand before others: without a quotation that is still open."""
    if "\\Q" not in source:
        return source
    try:
        # Outside a quotation, `\E` is a mistake.
        re2.compile(f"{source}\\E", _options(True, _MEMORY))
    except re2.error:
        return source
    return f"{source}\\E"


def _sift(groups: Iterable[_Group], text: bytes) -> Iterator[int]:
    for group in groups:
        if group.pattern.search(text) is None:
            continue
        if group.below:
            yield from _sift(group.below, text)
        else:
            yield from group.members
