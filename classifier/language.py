"""Tell in which language a text is written, or admit not to know.

First the script, which settles most; then the small words, which every sentence needs. A
statistical model such as py3langid's names the language of more short sentences, but costs
every worker 60 to 80 MB and a second of loading; this costs neither, and says "und" where the
evidence is thin.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from classifier.languagewords import (
    ALSO_ENGLISH,
    CYRILLIC_LETTERS,
    CYRILLIC_WORDS,
    SMALL_WORDS,
    TELLING_LETTERS,
)

# Fewer letters are a word or two, and many words belong to many languages.
FEWEST_LETTERS: Final = 20
# One sign of these scripts says as much as three letters.
DENSE_WEIGHT: Final = 3
# So much of a text's words must be small words of the language.
LEAST_SHARE: Final = 0.12
# A word of one letter is often an initial; a letter with an accent can be in a borrowed word.
LETTER_WORTH: Final = 0.4
# "In", "war" and "come" are words of English first, and the data are English.
ENGLISH_WORTH: Final = 0.25
# And at least so much evidence in all.
LEAST_EVIDENCE: Final = 1.0
# A word that k languages share counts 1 / k ** POWER.
POWER: Final = 0.6
# The second best may have at most so much of the evidence of the best.
MARGIN: Final = 0.85
# Longer texts say nothing new.
LONGEST: Final = 2000

_NO_PROSE: Final = (
    r"(?:https?://|www\.)\S{1,2000}|<[^<>]{1,500}>|\[/?\w{1,20}[^\[\]\s]{0,300}\]|[@#]\w{1,100}"
)
_APART: Final = re.compile(_NO_PROSE)
# Addresses begin with anything, so that the search for them is the dearest.
_APART_WITH_ADDRESSES: Final = re.compile(_NO_PROSE + r"|\S{1,100}@\S{1,200}")
_INSIDE: Final = re.compile(r"@(?<=\S@)\S")
_MARKS: Final = ("://", "www.", "<", "[", "@", "#")
# ASCII letters as lower case and the rest as blanks: the words in a fifth of the time.
_PLAIN: Final = bytes(
    ord(chr(code).lower()) if chr(code).isalpha() and code < 128 else ord(" ")
    for code in range(256)
)
_WORD: Final = re.compile(r"[^\W\d_]+")
_OTHER_SCRIPT: Final = re.compile(r"[\u0370-\u1FFF\u3040-\u30FF\u3400-\u9FFF\uAC00-\uD7AF]+")
_SCRIPTS: Final[Mapping[str, str]] = {
    "cyrillic": "\u0400-\u052f",
    "arabic": "\u0600-\u06ff\u0750-\u077f",
    "el": "\u0370-\u03ff\u1f00-\u1fff",
    "he": "\u0590-\u05ff",
    "hy": "\u0530-\u058f",
    "hi": "\u0900-\u097f",
    "bn": "\u0980-\u09ff",
    "pa": "\u0a00-\u0a7f",
    "gu": "\u0a80-\u0aff",
    "ta": "\u0b80-\u0bff",
    "te": "\u0c00-\u0c7f",
    "kn": "\u0c80-\u0cff",
    "ml": "\u0d00-\u0d7f",
    "si": "\u0d80-\u0dff",
    "th": "\u0e00-\u0e7f",
    "lo": "\u0e80-\u0eff",
    "my": "\u1000-\u109f",
    "ka": "\u10a0-\u10ff",
    "am": "\u1200-\u137f",
    "km": "\u1780-\u17ff",
    "ja": "\u3040-\u30ff",
    "zh": "\u3400-\u9fff",
    "ko": "\u1100-\u11ff\uac00-\ud7af",
}
_DENSE: Final = frozenset({"ja", "zh", "ko"})
_LATIN_LETTERS: Final = {code: frozenset(chars) for code, chars in TELLING_LETTERS.items()}
_CYRILLIC_LETTERS: Final = {code: frozenset(chars) for code, chars in CYRILLIC_LETTERS.items()}
_LETTERS_OF: Final = {name: re.compile(f"[{chars}]") for name, chars in _SCRIPTS.items()}


@dataclass(frozen=True, slots=True)
class Language:
    """`code` is ISO 639-1, "und" when unknown; `confidence` is in [0, 1], 0 when unknown."""

    code: str
    confidence: float


UNKNOWN: Final = Language("und", 0.0)


def detect(text: str) -> Language:
    """Return the language of `text`'s prose; links, markup, @names and #tags are left out.

    Never raises for any string. "und" for fewer than 20 letters and wherever the evidence is
    thin or torn.

    >>> detect("Das ist doch nicht der Grund, warum wir hier sind.").code
    'de'
    >>> detect("idiot").code
    'und'
    """
    prose = text[:LONGEST]
    if any(mark in prose for mark in _MARKS):
        prose = (_APART_WITH_ADDRESSES if _INSIDE.search(prose) else _APART).sub(" ", prose)
    if prose.isascii():
        words = prose.encode().translate(_PLAIN).decode().split()
        letters = sum(map(len, words))
    else:
        words = _WORD.findall(prose.lower())
        letters = sum(map(len, words))
        other = sum(map(len, _OTHER_SCRIPT.findall(prose)))
        if other > letters * 0.5:
            return _by_script(prose, words, letters)
    if letters < FEWEST_LETTERS:
        return UNKNOWN
    if sum(map(_english().__contains__, words)) >= 0.4 * len(words):
        return Language("en", 1.0)
    return _by_words(words, _latin(), _LATIN_LETTERS)


def _by_script(prose: str, words: Sequence[str], letters: int) -> Language:
    counts = {name: len(pattern.findall(prose)) for name, pattern in _LETTERS_OF.items()}
    # Japanese writes most nouns in Chinese signs; a tenth of kana settles it.
    if counts["ja"] and counts["ja"] * 9 >= counts["zh"]:
        counts["ja"] += counts.pop("zh")
    script = max(counts, key=counts.__getitem__)
    count = counts[script]
    weight = DENSE_WEIGHT if script in _DENSE else 1
    if count * weight < FEWEST_LETTERS or count * 2 < letters:
        return UNKNOWN
    if script == "cyrillic":
        return _by_words(words, _cyrillic(), _CYRILLIC_LETTERS)
    if script == "arabic":
        return Language(_arabic_script(prose), 0.9)
    return Language(script, min(1.0, count / max(letters, 1)))


def _arabic_script(prose: str) -> str:
    if re.search("[\u0679\u0688\u0691\u06ba\u06d2]", prose):
        return "ur"
    return "fa" if len(re.findall("[\u067e\u0686\u0698\u06af\u06a9\u06cc]", prose)) >= 2 else "ar"


def _by_words(
    words: Sequence[str],
    table: Mapping[str, tuple[str, ...]],
    telling: Mapping[str, frozenset[str]],
) -> Language:
    # Each word once: "hi hi hi hi" is no Catalan.
    distinct = set(words)
    evidence: dict[str, float] = {}
    for word in distinct & table.keys():
        shared = len(table[word]) ** POWER
        for code in table[word]:
            evidence[code] = evidence.get(code, 0.0) + _worth(word, code) / shared
    for word in distinct:
        if not word.isascii():
            for code in (code for code, chars in telling.items() if not chars.isdisjoint(word)):
                evidence[code] = evidence.get(code, 0.0) + LETTER_WORTH
    if not evidence:
        return UNKNOWN
    # By name where two are equal, so that the answer never depends on the order of a set.
    first, *others = sorted(evidence.items(), key=lambda item: (-item[1], item[0]))
    second = others[0][1] if others else 0.0
    if first[1] < max(LEAST_EVIDENCE, LEAST_SHARE * len(distinct)) or second > MARGIN * first[1]:
        return UNKNOWN
    return Language(first[0], round(1.0 - 0.5 * second / first[1], 3))


def _worth(word: str, code: str) -> float:
    if len(word) == 1:
        return LETTER_WORTH
    return ENGLISH_WORTH if word in ALSO_ENGLISH and code != "en" else 1.0


@cache
def _english() -> frozenset[str]:
    return frozenset(SMALL_WORDS["en"].split())


@cache
def _latin() -> Mapping[str, tuple[str, ...]]:
    return _owners(SMALL_WORDS)


@cache
def _cyrillic() -> Mapping[str, tuple[str, ...]]:
    return _owners(CYRILLIC_WORDS)


def _owners(lists: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
    """Return the languages of each word, also of the word as people type it without accents."""
    owners: dict[str, set[str]] = {}
    for code, words in lists.items():
        for word in _spellings(words.split()):
            owners.setdefault(word, set()).add(code)
    return {word: tuple(sorted(codes)) for word, codes in owners.items()}


def _spellings(words: Iterable[str]) -> Iterable[str]:
    for word in words:
        yield word
        bare = "".join(
            c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c)
        )
        # й is a letter of its own, and so is a bare vowel another word.
        if bare != word and len(bare) > 1 and bare.isascii():
            yield bare
