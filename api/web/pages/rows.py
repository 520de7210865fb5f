"""Comments in compact rows, as search, authors and articles list them."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from api.moderation import dossiers
from api.moderation.comments import State
from api.store.review import Waiting
from api.web.pages import highlight
from api.web.pages.cards import tell_age
from api.web.routing import caller, services

SNIPPET = 260
"""How many characters of a text a row shows."""

_BEFORE = 60
_WORD = re.compile(r"\w+")
_TERM = re.compile(r'(-?)"([^"]*)"?|(\S+)')


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


def describe(states: Sequence[State], words: Collection[str] = (), told: bool = False) -> list[Row]:
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


def read_words(query: str) -> frozenset[str]:
    """The words that a search is for, folded as `mark` compares them; not those it excludes.

    >>> sorted(read_words('ferry OR "Late again" -bus'))
    ['again', 'ferry', 'late']
    """
    found: set[str] = set()
    for minus, phrase, term in _TERM.findall(query):
        if minus or term.startswith("-") or term == "OR":
            continue
        found |= {_fold(word) for word in _WORD.findall(phrase or term)}
    return frozenset(found)


def mark(text: str, words: Collection[str]) -> list[tuple[str, bool]]:
    """A text in pieces, each with whether it is one of the words."""
    pieces: list[tuple[str, bool]] = []
    at = 0
    for found in _WORD.finditer(text) if words else ():
        if _fold(found[0]) in words:
            pieces += [(text[at : found.start()], False), (found[0], True)]
            at = found.end()
    return [piece for piece in [*pieces, (text[at:], False)] if piece[0]]


def cut(text: str, words: Collection[str]) -> str:
    """The part of a text that is worth a row: from shortly before the first such word."""
    first = next((m.start() for m in _WORD.finditer(text) if words and _fold(m[0]) in words), 0)
    start = 0 if first <= SNIPPET - _BEFORE else first - _BEFORE
    end = start + SNIPPET
    return f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"


def _describe(state: State, words: Collection[str], blind: bool) -> Row:
    codes = state.comment.reason_codes.split()
    return Row(
        state,
        mark(cut(state.revision.text, words), words),
        None if blind else state.comment.status,
        [] if blind else [highlight.name(code) for code in codes],
        tell_age(state.comment.received_at, services().now()),
    )


def _fold(word: str) -> str:
    """Without capitals and accents."""
    apart = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
