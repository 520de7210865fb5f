"""A text drawn in kinds of characters, and the cheap looks that tell which fixes it may need.

Most comments need none, and must not pay for those that do: each look is one to a few searches
in a string of bytes. A look may be wrong in one way only, by calling a fix that finds nothing.
"""

import re
from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from classifier.characters import MARKS, PLAIN
from classifier.confusables import JOINERS, MIXED_LOOKALIKES, REGIONAL
from classifier.spellings import LEET

BMP: Final = 0x10000
_FAR: Final = np.array(sorted(ord(c) for c in (*PLAIN, *REGIONAL) if ord(c) >= BMP), np.uint32)
_MARK: Final = re.compile(f"[{MARKS}]")


def _kind(char: str) -> str:
    """Name the kind of `char` in the picture `draw` makes."""
    if char in PLAIN:
        return "x"
    if char.isascii():
        return _ascii_kind(char)
    if char in JOINERS:
        return "j"
    if "\u00c0" <= char < "\u0250" or "\u1e00" <= char < "\u1f00" or _MARK.match(char):
        return "é" if char.isalpha() or char not in LEET else "@"
    if char in MIXED_LOOKALIKES:
        return "ж"
    if char in LEET:
        return "@"
    if char.isspace():
        return " "
    return "a" if char.isalpha() else "~"


def _ascii_kind(char: str) -> str:
    if char.isalpha():
        return "a"
    if char.isdigit():
        return "0"
    return " " if char.isspace() else char


def _table() -> NDArray[np.uint8]:
    kinds = "".join(_kind(chr(code)) for code in range(BMP))
    return np.frombuffer((kinds[:-1] + "Z").replace("ж", "\xf0").encode("latin-1"), dtype=np.uint8)


_KINDS: Final = _table()
_ASCII_KINDS: Final = _KINDS[:256].tobytes()


def draw(text: str) -> bytes:
    """Return one byte a code point: its kind, for fast searches for suspicious neighbours.

    "a" plain letters, "0" digits, " " spaces, ASCII signs as such, "x" a styled or unseen
    character, "\\xe9" an accent, "\\xf0" a look-alike, "j" a joiner, "@" a sign that is also
    read as a letter, "~" the rest.
    """
    if text.isascii():
        return text.encode().translate(_ASCII_KINDS)
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    # The last code point of the table is no character, so its kind "Z" says: not in the table.
    kinds = _KINDS.take(codes, mode="clip")
    drawn = kinds.tobytes()
    if b"Z" in drawn:
        far = np.flatnonzero(kinds == ord("Z"))
        # `np.isin` would sort both first, at ten times the price.
        place = np.minimum(np.searchsorted(_FAR, codes[far]), len(_FAR) - 1)
        kinds[far] = np.where(_FAR[place] == codes[far], ord("x"), ord("~"))
        drawn = kinds.tobytes()
    return drawn


_WORD: Final = "aé\xf0"


def _grouped(groups: Mapping[str, str]) -> bytes:
    """Return a table for `bytes.translate`: each kind becomes the name of its group, or " "."""
    table = bytearray(b" " * 256)
    for name, kinds in groups.items():
        for kind in kinds:
            table[ord(kind)] = ord(name)
    return bytes(table)


_SINGLE: Final = _grouped({"a": _WORD + "x0@$"})
_SEPARATED: Final = _grouped({"a": _WORD + "0@$!", "*": "*^`#\\%~|", "-": '-./,_:;+=?"&'})
_PIECES: Final = _grouped({"a": _WORD, "-": "-./,_:"})
_LEETLIKE: Final = _grouped({"a": _WORD, "0": "0", "@": "@$+", "!": "!|", "(": "("})
# Plain ASCII: "x" for what no ordinary sentence has, "-" for what it has between words.
_CALM: Final = _grouped(
    {"x": "<&[{|\\*^~`#@$+%>]}", "-": '-/_:;=?",', "!": "!", "(": "(", ")": ")", " ": " "}
    | {"a": "".join(chr(code) for code in range(128) if chr(code).isalpha())}
    | {"0": "0123456789", ".": "."}
)
# A short piece beside a sign; longer ones are words.
_FRAGMENT: Final = re.compile(
    rb"[-.]a(?:(?<=[^a]a..)|(?<=[^a]aa..)|(?<=[^a]aaa..)|(?<=a..)a{0,2}+(?!a))"
)
_SINGLES: Final = re.compile(rb" a (?: {1,2}a |a a a )")
_APART: Final = re.compile(rb" \.[^!-,./:-?\[-^`{-}]")
_SAID: Final = re.compile(r"[\[({<] ?(?:\.|dot|d0t|:|@|at|/|slash) ?[\])}>]", re.I)


