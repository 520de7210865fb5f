"""Words written so that a person still reads them and a filter does not.

Every function is pure, reads the text once and returns edits in rising order. What looks like
a link is blanked out by the caller first: "www", "b2b" and "e.g." are nobody's disguise.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final

from classifier.chunks import find_within
from classifier.confusables import LOOKALIKES, MIXED_LOOKALIKES
from classifier.leet import read_token
from classifier.spellings import DOUBLED, DRAWN, ENDINGS, LEET, SHORT_WORDS
from classifier.wrappers import Edit

_LATIN: Final = frozenset(
    chr(code) for code in (*range(0x250), *range(0x1E00, 0x1F00)) if chr(code).isalpha()
)
_SURE: Final = frozenset(LOOKALIKES)
_MIXED: Final = frozenset(MIXED_LOOKALIKES)
_FOLD: Final = str.maketrans(dict(MIXED_LOOKALIKES))
Fix = Callable[[str], list[Edit]]
_WORD: Final = re.compile(r"[^\W\d_]+")
# Four or more single letters or digits with one to three signs between them. Signs and letters
# are disjoint, so the pattern never goes back more than one step.
_SPACED: Final = re.compile(
    r"(?<![\w'’@$])[^\W_]((?:[\s._\-–—*~|,/\\'`+=^:;!\"#•·]{1,3}+[^\W_]){3,})(?![^\W_'’])"
)
_LETTERS: Final = re.compile(r"[a-z]{3,}", re.I)
_GAP: Final = re.compile(r"[\W_]+")
# "a s t u p i d" begins with an article, "a s s h o l e" and "a n n o y" do not.
_ARTICLE: Final = re.compile(r"a (?!s s|r s|n n|n u|n a|b u|w f|n g|d d)(?:[^\W_] ){3}", re.I)
_RUN: Final = re.compile(r"([a-z])\1\1+", re.I)
_AGAIN: Final = re.compile(r"([a-z])\1+", re.I)
_AGAIN_OR_ONE: Final = re.compile(r"([a-z])\1*", re.I)
_NUMERALS: Final = frozenset("IVXLCM")
# Signs that ordinary writing puts between letters, and those it does not.
_SOFT: Final = re.compile(r"(?<![\w.\-/])[^\W\d_]++([-./,_:])[^\W\d_]++(?:\1[^\W\d_]++)*+")
_SOFT_SIGN: Final = re.compile(r"[-./,_:](?<=[^\W\d_].)(?=[^\W\d_])")
_HARD: Final = re.compile(r"(?<=[^\W_])[*~^|`#\\%•·¨´¬'\"]{1,3}(?=[^\W_])")
_SIGNS: Final = re.escape("".join(LEET))
# With the letters that ignoring case brings in: the dotless i, the long s and others.
_LEET_SIGN: Final = re.compile(rf"[{_SIGNS}\u0130\u0131\u017f\u212a\u03bc\u1e9e]")
# Words of plain letters alone end at the look ahead.
_LEET: Final = re.compile(
    rf"(?<![\w.])(?=(?-i:[A-Za-z]*+)[a-z{_SIGNS}])[a-z{_SIGNS}]{{3,40}}+(?!\w)", re.I
)
_DRAWN: Final = re.compile("|".join(map(re.escape, sorted(DRAWN, key=len, reverse=True))))


def fold_lookalikes(text: str) -> list[Edit]:
    """Fold letters of other scripts that are read as Latin ones.

    In a word that also has Latin letters, or that is made of look-alikes of two scripts, every
    letter folds. A word made of the surest look-alikes alone folds only where at least two
    thirds of the words are Latin: "соре" in English, never in Russian.
    """
    mixed: list[re.Match[str]] = []
    whole: list[re.Match[str]] = []
    latin = genuine = 0
    for word in _WORD.finditer(text):
        letters = set(word[0])
        foreign = letters - _LATIN
        if not foreign:
            latin += 1
        elif not foreign <= _MIXED:
            genuine += 1
        elif len(foreign) < len(letters) or _scripts(foreign) > 1:
            mixed.append(word)
        elif foreign <= _SURE:
            whole.append(word)
        else:
            genuine += 1
    latin += len(mixed)
    chosen = mixed if latin > genuine else []
    if whole and latin > 2 * genuine:
        chosen = sorted(chosen + whole, key=_start)
    return [Edit(*word.span(), word[0].translate(_FOLD)) for word in chosen]


def _start(word: re.Match[str]) -> int:
    return word.start()


def _scripts(letters: set[str]) -> int:
    # Blocks of 256 tell scripts apart well enough; Greek and Coptic share one.
    return len({ord(letter) >> 8 for letter in letters})


def join_letters(text: str) -> list[Edit]:
    """Join four or more single letters: "i d i o t", "i-d-i-o-t", "i. d. i. o. t".

    A space that is not the commonest gap parts two words. Numbers and the alphabet stay as
    they are, and so does an article before the letters.
    """
    edits: list[Edit] = []
    for run in _SPACED.finditer(text):
        if not _spelt([c for c in run[0] if c.isalnum()]):
            continue
        gaps = list(_GAP.finditer(text, run.start(), run.end()))
        usual = Counter(gap[0] for gap in gaps).most_common(1)[0][0]
        parted = _ARTICLE.match(run[0]) is not None
        for gap in gaps:
            wide = parted or (gap[0] != usual and gap[0].isspace())
            edits.append(Edit(gap.start(), gap.end(), " " if wide else ""))
            parted = False
    return edits


def _spelt(letters: list[str]) -> bool:
    """Whether single letters spell something: mostly letters, not a list from A on."""
    if 2 * sum(letter.isalpha() for letter in letters) < len(letters):
        return False
    codes = [ord(letter.lower()) for letter in letters]
    steps = {after - before for before, after in pairwise(codes)}
    return steps not in ({1}, {0}, {-1})


def read_drawings(text: str) -> list[Edit]:
    r"""Read letters drawn with signs, "/\" and "|_|", where they touch a letter."""
    edits = []
    for drawn in _DRAWN.finditer(text):
        around = (
            text[max(drawn.start() - 1, 0) : drawn.start()] + text[drawn.end() : drawn.end() + 1]
        )
        if any(char.isalpha() for char in around) and not (
            drawn[0] in ("()", "[]") and len(around.strip()) < 2
        ):
            edits.append(Edit(drawn.start(), drawn.end(), DRAWN[drawn[0]]))
    return edits


