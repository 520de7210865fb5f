"""What the distinct n-grams of texts weigh in all, by the compiled loop where there is one.

`kernel.c` is built when Winnow is installed where there is a compiler; elsewhere NumPy does the
same. Weights are whole numbers, so both give the same bits.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from classifier.features import find_rows
from classifier.folding import FOLDED, IN_WORD
from classifier.weights import WIDTH, sum_rows

Counts = NDArray[np.int64]
Sum = Callable[[NDArray[np.uint64], list[str]], tuple[Counts, Counts]]

kernel: Any
try:
    from classifier import _kernel as kernel
except ImportError:
    kernel = None

COMPILED: Final = kernel is not None
"""Whether the compiled loop is there."""


def sum_with_numpy(weights: NDArray[np.uint64], texts: list[str]) -> tuple[Counts, Counts]:
    """As `sum_texts`, in NumPy; at most 2,048 texts, at least one."""
    found = find_rows(texts)
    return sum_rows(weights, found), np.diff(found.edges).reshape(-1, 2)


def sum_compiled(weights: NDArray[np.uint64], texts: list[str]) -> tuple[Counts, Counts]:
    """As `sum_texts`, by the compiled loop, which must be there."""
    sums = np.empty((len(texts), 2, WIDTH), dtype=np.int64)
    counts = np.empty((len(texts), 2), dtype=np.int64)
    kernel.sum_texts(texts, FOLDED, IN_WORD, weights, sums, counts)
    return sums, counts


sum_texts: Final[Sum] = sum_compiled if COMPILED else sum_with_numpy
"""Return the sums (texts, 2, 8) of the weights, in steps, of the texts' words and characters,
and how many distinct ones there are, (texts, 2). `weights` is the table, one word a row."""