def is_calm(text: str) -> bool:
    """Whether an ASCII text is prose in which no fix finds anything; `glance.h` has a twin."""
    raw = text.encode()
    kinds = raw.translate(_CALM)
    return not (
        b"x" in kinds
        or b"a0" in kinds
        or b"0a" in kinds
        or b"!a" in kinds
        or b" ." in kinds
        or b"a(a" in kinds
        or b"()" in kinds
        or b"(." in kinds
        or ((b"a-a" in kinds or b"a.a" in kinds) and _FRAGMENT.search(b" " + kinds))
        or spells("", kinds)
        or runs(raw)
        or "dot" in (lower := text.lower())
        or "(at)" in lower
    )


def runs(raw: bytes) -> bool:
    """Whether a character stands three times in a row in any case, signs apart."""
    codes = np.frombuffer(raw.lower(), dtype=np.uint8)
    same = codes[1:] == codes[:-1]
    # A search in bytes costs a tenth of a call of NumPy, and few texts get past it.
    found = b"\1\1" in same.tobytes()
    return found and bool((codes[2:][same[1:] & same[:-1]] > ord("@")).any())


def spells(_: str, kinds: bytes) -> bool:
    """Single letters in a row."""
    kinds = b" " + kinds.translate(_SINGLE) + b" "
    return _SINGLES.search(kinds) is not None


def has_tags(_: str, kinds: bytes) -> bool:
    """A bracket that may open a tag."""
    return b"<" in kinds


def has_codes(_: str, kinds: bytes) -> bool:
    """A closing tag of BBCode."""
    return b"[/" in kinds


def has_entities(_: str, kinds: bytes) -> bool:
    """An entity of HTML."""
    return b"&" in kinds and b";" in kinds


def is_styled(_: str, kinds: bytes) -> bool:
    """A styled, boxed or unseen character."""
    return b"x" in kinds


def is_joined(_: str, kinds: bytes) -> bool:
    """A joiner or a keycap on a letter or digit."""
    return b"j" in kinds and (b"aj" in kinds or b"0j" in kinds or b"\xe9j" in kinds)


def is_accented(_: str, kinds: bytes) -> bool:
    """An accent or a mark."""
    return b"\xe9" in kinds


def is_foreign(_: str, kinds: bytes) -> bool:
    """A look-alike of a Latin letter."""
    return b"\xf0" in kinds


def has_scheme(text: str, kinds: bytes) -> bool:
    """Two strokes, as after the scheme of a link, but plain links need no fix."""
    return (
        b"/ /" in kinds
        or "// " in text
        or kinds.count(b"//") > text.count("http://") + text.count("https://")
    )


def has_host(text: str, _: bytes) -> bool:
    """A spaced-out "www"."""
    return "w w" in text or "W W" in text or ("[" in text and "ww[" in text.lower())


def has_brackets(text: str, kinds: bytes) -> bool:
    """A sign or its name in brackets."""
    found = b"(" in kinds or b"[" in kinds or b"{" in kinds or b"<" in kinds
    return found and _SAID.search(text) is not None


def speaks(text: str, kinds: bytes) -> bool:
    """A dot that is said, or stands apart; but one before another sign, " ...", says nothing."""
    if b"a,a" in kinds or "dot" in (lower := text.lower()):
        return True
    return b" ." in kinds and (b"," in kinds or "d0t" in lower or bool(_APART.search(kinds)))


def is_drawn(_: str, kinds: bytes) -> bool:
    """Strokes that may draw a letter."""
    # One sign is sought ten times faster than two, and mostly is not there.
    if b"|" in kinds or (b"\\" in kinds and (b"/\\" in kinds or b"\\/" in kinds)):
        return True
    return any(pair[:1] in kinds and pair in kinds for pair in (b"()", b"[]", b"><", b"}{"))


def is_signed(_: str, kinds: bytes) -> bool:
    """A sign inside a word."""
    kinds = kinds.translate(_SEPARATED)
    return b"a*a" in kinds or b"a**" in kinds


def is_cut(_: str, kinds: bytes) -> bool:
    """A piece of a word beside a hyphen or its like."""
    kinds = b" " + kinds.translate(_PIECES)
    return b"a-a" in kinds and _FRAGMENT.search(kinds) is not None


def is_leet(_: str, kinds: bytes) -> bool:
    """A digit or a sign beside a letter."""
    kinds = kinds.translate(_LEETLIKE)
    return (
        (b"0" in kinds and (b"a0" in kinds or b"0a" in kinds))
        or (b"@" in kinds and (b"a@" in kinds or b"@a" in kinds))
        or (b"!" in kinds and b"!a" in kinds)
        or (b"(" in kinds and b"a(a" in kinds)
    )


def is_drawn_out(text: str, _: bytes) -> bool:
    """A letter three times in a row."""
    return runs(text.encode("latin-1", "replace"))


def has_links(_: str, kinds: bytes) -> bool:
    """A link or an address."""
    return b"://" in kinds or b"@" in kinds or b"a.a" in kinds
