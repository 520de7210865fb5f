"""Words that are turned: upside down letter by letter, or shown backwards by an override.

Every function is pure, reads the text once and returns edits in rising order. Characters of a
turned word lend their offsets in the order in which they stand, not in which they are read.
"""

import re
from typing import Final

from classifier.wrappers import Edit

# What looks like a turned letter and is one of another alphabet, then what is plain both ways.
_SURE: Final = dict(zip("ɐɔǝɟƃɥᴉɾʞʅɯɹʇʌʍʎ", "acefghijklmrtvwy", strict=True))
_TURNED: Final = _SURE | dict(zip("qplunodbsxz", "bdlnuopqsxz", strict=True))
_PLAIN: Final = str.maketrans(_TURNED)
_SIGN: Final = re.compile(f"[{''.join(_SURE)}]")
_WORD: Final = re.compile(rf"(?<!\w)[{''.join(_TURNED)}]{{3,40}}+(?!\w)")
# Shown from right to left until it is taken back or the line ends.
_OVERRIDE: Final = "\u202e"
_BACKWARDS: Final = re.compile("\u202e([^\u202a-\u202e\n]{1,400}+)\u202c?")


def is_backwards(text: str, _: bytes) -> bool:
    """An override of the direction."""
    return _OVERRIDE in text


def read_backwards(text: str) -> list[Edit]:
    """Read what an override shows from right to left."""
    return [Edit(*run.span(), run[1][::-1]) for run in _BACKWARDS.finditer(text)]


def is_turned(text: str, _: bytes) -> bool:
    """A letter that stands on its head."""
    return not text.isascii() and _SIGN.search(text) is not None


def turn_words(text: str) -> list[Edit]:
    """Turn words with two or more letters on their heads: a single one is phonetics or Greek."""
    return [
        Edit(*word.span(), word[0][::-1].translate(_PLAIN))
        for word in _WORD.finditer(text)
        if len(_SIGN.findall(word[0])) >= 2
    ]
