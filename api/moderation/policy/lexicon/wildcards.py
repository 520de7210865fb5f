"""Words with `*` and `?`, as regular expressions on the spelling of a text.

`*` is any run of letters and digits within a word, none too, and `?` is exactly one. In scripts
without blanks a wildcard stands for characters of such scripts, and none is needed at the edges.
"""

import re
from typing import NamedTuple

from api.moderation.policy.lexicon.spelling import LETTER, MARK, MARKS, UNSPACED, Spelling

_PIECE = re.compile(f"((?:{LETTER}|[*?])(?:{LETTER}|[*?{MARKS}])*)")
_UNSPACED = re.compile(f"[{UNSPACED}]")
_WILD = re.compile(r"[*?]+")
_IN_WORD = f"[^{MARK}]"
_BETWEEN_WORDS = f"[{UNSPACED}]"


class Wildcard(NamedTuple):
    """What is looked for in a spelling.

    `source` is an expression for Python's `re` that takes linear time. `part` is the longest
    string that is in every text that it finds.
    """

    source: str
    part: str


def read_wildcard(value: str, case: bool) -> Wildcard:
    """What a rule's value looks for."""
    pieces = Spelling(value.strip(), case, _PIECE.split).text.split(MARK)
    source = plain = ""
    for number, piece in enumerate(pieces):
        if number % 2 == 0:
            source += re.escape(piece)
            plain += piece
        elif _is_unspaced(pieces, number):
            source += _write(_drop_edges(piece, pieces, number), _BETWEEN_WORDS)
            plain += piece
        else:
            source += MARK + _write(piece, _IN_WORD) + MARK
            plain += MARK + piece + MARK
    return Wildcard(source, max(_WILD.split(plain), key=len))


def _is_unspaced(pieces: list[str], number: int) -> bool:
    """Whether it is a wildcard alone beside a character of a script without blanks."""
    beside = pieces[number - 1][-1:] + pieces[number + 1][:1]
    return set(pieces[number]) <= {"*", "?"} and _UNSPACED.search(beside) is not None


def _drop_edges(piece: str, pieces: list[str], number: int) -> str:
    outer = not any(pieces[:number]) or not any(pieces[number + 1 :])
    return piece.replace("*", "") if outer else piece


def _write(piece: str, one: str) -> str:
    """The piece as an expression, `one` being the class of what `?` stands for."""
    first, *inner = (
        "".join(one if char == "?" else re.escape(char) for char in part)
        for part in piece.split("*")
    )
    if not inner:
        return first
    # The first place is as good as any for all parts but the last: no need to come back.
    middle = "".join(f"(?>{one}*?{part})" for part in inner[:-1] if part)
    return f"{first}{middle}{one}*{inner[-1]}"
