"""All rows that there are to learn from, and which of them are kept for measuring."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from classifier.augmentation import SWAPS, TEMPLATES, swap_groups, write_templates
from classifier.corpora import SENTENCES
from classifier.examples import Examples, fingerprint, merge
from classifier.labelled import LabelledFile
from classifier.sets import find_sets, read_examples, read_set

# One row in this many is kept out of training, to calibrate on.
HELD_OUT: Final = 10
# Near-identical pairs: split at random, each half knows the other.
PAIRED: Final = frozenset(
    {"dynahate", "hatemoji_build", "toxigen_seed_sentences", "identity_madlibs_30k"}
)
# Whose labels mean what ours mean.
_LIKE_OURS: Final = frozenset(
    {"jigsaw_multilabel", "jigsaw_multilabel_more", "jigsaw_binary", "youtube_spam"}
)


@dataclass(frozen=True, slots=True)
class Training:
    """What a training run starts from."""

    data: Path
    dev: Path | None
    seed: int = 0
    stages: Path | None = None
    """Where to keep each label's weights, so that a run that was interrupted can go on."""
    lessons: Path | None = None
    """The sentences that `lessons.teach` wrote, one more set to learn from."""


def dev_files(folder: Path | None) -> list[Path]:
    """Return the labelled files of a folder, none for no folder."""
    return [] if folder is None else sorted(folder.glob("*.csv")) + sorted(folder.glob("*.csv.gz"))


def gather(training: Training) -> Examples:
    """Return all rows to learn from: none that is also in a development set.

    Raises ValueError where no known set is found.
    """
    parts = [read_examples(name, read_set(path)) for name, path in find_sets(training.data)]
    if not parts:
        raise ValueError(f"There is no known training set in {training.data}.")
    if training.lessons:
        parts.append(read_examples(SENTENCES, read_set(training.lessons)))
    dev = dev_files(training.dev)
    unseen = {fingerprint(str(text)) for path in dev for text in read_set(path)["text"]}
    read = merge(parts, without=frozenset(unseen))
    return merge([read, write_templates(), swap_groups(read, training.seed)])


def held_out(examples: Examples, seed: int) -> NDArray[np.bool_]:
    """Return which rows are kept out of training, to calibrate on, (n,)."""
    # By content, not by place: adding a set does not reshuffle the others.
    places = (int(fingerprint(f"{seed} {text}")[:8], 16) for text in examples.texts)
    never = PAIRED | {TEMPLATES, SWAPS, SENTENCES}
    return np.array(
        [
            place % HELD_OUT == 0 and name not in never
            for place, name in zip(places, examples.sets, strict=True)
        ]
    )


def held_back(examples: Examples, held: NDArray[np.bool_]) -> LabelledFile:
    """Return the rows kept out of training whose labels mean what ours mean, hard ones only."""
    rows = [row for row in np.flatnonzero(held) if examples.sets[row] in _LIKE_OURS]
    truth = examples.labels[rows]
    truth[(truth > 0) & (truth < 1)] = np.nan
    texts = [examples.texts[row] for row in rows]
    return LabelledFile("held_back", texts, truth, {})
