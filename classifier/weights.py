"""The weight table: one byte a label, eight labels a row, summed as whole numbers.

A row is eight bytes, one machine word: a single look-up fetches the weights of all labels. A
byte b stands for the weight (b - 128) * scale, with one scale for each block of rows and label.
Sums of whole numbers do not depend on their order, so a text scores the same alone, in a batch
and on any processor. Adding eight numbers in one word is known as SWAR, SIMD within a
register (Fisher and Dietz, 1998).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from classifier.features import ROWS, WORD_ROWS, Found

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]

WIDTH: Final = 8
ZERO: Final = 128
_STEPS: Final = 127
_BLOCKS: Final = (slice(0, WORD_ROWS), slice(WORD_ROWS, ROWS))
# Two of a row's eight bytes at a time, each with 32 bits of room: even 2**20 rows fit.
_PAIRS: Final = np.uint64(0x000000FF000000FF)
_LOW: Final = np.uint64(0xFFFFFFFF)


def quantise(weights: Floats) -> tuple[Bytes, Floats]:
    """Return bytes (ROWS, 8) and scales (2, labels) for `weights` (ROWS, labels)."""
    table = np.full((ROWS, WIDTH), ZERO, dtype=np.uint8)
    scales = np.ones((2, weights.shape[1]))
    for number, block in enumerate(_BLOCKS):
        largest = np.abs(weights[block]).max(axis=0)
        scales[number] = np.where(largest > 0, largest, 1.0) / _STEPS
        steps = np.rint(weights[block] / scales[number]) + ZERO
        table[block, : weights.shape[1]] = steps
    return table, scales


def as_words(table: Bytes) -> NDArray[np.uint64]:
    """Return a table of bytes (ROWS, 8) as one little-endian word a row, as files hold it."""
    return table.view("<u8").ravel()


def as_bytes(words: NDArray[np.uint64]) -> Bytes:
    """Return words (ROWS,) as the bytes (ROWS, 8) they consist of."""
    return words.view(np.uint8).reshape(-1, WIDTH)


def restore(column: Bytes, scales: Floats, rows: NDArray[np.int64]) -> Floats:
    """Return the weights (n,) that one label's bytes (ROWS,) and scales (2,) give to `rows`."""
    return (column[rows].astype(np.float64) - ZERO) * scales[(rows >= WORD_ROWS).astype(np.int64)]


def sum_rows(words: NDArray[np.uint64], found: Found) -> NDArray[np.int64]:
    """Return the sums (texts, 2, 8) of the weights, in steps, of each text's two blocks.

    `words` (ROWS,) is the table, one little-endian word a row.
    """
    # "clip" spares a check of every row: `features` makes none beyond the table.
    fetched = words.take(found.rows, mode="clip")
    sums = np.empty((len(found.edges) - 1, WIDTH), dtype=np.int64)
    total = np.zeros(len(fetched) + 1, dtype=np.uint64)
    for byte in range(WIDTH // 2):
        # The running sum may wrap around; the difference of two of its values does not.
        np.cumsum((fetched >> np.uint64(8 * byte)) & _PAIRS, out=total[1:])
        part = np.diff(total[found.edges])
        sums[:, byte], sums[:, byte + 4] = part & _LOW, part >> np.uint64(32)
    sums -= ZERO * np.diff(found.edges)[:, None]
    return sums.reshape(-1, 2, WIDTH)
