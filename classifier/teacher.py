"""The encoder as a teacher of the linear model, by the recipe of the shipped lessons."""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from classifier.checkpoints import Plan
from classifier.course import Run
from classifier.encoder import Encoder, find_base
from classifier.examples import Examples
from classifier.syllabus import CAPS, select

STEPS: Final = 3000
# The lessons that the shipped model learnt from were written by one that saw fewer of these.
_MOST: Final[Mapping[str, int]] = {**CAPS, "dynahate": 14_000, "hatexplain": 9000}


def train_teacher(
    examples: Examples,
    held: NDArray[np.bool_],
    report: Callable[[str], None],
    seed: int = 0,
    steps: int = STEPS,
) -> Encoder:
    """Fine-tune on the rows of `examples` that are not `held`; unknown labels teach nothing."""
    encoder = Encoder.start(find_base(), seed)
    chosen = select(examples, held, seed, _MOST, {}, {})
    Run(encoder, chosen, Plan(steps, seed=seed, evaded=0.0), report=report).go()
    return encoder
