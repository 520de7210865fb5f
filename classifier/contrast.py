"""Texts that few words tell apart, written for this project to teach a model that reads.

"I hate these people" and "I never said that I hate these people" share nearly all their words,
and a model that adds up words scores them alike. Here each such text stands beside its twin, so
that only what sets them apart can be learned: negation, counter-speech, slurs quoted or reclaimed,
other targets, threats put as statements, hate without slurs, questions, emoji, spelling, swearing.
The kinds are those that the literature asks functional tests for (Röttger et al., "HateCheck:
Functional Tests for Hate Speech Detection Models", 2021); every text is ours.

They are for the encoder. The linear model is not trained on them: it has no means to follow them.
"""

import json
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from classifier.examples import Examples
from classifier.identity import GROUPS, Group
from classifier.labels import LABELS

CONTRASTS: Final = "winnow_contrasts"
FILLINGS: Final = 12
"""How often each contrast is written, each time about somebody or something else."""
WEIGHT: Final = 1.0

_FILE: Final = Path(__file__).parent / "data" / "contrast.json"
# Comments seldom come alone, nor neatly written: what share of the texts has what.
_LED: Final = 0.3
_TAILED: Final = 0.15
_CARELESS: Final = 0.15
_SLOT: Final = re.compile(r"(?:\b([Aa])n? )?\{(x:)?(\w+)\}")
# "European" and "Ukrainian" begin with the sound of "you", "LGBT" with that of "el".
_VOWEL: Final = re.compile("(?!Eu|Uk)[aeiou]|LGBT", re.I)
_INNER_VOWEL: Final = re.compile(r"(?<=\w)[aeiou](?=\w)", re.I)
_LEET: Final = str.maketrans("aeiosAEIOS", "4310543105")

Trick = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Contrast:
    """Texts of one kind with few differences; `profiles` (one a text) name what is known of each.

    See `profiles` in the data for the labels that each stands for.
    """

    kind: str
    texts: tuple[str, ...]
    profiles: tuple[str, ...]


def write_contrasts(seed: int) -> Examples:
    """Return every text of `read_contrasts` with its labels (n, 7), NaN where it says nothing."""
    profiles = _read()["profiles"]
    rows = {
        text: [profiles[profile].get(label, np.nan) for label in LABELS]
        for contrast in read_contrasts(seed)
        for text, profile in zip(contrast.texts, contrast.profiles, strict=True)
    }
    labels = np.array(list(rows.values()), dtype=np.float64)
    weights = np.full(labels.shape, WEIGHT)
    return Examples(list(rows), labels, weights, [CONTRASTS] * len(rows))


def read_contrasts(seed: int) -> Iterator[Contrast]:
    """Yield every contrast, `FILLINGS` times or as often as that gives other texts."""
    data = _read()
    for kind, groups in data["kinds"].items():
        for sides in groups:
            profiles, patterns = zip(*sides, strict=True)
            # By content, not by place: adding a contrast does not change the others.
            chance = random.Random(f"{seed} {patterns}")  # noqa: S311  (a run can be repeated)
            written = (
                _write(patterns, values, chance) for values in _fillings(data, patterns, chance)
            )
            for texts in dict.fromkeys(written):
                yield Contrast(kind, texts, profiles)


@lru_cache(maxsize=1)
def _read() -> Any:
    return json.loads(_FILE.read_text(encoding="utf-8"))


def _fillings(
    data: Any, patterns: Sequence[str], chance: random.Random
) -> Iterator[dict[str, str]]:
    """Yield what to put for each slot; a slur or an emoji goes with the group it stands for."""
    named = {group.adjective: group for group in GROUPS}
    # Those most often attacked are in half the texts, as they are in what is written.
    often = chance.sample(data["often"], FILLINGS // 2)
    others = sorted(named.keys() - set(data["often"]))
    adjectives = often + chance.sample(others, FILLINGS - len(often))
    lists = {name: chance.sample(values, FILLINGS) for name, values in data["slots"].items()}
    slurs, signs = (chance.sample(data[name], FILLINGS) for name in ("slurs", "emoji"))
    all_slots = " ".join(patterns).lower()
    for turn in range(FILLINGS):
        slur, sign = slurs[turn], signs[turn]
        adjective = adjectives[turn]
        if "slur" in all_slots:
            adjective = slur["of"]
        elif "{emoji}" in all_slots:
            adjective = sign["of"]
        group = named[adjective]
        yield {
            **_names(group),
            **{name: values[turn] for name, values in lists.items()},
            "slur": slur["one"],
            "slurs": slur["many"],
            "emoji": sign["sign"],
        }


def _names(group: Group) -> dict[str, str]:
    return {"a": group.adjective, "one": group.one, "many": group.many}


def _write(
    patterns: Sequence[str], values: Mapping[str, str], chance: random.Random
) -> tuple[str, ...]:
    """Fill in all sides alike, with the same words around them and written in the same manner."""
    data = _read()
    trick = chance.choice(_TRICKS)
    lead = chance.choice(data["leads"]) + " " if chance.random() < _LED else ""
    tail = chance.choice(data["tails"]) if chance.random() < _TAILED else ""
    careless = chance.random() < _CARELESS
    texts = [lead + _follow(_fill(pattern, values, trick), tail) for pattern in patterns]
    return tuple(text.lower().rstrip(".") if careless else text for text in texts)


def _follow(text: str, tail: str) -> str:
    if not tail:
        return text
    return f"{text}{'.' if text[-1].isalnum() else ''} {tail}"


def _fill(pattern: str, values: Mapping[str, str], trick: Trick) -> str:
    def put(slot: re.Match[str]) -> str:
        article, spelt, name = slot.groups()
        value = values.get(name.lower(), name)
        if name[:1].isupper():
            value = value[:1].upper() + value[1:]
        before = f"{article}{'n' if _VOWEL.match(value) else ''} " if article else ""
        return before + (_respell(value, trick) if spelt else value)

    return _SLOT.sub(put, pattern)


def _respell(words: str, trick: Trick) -> str:
    """Spell the longest of some words in another way."""
    longest = max(words.split(), key=len)
    return words.replace(longest, trick(longest), 1)


def _leet(word: str) -> str:
    return word.translate(_LEET)


def _spaced(word: str) -> str:
    return " ".join(word)


def _dotted(word: str) -> str:
    return ".".join(word)


def _dropped(word: str) -> str:
    return _INNER_VOWEL.sub("", word, count=1)


def _starred(word: str) -> str:
    return _INNER_VOWEL.sub("*", word, count=1)


def _drawn(word: str) -> str:
    return _INNER_VOWEL.sub(lambda vowel: vowel[0] * 4, word, count=1)


def _swapped(word: str) -> str:
    return word[0] + word[2:3] + word[1:2] + word[3:]


_TRICKS: Final[tuple[Trick, ...]] = (
    *(_leet, _spaced, _dotted, _dropped, _starred, _drawn, _swapped),
)
