"""What the second stage learns from: which rows, how many of each set, and what each counts."""

from collections.abc import Mapping
from random import Random
from typing import Final

import numpy as np
from numpy.typing import NDArray

from classifier.contrast import CONTRASTS, write_contrasts
from classifier.examples import Examples, merge
from classifier.gathering import Training, gather
from classifier.labels import LABELS

# Of sets about one kind of abuse, or of one pattern, at most so many rows a round: they would
# drown the comments. A set that is not named gives all it has.
CAPS: Final[Mapping[str, int]] = {
    "gab_hate_corpus": 9000,
    "hatexplain": 12_000,
    "edos_sexism": 8000,
    "davidson_tweets": 7000,
    "stormfront_sentences": 5000,
    "winnow_templates": 3500,
    "identity_madlibs_30k": 3000,
    "spamassassin_mail": 1500,
    "winnow_swaps": 0,
}
# What a row counts for the linear model was chosen for it: next to nothing where only reading
# helps. These are the sets that teach reading; a set that is not named counts once.
WORTH: Final[Mapping[str, float]] = {
    "dynahate": 4.0,
    "hatemoji_build": 4.0,
    "gab_hate_corpus": 1.5,
    "hatexplain": 2.0,
    "stormfront_sentences": 1.5,
    "toxigen_seed_sentences": 2.0,
    CONTRASTS: 2.0,
}
# The linear stage knows spam better; a whole comment's abuse is what is to be read.
LABEL_WEIGHTS: Final[Mapping[str, float]] = {
    "spam": 0.5,
    "toxicity": 1.0,
    "severe_toxicity": 0.5,
    "profanity": 0.5,
    "threat": 1.0,
    "insult": 1.0,
    "identity_attack": 1.5,
}


def gather_all(training: Training) -> Examples:
    """Return what `gathering.gather` finds, and the contrast cases written for this stage.

    Raises ValueError where no known set is found.
    """
    return merge([gather(training), write_contrasts(training.seed)])


def select(
    examples: Examples,
    held: NDArray[np.bool_],
    seed: int,
    most: Mapping[str, int] = CAPS,
    counts: Mapping[str, float] = LABEL_WEIGHTS,
    worth: Mapping[str, float] = WORTH,
) -> Examples:
    """Return the rows to learn from: none that is held, of each set at most what `most` says.

    What a label counts is multiplied by `counts`, and what a set counts by `worth`: by 1 where
    those do not name it. An unknown label counts 0, and is 0.
    """
    chance = Random(seed)  # noqa: S311  (nothing secret: a run can be repeated)
    rows: list[int] = []
    for name in sorted(set(examples.sets)):
        own = [row for row, one in enumerate(examples.sets) if one == name and not held[row]]
        rows += sorted(chance.sample(own, min(len(own), most.get(name, len(own)))))
    labels = examples.labels[rows]
    sets = [examples.sets[row] for row in rows]
    weights = np.clip(5 * examples.weights[rows], 0.2, 1.0) * ~np.isnan(labels)
    weights *= np.array([[worth.get(name, 1.0)] for name in sets])
    weights *= [counts.get(label, 1.0) for label in LABELS]
    texts = [examples.texts[row] for row in rows]
    return Examples(texts, np.nan_to_num(labels), weights, sets)


def deal(lengths: NDArray[np.int64], batch: int, seed: int, round_: int) -> list[list[int]]:
    """Return all rows once, in batches of like `lengths` (n,), the batches in any order.

    The same seed and round give the same batches, so that a run can go on where it stopped.
    """
    chance = Random(f"{seed} {round_}")  # noqa: S311
    rows = list(range(len(lengths)))
    chance.shuffle(rows)
    batches = []
    for first in range(0, len(rows), 64 * batch):
        part = sorted(rows[first : first + 64 * batch], key=lambda row: int(lengths[row]))
        batches += [part[at : at + batch] for at in range(0, len(part), batch)]
    chance.shuffle(batches)
    return batches
