"""A second view of a text, with its disguises taken off, and the way back to the raw offsets.

The view never replaces the text: a model scores both, and what was plain stays as it was. Each
fix is a small pure function in `characters`, `wrappers` or `disguises`; here are their order
and, for each, the cheap look at the text's picture without which it is not called: most
comments need none. All of it is linear in the length of the text.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from classifier import characters, disguises, wrappers
from classifier.characters import Picture, draw
from classifier.spellings import DOMAINS
from classifier.wrappers import Edit

Offsets = NDArray[np.int64]
# Disguises inside disguises are undone layer by layer; nobody reads deeper ones.
ROUNDS: Final = 4
_LINK: Final = re.compile(
    r"(?<!\w)(?:[a-z][a-z0-9+.-]{1,9}://\S++|www\.\S++|[\w.+-]{1,64}+@[\w-]{1,63}+\.[\w.-]++"
    rf"|[\w-]{{2,63}}+(?:\.[\w-]{{2,63}}+){{0,4}}?\.(?:{DOMAINS})\b\S*+)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Normalised:
    """A view of a raw text: `origin[i]` is the raw offset of `text[i]`, never falling."""

    text: str
    origin: Offsets


def _kinds(**groups: str) -> bytes:
    """Return a table for `bytes.translate` that gives each group of kinds one byte."""
    table = bytearray(b" " * 256)
    for name, kinds in groups.items():
        for kind in kinds:
            table[ord(kind)] = ord(_NAMES[name])
    return bytes(table)


_NAMES: Final = {"word": "a", "hard": "*", "soft": "-", "digit": "0", "sign": "@", "bang": "!"}
_SINGLE: Final = _kinds(word="aéðx0@$")
_SEPARATED: Final = _kinds(word="aéð0@$!", hard="*^`#\\%~|", soft='-./,_:;+=?"&')
_LEETLIKE: Final = _kinds(word="aéð", digit="0", sign="@$+", bang="!|(")

_Gate = Callable[[str, Picture], bool]
_Fix = Callable[[str], list[Edit]]


def _has(*needles: bytes) -> _Gate:
    return lambda _, picture: any(needle in picture.kinds for needle in needles)


def _spells(_: str, picture: Picture) -> bool:
    kinds = b" " + picture.kinds.translate(_SINGLE) + b" "
    return b" a a a a " in kinds or b" a  a " in kinds or b" a   a " in kinds


def _speaks(text: str, picture: Picture) -> bool:
    return b" ." in picture.kinds or b"a,a" in picture.kinds or "dot" in text.lower()


def _leet(_: str, picture: Picture) -> bool:
    kinds = picture.kinds.translate(_LEETLIKE)
    return any(pair in kinds for pair in (b"a0", b"0a", b"a@", b"@a", b"!a"))


def _separated(needles: Sequence[bytes]) -> _Gate:
    def look(_: str, picture: Picture) -> bool:
        kinds = picture.kinds.translate(_SEPARATED)
        return any(needle in kinds for needle in needles)

    return look


# Layer by layer, from the wrapping to the letters. The first fixes see the whole text, the
# second see it without its links, where no spelling is a disguise.
_WHOLE: Final[tuple[tuple[_Gate, Callable[[str], "list[Edit] | list[str]"]], ...]] = (
    (_has(b"<"), wrappers.unwrap_markup),
    (_has(b"[/"), wrappers.unwrap_codes),
    (_has(b"&"), wrappers.decode_entities),
    (_has(b"x"), characters.spell_flags),
    (_has(b"x"), characters.plain_characters),
    (_has(b"aj", b"0j", b"\xe9j"), characters.drop_joiners),
    (_has(b"\xe9"), characters.strip_accents),
    (_has(b"\xf0"), disguises.fold_lookalikes),
    (_has(b"//", b"/ /"), wrappers.refang_schemes),
    (lambda text, _: "w w" in text or "www" in text, wrappers.refang_hosts),
    (_has(b"[", b"(", b"{", b"<"), wrappers.refang_brackets),
    (_speaks, wrappers.refang_spoken),
)
_WORDS: Final[tuple[tuple[_Gate, _Fix], ...]] = (
    (_spells, disguises.join_letters),
    (_has(b"/\\", b"\\/", b"|", b"()", b"[]", b"><", b"}{"), disguises.read_drawings),
    (_separated((b"a*a", b"a**")), disguises.drop_signs),
    (_separated((b"a-a",)), disguises.join_fragments),
    (_leet, disguises.read_leet),
    (lambda _, picture: picture.runs, disguises.cut_runs),
)


def normalise(text: str) -> Normalised:
    """Return `text` as a reader sees it through the disguises. Never raises for any string.

    The view is at most as long as the text but for ligatures and numbers in one character,
    which become up to three. Normalising a view again leaves it as it is, unless disguises
    were put in each other more than `ROUNDS` deep.
    """
    view = Normalised(text, np.arange(len(text)))
    for _ in range(ROUNDS):
        before = view.text
        view = _undisguise(view)
        if view.text == before:
            break
    return view


def _undisguise(view: Normalised) -> Normalised:
    picture = draw(view.text)
    for gate, fix in _WHOLE:
        if gate(view.text, picture):
            view, picture = _changed(view, picture, fix(view.text))
    for word_gate, word_fix in _WORDS:
        if word_gate(view.text, picture):
            view, picture = _changed(view, picture, word_fix(_without_links(view.text, picture)))
    return view


def _without_links(text: str, picture: Picture) -> str:
    """Return `text` with the characters of links and addresses as NULs, which no fix touches."""
    if b"." not in picture.kinds and b"://" not in picture.kinds:
        return text
    return _LINK.sub(lambda link: "\0" * len(link[0]), text)


def _changed(
    view: Normalised, picture: Picture, found: "list[Edit] | list[str]"
) -> tuple[Normalised, Picture]:
    changed = (
        _replaced(view, found) if found and isinstance(found[0], str) else _edited(view, found)
    )
    return (view, picture) if changed.text == view.text else (changed, draw(changed.text))


def _replaced(view: Normalised, pieces: list[str]) -> Normalised:
    """Put one piece for each code point."""
    text = "".join(pieces)
    lengths = np.fromiter(map(len, pieces), dtype=np.int64, count=len(pieces))
    return Normalised(text, np.repeat(view.origin, lengths))


def _edited(view: Normalised, edits: list[Edit]) -> Normalised:
    """Apply edits; the first characters an edit covers lend their offsets to what it puts."""
    parts: list[str] = []
    keep = np.ones(len(view.text), dtype=bool)
    done = 0
    for start, end, plain in edits:
        parts += (view.text[done:start], plain)
        keep[start + len(plain) : end] = False
        done = end
    parts.append(view.text[done:])
    return Normalised("".join(parts), view.origin[keep])
