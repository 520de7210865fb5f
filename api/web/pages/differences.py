"""What became of a text, word by word, in a form to be read."""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import NamedTuple

SAME, GONE, NEW = "same", "gone", "new"

LONGEST = 4_000
"""Of how many words a text is compared; of what comes after them, only that it is another."""

_PIECE = re.compile(r"\w+|\s+|[^\w\s]")


class Piece(NamedTuple):
    """Some of a text, and what became of it."""

    kind: str
    text: str


def compare(before: str, after: str) -> list[Piece]:
    """The later text, with what is new in it and what is gone from it.

    >>> [tuple(piece) for piece in compare("You are late.", "You are kind.")]
    [('same', 'You are '), ('gone', 'late'), ('new', 'kind'), ('same', '.')]
    """
    old, old_rest = _split(before)
    new, new_rest = _split(after)
    pieces: list[Piece] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=True).get_opcodes():
        if kind == "equal":
            pieces.append(Piece(SAME, "".join(new[c:d])))
        else:
            pieces += [Piece(GONE, "".join(old[a:b])), Piece(NEW, "".join(new[c:d]))]
    if old_rest == new_rest:
        pieces.append(Piece(SAME, new_rest))
    else:
        pieces += [Piece(GONE, old_rest), Piece(NEW, new_rest)]
    return list(_join(piece for piece in pieces if piece.text))


def _split(text: str) -> tuple[list[str], str]:
    pieces = _PIECE.findall(text)
    return pieces[:LONGEST], "".join(pieces[LONGEST:])


def _join(pieces: Iterable[Piece]) -> Iterable[Piece]:
    """Pieces beside each other that became of the same are one."""
    last: Piece | None = None
    for piece in pieces:
        if last is not None and last.kind == piece.kind:
            last = Piece(last.kind, last.text + piece.text)
            continue
        if last is not None:
            yield last
        last = piece
    if last is not None:
        yield last
