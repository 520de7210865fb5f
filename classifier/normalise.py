"""A second view of a text, with its disguises taken off, and the way back to the raw offsets.

The view never replaces the text: a model scores both, and what was plain stays as it was. Each
fix is a small pure function in `characters`, `wrappers` or `disguises`; here is their order.
All of it is linear in the length of the text.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from classifier import characters, disguises, masks, pictures, turned, wrappers
from classifier.chunks import find_chunks
from classifier.glance import DISGUISED, PIECED, SOUNDED, STRANGE, glance
from classifier.spellings import DOMAINS
from classifier.wrappers import Edit

Offsets = NDArray[np.int64]
_Look = Callable[[str, bytes], bool]
_Fixes = Sequence[tuple[_Look, Callable[[str], list[Edit]]]]

# Disguises inside disguises are undone layer by layer; nobody reads deeper ones.
ROUNDS: Final = 5
# Layer by layer, from the wrapping to the letters.
_WRAPPERS: Final[_Fixes] = (
    (pictures.has_tags, wrappers.unwrap_markup),
    (pictures.has_codes, wrappers.unwrap_codes),
    (pictures.has_entities, wrappers.decode_entities),
    (pictures.is_styled, characters.spell_flags),
    (turned.is_backwards, turned.read_backwards),
    (turned.is_turned, turned.turn_words),
)
_LETTERS: Final[Sequence[tuple[_Look, Callable[[str], list[str]]]]] = (
    (pictures.is_styled, characters.plain_characters),
    (pictures.is_accented, characters.strip_accents),
)
_LINKS: Final[_Fixes] = (
    (pictures.is_joined, characters.drop_joiners),
    (pictures.is_foreign, disguises.fold_lookalikes),
    (pictures.has_scheme, wrappers.refang_schemes),
    (pictures.has_host, wrappers.refang_hosts),
    (pictures.has_brackets, wrappers.refang_brackets),
    (pictures.speaks, wrappers.refang_spoken),
)
_WORDS: Final[_Fixes] = (
    (pictures.spells, disguises.join_letters),
    (pictures.is_drawn, disguises.read_drawings),
    (masks.is_masked, masks.read_masks),
    (pictures.is_signed, disguises.drop_signs),
    (pictures.is_cut, disguises.join_fragments),
    (pictures.is_leet, disguises.read_leet),
    (pictures.is_drawn_out, disguises.cut_runs),
)
# What only a list of words can tell, when all else is plain.
_HIDDEN: Final = ((PIECED, masks.join_pieces), (SOUNDED, masks.read_respellings))
_HIDING: Final = STRANGE | DISGUISED | PIECED | SOUNDED
# What every link has; none has a blank, so that only what stands between blanks is searched.
_LINKISH: Final = re.compile(
    rf"(?-i:[:@wW.])(?:(?<=@)|(?<=:)//|(?<=w)ww\.|(?<=\.)(?:{DOMAINS})\b)", re.I
)
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


def normalise(text: str) -> Normalised:
    """Return `text` as a reader sees it through the disguises. Never raises for any string.

    `text` itself comes back where there is nothing to undo. The view is never longer but for
    ligatures and numbers in one character, which become up to three, and for words that were
    respelt with fewer letters. Normalising a view again
    leaves it as it is, unless disguises were put in each other more than `ROUNDS` deep.
    """
    return find_view(text) or Normalised(text, np.arange(len(text)))


def find_view(text: str) -> Normalised | None:
    """As `normalise`, but None where there is nothing to undo, as in most texts."""
    marks = glance(text)
    if not marks & _HIDING or (
        not marks & (STRANGE | DISGUISED)
        and not any(marks & mark and fix(text) for mark, fix in _HIDDEN)
    ):
        return None
    view = _View(text, np.arange(len(text)))
    for _ in range(ROUNDS):
        before = view.text
        view.undisguise()
        if view.text == before:
            break
    return None if view.text == text else Normalised(view.text, view.origin)


class _View:
    """A text on its way, its offsets and its picture."""

    def __init__(self, text: str, origin: Offsets) -> None:
        self.text, self.origin, self.kinds = text, origin, pictures.draw(text)
        self._linkless: str | None = None

    def undisguise(self) -> None:
        """Apply each fix once."""
        self._fix(_WRAPPERS)
        if not self.text.isascii():
            for look, letters in _LETTERS:
                if look(self.text, self.kinds):
                    self._replace(letters(self.text))
        self._fix(_LINKS)
        for look, fix in _WORDS:
            if look(self.text, self.kinds):
                self._edit(fix(self._without_links()))
        marks = glance(self.text)
        for mark, fix in _HIDDEN:
            if marks & (mark | STRANGE):
                self._edit(fix(self._without_links()))

    def _fix(self, fixes: _Fixes) -> None:
        for look, fix in fixes:
            if look(self.text, self.kinds):
                self._edit(fix(self.text))

    def _without_links(self) -> str:
        """Return the text with links and addresses as NULs: no spelling there is a disguise."""
        if self._linkless is None:
            found = pictures.has_links(self.text, self.kinds)
            self._linkless = _blank_links(self.text) if found else self.text
        return self._linkless

    def _replace(self, pieces: list[str]) -> None:
        """Put one piece for each code point."""
        text = "".join(pieces)
        if text != self.text:
            lengths = np.fromiter(map(len, pieces), dtype=np.int64, count=len(pieces))
            self._become(text, np.repeat(self.origin, lengths))

    def _edit(self, edits: list[Edit]) -> None:
        """Apply edits; the first characters an edit covers lend their offsets to what it puts.

        The last one lends its offset again to what is longer.
        """
        if not edits:
            return
        parts: list[str] = []
        times = bytearray(b"\1" * len(self.text))
        done = 0
        for start, end, plain in edits:
            parts += (self.text[done:start], plain)
            gone = end - start - len(plain)
            if gone < 0:
                times[end - 1] = 1 - gone
            else:
                times[end - gone : end] = bytes(gone)
            done = end
        parts.append(self.text[done:])
        lent = np.frombuffer(times, dtype=np.uint8)
        self._become("".join(parts), np.repeat(self.origin, lent))

    def _become(self, text: str, origin: Offsets) -> None:
        if text != self.text:
            self.text, self.origin, self.kinds = text, origin, pictures.draw(text)
            self._linkless = None


def _blank_links(text: str) -> str:
    parts: list[str] = []
    done = 0
    for start, end in find_chunks(_LINKISH, text):
        parts += (text[done:start], _LINK.sub(_blank, text[start:end]))
        done = end
    return "".join(parts) + text[done:] if parts else text


def _blank(link: re.Match[str]) -> str:
    return "\0" * len(link[0])
