"""Where the sentences of a comment are, as Perspective's clients count."""

import re
from collections.abc import Sequence

MOST = 2000
"""How many sentences are told apart; the last is all the rest."""

_END = re.compile(
    r"""(?: (?<![.!?…]) [.!?…]++ ["'”’»)\]]*+ (?=\s) | [。！？]++ ["'”’」』）]*+ | \n ) \s*+""",
    re.VERBOSE,
)
_ABBREVIATION = re.compile(
    r"""(?:^|[\s("'])(?: (?i:mr|mrs|ms|dr|prof|st|vs|e\.g|i\.e) | [A-HJ-Z] ) \.\Z""", re.VERBOSE
)
_LONGEST_ABBREVIATION = 6


def split(text: str) -> list[str]:
    """The sentences of a text, one at least; together they are all of it.

    One ends with its stop and the blanks behind it, or with its line.
    """
    found: list[str] = []
    begin = 0
    for end in _END.finditer(text):
        if len(found) == MOST - 1:
            break
        piece = text[begin : end.end()]
        if piece.strip() and not _abbreviates(text[begin : end.start() + 1]):
            found.append(piece)
            begin = end.end()
    if begin < len(text):
        found.append(text[begin:])
    return found


def measure(pieces: Sequence[str]) -> list[tuple[int, int]]:
    """Where each piece begins and ends in the whole, in UTF-16's units."""
    found = []
    begin = 0
    for piece in pieces:
        end = begin + (len(piece) if piece.isascii() else len(piece.encode("utf-16-le")) // 2)
        found.append((begin, end))
        begin = end
    return found


def _abbreviates(sentence: str) -> bool:
    return _ABBREVIATION.search(sentence[-_LONGEST_ABBREVIATION:]) is not None