def drop_signs(text: str) -> list[Edit]:
    """Drop signs that no spelling puts inside a word: "stu*pid", "mo~ron", "lo|ser"."""
    return [
        Edit(sign.start(), sign.end(), "")
        for sign in _HARD.finditer(text)
        if sign[0] not in ("'", '"')
    ]


def join_fragments(text: str) -> list[Edit]:
    """Join what hyphens, full stops and the like have cut: "stu-pid", "i.di.ot", "mo_ron".

    One of the pieces must be short, of several or beside a stroke too short to be a word, and
    none an ending such as "com" or "py": "well-known", "and/or", "mother-in-law", "e.g.",
    "site.com", "U.S." and "user_name" stay.
    """
    edits = []
    for whole in find_within(_SOFT, _SOFT_SIGN, text):
        sign = whole[1]
        pieces = whole[0].split(sign)
        if not _fragments(pieces, sign):
            continue
        place = whole.start()
        for piece in pieces[:-1]:
            place += len(piece)
            edits.append(Edit(place, place + 1, ""))
            place += 1
    return edits


def _fragments(pieces: list[str], sign: str) -> bool:
    last, letters = pieces[-1], sum(map(len, pieces))
    if sign == "." and (last.lower() in ENDINGS or last.istitle()):
        return False
    if not 4 - (sign == "_") <= letters <= 24 or (pieces[0].istitle() and last.istitle()):
        return False
    short = [piece for piece in pieces if len(piece) <= 3]
    if len(pieces) == 2 and sign in "._":
        return bool(short)
    if len(pieces) == 2 and sign == "-" and letters <= 7 and min(map(len, pieces)) != 2:
        # "bit-coin" and "k-ill"; "hip-hop" and "e-mail" lose nothing.
        return bool(short)
    few = len(pieces) > 2 and all(len(piece) <= 2 for piece in pieces)
    return few or any(piece.lower() not in SHORT_WORDS for piece in short)


def read_leet(text: str) -> list[Edit]:
    """Read digits and signs as letters where that gives a word: "1d10t", "@$$hole", "b!tch".

    Prices, times, "4th", "3D", "mp3" and "covid19" have no letter after the digit or too few
    around it; what keeps a digit or has no vowel is no word.
    """
    edits = []
    for found in find_within(_LEET, _LEET_SIGN, text):
        # Brackets and marks of exclamation around a word are not of it; "word(s)" is no word.
        token = found[0].rstrip("!|(")
        start = found.start() + len(token)
        token = token.lstrip("(¡")
        start -= len(token)
        if (token.isascii() and token.isalpha()) or (
            "(" in token and ")" in text[found.end() : found.end() + 30]
        ):
            continue
        plain = read_token(token)
        if plain:
            edits.append(Edit(start, start + len(token), plain))
    return edits


def cut_runs(text: str) -> list[Edit]:
    """Cut three or more of a letter to one, or to two where a known word has two: "coool"."""
    return [
        Edit(word.start() + start, word.start() + end, plain)
        for word in _LETTERS.finditer(text)
        for start, end, plain in _runs_of(word[0])
    ]


# A text can hold thousands of short words with runs, but not thousands of different ones.
@lru_cache(maxsize=2048)
def _runs_of(word: str) -> Sequence[tuple[int, int, str]]:
    """Return where the runs of a word are, and what is left of each."""
    runs = list(_RUN.finditer(word))
    if not runs or set(word) <= _NUMERALS or word.lower() == "www":
        return ()
    known = DOUBLED.get(_AGAIN.sub(r"\1", word).lower(), "")
    doubles = [bool(known) and _doubled_at(known, word[: run.start()]) for run in runs]
    return [(*run.span(), run[0][: 1 + double]) for run, double in zip(runs, doubles, strict=True)]


def _doubled_at(word: str, before: str) -> bool:
    """Whether `word` doubles the letter that follows `before`, doubles there counted once."""
    run = list(_AGAIN_OR_ONE.finditer(word))[len(_AGAIN.sub(r"\1", before))]
    return len(run[0]) > 1
