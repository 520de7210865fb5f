"""One byte a weight: what is lost, and what is exact."""

import numpy as np

from classifier.features import ROWS, WORD_ROWS, find_rows
from classifier.weights import WIDTH, as_bytes, as_words, quantise, restore, sum_rows

TEXTS = ["You are all lovely", "", "x", "what a day, what a day", "İ 💩 " * 50]


def weights() -> np.ndarray:
    made = np.random.default_rng(0).normal(size=(ROWS, 7))
    made[:WORD_ROWS] *= 20
    return made


def test_bytes_are_within_half_a_step_of_the_weights() -> None:
    exact = weights()
    table, scales = quantise(exact)
    assert table.shape == (ROWS, WIDTH)
    for label in range(7):
        kept = restore(table[:, label], scales[:, label], np.arange(ROWS))
        assert np.abs(kept - exact[:, label])[:WORD_ROWS].max() <= scales[0, label] * 0.501
        assert np.abs(kept - exact[:, label])[WORD_ROWS:].max() <= scales[1, label] * 0.501


def test_sums_are_those_of_the_single_bytes() -> None:
    table, _ = quantise(weights())
    found = find_rows(TEXTS)
    sums = sum_rows(as_words(table), found)
    assert sums.shape == (len(TEXTS), 2, WIDTH)
    assert (as_bytes(as_words(table)) == table).all()
    steps = table.astype(np.int64) - 128
    for text in range(len(TEXTS)):
        for block in range(2):
            rows = found.rows[found.edges[2 * text + block] : found.edges[2 * text + block + 1]]
            assert sums[text, block].tolist() == steps[rows].sum(axis=0).tolist()


def test_labels_without_weights_stay_at_zero() -> None:
    table, scales = quantise(np.zeros((ROWS, 7)))
    assert (table == 128).all()
    assert np.isfinite(scales).all()
    assert not restore(table[:, 0], scales[:, 0], np.arange(ROWS)).any()
