"""The encoder as a teacher of the linear model, by the recipe of the shipped lessons."""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from classifier.checkpoints import Plan
from classifier.course import Run
from classifier.encoder import Encoder, find_base
from classifier.examples import Examples
from classifier.syllabus import select

STEPS: Final = 3000
_MOST: Final[Mapping[str, int]] = {
    "dynahate": 14_000,
    "gab_hate_corpus": 9000,
    "hatexplain": 9000,
    "edos_sexism": 8000,
    "davidson_tweets": 7000,
    "stormfront_sentences": 5000,
    "winnow_templates": 3500,
    "identity_madlibs_30k": 3000,
    "spamassassin_mail": 1500,
    "winnow_swaps": 0,
}


def train_teacher(
    examples: Examples,
    held: NDArray[np.bool_],
    report: Callable[[str], None],
    seed: int = 0,
    steps: int = STEPS,
) -> Encoder:
    """Fine-tune on the rows of `examples` that are not `held`; unknown labels teach nothing."""
    encoder = Encoder.start(find_base(), seed)
    chosen = select(examples, held, seed, _MOST, {})
    Run(encoder, chosen, Plan(steps, seed=seed, evaded=0.0), report=report).go()
    return encoder
