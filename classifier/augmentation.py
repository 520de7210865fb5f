"""Rows that training writes itself: sentences about groups, and the same words of others.

Both keep what a text says and change only whom it is about, so that the group's name can
carry no weight (counterfactual augmentation, after Garg et al., "Counterfactual Fairness in
Text Classification through Robustness", 2019).
"""

import re
from collections.abc import Iterator
from typing import Final

import numpy as np

from classifier.examples import Examples, fingerprint
from classifier.identity import GROUPS, Sentence, training_sentences
from classifier.labels import LABELS

TEMPLATES: Final = "winnow_templates"
SWAPS: Final = "winnow_swaps"
TEMPLATE_WEIGHT: Final = 0.3
# The hate sets name the same few groups thousands of times; this stands against them.
IDENTITY_WEIGHT: Final = 1.0
# "You are …" in harmless sentences would take its weight from insults.
INSULT_WEIGHT: Final = 0.05
# Each swapped text counts this part of its original.
SWAP_WEIGHT: Final = 0.5
_LONGEST: Final = 1000
# What a sentence written to be hateful may teach: toxicity, identity_attack, and threat.
_HATEFUL: Final = ("toxicity", "identity_attack")
# The names that comments most often attack, and hardly use for anything else.
_NAMES: Final = (
    *("african", "arab", "asian", "atheist", "autistic", "bisexual", "black", "catholic"),
    *("chinese", "christian", "gay", "hindu", "homosexual", "immigrant", "indian", "islamic"),
    *("jewish", "lesbian", "mexican", "muslim", "pakistani", "palestinian", "queer"),
    *("refugee", "trans", "transgender"),
)
_NAMED: Final = re.compile(rf"\b(?:{'|'.join(_NAMES)})\b", re.I)
_ADJECTIVES: Final = tuple(sorted({group.adjective for group in GROUPS}))
# Ordinary comments, on any subject.
_FROM: Final = frozenset(
    {
        *("jigsaw_multilabel", "jigsaw_multilabel_more", "jigsaw_binary", "civil_comments_16k"),
        *("wikipedia_talk_gc", "wikipedia_talk_gn", "toxigen_seed_sentences"),
    }
)


def write_templates() -> Examples:
    """Return the identity sentences for training, each with the labels it was written for."""
    sentences = list(training_sentences())
    labels = np.array([_labels(sentence) for sentence in sentences])
    weights = np.full(labels.shape, TEMPLATE_WEIGHT)
    weights[:, LABELS.index("identity_attack")] = IDENTITY_WEIGHT
    weights[:, LABELS.index("insult")] = INSULT_WEIGHT
    return Examples([one.text for one in sentences], labels, weights, [TEMPLATES] * len(labels))


def _labels(sentence: Sentence) -> list[float]:
    known = dict.fromkeys(LABELS[1:], 0.0)
    if sentence.hateful:
        known = dict.fromkeys(_HATEFUL, 1.0) | {"threat": float(sentence.threat)}
    return [known.get(label, np.nan) for label in LABELS]


def swap_groups(examples: Examples, seed: int) -> Examples:
    """Return the texts that name a group by its adjective, each with another group's instead."""
    found = list(_swaps(examples, seed))
    rows = [row for row, _ in found]
    return Examples(
        [text for _, text in found],
        examples.labels[rows],
        examples.weights[rows] * SWAP_WEIGHT,
        [SWAPS] * len(rows),
    )


def _swaps(examples: Examples, seed: int) -> Iterator[tuple[int, str]]:
    for row, text in enumerate(examples.texts):
        if examples.sets[row] in _FROM and len(text) <= _LONGEST and _NAMED.search(text):
            # By content, not by place: adding a set does not change the others' swaps.
            start = int(fingerprint(f"{seed} {text}")[8:16], 16)
            yield row, _NAMED.sub(_ADJECTIVES[start % len(_ADJECTIVES)], text)
