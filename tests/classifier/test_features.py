"""Hashing many texts in one go gives each the rows it has alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.features import ROWS, WORD_ROWS, batches, find_rows, grams, rows_and_values
from classifier.folding import fold

TEXTS = st.text(st.characters(), max_size=40) | st.text(" ab\n", max_size=8)


def own_rows(texts: list[str], place: int) -> list[int]:
    found = find_rows(texts)
    return list(found.rows[found.edges[2 * place] : found.edges[2 * place + 2]])


@settings(deadline=None)
@given(texts=st.lists(TEXTS, min_size=1, max_size=8))
def test_rows_do_not_depend_on_the_neighbours(texts: list[str]) -> None:
    for place, text in enumerate(texts):
        assert own_rows(texts, place) == own_rows([text], 0)


@settings(deadline=None)
@given(text=TEXTS)
def test_rows_are_those_of_the_ngrams(text: str) -> None:
    rows, values = rows_and_values(text)
    assert rows.tolist() == sorted(set(grams(fold([text])).rows.tolist()))
    assert ((rows >= 0) & (rows < ROWS)).all()
    for block in (rows < WORD_ROWS, rows >= WORD_ROWS):
        assert not block.any() or np.isclose((values[block].astype(float) ** 2).sum(), 1)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hello  World", "hello world"),
        ("sooooo good", "soo good"),
        ("tabs\tand\nlines", "tabs and lines"),
        ("", "   "),
    ],
)
def test_folding_evens_out(one: str, other: str) -> None:
    assert rows_and_values(one)[0].tolist() == rows_and_values(other)[0].tolist()


def test_words_repeated_count_once() -> None:
    assert len(rows_and_values("spam")[0]) == len(rows_and_values("spam  ")[0])
    found = find_rows(["no no no"])
    # "no" and "no no".
    assert found.edges[1] - found.edges[0] == 2


@given(sizes=st.lists(st.integers(0, 30_000), max_size=30))
def test_batches_cover_everything_once(sizes: list[int]) -> None:
    texts = ["x" * size for size in sizes]
    assert [text for part in batches(texts) for text in texts[part]] == texts
    assert all(texts[part] for part in batches(texts))


def test_batches_stay_small() -> None:
    assert max(part.stop - part.start for part in batches([""] * 5_000)) <= 2_048


def test_origins_point_at_the_raw_text() -> None:
    text = "İa  Bbbb\t c"
    folded = fold([text])
    assert folded.origin[0] == -1
    assert folded.origin[-1] == len(text)
    for code, place in zip(folded.codes[1:-1], folded.origin[1:-1], strict=True):
        assert chr(code) in (text[place].lower(), text[place], " ")
