"""Sentences about groups of people, written for this project: harmless ones and hateful twins.

A word that names a group occurs more often in attacks than in praise, so a linear model learns
to condemn the word (Dixon et al., "Measuring and Mitigating Unintended Bias in Text
Classification", 2018). Against that, training adds every group in every sentence of both
kinds; measuring uses other sentences, which no training sees. A good model tells the two kinds
apart and treats all groups alike.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from classifier import templates

_VOWEL: Final = re.compile("[aeiou]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Group:
    """A group of people: an adjective, what one member is called, and what several are."""

    adjective: str
    one: str
    many: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence about `group`, named by its adjective; `threat` only where it is `hateful`."""

    text: str
    group: str
    hateful: bool
    threat: bool = False


def _group(line: str) -> Group:
    parts = [part.strip() for part in line.split("|")]
    adjective = parts[0]
    if len(parts) == 1:
        return Group(adjective, f"{adjective} person", f"{adjective} people")
    one = parts[1] or f"{adjective} person"
    return Group(adjective, one, parts[2] if len(parts) > 2 else f"{one}s")


def _lines(block: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in block.strip().splitlines())


GROUPS: Final = tuple(map(_group, "; ".join(_lines(templates.GROUPS)).split(";")))


def training_sentences() -> Iterator[Sentence]:
    """Yield every group in every sentence that training may see."""
    return _sentences(templates.HARMLESS, templates.HATEFUL, templates.THREATS)


def held_out_sentences() -> Iterator[Sentence]:
    """Yield every group in every sentence kept for measuring."""
    return _sentences(templates.HARMLESS_TEST, templates.HATEFUL_TEST, templates.THREATS_TEST)


def _sentences(harmless: str, hateful: str, threats: str) -> Iterator[Sentence]:
    for group in GROUPS:
        for kind, patterns in enumerate((harmless, hateful, threats)):
            for pattern in _lines(patterns):
                yield Sentence(_filled(pattern, group), group.adjective, kind > 0, kind > 1)


def _filled(pattern: str, group: Group) -> str:
    text = pattern.replace("{a}", group.adjective).replace("{one}", group.one)
    text = text.replace("{many}", group.many)
    text = text.replace("{Many}", group.many[:1].upper() + group.many[1:])
    return _article(text)


def _article(text: str) -> str:
    """Write "an" where the group begins with a vowel."""
    words = text.split(" ")
    for place, word in enumerate(words[:-1]):
        after = words[place + 1]
        # "European" and "Ukrainian" begin with the sound of "you".
        if word.lower() == "a" and _VOWEL.match(after) and not after.startswith(("Eu", "Uk")):
            words[place] = word + "n"
    return " ".join(words)
