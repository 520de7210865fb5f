"""Comments in compact rows, as search, authors and articles list them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import select

from api.moderation import dossiers
from api.moderation.comments import State
from api.store import queries, wording
from api.store.queries import QueryError
from api.store.review import Waiting
from api.web.pages import highlight
from api.web.pages.cards import tell_age
from api.web.routing import caller, services

SNIPPET = 260
"""How many characters of a text a row shows."""

_BEFORE = 60
# A letter may have accents that are characters of their own.
_WORD = re.compile(r"(?:[^\W_][\u0300-\u036f]*)+")


class Words(NamedTuple):
    """What a search is for, folded as `api.store.wording` does it."""

    whole: frozenset[str] = frozenset()
    beginnings: tuple[str, ...] = ()

    def has(self, word: str) -> bool:
        """Whether a folded word is one of them."""
        return word in self.whole or word.startswith(self.beginnings)


NO_WORDS = Words()


@dataclass(frozen=True, slots=True)
class Row:
    """A comment in short. `status` is None for who is asked about it and not to know.

    `pieces` are of its text, each with whether it is a word that was looked for.
    """

    state: State
    pieces: Sequence[tuple[str, bool]]
    status: str | None
    reasons: Sequence[str]
    age: str

    @property
    def id(self) -> str:
        """The comment's id."""
        return self.state.comment.public_id

    @property
    def author(self) -> dict[str, Any]:
        """Who wrote it, as the site says."""
        return self.state.comment.author

    @property
    def article(self) -> dict[str, Any]:
        """What it is written under."""
        return self.state.comment.article


def describe(states: Sequence[State], words: Words = NO_WORDS, told: bool = False) -> list[Row]:
    """Rows of comments; `told` is whether the list itself tells of their status.

    Then those are left out that the caller is asked about without being told.
    """
    blind = find_blind(states)
    return [
        _describe(state, words, state.comment.id in blind)
        for state in states
        if not (told and state.comment.id in blind)
    ]


def find_blind(states: Sequence[State]) -> set[int]:
    """The keys of those that the caller is asked about without being told what was said."""
    keys = [one.comment.id for one in states]
    wanted = select(Waiting.comment_id, Waiting.queue).where(Waiting.comment_id.in_(keys))
    with services().database.reading() as session:
        queues: dict[int, str] = dict(session.execute(wanted).all())
    return {
        one.comment.id
        for one in states
        if dossiers.is_blind(one, queues.get(one.comment.id), caller())
    }


def read_words(query: str) -> Words:
    """The words that a search is for; not those that must not be there.

    >>> words = read_words('ferr* "Late again" -bus')
    >>> sorted(words.whole), words.beginnings
    (['again', 'late'], ('ferr',))
    """
    try:
        terms = queries.parse(query).wanted
    except QueryError:
        return NO_WORDS
    whole = {word for term in terms for word in (term.words[:-1] if term.prefix else term.words)}
    return Words(frozenset(whole), tuple(term.words[-1] for term in terms if term.prefix))


def mark(text: str, words: Words) -> list[tuple[str, bool]]:
    """A text in pieces, each with whether it is one of the words."""
    pieces: list[tuple[str, bool]] = []
    at = 0
    for found in _find(text, words):
        pieces += [(text[at : found.start()], False), (found[0], True)]
        at = found.end()
    return [piece for piece in [*pieces, (text[at:], False)] if piece[0]]


def cut(text: str, words: Words) -> str:
    """The part of a text that is worth a row: from shortly before the first such word."""
    first = next((found.start() for found in _find(text, words)), 0)
    start = 0 if first <= SNIPPET - _BEFORE else first - _BEFORE
    end = start + SNIPPET
    return f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"


def _find(text: str, words: Words) -> Iterator[re.Match[str]]:
    for found in _WORD.finditer(text) if words != NO_WORDS else ():
        if any(words.has(one) for one in wording.split(found[0])):
            yield found


def _describe(state: State, words: Words, blind: bool) -> Row:
    codes = state.comment.reason_codes.split()
    return Row(
        state,
        mark(cut(state.revision.text, words), words),
        None if blind else state.comment.status,
        [] if blind else [highlight.name(code) for code in codes],
        tell_age(state.comment.received_at, services().now()),
    )
